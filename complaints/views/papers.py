"""The papers of a round."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.documents import html
from accountability.documents.reading import papers_of, shown
from accountability.web.request import Request
from complaints.documents import NOTICE, URGING, notices
from complaints.dossier.dossier import story_of
from complaints.views.complaint import known_complaint


@require_safe
def notice(request: Request, number: str, round_number: int) -> HttpResponse:
    """The round's 投诉处理通知单 with its return slip (R18), for those who may see the round."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    found = next((one for one in story.rounds if one.number == round_number), None)
    if found is None:
        raise Http404
    kept = papers_of([complaint.pk], request.actor, NOTICE, found.number)
    context = {
        "title": _("投诉处理通知单"), "number": found.notice_number, "complaint": complaint, "kept": kept,
        "shown": html.fragment(notices.as_it_is(found, request.at)),
    }  # fmt: skip
    return render(request, "complaints/documents/paper_page.html", context)


@require_safe
def urging(request: Request, number: str, pk: int) -> HttpResponse:
    """The 催办通知书 of a missed limit, for those who may see its round (R13). It never names the customer."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    deadline = next((one for one in story.deadlines if one.pk == pk and story.knows_round(one.part)), None)
    kept = papers_of([complaint.pk], request.actor, URGING, pk) if deadline else []
    if not kept:
        raise Http404
    context = {
        "title": _("催办通知书"), "number": kept[0].number, "complaint": complaint, "kept": kept,
        "shown": shown(kept[0]),
    }  # fmt: skip
    return render(request, "complaints/documents/paper_page.html", context)
