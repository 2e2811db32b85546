"""The presence signal of a page that shows a complaint; the response says who else is there."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accountability.web.request import Request
from complaints.dossier.presence import TYPING, note, onlookers
from complaints.views.complaint import known_complaint


@never_cache
@require_POST
def beat(request: Request, number: str) -> HttpResponse:
    """`verb` is the verb whose form was typed in `ago` seconds ago; an invalid value counts as no typing."""
    complaint = known_complaint(request, number)
    note(complaint, request.actor, verb=request.POST.get("verb", ""), ago=_span(request.POST.get("ago", "")))
    context = {"onlookers": onlookers(complaint, request.actor)}
    return render(request, "complaints/dossier/parts/onlooker_list.html", context)


def _span(typed: str) -> timedelta:
    return timedelta(seconds=int(typed)) if typed.isdecimal() and len(typed) < 3 else TYPING
