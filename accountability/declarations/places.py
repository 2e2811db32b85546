"""Declares the places of the navigation: all facts about a place in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accountability.declarations.registry import Registry, Words
from accountability.permissions import Actor


def everybody(actor: Actor) -> bool:
    return True


def nobody(actor: Actor) -> bool:
    return False


@dataclass(frozen=True)
class Place:
    """A page that the navigation links to. `name` is its URL name, `order` its position.

    `aside`: for whom it is under 更多, because they seldom need it or are notified when it matters.
    `parts`: the names of other URLs whose pages belong to it. `within`: the place that this page belongs to; it is then
    not in the navigation itself.
    `order_apart`: its position in the navigation of administrators; 0 if they can't open it.
    `found`: whoever isn't meant by `for_whom` sees it if this finds anything, a question for `standing_statements`.
    """

    name: str
    label: Words
    order: int = 0
    for_whom: Callable[[Actor], bool] = everybody
    aside: Callable[[Actor], bool] = nobody
    parts: tuple[str, ...] = ()
    within: str = ""
    order_apart: int = 0
    found: Callable[[Actor, datetime], Sequence[QuerySet[Any]]] | None = None


PLACES: Registry[Place] = Registry("place")


def place_of(name: str) -> str:
    """The navigation place that the page with this URL name belongs to; the name itself if there is none."""
    for place in PLACES.values():
        if name in place.parts:
            return place.name
    return PLACES[name].within or name if name in PLACES else name
