"""A registry through which apps add to the pages of the apps below, which don't know them; filled in `ready()`.

Each entry returns what it shows to this reader, or None for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accountability.models import NO_DUE
from accountability.permissions import Actor

T = TypeVar("T")

AT_MOST = 100
"""A desk counts no further: "99+" says enough, and a count stays cheap however much there is."""


class Clock(models.TextChoices):
    """The most pressing state of the limits of waiting work: over, warned of, or neither. Work without a limit is
    warned of once it has waited too long.
    """

    LATE = "late", _("已超时")
    WARN = "warn", pgettext_lazy("clock", "预警")
    OK = "ok", _("正常")


FACES = {Clock.LATE: ("danger", "clock-late"), Clock.WARN: ("warn", "alert"), Clock.OK: ("ok", "check")}
"""The tone and the icon of each."""


def number(count: int) -> str:
    return f"{AT_MOST - 1}+" if count >= AT_MOST else str(count)


@dataclass(frozen=True)
class Cell:
    """One of the numbers of a kind of work, with the address that lists exactly what it counted."""

    clock: Clock
    count: int
    url: str
    is_timed: bool = True

    @property
    def face(self) -> tuple[str, str]:
        """Work without a limit isn't "in time"; it is shown as waiting."""
        return FACES[self.clock] if self.is_timed or self.clock != Clock.OK else ("info", "list")

    @property
    def word(self) -> Any:
        return self.clock.label if self.is_timed or self.clock != Clock.OK else _("待办")

    @property
    def said(self) -> str:
        return number(self.count)


@dataclass(frozen=True)
class Waiting:
    """One kind of work that waits for somebody: how much of it by `Clock`, and the address of its list.

    `is_timed`: the list can be narrowed by `clock`. Otherwise it opens whole, and work without a limit counts as `OK`.
    `is_duty`: the person must do it, not only watch over it.
    """

    name: str
    label: Any
    url: str
    counts: Mapping[str, int] = field(default_factory=dict)
    is_timed: bool = True
    is_duty: bool = True

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def said(self) -> str:
        return number(self.total)

    @property
    def late(self) -> int:
        return self.counts.get(Clock.LATE, 0)

    @property
    def warned(self) -> int:
        return self.counts.get(Clock.WARN, 0)

    @property
    def cells(self) -> list[Cell]:
        wanted = Clock if self.is_timed else [clock for clock in Clock if self.counts.get(clock)]
        return [Cell(clock, self.counts.get(clock, 0), self._narrowed(clock), self.is_timed) for clock in wanted]

    @property
    def heat(self) -> tuple[bool, bool, bool]:
        """Sort key: late work first, empty kinds last."""
        return not self.late, not self.warned, not self.total

    def _narrowed(self, clock: Clock) -> str:
        if not self.is_timed:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}clock={clock.value}"


@dataclass(frozen=True)
class Card:
    """A part of another app's page: its template reads `card.about`."""

    template: str
    about: Any


@dataclass(frozen=True)
class Block:
    """What waits for one person in one field of work besides the complaints.

    `card`: its lines, below what is done on the desk itself; its template reads `card.about`. `is_main`: this is the
    person's own field: its lines come first, and of the complaints only those they must act on are listed next to it.
    """

    title: Any
    url: str
    waiting: list[Waiting]
    card: Card | None = None
    is_main: bool = False


BLOCKS: list[Callable[[Actor, datetime], Block | None]] = []
"""Blocks of the desk, below the waiting complaints."""

TALLIES: list[Callable[[Actor, datetime], Waiting | None]] = []
"""Single kinds of work among the desk's own."""

CARDS: list[Callable[[Any, datetime], Card | None]] = []
"""Cards next to a complaint, made from its `Story`."""


@dataclass(frozen=True)
class OwnLimit:
    """A limit that a person has to keep, as their calendar shows it. `key` is unique, `what` is owed of the matter."""

    key: str
    number: str
    what: Any
    due_at: datetime
    url: str


MOST_LIMITS = 60
"""Limits of one list that a calendar shows, the nearest first."""

OWN_LIMITS: list[Callable[[Actor, datetime], Iterable[OwnLimit]]] = []
"""The limits that a person's desk shows at what they have to do, for their calendar."""


def limits_by_matter(found: models.QuerySet[Any], what: Any, page: str) -> Iterator[OwnLimit]:
    """By the due instant that the gate keeps at the matter. `page`: the name of the address of one. One statement."""
    due = found.exclude(matter__work_due_at=NO_DUE).order_by("matter__work_due_at", "pk")
    for number, due_at in due.values_list("matter__number", "matter__work_due_at")[:MOST_LIMITS]:
        yield OwnLimit(f"{number}-{page}", number, what, due_at, reverse(page, args=[number]))


LINKS: list[Callable[[Any, Any], tuple[Any, str] | None]] = []
"""Label and address of what may be begun from a round of a `Story`."""

READINGS: list[Callable[[Actor], tuple[Any, str] | None]] = []
"""Label and address of what may be begun from the page that shows who has read the rules."""


def chips_of(kinds: Iterable[Sequence[Any]], where: str, name: str, clock: str) -> list[tuple[str, str]]:
    """The filters of a list that the desk opened, each with the address without it; `kinds` begin with name and
    label.
    """
    labels = {kind[0]: str(kind[1]) for kind in kinds}
    asked = {"asked": name if name in labels else "", "clock": clock if clock in Clock.values else ""}
    said = {"asked": labels.get(name, ""), "clock": str(Clock(clock).label) if asked["clock"] else ""}
    return [
        (said[key], f"{where}?{urlencode({other: value for other, value in asked.items() if value and other != key})}")
        for key, value in asked.items()
        if value
    ]


def contributed(registry: Iterable[Callable[..., T | None]], *about: Any) -> list[T]:
    """What the entries of one registry have to show, in the order in which they were added."""
    return [found for make in registry if (found := make(*about)) is not None]
