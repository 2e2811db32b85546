"""The label, icon and tone of each state of complaints, rounds, mass events and customers' requests."""

from __future__ import annotations

from accountability.declarations.looks import LOOKS

LOOKS.put("complaint", {
    "new": ("neutral", "plus"),
    "forwarded": ("warn", "inbox"),
    "registered": ("info", "ring"),
    "handling": ("brand", "half"),
    "dispatched": ("brand", "right"),
    "completed": ("ok", "square"),
    "replied": ("ok", "chat"),
    "archived": ("neutral", "square-full"),
})  # fmt: skip
LOOKS.put("round", {
    "delivered": ("info", "ring"),
    "reported": ("warn", "up"),
    "handed_off": ("brand", "right"),
    "accepted": ("brand", "half"),
    "return_requested": ("back", "diamond-open"),
    "returned": ("back", "back"),
    "answered": ("ok", "square"),
    "closed": ("neutral", "square-full"),
    "cancelled": ("neutral", "cross"),
})  # fmt: skip
LOOKS.put("flag", {
    "vip": ("back", "star"),
    "escalated": ("danger", "up"),
    "repeat": ("warn", "repeat"),
    "cross_province": ("info", "globe"),
    "other_operator": ("info", "network"),
    "third_party": ("neutral", "unit"),
    "major": ("danger", "alert"),
})  # fmt: skip
LOOKS.put("mass", {
    "warned": ("warn", "alert"),
    "confirmed": ("danger", "half"),
    "dismissed": ("neutral", "cross"),
    "closed": ("neutral", "square-full"),
})  # fmt: skip
LOOKS.put("level", {"3": ("warn", "diamond-open"), "2": ("danger", "diamond"), "1": ("danger", "triangle")})
LOOKS.put("rights", {
    "open": ("brand", "half"),
    "proposed": ("warn", "flag"),
    "approved": ("info", "check"),
    "fulfilled": ("ok", "square-full"),
    "refused": ("neutral", "cross"),
})  # fmt: skip
LOOKS.put("verdict", {
    "kept": ("ok", "check"),
    "broken": ("danger", "cross"),
    "open": ("brand", "half"),
    "not_applicable": ("neutral", "ring"),
})  # fmt: skip
