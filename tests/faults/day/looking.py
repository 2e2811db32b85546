"""What people look at: what their offices have on the screen, and what an open page asks for by itself."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.faults.day.people import Staff

OK = 200

PULSE, OF_A_CONTACT = 30.0, 10.0
"""Seconds between two polls of an open page; whoever answers for a unit is told of a new round sooner."""

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


def polls_every(office: str) -> float:
    return OF_A_CONTACT if office in ("contact", "head") else PULSE


def page_of(office: str, chance: random.Random) -> str:
    return chance.choice(PAGES[office])
