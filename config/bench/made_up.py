"""Makes a month of closed rounds for measuring, written straight into a throw-away database: the only rows of the
project not made by an act. Arithmetic varies everything that a figure counts, so that every run has the same month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection

from accountability.models import Category, Deadline, Employee, Matter, TimeLimits, Unit
from assessment.figures.periods import Period
from complaints.declarations.limits import Kind
from complaints.models import Complaint, Round, RoundState
from complaints.models.states import Ending, State

UNITS, CATEGORIES, REGIONS = 33, 60, 14
BLOCK = 1000
HANDOFF, HANDLING, RULING = timedelta(minutes=30), timedelta(hours=36), timedelta(hours=2)


def fill(period: Period, rounds: int) -> None:
    """Make this many complaints, each with one round delivered, judged and replied to in the period.

    A block of them is made, then copied by the database: making each would take longer than everything measured.
    """
    block = min(BLOCK, rounds)
    staff = _Staff()
    made = [_Made(place, period, block, staff) for place in range(block)]
    Matter.objects.bulk_create([one.matter for one in made])
    Complaint.objects.bulk_create([one.complaint() for one in made])
    Round.objects.bulk_create([one.round() for one in made])
    Deadline.objects.bulk_create([limit for one in made for limit in one.limits()], batch_size=BLOCK)
    ids = [one.matter.pk for one in made]
    for copy in range(1, rounds // block):
        for model, key, name in COPIED:
            _copy(model, key, name, copy, (ids[0], ids[-1]))
    _settle()


COPIED: tuple[tuple[Any, str, str], ...] = (
    (Matter, "id", "number"), (Complaint, "matter_id", ""), (Round, "complaint_id", "notice_number"),
    (Deadline, "matter_id", ""),
)  # fmt: skip
"""For each model, the column with the matter's key, and the column that must be unique."""


def _copy(model: Any, key: str, name: str, copy: int, block: tuple[int, int]) -> None:
    first, last = block
    columns = {field.column: f'"{field.column}"' for field in model._meta.concrete_fields}
    if key != "id":
        columns.pop("id", None)
    columns[key] += f" + {copy * (last - first + 1)}"
    if name:
        columns[name] += f" || '-{copy}'"
    named, values = ", ".join(f'"{column}"' for column in columns), ", ".join(columns.values())
    table = f'"{model._meta.db_table}"'
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table} ({named}) SELECT {values} FROM {table} WHERE "{key}" BETWEEN {first} AND {last}'  # noqa: S608
        )


def _settle() -> None:
    """Let the database give the next keys after the copied ones, and know how many rows there are now."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Matter]):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


class _Staff:
    """The units and catalogue of an empty database, and one person who did everything."""

    def __init__(self) -> None:
        self.person = Employee.objects.system()
        kinds = (Unit.Kind.BRANCH, Unit.Kind.DEPARTMENT, Unit.Kind.DIRECT_UNIT)
        self.units = Unit.objects.bulk_create(
            Unit(code=f"U{n:02}", name=f"单位{n:02}", kind=kinds[n % 3]) for n in range(UNITS)
        )
        heads = list(Category.objects.filter(parent=None))
        leaves = Category.objects.bulk_create(
            Category(parent=heads[n % len(heads)], name=f"细类{n:02}") for n in range(CATEGORIES)
        )
        self.categories = heads + leaves
        self.limits = TimeLimits.objects.latest("version")


class _Made:
    """One complaint: its position in the sequence decides what became of it."""

    def __init__(self, place: int, period: Period, rounds: int, staff: _Staff) -> None:
        self.place, self.staff = place, staff
        self.mixed = place * 2654435761 % 2**32 // 7
        span = period.ends - period.begins - timedelta(days=4)
        self.delivered = period.begins + span * place / rounds
        self.unit = staff.units[self.mixed % UNITS]
        number = f"TS-{place:08}"
        opened, person = self.delivered, staff.person
        self.matter = Matter(kind=Complaint.matter_kind, number=number, opened_at=opened, closed_at=self.ended, part=1)
        self.person = person

    @property
    def is_late(self) -> bool:
        return self.mixed % 11 == 0

    @property
    def is_returned(self) -> bool:
        return self.mixed % 37 == 0

    @property
    def is_extended(self) -> bool:
        """More time was granted, so that the handling limit has two cycles."""
        return self.mixed % 41 == 1 and not self.is_unanswered

    @property
    def is_cancelled(self) -> bool:
        """The customer withdrew it within the hour; a hand-over that was late by then stays late."""
        return self.mixed % 43 == 1 and not self.is_returned

    @property
    def is_unanswered(self) -> bool:
        return self.is_returned or self.is_cancelled

    @property
    def answered(self) -> datetime:
        return self.delivered + timedelta(hours=40 if self.is_late else 1 + self.mixed % 34)

    @property
    def ended(self) -> datetime:
        return self.answered + timedelta(hours=5)

    def complaint(self) -> Complaint:
        return Complaint(
            matter=self.matter, state=State.ARCHIVED, priority="P3", channel="call", agent=self.person,
            category=self.staff.categories[self.mixed % len(self.staff.categories)],
            region=f"地区{self.mixed % REGIONS}", escalated=self.mixed % 13 == 0,
            registered_at=self.delivered, replied_at=self.ended, archived_at=self.ended, round_count=1,
            ended_as=Ending.SATISFIED,
        )  # fmt: skip

    def round(self) -> Round:
        unanswered = RoundState.RETURNED if self.is_returned else RoundState.CANCELLED
        state = unanswered if self.is_unanswered else RoundState.CLOSED
        asked = None if self.is_unanswered else self.ended
        return Round(
            complaint_id=self.matter.pk, number=1, unit=self.unit, state=state, limits=self.staff.limits,
            notice_number=f"TZ-{self.place:08}-1", priority="P3", dispatched_by=self.person,
            delivered_at=self.delivered, contact=self.person, handler=self.person, leader=self.person,
            handed_off_at=self.delivered, accepted_at=self.delivered, answered_at=asked and self.answered,
            ended_at=self.ended, satisfied=None if asked is None else self.mixed % 9 != 0, satisfied_at=asked,
        )  # fmt: skip

    def limits(self) -> Iterator[Deadline]:
        """The unit's three limits and the customer's two. The extension ends at the limit's original instant."""
        handed = self.delivered + timedelta(minutes=self.mixed % 33)
        yield self._limit(Kind.HANDOFF, HANDOFF, met_at=handed)
        yield self._limit(Kind.RETURN, HANDOFF, is_window=True, met_at=None)
        early = self.delivered + timedelta(hours=1)
        over, answered = (early, None) if self.is_unanswered else (None, self.answered)
        if self.is_extended:
            yield self._limit(Kind.HANDLING, HANDLING / 2, met_at=None, voided_at=early, is_latest=False)
        cycle = 2 if self.is_extended else 1
        yield self._limit(Kind.HANDLING, HANDLING, met_at=answered, voided_at=over, cycle=cycle)
        yield self._limit(Kind.FIRST_REPLY, timedelta(hours=48), part=0, met_at=self.ended)
        yield self._limit(Kind.LEGAL, timedelta(days=15), part=0, met_at=self.ended)
        if self.mixed % 37 < 2:
            yield self._limit(Kind.RULING, RULING, met_at=early)

    def _limit(self, kind: str, span: timedelta, *, met_at: datetime | None, part: int = 1, **facts: Any) -> Deadline:
        due = self.delivered + span
        missed = due if met_at is not None and met_at > due else None
        excused = due if missed and self.mixed % 101 == 0 else None
        return Deadline(
            matter=self.matter, kind=kind, part=part, unit=self.unit, limit_text="made up", limits=self.staff.limits,
            started_at=self.delivered, due_at=due, met_at=met_at, missed_at=missed, excused_at=excused, **facts,
        )  # fmt: skip
