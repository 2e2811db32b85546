"""The papers of a round."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.web import Request
from complaints.models import Priority
from complaints.papers import paper_of
from complaints.story import Story, story_of
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
        "flags": _flags(story), "yes_or_no": f"{_('是')},{_('否')}",
    }  # fmt: skip
    return render(request, "complaints/notice.html", context)


def _flags(story: Story) -> list[str]:
    """升级, 重复, 跨省 and so on, as the form lists them."""
    repeated = [_("重复")] if story.complaint.repeat_of_id else []
    return [str(label) for _name, label in story.flags] + repeated
