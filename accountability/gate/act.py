"""Collects in memory what one verb (or the sweep) does to one matter, so that it can be written all at once.

Actions change objects and call `start`, `meet`, `tell` and `note`; `changes.flush` writes all acts of a batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accountability.db.series import give_back, take_from
from accountability.db.sql import locked, new
from accountability.db.writing import Changes, insert
from accountability.deadlines.limits import Limit, WorkingCalendar, day_of, explain, warning_instant
from accountability.declarations.limits import DEADLINE_KINDS
from accountability.declarations.subjects import SUBJECTS
from accountability.gate import holding
from accountability.gate.lookups import Lookups
from accountability.gate.verbs import Verb
from accountability.models import (
    ActingEmployee,
    Deadline,
    Employee,
    LedgerEntry,
    Matter,
    Notification,
    PersonalData,
    Series,
    TimeLimits,
)

OF_A_MISS = ("missed_at", "noticed_at", "chase_at")
"""The columns of a deadline that a recorded miss fills."""

ON_TAKEN_BACK: list[Callable[[Act, Deadline], None]] = []
"""What apps undo when a miss is taken back. Whatever follows from a miss there belongs here too, unless the miss moves
the state (`DeadlineKind.moves_state`).
"""


class Refused(Exception):
    """A refused act: a `code` for programs (forbidden, state, stale, facts, condition, busy, held), and a message.

    `fields` has the messages to show at fields; `position` is the matter's position when the act was refused; `verb` is
    the one that was refused of several in turn.
    """

    def __init__(self, code: str, message: Any, fields: dict[str, Any] | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.fields = {name: str(text) for name, text in (fields or {}).items()}
        self.position: str | None = None
        self.verb = ""


def refuse_unless(condition: object, message: Any, field_name: str | None = None) -> None:
    """Raise Refused with the message, at the field if one is given, unless the condition is true."""
    if not condition:
        raise Refused("condition", message, {field_name: message} if field_name else None)


class Batch(Lookups):
    """What the acts of one call share: the instant with its look-ups, and the list of acts to write."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.acts: list[Act] = []
        self.alarms_over: list[Matter] = []
        self._once: dict[tuple[str, int], Any] = {}

    def once(self, what: str, find: Callable[[list[int]], Any]) -> Any:
        """Cache what an app looks up for the matters of all acts; look it up again if acts were added since."""
        key = (what, len(self.acts))
        if key not in self._once:
            self._once[key] = find([act.matter.pk for act in self.acts])
        return self._once[key]

    def named(self) -> set[int]:
        """All people whom the acts' subjects name, and who owe one of their limits."""
        owe = {d.person_id for act in self.acts for d in act.deadlines if d.person_id and not d.part}
        return owe | {pk for act in self.acts for pk in act.subject.names_people()}

    def acts_for(self, subjects: Sequence[Any]) -> list[Act]:
        """Lock the subjects' matters, re-read everything under the lock, and begin an act for each, in the given order.

        A subject without a matter is new and gets one. Locks are taken in the order of the matters' ids.
        """
        model: Any = type(subjects[0])
        existing = [subject.matter_id for subject in subjects if subject.matter_id is not None]
        known = {act.matter.pk: act for act in self.acts_of(model, lock(existing))} if existing else {}
        begun = []
        for subject in subjects:
            if subject.matter_id is None:
                begun.append(self._begin_new(subject))
            elif subject.matter_id in known:
                begun.append(known[subject.matter_id])
            else:
                raise model.DoesNotExist(f"no {model.__name__} {subject.matter_id}")
        return begun

    def acts_of(self, model: Any, matters: dict[int, Matter]) -> list[Act]:
        """Begin an act for each of these locked matters, in their order."""
        parts = {0, *(matter.part for matter in matters.values())}
        read = self.together.rows(Deadline, matter_id=matters, part=parts)
        subjects, deadlines = model.of_matters_with(matters, self.together), _by_matter(read(), matters)
        begun = [Act(self, subjects[pk], matters[pk], deadlines.get(pk, [])) for pk in matters if pk in subjects]
        self.acts += begun
        return begun

    def acts_of_each(self, matters: dict[int, Matter]) -> list[Act]:
        """The same for matters of several kinds, one kind after another."""
        kinds: dict[str, dict[int, Matter]] = {}
        for pk, matter in matters.items():
            kinds.setdefault(matter.kind, {})[pk] = matter
        return [act for kind, several in kinds.items() for act in self.acts_of(SUBJECTS[kind], several)]

    def _begin_new(self, subject: Any) -> Act:
        matter = Matter(kind=subject.matter_kind, opened_at=self.at)
        insert([matter])
        subject.matter = matter
        act = Act(self, subject, subject.matter, [])
        self.acts.append(act)
        return act

    def forget_refused_beginnings(self) -> None:
        """Delete the new matters of refused acts, when other acts of the batch succeed."""
        begun = [act.matter.pk for act in self.acts if act.dropped and act.matter.number is None]
        if begun:
            Matter.objects.filter(pk__in=begun).delete()


def lock(ids: Iterable[int], *, skip_locked: bool = False) -> dict[int, Matter]:
    """The matters, locked until the transaction ends. `skip_locked` leaves out matters that others locked."""
    return locked(Matter, list(ids), skip_locked=skip_locked)


def _by_matter(deadlines: Iterable[Deadline], matters: Mapping[int, Matter]) -> dict[int, list[Deadline]]:
    """The deadlines of each matter as a whole and of its current round."""
    found: dict[int, list[Deadline]] = {}
    for deadline in deadlines:
        if deadline.part in (0, (matter := matters[deadline.matter_id]).part):
            found.setdefault(matter.pk, []).append(deadline)
    return found


@dataclass
class Act:
    """What happens to one matter. `actor` is None until a verb begins; the system is the actor of misses before it."""

    batch: Batch
    subject: Any
    matter: Matter
    deadlines: list[Deadline]
    actor: ActingEmployee | None = None
    entries: list[LedgerEntry] = field(default_factory=list)
    notices: list[Notification] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    entry: LedgerEntry | None = None
    judged: int = 0
    dropped: bool = False
    papers: list[Order] = field(default_factory=list)
    said: list[tuple[LedgerEntry, dict[str, str]]] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    typed: str = ""

    def __post_init__(self) -> None:
        self.is_first = self.matter.ledger_length == 0
        self.position_before = self.subject.position
        self.holder_before = self.matter.holder_id
        self.awaits_before = self.matter.awaits
        self.changes.watch(self.matter)
        for thing in self.subject.watched():
            self.changes.new(thing) if thing._state.adding else self.changes.watch(thing)
        for deadline in self.deadlines:
            self.changes.watch(deadline)

    @property
    def at(self) -> datetime:
        return self.batch.at

    @property
    def held(self) -> holding.Window | None:
        """The window because of which nothing may happen to the matter; None if it isn't held."""
        windows = self.batch.windows
        return holding.holding_of(self.deadlines, windows) if windows else None

    def begin(self, verb: Verb, actor: ActingEmployee, key: str | None, values: dict[str, Any]) -> None:
        """Make the act's ledger entry, with its free texts sealed separately, before the action runs."""
        self.actor = actor
        texts = {f.name: f.text(values[f.name]) for f in verb.facts if f.is_text and f.name in values}
        facts = {f.name: f.record(values[f.name]) for f in verb.facts if not f.is_text and f.name in values}
        self.entry = self.record(verb.name, actor.employee, facts=facts, texts=texts, key=key)

    def record(
        self, verb: str, actor: Employee, *, at: datetime | None = None, facts: dict[str, Any] | None = None,
        texts: dict[str, str] | None = None, key: str | None = None, part: int | None = None,
    ) -> LedgerEntry:  # fmt: skip
        """Add a ledger entry to this matter; `part` is the round that it belongs to (0: none)."""
        entry = new(
            LedgerEntry, {"matter": self.matter, "actor": actor}, matter_id=self.matter.pk, actor_id=actor.pk,
            verb=verb, at=at or self.at, recorded_at=self.at, facts=facts or {}, key=key,
            part=self.subject.current_part if part is None else part,
        )  # fmt: skip
        self.entries.append(entry)
        if texts:
            entry.texts = self.sealed(verb, texts)
            self.said.append((entry, texts))
        return entry

    def note(self, **facts: Any) -> None:
        """Add facts that the action found to the act's own entry (the round it made, the repeat it linked)."""
        assert self.entry is not None
        self.entry.facts |= facts

    def sealed(self, kind: str, texts: dict[str, str]) -> PersonalData:
        """A new erasable row with these texts; it can be found by the number and name in it, if any."""
        row = PersonalData.of(self.matter, kind, texts)
        self.changes.new(row, first=True)
        return row

    # Numbers

    def draw(self, series: str) -> int:
        """The next number of the series; given back if the act is refused. The series stays locked until the commit."""
        self.drawn.append(series)
        return take_from(Series, series, 1)

    def refuse(self) -> None:
        """Drop the act and give back the numbers that it drew. That is safe because no later act has drawn yet."""
        self.dropped = True
        for series, count in Counter(self.drawn).items():
            give_back(Series, series, count)
        self.drawn.clear()

    # Deadlines

    def start(
        self, kind: str, limit: Limit, *, start: datetime | None = None, part: int = 0, party: str = "",
        unit_id: int | None, person_id: int | None = None, floor: datetime | None = None, awaits: int | None = None,
    ) -> Deadline:  # fmt: skip
        """Begin a duty. Its due instant is computed once, here; it is None while a year's calendar isn't published.

        The duty is never due before `floor`, or `awaits` the same year as that. This cycle becomes the one that binds.
        """
        start, earlier = start or self.at, self.find(kind, part=part, party=party)
        cycle = 1 + max((d.cycle for d in earlier), default=0)
        calendar, limits = self.batch.calendar_for(limit), self.batch.limits_at(start)
        due = None if awaits else limit.after(start, calendar)
        if due is not None and floor is not None:
            due = max(due, floor)
        deadline = Deadline(
            matter=self.matter, kind=kind, part=part, party=party, cycle=cycle, unit_id=unit_id, person_id=person_id,
            limit_text=str(limit), limits=limits, started_at=start, due_at=due, floor_at=floor,
            is_window=DEADLINE_KINDS[kind].is_window, awaits_year=awaits,
        )  # fmt: skip
        computed(deadline, limit, calendar, limits)
        for other in earlier:
            other.is_latest = False
        self.deadlines.append(deadline)
        self.changes.new(deadline)
        return deadline

    def find(self, kind: str, *, part: int = 0, party: str = "") -> list[Deadline]:
        """All cycles of one duty, oldest first."""
        return [d for d in self.deadlines if (d.kind, d.part, d.party) == (kind, part, party)]

    def latest(self, kind: str, *, part: int = 0, party: str = "") -> Deadline | None:
        found = self.find(kind, part=part, party=party)
        return found[-1] if found else None

    def meet(self, kind: str, *, part: int = 0, party: str = "") -> None:
        """Mark the duty as done now. If it was missed it stays missed, with the instant when it was done, unless the
        act arrived in time. A duty that is void or done already isn't changed.
        """
        deadline = self.latest(kind, part=part, party=party)
        if deadline and deadline.is_outstanding:
            self.fulfil(deadline, self.at)

    def fulfil(self, deadline: Deadline, at: datetime) -> None:
        """The duty was done at this instant. If that was in time, a miss recorded since then is taken back: while the
        act, which had arrived before, was scanned or waited, the sweep or a later act came first.
        """
        deadline.met_at, deadline.suspended_at, deadline.warn_at = at, None, None
        if deadline.missed_at and at <= deadline.missed_at:
            self._take_back(deadline)

    def reopen_missed(self) -> list[tuple[Deadline, dict[str, Any]]]:
        """Before the verb: undo the misses of limits that hadn't passed when the act arrived, so that it finds them as
        they were then. Returns them with what was recorded.
        """
        found = [d for d in self.deadlines if d.missed_at and self.at <= d.missed_at and d.is_outstanding]
        recorded = [(d, {name: getattr(d, name) for name in OF_A_MISS}) for d in found]
        for deadline in found:
            deadline.missed_at = deadline.noticed_at = deadline.chase_at = None
        return recorded

    def close_reopened(self, reopened: Iterable[tuple[Deadline, dict[str, Any]]]) -> None:
        """After the verb: a limit that still runs is missed as recorded. The miss of one that the verb met, voided or
        suspended is taken back.
        """
        for deadline, recorded in reopened:
            if deadline.is_running:
                for name, value in recorded.items():
                    setattr(deadline, name, value)
            else:
                self._take_back(deadline)

    def _take_back(self, deadline: Deadline) -> None:
        """Undo the miss, and note it in the act's own entry, or in one of the system's where the act has none here."""
        noted = self.entry or self.record("settle", self.batch.system)
        noted.facts |= {"taken_back": [*noted.facts.get("taken_back", []), deadline.facts]}
        deadline.missed_at = deadline.noticed_at = deadline.chase_at = None
        if deadline.chased == 1:
            deadline.chased = 0  # the first step is taken at the due instant, with the miss
        deadline.drop_excuse()
        for follow in ON_TAKEN_BACK:
            follow(self, deadline)

    def unmeet(self, kind: str, *, part: int = 0, met_at: datetime | None) -> None:
        """Undo `meet` for a duty that was done at `met_at`: it is open again, or missed if its time is over. A step of
        the chase ladder that would have come in the meantime comes now.
        """
        deadline = self.latest(kind, part=part)
        if deadline and deadline.met_at and deadline.met_at == met_at and not deadline.voided_at:
            deadline.met_at = None
            deadline.chase_at = deadline.chase_at and max(deadline.chase_at, self.at)
            sync_warning(deadline, self.batch.calendar_for(deadline.limit), self.batch.limits_of(deadline))

    def void(
        self, kind: str, *, part: int = 0, party: str = "", at: datetime | None = None, even_missed: bool = False
    ) -> None:
        """Cancel the duty. A duty that was done stays done; a missed duty stays missed unless `even_missed`."""
        deadline = self.latest(kind, part=part, party=party)
        if deadline is None or deadline.voided_at or deadline.met_at or (deadline.missed_at and not even_missed):
            return
        deadline.voided_at = at or self.at
        deadline.suspended_at = deadline.warn_at = None

    def due(self, before: datetime) -> list[Deadline]:
        """The deadlines that were missed, or have to be chased, before this instant and aren't judged yet."""
        return [d for d in self.deadlines if (at := d.comes_at) and at < before]

    # People

    def tell(self, recipient_id: int | None, notice: str, **facts: Any) -> None:
        """Notify one person, unless they are the actor. The same notice is written only once in an act."""
        if recipient_id is None or (self.actor and recipient_id == self.actor.pk):
            return
        if any(n.facts == facts and (n.recipient_id, n.kind) == (recipient_id, notice) for n in self.notices):
            return
        told: dict[str, Any] = {"matter_id": self.matter.pk, "recipient_id": recipient_id, "created_at": self.at}
        self.notices.append(new(Notification, kind=notice, facts=facts, **told))

    def announce(self, recipient_id: int | None, notice: str, **facts: Any) -> None:
        """Notify somebody who must not learn about the matter; the notice doesn't refer to it."""
        before = len(self.notices)
        self.tell(recipient_id, notice, **facts)
        for row in self.notices[before:]:
            row.matter = None


@dataclass
class Order:
    """One paper to compose, about a subject at an instant.

    `part` is the round's number, or the key of the object within the matter that the paper is about. `act` is the act
    that issues it, None for a draft. `by` and `entry` are the issuer and the ledger entry at the time of the order, so
    that the system stays the issuer of a paper that it ordered before a verb began.
    """

    kind: str
    subject: Any
    at: datetime
    part: int = 0
    number: str = ""
    act: Act | None = None
    by: Any = None
    entry: LedgerEntry | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    paper: Any = None
    """The row of the paper, once it is composed."""


def computed(deadline: Deadline, limit: Limit, calendar: WorkingCalendar, limits: TimeLimits) -> None:
    """Store the calendar versions that the due instant was computed with and when to warn first; or what it awaits."""
    if deadline.due_at is None:
        deadline.awaits_year = deadline.awaits_year or explain(limit, deadline.started_at, calendar).missing_year
        return
    deadline.awaits_year = None
    if limit.needs_calendar:
        deadline.calendar = calendar.versions_between(day_of(deadline.started_at), day_of(deadline.due_at))
    sync_warning(deadline, calendar, limits)


def sync_warning(deadline: Deadline, calendar: WorkingCalendar, limits: TimeLimits) -> None:
    """Set the next warning (by default at 50 % of the time, then at 80 %); none if the deadline can't be missed now."""
    deadline.warn_at = None
    if not deadline.is_running or deadline.due_at is None:
        return
    for percent in limits.warn_percents:
        if deadline.warned < percent:
            deadline.warn_at = warning_instant(
                deadline.limit, deadline.started_at, deadline.due_at, percent / 100, calendar
            )
            return
