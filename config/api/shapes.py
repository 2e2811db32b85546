"""The parts that answers of several kinds share: instants, people, units, named values, limits, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accountability.models import Deadline, Employee, Unit

Json = dict[str, Any]


def instant(at: datetime | date | None) -> str | None:
    return at.isoformat() if at else None


def person(known: Employee | None) -> Json | None:
    return {"username": known.username, "name": str(known)} if known else None


def unit(known: Unit | None) -> Json | None:
    return {"code": known.code, "name": str(known)} if known else None


def choice(name: str, label: Any) -> Json:
    return {"name": str(name), "label": str(label)}


def clock(found: Deadline) -> Json:
    """A limit in short, as a line of a list shows it."""
    return {
        "name": found.name, "kind": found.kind, "due_at": instant(found.due_at), "status": str(found.status),
        "is_suspended": found.suspended_at is not None,
    }  # fmt: skip


def deadline(found: Deadline) -> Json:
    return {
        "name": found.name,
        "kind": found.kind,
        "label": str(found.get_kind_display()),
        "round": found.part or None,
        "unit": unit(found.unit),
        "person": person(found.person),
        "limit": found.limit_text,
        "started_at": instant(found.started_at),
        "due_at": instant(found.due_at),
        "status": str(found.status),
        "met_at": instant(found.met_at),
        "missed_at": instant(found.missed_at),
        "is_suspended": found.suspended_at is not None,
        "is_excused": found.excused_at is not None,
    }


def entry(told: Mapping[str, Any], kind: str) -> Json:
    """An entry of a timeline; `kind` is the part of the timeline that it belongs to."""
    return {
        "at": instant(told["at"]),
        "kind": kind,
        "title": str(told["title"]),
        "by": str(told["actor"] or ""),
        "unit": unit(told["unit"]),
        "text": str(told["text"]),
        "is_late": bool(told["late"]),
    }
