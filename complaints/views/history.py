"""What was done to a complaint, on its page: everything, or one kind (`?show=limits`); of a long course the newest."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.web.request import Request
from complaints.dossier.dossier import Story
from complaints.dossier.timeline import KINDS, in_order, kind_of, timeline

ASKED = ("show", "older")
"""What an address says of the course."""

NEWEST, FEW_MORE = 30, 10
"""Of a long course the page shows so many entries, unless only a few more would be left out."""


def course(request: Request, story: Story) -> dict[str, Any]:
    """The entries shown, the kinds to choose from (no choice if there is only one), and the way to the older ones."""
    entries = in_order(story)
    counted = Counter(map(kind_of, entries))
    asked = request.GET.get("show", "")
    shown = asked if counted[asked] else ""
    offered = {"": _("全部")} | {kind: label for kind, label in KINDS.items() if counted[kind]}
    counted[""] = len(entries)
    chips = [
        {"name": kind or "all", "label": label, "count": counted[kind], "current": kind == shown}
        | _addresses(request, story, {"show": kind})
        for kind, label in offered.items()
    ]
    wanted = [entry for entry in entries if shown in ("", kind_of(entry))]
    older = _older(request, story, shown, len(wanted))
    return {
        "entries": timeline(story, wanted[:NEWEST] if older and not older["are_shown"] else wanted),
        "kinds": chips if len(chips) > 2 else [],
        "older": older,
    }


def _older(request: Request, story: Story, kind: str, entries: int) -> dict[str, Any] | None:
    """What leads to the older entries, and back from them; None of a short course."""
    if entries <= NEWEST + FEW_MORE:
        return None
    are_shown = "older" in request.GET
    label = _("只显示最新的 %(count)s 条") if are_shown else _("更早的 %(count)s 条")
    count = NEWEST if are_shown else entries - NEWEST
    asked = {"show": kind} if are_shown else {"show": kind, "older": "on"}
    return {"label": label % {"count": count}, "are_shown": are_shown} | _addresses(request, story, asked)


def _addresses(request: Request, story: Story, asked: dict[str, str]) -> dict[str, str]:
    """`url` leads back to the complaint, on its own page or next to the list; `part` is fetched by a script. Both say
    `show`, also without a kind: the page opens the course of an address that does.
    """
    own = reverse("complaint", args=[story.complaint.matter.number])
    beside = request.path == reverse("complaints")
    kept = request.GET.copy() if beside else QueryDict(mutable=True)
    for name in ASKED:
        kept.pop(name, None)
    kept.update(asked)
    place = request.path if beside else own
    return {"part": f"{own}?{urlencode(asked)}", "url": f"{place}?{kept.urlencode()}#course"}
