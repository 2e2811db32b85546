"""Declares how states, priorities and flags look: a tone (colour) and a shape for each value.

A value that isn't declared is drawn in neutral, with an open ring.
"""

from __future__ import annotations

from collections.abc import Mapping

from accountability.declarations.registry import Registry

PLAIN = ("neutral", "ring")

LOOKS: Registry[Mapping[str, tuple[str, str]]] = Registry("kind of badge")

LOOKS.put("guarded_change", {
    "waiting": ("warn", "ring"), "approved": ("ok", "check"), "refused": ("danger", "cross"),
    "withdrawn": ("neutral", "back"), "expired": ("neutral", "clock"),
})  # fmt: skip
LOOKS.put("hold", {
    "held": ("danger", "ring"), "proposed": ("warn", "diamond"), "releasing": ("brand", "clock"),
    "released": ("neutral", "check"),
})  # fmt: skip
LOOKS.put("priority", {"P1": ("solid", "triangle"), "P2": ("warn", "diamond"), "P3": ("neutral", "ring")})
