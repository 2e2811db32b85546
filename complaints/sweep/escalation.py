"""The chase ladder (R13): what follows automatically when a unit has missed a duty and still owes it.

Two warnings precede the due instant (`accountability.monitoring.reminders`). At the due instant the person who owes it
is chased, with a copy to the leader; the next day a 催办通知书 goes to the unit; five working days later a written
criticism is proposed. 次日 is the next calendar day at the same wall time, which is 24 hours, because Shanghai has no
daylight saving time. Hours and working days are those of the version of limits under which the duty began.

The steps are taken where misses are judged, by the sweep and by every act before it runs, so that the ledger is the
same whenever the sweep ran. They are the system's acts and change nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accountability.deadlines.limits import Workdays, day_of, end_of_day
from accountability.documents.issuing import issue
from accountability.gate.act import ON_TAKEN_BACK, Act
from accountability.gate.sweeper import ON_CHASE, ON_MISS
from accountability.models import Alarm, Deadline, LedgerEntry
from complaints.declarations.limits import Kind

KINDS = (Kind.HANDOFF, Kind.HANDLING, Kind.COOPERATION)
"""The duties of units that are chased. The centre itself isn't chased."""

CRITICISM = "criticism"
"""The kind of the alarm that marketing answers."""

CHASED, URGED, CRITICISED = "chase_overdue", "urge", "propose_criticism"
"""The ledger's verbs for the three steps."""

COUNTING, COUNTED, DONE = 2, 3, 4
"""Steps after the 催办通知书: the working days can't be counted yet, are counted, have passed."""


def begin_ladder(act: Act, deadline: Deadline) -> None:
    """A chase copied to the leader, 催办通知书 the next day, criticism proposed five working days later."""
    if act.subject.is_pursued(deadline):
        # A miss found only by a verb (an answer judged incomplete) is chased from then on.
        deadline.chase_at = act.at if act.entry else deadline.due_at


def climb(act: Act, deadline: Deadline) -> None:
    """Take the step that is due."""
    assert deadline.chase_at is not None
    STEPS[deadline.chased](act, deadline, deadline.chase_at)


def _chase(act: Act, deadline: Deadline, at: datetime) -> None:
    owes, leader = _owed_by(act, deadline)
    _record(act, deadline, CHASED, at, to=owes, leader=leader)
    for person_id in (owes, leader):
        act.tell(person_id, "overdue", kind=deadline.kind, part=deadline.part)
    deadline.chased = 1
    deadline.chase_at = at + timedelta(hours=act.batch.limits_of(deadline).ladder["notice_hours"])


def _urge(act: Act, deadline: Deadline, at: datetime) -> None:
    number, (owes, leader) = _number(act, deadline), _owed_by(act, deadline)
    entry = _record(act, deadline, URGED, at, number=number, to=owes, leader=leader)
    issue(
        act, "urging", number=number, entry=entry,
        deadline=deadline, round=act.subject.round, urged_at=at, to=owes, leader=leader,
    )  # fmt: skip
    unit = act.batch.unit_by_id(deadline.unit_id)
    for person_id in (owes, leader, unit.head_id if unit else None):
        act.tell(person_id, "urged", kind=deadline.kind, part=deadline.part, number=number)
    _count(act, deadline, since=at)


def _number(act: Act, deadline: Deadline) -> str:
    """The number of the round's 通知单 and of the 催办通知书 within the round: CB20261124000001-1-2."""
    earlier = sum(d.chased >= COUNTING for d in act.deadlines if d.part == deadline.part)
    return f"CB{act.subject.round.notice_number.removeprefix('TZ')}-{earlier + 1}"


def _count(act: Act, deadline: Deadline, *, since: datetime) -> None:
    """Compute when criticism is proposed. For a year without a calendar nothing is guessed (S44): it is computed again
    at 24:00, and if the days have passed by then, they count as passed then.
    """
    rules = act.batch.limits_of(deadline)
    end = Workdays(rules.ladder["criticism_workdays"], rules.day_ends_at).after(since, act.batch.calendar)
    assert deadline.chase_at is not None
    if end is None:
        deadline.chased, deadline.chase_at = COUNTING, end_of_day(day_of(act.at))
    else:
        deadline.chased, deadline.chase_at = COUNTED, max(end, deadline.chase_at)


def _count_again(act: Act, deadline: Deadline, at: datetime) -> None:
    urged = act.batch.once("urged", _urged)
    of_it = next(entry for entry in urged[act.matter.pk] if is_about(entry, deadline))
    _count(act, deadline, since=of_it.at)


def _urged(matters: list[int]) -> dict[int, list[LedgerEntry]]:
    """The entries of the 催办通知书 of these matters, the newest first."""
    found: dict[int, list[LedgerEntry]] = {}
    for entry in LedgerEntry.objects.filter(matter__in=matters, verb=URGED).order_by("-seq"):
        found.setdefault(entry.matter_id, []).append(entry)
    return found


def _propose(act: Act, deadline: Deadline, at: datetime) -> None:
    _record(act, deadline, CRITICISED, at)
    duty = {"kind": deadline.kind, "part": deadline.part}
    act.changes.new(
        Alarm(
            key=_key(act, deadline), kind="criticism", matter=act.matter, unit_id=deadline.unit_id, facts=duty,
            since=at, raised_at=act.at,
        )
    )  # fmt: skip
    act.subject.criticism_due = True
    for person_id in {*act.batch.marketing_ids, *act.batch.csc_supervisor_ids}:
        act.tell(person_id, "criticism_proposed", **duty)
    deadline.chased, deadline.chase_at = DONE, None


def _key(act: Act, deadline: Deadline) -> str:
    return f"{CRITICISM}:{act.matter.pk}:{deadline.kind}:{deadline.part}:{deadline.party}:{deadline.cycle}"


def drop_proposals(act: Act, deadlines: Iterable[Deadline]) -> None:
    """Withdraw the proposals of criticism about deadlines that were excused or turned out to be kept."""
    if not act.subject.criticism_due:
        return
    keys = {_key(act, deadline) for deadline in deadlines}
    standing = [made for made in act.changes.made if isinstance(made, Alarm) and made.kind == CRITICISM]
    standing += Alarm.objects.filter(matter=act.matter, kind=CRITICISM, cleared_at=None)
    for alarm in standing:
        if alarm.key in keys:
            act.changes.watch(alarm)
            alarm.cleared_at = act.at
    act.subject.criticism_due = any(alarm.cleared_at is None for alarm in standing)


def _record(act: Act, deadline: Deadline, word: str, at: datetime, **more: Any) -> LedgerEntry:
    """Record the step as the system's act, dated at its own instant, like a miss."""
    return act.record(word, act.batch.system, at=at, facts=deadline.facts | more, part=deadline.part)


def _owed_by(act: Act, deadline: Deadline) -> tuple[int | None, int | None]:
    """The person who owes it, and the leader who gets a copy; the unit's head if no leader is known yet."""
    current = act.subject.round
    if deadline.kind == Kind.COOPERATION:
        invited = [p for p in act.subject.parts if p.coordination.round_id == current.pk]
        part = max((p for p in invited if p.unit.code == deadline.party), key=lambda p: p.pk, default=None)
        return deadline.person_id, part.leader_id if part else None
    owes = current.works_on_it or current.coordinates_it or current.contact_id
    return owes, current.leader_id or current.coordinates_it or current.head_id


def is_about(entry: LedgerEntry, deadline: Deadline) -> bool:
    """Whether the system's entry is about this deadline."""
    said = [entry.facts.get(name, unsaid) for name, unsaid in (("kind", ""), ("party", ""), ("cycle", 0))]
    return entry.part == deadline.part and said == [deadline.kind, deadline.party, deadline.cycle]


def withdraw_proposal(act: Act, deadline: Deadline) -> None:
    """The duty was done in time after all."""
    if deadline.kind in KINDS:
        drop_proposals(act, [deadline])


STEPS = (_chase, _urge, _count_again, _propose)

for kind in KINDS:
    ON_MISS[kind] = begin_ladder
    ON_CHASE[kind] = climb

ON_TAKEN_BACK.append(withdraw_proposal)
