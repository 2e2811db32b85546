"""The small standing cast: who is on stage where a file brings no organisation of its own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from config.demo.organisation import STANDING_CAST, demo_units

UNITS = ("KF", "SC", "WH", "YC", "WL", "ZD")


def standing_cast() -> dict[str, Any]:
    """The people of the scenario contract, written as a file's `organisation` is."""
    units = {unit.code: unit for unit in demo_units()}
    return {
        "units": [{key: getattr(units[code], key) for key in ("code", "name", "kind", "head")} for code in UNITS],
        "employees": [asdict(row) for row in STANDING_CAST],
    }
