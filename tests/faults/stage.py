"""The people and complaints that faults meet. One complaint comes by the real verbs; the database copies it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, InterfaceError, connection, models, transaction

from accountability.db.away import is_of_the_database
from accountability.db.snapshot import snapshot
from accountability.deadlines import clock
from accountability.models import Deadline, Employee, Matter, Notification, Preferences
from complaints.models import Complaint, Round
from tests.factories import Cast, Now, Play

COPIED: tuple[tuple[type[models.Model], str], ...] = (
    (Matter, "id"), (Round, "complaint_id"), (Complaint, "matter_id"), (Deadline, "matter_id"),
)  # fmt: skip
"""Each model with its column of the matter."""

TELEPHONES = 60
"""People who get text messages and do nothing else."""

Found = TypeVar("Found")


def asked(question: Callable[[], Found], seconds: float = 30) -> Found:
    """The answer of a database that may just be coming back, within so many seconds of its first failure. Inside a
    transaction nothing is asked again: it is over with the first error.
    """
    if connection.in_atomic_block:
        return question()
    ends: float | None = None
    while True:
        try:
            return question()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            ends = ends or time.monotonic() + seconds
            if not is_of_the_database(error) or time.monotonic() > ends:
                raise
            time.sleep(0.1)


def at_one_instant(question: Callable[[], Found]) -> Found:
    """The answer to a question of several statements, while the system goes on writing between them."""

    def undisturbed() -> Found:
        with snapshot():
            return question()

    return asked(undisturbed)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a plain statement, asked of the database until it answers."""

    def question() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return asked(question)


def number(statement: str, *values: Any) -> Any:
    return rows(statement, *values)[0][0]


class Stage:
    """The standing cast, in an empty database; `delivered` gives complaints that wait for their hand-over."""

    def __init__(self) -> None:
        self.now = Now()
        self.now.set(clock.read())
        for person in Cast():
            Employee.objects.filter(pk=person.pk).update(password=make_password(None))
        self.cast = Cast.standing()
        self.play = Play(self.cast, self.now)
        self.telephones = self._telephones()
        self.template = self.play.upto("delivered")
        self.now.set(clock.read())

    def _telephones(self) -> list[Employee]:
        unit, password = self.cast.unit("WH"), make_password(None)
        people = Employee.objects.bulk_create(
            Employee(username=f"t.{n:03}", name=f"接收{n:03}", unit=unit, password=f"{password}{n}")
            for n in range(TELEPHONES)
        )
        known = [person for person in [*people, *self.cast] if person.username != "system"]
        made = [Preferences(employee=person, changed_at=self.now.at) for person in known]
        for place, preferences in enumerate(made):
            preferences.addresses = {"mobile": f"1380000{place:04}"}
        Preferences.objects.bulk_create(made)
        return people

    def delivered(self, count: int, *, due_in: float, every: float = 0.0) -> list[str]:
        """So many complaints that wait for their hand-over, due in so many seconds, one `every` so many seconds after
        the other. Returns their numbers; their keys follow each other.
        """
        source = Deadline.objects.get(matter_id=self.template.pk, kind="handoff")
        assert source.due_at is not None
        shift = (clock.read() + timedelta(seconds=due_in) - source.due_at).total_seconds()
        latest = self.template.latest_round_id
        first, first_round = _reserve(Matter, count), _reserve(Round, count)
        own = {
            (Matter, "id"): f"{first} + n", (Matter, "number"): f"'F' || ({first} + n)",
            (Matter, "ledger_length"): "0", (Matter, "ledger_head"): "''",
            (Complaint, "matter_id"): f"{first} + n", (Complaint, "latest_round_id"): f"{first_round} + n",
            (Round, "id"): f"{first_round} + n", (Round, "complaint_id"): f"{first} + n",
            (Round, "notice_number"): f"'F' || ({first_round} + n)", (Deadline, "matter_id"): f"{first} + n",
        }  # fmt: skip
        assert latest is not None
        with transaction.atomic():
            for model, key in COPIED:
                rows(_copying(model, key, self.template.pk, own), count - 1, shift, every)
        return [f"F{first + n}" for n in range(count)]

    def tell(self, times: int, about: str, kind: str = "missed") -> None:
        """So many notices of the thirty minutes to each who has a telephone."""
        matter = Matter.objects.get(number=about)
        facts, at = {"kind": "handoff", "part": 1}, clock.read()
        Notification.objects.bulk_create(
            Notification(matter=matter, recipient=person, kind=kind, facts=facts, created_at=at)
            for person in self.telephones
            for _time in range(times)
        )


def _reserve(model: type[models.Model], count: int) -> int:
    """The first of so many keys that nobody else will get."""
    sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
    first = int(number(f"SELECT nextval({sequence})"))
    rows(f"SELECT setval({sequence}, %s)", first + count)
    return first


def _copying(model: type[models.Model], key: str, template: int, own: dict[Any, str]) -> str:
    def value(field: Any) -> str:
        if own_value := own.get((model, field.column)):
            return own_value
        quoted = f'"{field.column}"'
        if not isinstance(field, models.DateTimeField):
            return quoted
        later = f"{quoted} + make_interval(secs => at.shift + n * at.every)"
        return f"CASE WHEN {quoted} > '2200-01-01' THEN {quoted} ELSE {later} END"

    fields = [f for f in model._meta.concrete_fields if not (model is Deadline and f.primary_key)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {", ".join(map(value, fields))}'
        f' FROM "{model._meta.db_table}" t, generate_series(0, %s) n,'
        f' (SELECT %s::float AS shift, %s::float AS every) at WHERE t."{key}" = {template}'
    )


def instant() -> datetime:
    """By the database's clock."""
    found: datetime = number("SELECT clock_timestamp()")
    return found
