"""The one statement by which unread notices are over after acts.

The ORM takes a quarter of an act's time to build it. What acts of one kind send differs only in its numbers, so the
statement of a single act is kept, with stand-ins for these; a batch of several builds its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.db.models.sql import UpdateQuery

from accountability.db.sql import Compiled
from accountability.models import Notification


class Over(NamedTuple):
    """What is over in a matter: notices of these kinds and, with `by`, those of this person, except what is still
    asked: of the holder this verb, and these limits. And what was taken back, by kind and recipient.
    """

    matter: int
    ends: bool
    kinds: tuple[str, ...]
    by: int | None
    holder: int | None
    awaits: str
    owed: tuple[str, ...]
    taken: tuple[tuple[str, int], ...]

    def condition(self) -> Q:
        over = Q()
        if self.ends:
            done = Q(kind__in=self.kinds) if self.by is None else Q(kind__in=self.kinds) | Q(recipient=self.by)
            asked = Q(kind="to_do", recipient=self.holder, facts__verb=self.awaits)
            # Nothing where no limit is owed: an empty condition would be every notice.
            over = Q(matter=self.matter) & done & ~(asked | Q(facts__kind__in=self.owed, facts__has_key="kind"))
        for kind, recipient in self.taken:
            over |= Q(matter=self.matter, kind=kind, recipient=recipient)
        return over


def end(over: Sequence[Over], at: datetime) -> None:
    """Mark what is over of the notices that nobody has read.

    A row that is being read or sent at this moment is skipped, so that no act waits for a page.
    """
    if len(over) > 1:
        statement, values = _statement(over)
    else:
        shape, numbers = _shape(over[0])
        statement, values = _kept(shape, connection.vendor)
        values = tuple(numbers[value] if type(value) is int else value for value in values)
    if statement:
        with connection.cursor() as cursor:
            cursor.execute(statement, [connection.ops.adapt_datetimefield_value(at), *values])


def _shape(over: Over) -> tuple[Over, dict[int, int]]:
    """The same with a stand-in for each number, and what they stand for: all the numbers that the statement binds."""
    numbers: dict[int, int] = {}

    def stand_in(number: int) -> int:
        numbers[-1 - len(numbers)] = number
        return -len(numbers)

    by, holder = (None if number is None else stand_in(number) for number in (over.by, over.holder))
    taken = tuple((kind, stand_in(recipient)) for kind, recipient in over.taken)
    return over._replace(matter=stand_in(over.matter), by=by, holder=holder, taken=taken), numbers


@lru_cache(maxsize=256)
def _kept(shape: Over, vendor: str) -> Compiled:
    return _statement([shape])


def _statement(over: Sequence[Over]) -> Compiled:
    """Its first value, the instant, is left to the caller."""
    condition = Q()
    for each in over:
        condition |= each.condition()
    unread = Notification.objects.filter(condition, read_at=None, over_at=None).select_for_update(skip_locked=True)
    query: Any = Notification.objects.filter(pk__in=unread.values("pk")).order_by().query.chain(UpdateQuery)
    query.add_update_values({"over_at": datetime.min.replace(tzinfo=UTC)})
    try:
        statement, (_at, *values) = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "", ()
    return statement, tuple(values)
