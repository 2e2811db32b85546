"""What was done to a complaint, on its page: everything, or one kind (`?show=limits`)."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.web.request import Request
from complaints.dossier.dossier import Story
from complaints.dossier.timeline import KINDS, timeline


def course(request: Request, story: Story) -> dict[str, Any]:
    """The entries shown, and the kinds to choose from; no choice if there is only one kind."""
    entries = timeline(story)
    counted = Counter(entry["kind"] for entry in entries)
    asked = request.GET.get("show", "")
    shown = asked if counted[asked] else ""
    offered = {"": _("全部")} | {kind: label for kind, label in KINDS.items() if counted[kind]}
    counted[""] = len(entries)
    chips = [
        {"name": kind or "all", "label": label, "count": counted[kind], "current": kind == shown}
        | _addresses(request, str(story.complaint.matter.number), kind)
        for kind, label in offered.items()
    ]
    return {
        "entries": [entry for entry in entries if shown in ("", entry["kind"])],
        "kinds": chips if len(chips) > 2 else [],
    }


def _addresses(request: Request, number: str, kind: str) -> dict[str, str]:
    """`url` leads back to the complaint, on its own page or next to the list; `part` is fetched by a script."""
    own = reverse("complaint", args=[number])
    beside = request.path == reverse("complaints")
    asked = request.GET.copy() if beside else QueryDict(mutable=True)
    asked.pop("show", None)
    if kind:
        asked["show"] = kind
    place = request.path if beside else own
    return {"part": f"{own}?{urlencode({'show': kind})}", "url": f"{place}?{asked.urlencode()}#course"}
