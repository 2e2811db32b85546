"""The papers of a round."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.documents.reading import papers_of
from accountability.web.request import Request
from complaints.documents import NOTICE, URGING
from complaints.dossier.dossier import Story, story_of
from complaints.dossier.round_card import paper_of
from complaints.models import Priority
from complaints.views.complaint import known_complaint


@require_safe
def notice(request: Request, number: str, round_number: int) -> HttpResponse:
    """The round's 投诉处理通知单 with its return slip (R18), for those who may see the round."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    found = next((one for one in story.rounds if one.number == round_number), None)
    if found is None:
        raise Http404
    context = {
        "complaint": complaint, "customer": story.customer, "round": found, "paper": paper_of(story, found),
        "priority": Priority(found.priority).label,
        "story": story, "kept": papers_of([complaint.pk], request.actor, NOTICE, found.number),
        "flags": _flags(story), "yes_or_no": f"{_('是')},{_('否')}",
    }  # fmt: skip
    return render(request, "complaints/documents/notice.html", context)


@require_safe
def urging(request: Request, number: str, pk: int) -> HttpResponse:
    """The 催办通知书 of a missed limit, for those who may see its round (R13). It never names the customer."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    papers = [paper_of(story, found) for found in story.rounds]
    found = next(((paper, one) for paper in papers for one in paper.urgings if one.deadline.pk == pk), None)
    if found is None:
        raise Http404
    kept = papers_of([complaint.pk], request.actor, URGING, pk)
    context = {"complaint": complaint, "round": found[0].round, "paper": found[0], "urging": found[1], "kept": kept}
    return render(request, "complaints/documents/urging.html", context)


def _flags(story: Story) -> list[str]:
    """升级, 重复, 跨省 and so on, as the form lists them."""
    repeated = [_("重复")] if story.complaint.repeat_of_id else []
    return [str(label) for _name, label in story.flags] + repeated
