"""Reads the record for an event log, entry by entry: who did it as a reference, and where the complaint stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accountability.deadlines.limits import SHANGHAI, day_of
from accountability.models import Appointment, Employee, LedgerEntry, Matter, Unit
from accountability.models.organisation import SYSTEM_USERNAME
from accountability.security.encryption import digest
from complaints.conformance.period import Period
from complaints.conformance.replay import Move, Walk
from complaints.models import Complaint

CHUNK = 2000
"""Rows in memory at a time."""

OUTCOMES = ("unit", "method", "kind", "accepted", "complete", "satisfied", "second", "ruling", "late")
"""The facts that a log tells: choices and references to units, never a person and never words."""

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,24}")


class People:
    """Who did it, without saying who: a pseudonym, the unit's code, the roles served on that day.

    The pseudonym is keyed, so nobody can try out who it is; it is the same in every log until the key is changed.
    """

    def __init__(self) -> None:
        rows = Employee.objects.values_list("pk", "username", "unit__code")
        self._units = {pk: code or "" for pk, _username, code in rows}
        self._system = {pk for pk, username, _code in rows if username == SYSTEM_USERNAME}
        self._known: dict[int, str] = {}
        self._served: dict[int, list[Appointment]] = {}
        for served in Appointment.objects.order_by("role", "pk"):
            self._served.setdefault(served.employee_id, []).append(served)

    def pseudonym(self, pk: int) -> str:
        if pk not in self._known:
            self._known[pk] = "system" if pk in self._system else digest("event_log", str(pk))[:16]
        return self._known[pk]

    def unit(self, pk: int) -> str:
        return self._units.get(pk, "")

    def role(self, pk: int, at: datetime) -> str:
        """The roles, parted by `+`; `employee` for somebody without one."""
        if pk in self._system:
            return "system"
        day = day_of(at)
        roles = dict.fromkeys(one.role for one in self._served.get(pk, ()) if one.serves_on(day))
        return "+".join(roles) or "employee"


class Entry(NamedTuple):
    """The columns of an entry that a log needs."""

    matter_id: int
    number: str | None
    seq: int
    actor_id: int
    verb: str
    at: datetime
    recorded_at: datetime
    part: int
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """The matter's name in logs."""
        return self.number or f"matter-{self.matter_id}"

    @property
    def outcomes(self) -> dict[str, str | bool]:
        """The facts that a log tells, as far as they are references or choices."""
        found = {name: self.facts[name] for name in OUTCOMES if name in self.facts}
        return {name: value for name, value in found.items() if isinstance(value, bool) or _is_word(value)}


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


class Happened(NamedTuple):
    """One event of a log."""

    entry: Entry
    move: Move

    @property
    def is_flow(self) -> bool:
        """Whether it moves the complaint: what a model of the flow is asked about."""
        return self.move.step is not None


@dataclass(frozen=True)
class Log:
    """What a log is written from: the complaints taken in during the period, each with all its entries, and the cases
    opened in it. Nothing of it grows with the number of entries.
    """

    period: Period = field(default_factory=Period)
    _reading: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def people(self) -> People:
        return People()

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Kind by code."""
        return dict(Unit.objects.order_by("code").values_list("code", "kind"))

    def matters(self, kind: str) -> QuerySet[Matter]:
        return self.period.of(Matter.objects.filter(kind=kind), "opened_at").order_by("pk")

    def entries(self, kind: str) -> Iterator[Entry]:
        """The entries of all matters of the kind, by matter and position."""
        found = self.period.of(LedgerEntry.objects.filter(matter__kind=kind), "matter__opened_at")
        columns = [{"number": "matter__number"}.get(name, name) for name in Entry._fields]
        rows = found.order_by("matter_id", "seq").values_list(*columns)
        read: Any = rows.iterator(chunk_size=CHUNK)
        self._reading.enter_context(closing(read))
        yield from (Entry(*row) for row in read)

    def close(self) -> None:
        """End what is read only in part, which an error would keep open beyond its transaction."""
        self._reading.close()

    def verbs(self, kind: str) -> list[str]:
        found = self.period.of(LedgerEntry.objects.filter(matter__kind=kind), "matter__opened_at")
        return sorted(found.order_by().values_list("verb", flat=True).distinct())

    def traces(self) -> Iterator[Iterator[Happened]]:
        """The complaints, each with its events, which must be read before the next one is asked for."""
        for _pk, entries in groupby(self.entries(Complaint.matter_kind), lambda entry: entry.matter_id):
            walk = Walk()
            yield (Happened(entry, walk.take(entry)) for entry in entries)


def written(at: datetime) -> str:
    """An instant as both standards write it, in Shanghai's time, to the millisecond."""
    return at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
