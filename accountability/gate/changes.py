"""Writes what acts did, with a constant number of statements: new rows, papers, changed columns, the chained ledger,
notices and history rows.

`QuerySet.update` and `bulk_create` write no history, so it is written here, with the actor and instant of the act.

Every ledger entry has an HMAC over its own content and the previous entry's HMAC. The key is kept outside the database,
so write access to the rows isn't enough to forge a chain. The HMAC covers the matter, the position, the actor, both
instants, the facts, the reference to the texts (not the texts themselves, because they can be erased), and the marks of
the rows that the act left: so the ledger proves those rows too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import string
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from accountability.db import sql, writing
from accountability.db.series import take_from
from accountability.db.writing import NEWEST_SEAL, Changes, by_model, take_keys
from accountability.deadlines.limits import day_of
from accountability.declarations.notices import ALARMS, NOTICES, ended_by
from accountability.declarations.proofs import PROVED
from accountability.gate.act import Act, Batch
from accountability.models import (
    NO_DUE,
    Alarm,
    Deadline,
    LedgerEntry,
    Matter,
    Notification,
    PersonalData,
    Seal,
    Series,
)
from accountability.models.timekeeping import has_waited_too_long

ON_PAPERS: list[Callable[[list[Act]], None]] = []
"""Functions that compose the papers of acts, called after new rows are inserted and before entries are chained."""

ON_WORDS: list[Callable[[list[Act]], None]] = []
"""Functions that index the texts of acts for search, called after the ledger entries are inserted."""

ON_ENTRIES: list[Callable[[list[Act]], None]] = []
"""Functions that write the events for other systems, called after the ledger entries where such events are sent."""


def flush(batch: Batch) -> None:
    """Write all acts of the batch that weren't dropped."""
    acts = [act for act in batch.acts if not act.dropped]
    if not acts:
        return
    _give_numbers(acts)
    for act in acts:
        _settle_matter(act)
    changes = Changes.of(act.changes for act in acts)
    changes.insert()
    if any(act.papers for act in acts):
        for compose in ON_PAPERS:
            compose(acts)
    seal = _newest_seal()
    for act in acts:
        for entry in act.entries:
            take_keys(entry)
        _mark_rows(act)
        if act.entries and seal:
            act.entries[-1].marks[NEWEST_SEAL] = seal
        chain(act.matter, act.entries)
    changes.update()
    writing.insert([entry for act in acts for entry in act.entries])
    said = any(act.said for act in acts) or any(isinstance(thing, PersonalData) for thing in changes.all())
    for follow in [*(ON_WORDS if said else ()), *(ON_ENTRIES if settings.EVENTS_OUT else ())]:
        follow(acts)
    _end_notices(acts)
    writing.insert([notice for act in acts for notice in act.notices])
    _write_history(changes, acts)
    if batch.alarms_over:
        over = Alarm.objects.filter(matter__in=batch.alarms_over, cleared_at=None)
        over.exclude(kind__in=[kind.name for kind in ALARMS.values() if kind.lasts]).update(cleared_at=batch.at)


def _give_numbers(acts: Iterable[Act]) -> None:
    """Give each new matter its number: the next of its kind's series, if there is one. One statement per series."""
    begun: dict[str, list[Act]] = {}
    for act in acts:
        if act.matter.number is None:
            begun.setdefault(act.subject.series, []).append(act)
    for act in begun.pop("", []):
        act.matter.number = act.subject.make_number(act.at)
    for series, several in begun.items():
        first = take_from(Series, series, len(several))
        for place, act in enumerate(several, start=first):
            act.matter.number = f"{series}{day_of(act.at):%Y%m%d}{place:06d}"


def _settle_matter(act: Act) -> None:
    """Update the matter's own columns: holder, awaited verb, urgency, nearest due instant, alarm."""
    matter, subject = act.matter, act.subject
    matter.holder_id, matter.holder_unit_id = subject.who_holds(act.batch)
    matter.awaits = subject.awaits
    matter.work_rank = subject.work_rank
    pressing = _pressing(act)
    matter.work_due_at = min((deadline.due_at for deadline in pressing if deadline.due_at), default=NO_DUE)
    _end_chases(act)
    if subject.position != act.position_before:
        _restart_alarm(act)
    matter.work_warned = any(deadline.warned for deadline in pressing) or (not pressing and has_waited_too_long(matter))
    if matter.awaits and (matter.holder_id != act.holder_before or _is_asked_more(act)):
        for person_id in subject.asked(act.batch):
            act.tell(person_id, "to_do", verb=matter.awaits)


def _is_asked_more(act: Act) -> bool:
    """Whether somebody else's act asks the same holder for something else now."""
    return act.matter.awaits != act.awaits_before and (act.actor is None or act.actor.pk != act.matter.holder_id)


def _pressing(act: Act) -> list[Deadline]:
    """The deadlines that are being worked on: none of earlier rounds, and none that are suspended."""
    parts = (0, act.subject.current_part)
    running = (d for d in act.deadlines if d.is_outstanding and d.presses and d.part in parts)
    return [deadline for deadline in running if act.subject.presses(deadline)]


def _end_chases(act: Act) -> None:
    """Stop chasing deadlines that were excused or cancelled, or can't be done any more."""
    for deadline in act.deadlines:
        over = deadline.voided_at or deadline.excused_at or not act.subject.is_pursued(deadline)
        if deadline.is_chased and over:
            deadline.chase_at = None


def _restart_alarm(act: Act) -> None:
    """After a change of position: clear earlier alarms, and set when waiting in the new position raises the next."""
    matter = act.matter
    if has_waited_too_long(matter):
        act.batch.alarms_over.append(matter)
    if not matter.awaits:
        matter.waiting_since = matter.alarm_at = None
        matter.closed_at = (act.subject.ended_at or act.at) if matter.kind != Matter.Kind.ORGANISATION else None
        return
    matter.closed_at = None
    matter.waiting_since = act.at
    matter.alarm_at = act.at + act.subject.may_wait(act.batch.limits)


def _has_moved(act: Act) -> bool:
    return act.subject.position != act.position_before or act.matter.holder_id != act.holder_before


def _end_notices(acts: list[Act]) -> None:
    """Mark the unread notices that are over: those that asked for what is done now, whoever did it; and, if the matter
    has moved on, the actor's own about it. The organisation is one matter for everything in it, so an act there ends
    nothing else.

    A row that is being read or sent at this moment is skipped, so that no act waits for a page.
    """
    ends = [
        end for act in acts if not act.is_first and act.matter.kind != Matter.Kind.ORGANISATION for end in _ends(act)
    ]
    if not ends:
        return
    known: dict[int, int] = {}
    like = tuple(end.like(known) for end in _of_several_matters(ends))
    statement, values = (_unread if len(ends) <= MOST_KEPT_TOGETHER else _unread.__wrapped__)(like, connection.vendor)
    keys = {stand_in: key for key, stand_in in known.items()}
    # psycopg has types of its own for keys.
    bound = tuple(type(value)(keys[value]) if isinstance(value, int) else value for value in values)
    writing.update_found(Notification, (statement, bound), "over_at", acts[0].at)


MOST_KEPT_TOGETHER = 3
"""An act that ends more than so many sets of notices, or several acts, builds the statement anew."""


@dataclass(frozen=True)
class _End:
    """Notices of matters that are over: of these kinds, or the actor's own (`by`); not what is still asked of the
    holder (of anybody if none), nor what is told of a limit that is still owed. `to`: only those to this person.
    """

    matters: tuple[int, ...]
    kinds: tuple[str, ...]
    by: int | None = None
    to: int | None = None
    holder: int | None = None
    awaits: str | None = None
    owed: tuple[str, ...] = ()

    def like(self, known: dict[int, int]) -> _End:
        """The same with stand-ins for the keys, so that one statement serves every matter."""
        matters = tuple(known.setdefault(key, -1 - len(known)) for key in self.matters)
        by, to, holder = (key and known.setdefault(key, -1 - len(known)) for key in (self.by, self.to, self.holder))
        return replace(self, matters=matters, by=by, to=to, holder=holder)

    @property
    def condition(self) -> Q:
        over = Q(matter__in=self.matters)
        if self.to is not None:
            return over & Q(kind__in=self.kinds, recipient=self.to)
        over &= Q(kind__in=self.kinds) if self.by is None else Q(kind__in=self.kinds) | Q(recipient=self.by)
        asked = Q(kind="to_do", facts__verb=self.awaits) & (Q(recipient=self.holder) if self.holder else Q())
        return over & ~(asked | Q(facts__kind__in=self.owed, facts__has_key="kind"))


def _ends(act: Act) -> Iterator[_End]:
    """What is owed as before is still asked: a limit that runs or was missed and can still be met."""
    matter, moved = act.matter, _has_moved(act)
    kinds = tuple(ended_by(act.entry.verb if act.entry else "", moves=moved))
    if moved or kinds:
        owed = sorted({deadline.kind for deadline in act.deadlines if _is_owed(act, deadline)})
        by = act.actor.pk if act.actor and moved else None
        yield _End((matter.pk,), kinds, by, holder=matter.holder_id, awaits=matter.awaits, owed=tuple(owed))
    for notice in act.notices:
        if taken := NOTICES[notice.kind].takes_back:
            yield _End((matter.pk,), (taken,), to=notice.recipient_id)


def _of_several_matters(ends: Iterable[_End]) -> list[_End]:
    """Those that differ by their matter alone, as one."""
    alike: dict[_End, list[int]] = {}
    for end in ends:
        alike.setdefault(replace(end, matters=()), []).extend(end.matters)
    return [replace(end, matters=tuple(matters)) for end, matters in alike.items()]


@lru_cache(maxsize=500)
def _unread(ends: tuple[_End, ...], vendor: str) -> sql.Compiled:
    """The statement for the unread notices that are over; it is kept, because building it takes a tenth of an act. The
    conditions are joined at once: `|` would compare each with all before it.
    """
    over = Q(*(end.condition for end in ends), _connector=Q.OR)
    unread = Notification.objects.filter(over, read_at=None, over_at=None).select_for_update(skip_locked=True)
    return sql.compiled(unread.order_by().values("pk"))


def _is_owed(act: Act, deadline: Deadline) -> bool:
    if not deadline.is_outstanding or deadline.excused_at or deadline.is_settled:
        return False
    return deadline.missed_at is None or act.subject.is_pursued(deadline)


def _mark_rows(act: Act) -> None:
    """The act's last entry says which rows the act left, so that the ledger proves them. Reminders write no entry: they
    change only columns that have no part in a mark, and who holds the matter now.
    """
    rows = [thing for thing in act.changes.made if marked_columns(type(thing))]
    rows += [thing for thing, names in act.changes.changed() if names.intersection(marked_columns(type(thing)))]
    rows += [order.paper for order in act.papers if order.paper is not None]
    if rows and not act.entries:
        act.record("settle", act.batch.system)
    if rows:
        mark_rows(act.entries[-1], rows)


def _newest_seal() -> dict[str, str]:
    """Number and brief form of the newest seal, for the marks of an act: so the record itself tells how many seals
    there must be.
    """
    newest = Seal.objects.values_list("number", "hmac").first()
    return {str(newest[0]): hashlib.sha256(newest[1].encode()).hexdigest()[:16]} if newest else {}


def _write_history(changes: Changes, acts: Iterable[Act]) -> None:
    """Write a history row for each new or changed object whose model has a history."""
    owners = {id(thing): act for act in acts for thing in act.changes.all()}
    for things, update in ((changes.made, False), (changes.updated, True)):
        for model, rows in by_model(things).items():
            if (history := _history_of(model)) is not None:
                act = owners[id(rows[0])]
                writing.keep(
                    history, rows,
                    history_user=(act.actor.employee if act.actor else act.batch.system).pk, history_date=act.at,
                    history_type="~" if update else "+", history_change_reason=act.entry.verb if act.entry else "miss",
                )  # fmt: skip


@cache
def _history_of(model: Any) -> Any:
    """The model of the history rows, or None. Cached, because each access to `history` builds a manager class."""
    manager = getattr(model, "history", None)
    return None if manager is None else manager.model


# The chain


def instant(value: datetime) -> str:
    """The text form used in chains, seals and exports: UTC, with microseconds. Only somebody who owns the database can
    write an instant that UTC hasn't; it has its own text.
    """
    try:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        return str(value)


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""One encoder for all: making one for every text would take longer than the text."""


def entry_hmac(entry: LedgerEntry, previous: str) -> str:
    """The HMAC of an entry, given that of the previous entry (empty for the first)."""
    said = [
        previous, entry.matter_id, entry.seq, entry.actor_id, entry.verb, instant(entry.at),
        instant(entry.recorded_at),        entry.part, entry.facts, entry.texts_id, entry.key, entry.marks,
    ]  # fmt: skip
    return hmac.digest(settings.LEDGER_KEY.encode(), _json(said).encode(), "sha256").hex()


def chain(matter: Matter, entries: Iterable[LedgerEntry]) -> None:
    """Give new entries their position and HMAC and update the matter's head. The caller has locked the matter."""
    for entry in entries:
        matter.ledger_length += 1
        entry.seq = matter.ledger_length
        entry.hmac = matter.ledger_head = entry_hmac(entry, matter.ledger_head)


# Marks of rows

GONE = ""
"""Instead of the mark of a row that the act removed."""

WHOLE = 11
"""A mark begins with so many signs of base64 (64 bits) over the whole row. Each column adds two letters or digits, or
EMPTY for one that is empty: they only help to say what differs. All are signs of base64, as `RowMarks` keeps them.
"""
EMPTY, FOUR_EMPTY = "+", "/"
_SIGNS = string.ascii_letters + string.digits
_PAIRS = [one + other for one in _SIGNS for other in _SIGNS]
_COLUMN = re.compile(r"\+|[^+]{2}")


@cache
def marked_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that marks cover; none for a model whose rows the ledger doesn't prove."""
    proof = PROVED.get(model._meta.label_lower)
    if proof is None:
        return ()
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname not in proof.left_out)


def whole_mark(key: bytes, model: type[models.Model], pk: Any, values: Sequence[Any]) -> str:
    """The beginning of the mark, over the whole row.

    It doesn't cover empty columns, so that a later release may add columns. Without the key nobody can make a mark, or
    try out values by it.
    """
    return _whole(key, model, pk, [_plain(value) for value in values])


def _whole(key: bytes, model: type[models.Model], pk: Any, texts: Sequence[str | None]) -> str:
    said = {name: text for name, text in zip(marked_columns(model), texts, strict=True) if text is not None}
    body = _json([model._meta.label_lower, str(pk), said])
    return b64encode(hmac.digest(key, b"mark\n" + body.encode(), "sha256")).decode()[:WHOLE]


def mark(key: bytes, model: type[models.Model], pk: Any, values: Sequence[Any]) -> str:
    """The mark of a row with these values of its marked columns."""
    label, texts = model._meta.label_lower, [_plain(value) for value in values]
    salt = int.from_bytes(hmac.digest(key, f"salt\n{label}\n{pk}".encode(), "sha256")[:4])
    each = [EMPTY if text is None else _PAIRS[zlib.crc32(text.encode(), salt) % len(_PAIRS)] for text in texts]
    return _whole(key, model, pk, texts) + "".join(each).replace(EMPTY * 4, FOUR_EMPTY)


def differing(model: type[models.Model], one: str, other: str) -> list[str]:
    """The columns in which two marks of a row differ, as far as their parts tell."""
    names = marked_columns(model)
    ours, theirs = (_COLUMN.findall(said[WHOLE:].replace(FOUR_EMPTY, EMPTY * 4)) for said in (one, other))
    if not len(ours) == len(theirs) == len(names):
        return []
    return [name for name, left, right in zip(names, ours, theirs, strict=True) if left != right]


def _plain(value: Any) -> str | None:
    """The same text for what an object holds and for what any database returns."""
    if value is None or type(value) is str:
        return value
    if type(value) in (int, bool):
        return str(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, dict | list | tuple):
        # There and back, since keys that are numbers come back as texts, which are in another order.
        return json.dumps(json.loads(json.dumps(value)), ensure_ascii=False, sort_keys=True)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def mark_rows(entry: LedgerEntry, rows: Iterable[models.Model]) -> None:
    """Let the entry say what these rows are now, by model and primary key."""
    key = settings.LEDGER_KEY.encode()
    for row in rows:
        model = row._meta.model  # the person of a request is wrapped
        held = row.__dict__
        values = [held[name] if name in held else getattr(row, name) for name in marked_columns(model)]
        entry.marks.setdefault(model._meta.label_lower, {})[str(row.pk)] = mark(key, model, row.pk, values)


def mark_gone(entry: LedgerEntry, rows: Iterable[models.Model]) -> None:
    """Let the entry say that these rows were removed."""
    for row in rows:
        entry.marks.setdefault(row._meta.label_lower, {})[str(row.pk)] = GONE
