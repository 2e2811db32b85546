"""Declares the steps of the tours: all facts about a step in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accountability.declarations.registry import Registry, Words


@dataclass(frozen=True)
class Step:
    """One step: the page (its URL name), the element on it (its id), and what is explained.

    `tours`: the tours that it belongs to, with its position in each.
    """

    name: str
    place: str
    target: str
    title: Words
    text: Words
    tours: Mapping[str, int]


STEPS: Registry[Step] = Registry("step of a tour")
