"""A step of the tours: everything that is said about it, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accountability.declarations.registry import Registry, Words


@dataclass(frozen=True)
class Step:
    """One stop: the page by the name of its address, the element there by its id, and what to know of it.

    `tours`: whose tours it belongs to, each with the number that it has there.
    """

    name: str
    place: str
    target: str
    title: Words
    text: Words
    tours: Mapping[str, int]


STEPS: Registry[Step] = Registry("step of a tour")
