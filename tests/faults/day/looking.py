"""What people look at: what their offices have on the screen, and what an open page asks for by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.day.people import Staff

OK = 200

SOON, ELSE = 10.0, 30.0
"""Seconds between two polls of an open page; whoever answers for a unit is told of a new round sooner."""

POLL = {"X_Poll": "1"}
OF_A_DESK = POLL | {"HX_Request": "true", "HX_Target": "waiting"}
HAS_THE_DESK_OPEN = ("contact", "leader", "head", "officer")

PAGES: dict[str, tuple[str, ...]] = {
    "agent": ("/", "/complaints/", "/complaints/?list=", "/complaints/new/", "/inbox/"),
    "contact": ("/", "/complaints/", "/inbox/"),
    "handler": ("/", "/inbox/"),
    "leader": ("/", "/complaints/", "/inbox/"),
    "head": ("/", "/dashboard/", "/complaints/", "/ranking/"),
    "officer": ("/", "/dashboard/", "/leads/", "/cases/", "/bulletins/", "/exports/", "/complaints/?list="),
}


@dataclass(frozen=True)
class Look:
    path: str
    status: int
    seconds: float
    expected: int = OK


def office_of(staff: Staff, name: str) -> str:
    if name in staff.agents or name in staff.supervisors:
        return "agent"
    if name.startswith("sc."):
        return "officer"
    kind = name.partition(".")[2]
    return {"contact": "contact", "deputy": "contact", "leader": "leader", "head": "head"}.get(kind, "handler")


def polls(office: str) -> Iterator[tuple[str, float, dict[str, str]]]:
    """What an open page asks for by itself: the address, how often, and the headers."""
    yield "/pulse/", SOON if office in ("contact", "head") else ELSE, POLL
    if office in HAS_THE_DESK_OPEN:
        yield "/", ELSE, OF_A_DESK


def page_of(office: str, chance: random.Random) -> str:
    return chance.choice(PAGES[office])
