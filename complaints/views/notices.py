"""The 投诉处理通知单 of a selection at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accountability.views.papers import LOOK_AGAIN
from accountability.web.request import Request
from complaints.documents.batch import notices_of, order
from complaints.lists.bulk import MOST, selection_of


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: Request) -> HttpResponse:
    """The notices of the complaints chosen in a list, and the state of their files. POST orders the files."""
    asked = request.POST if request.method == "POST" else request.GET
    chosen = selection_of(asked, request.actor, request.at)
    if chosen.total == 0:
        messages.warning(request, _("请先在清单中选择投诉。"))
        return redirect("complaints")
    found = [] if chosen.is_too_large else notices_of(chosen, request.actor)
    if request.method == "POST" and not chosen.is_too_large:
        order(found, by=request.user, at=request.at)
        picks = urlencode({"pick": [notice.number for notice in found]}, doseq=True)
        return redirect(f"{reverse('notices')}?{picks}")
    states = {file.state for notice in found for file in notice.files}
    context: dict[str, Any] = {
        "notices": found, "most": MOST, "is_too_large": chosen.is_too_large,
        "is_being_made": "waiting" in states, "may_order": bool(states & {"none", "failed"}),
    }  # fmt: skip
    response = render(request, "complaints/documents/notices.html", context, status=422 if chosen.is_too_large else 200)
    if context["is_being_made"]:
        response["Refresh"] = LOOK_AGAIN
    return response
