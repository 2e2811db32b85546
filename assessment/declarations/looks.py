"""How the states of cases, circulars, plans, bulletins, rankings and exports look."""

from __future__ import annotations

from accountability.declarations.looks import LOOKS

LOOKS.put("case", {
    "sheet_issued": ("info", "inbox"),
    "opened": ("info", "ring"),
    "fault_opened": ("warn", "flag"),
    "opinion_filed": ("info", "chat"),
    "declined": ("neutral", "cross"),
    "notified": ("warn", "bell"),
    "admitted": ("danger", "half"),
    "disputed": ("back", "diamond-open"),
    "deemed_violation": ("danger", "clock-late"),
    "violation": ("danger", "triangle"),
    "no_violation": ("ok", "check"),
    "closed": ("neutral", "square-full"),
    "annulled": ("neutral", "back"),
})  # fmt: skip
LOOKS.put("circular", {"draft": ("neutral", "edit"), "issued": ("warn", "paper"), "withdrawn": ("neutral", "cross")})
LOOKS.put("conclusion", {"admitted": ("warn", "half"), "disputed": ("back", "diamond-open")})
LOOKS.put("finding", {"violated": ("danger", "triangle"), "not_violated": ("ok", "check")})
LOOKS.put("plan", {
    "open": ("brand", "half"),
    "reported": ("info", "square"),
    "closed": ("ok", "square-full"),
    "cancelled": ("neutral", "cross"),
})  # fmt: skip
LOOKS.put("bulletin", {
    "drafted": ("brand", "edit"),
    "sent": ("ok", "paper"),
    "withdrawn": ("neutral", "cross"),
})  # fmt: skip
LOOKS.put("ranking", {
    "drafted": ("info", "edit"),
    "confirmed": ("ok", "square-full"),
    "withdrawn": ("neutral", "cross"),
})  # fmt: skip
LOOKS.put("export", {
    "requested": ("warn", "ring"),
    "approved": ("info", "half"),
    "failed": ("danger", "alert"),
    "made": ("ok", "square"),
    "expired": ("neutral", "clock"),
    "declined": ("neutral", "cross"),
    "withdrawn": ("neutral", "back"),
})  # fmt: skip
