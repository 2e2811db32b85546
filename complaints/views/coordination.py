"""The page of a coordination's minutes."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.documents import html
from accountability.documents.reading import papers_of
from accountability.models import Paper
from accountability.permissions import Actor
from accountability.web.request import Request
from complaints.documents import MINUTES, URGING
from complaints.documents import minutes as papers
from complaints.dossier.dossier import story_of
from complaints.dossier.minutes import Minutes, minutes_of
from complaints.models import Complaint
from complaints.views.complaint import known_complaint


@require_safe
def minutes(request: Request, number: str, place: int) -> HttpResponse:
    """The 协调纪要 of the complaint's coordination of this number (R30). An invited unit sees its own line only."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    found = next((one for one in minutes_of(story) if one.place == place), None)
    if found is None:
        raise Http404
    parts, own = [share.part for share in found.shares], None if found.is_whole else request.actor.units
    context = {
        "title": _("协调纪要"), "number": f"{number}-{place}", "complaint": complaint, "state": found.stage.label,
        "kept": _kept(found, complaint, request.actor),
        "shown": html.fragment(papers.as_it_is(complaint, parts, request.at, own=own)),
    }  # fmt: skip
    return render(request, "complaints/documents/paper_page.html", context)


def _kept(minutes: Minutes, complaint: Complaint, actor: Actor) -> list[Paper]:
    """The concluded minutes, if the reader may read them whole, and the urgings about its tasks."""
    about = {(MINUTES, minutes.table.pk)} | {(URGING, s.deadline.pk) for s in minutes.shares if s.deadline is not None}
    papers = papers_of([complaint.pk], actor, (MINUTES, URGING))
    return [paper for paper in papers if (paper.kind, paper.part) in about]
