"""A place of the navigation: everything that is said about it, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accountability.declarations.registry import Registry, Words
from accountability.permissions import Actor


def everybody(actor: Actor) -> bool:
    return True


def nobody(actor: Actor) -> bool:
    return False


@dataclass(frozen=True)
class Place:
    """A page that the navigation leads to. `name` is that of its address, `order` its order among the places.

    `aside`: whose navigation has it under 更多, since they look it up now and then or are told of it when it matters.
    `parts`: the names of other addresses whose pages belong to it. `within`: it belongs to that place itself and isn't
    in the navigation.
    `order_apart`: its order among the places of administrators, who have no others; none for what isn't theirs to open.
    """

    name: str
    label: Words
    order: int = 0
    for_whom: Callable[[Actor], bool] = everybody
    aside: Callable[[Actor], bool] = nobody
    parts: tuple[str, ...] = ()
    within: str = ""
    order_apart: int = 0


PLACES: Registry[Place] = Registry("place")


def place_of(name: str) -> str:
    """The place in the navigation that the page of this address belongs to; the address itself of any other page."""
    for place in PLACES.values():
        if name in place.parts:
            return place.name
    return PLACES[name].within or name if name in PLACES else name
