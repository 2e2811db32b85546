"""Show the customer's name, number and words once, and record in the access log who looked and why."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accountability.audit import access_log
from accountability.privacy.reasons import ReasonForm
from accountability.privacy.revealing import BY_REASON, ONE_CLICK, TooMany, look
from accountability.security.client_ip import client_ip
from accountability.web.request import Request
from complaints.dossier.customer import customer_of
from complaints.dossier.reveal import reveals_at_once, reveals_by_reason
from complaints.models import Complaint
from complaints.views.complaint import known_complaint, page_context


@never_cache
@require_POST
def reveal(request: Request, number: str) -> HttpResponse:
    """At once for those who may see it with one click; otherwise through the form for a reason."""
    complaint = known_complaint(request, number)
    if reveals_at_once(complaint, request.actor):
        look(request.user, ONE_CLICK, **_noted(request, complaint))
        return _shown(request, complaint)
    if not reveals_by_reason(complaint, request.actor):
        return _refused(request, complaint, _("只有正在办理的人可以查看客户号码。"))
    if not request.actor.looks_beyond_own_work:
        return _refused(request, complaint, _("凭理由查看客户号码，须先通过二次验证。"))
    return _by_reason(request, complaint)


@never_cache
@require_safe
def recording(request: Request, number: str) -> HttpResponse:
    """Lead to the recording of the call, for who reads every complaint. Its address may name the customer's number, so
    no page shows it, and each time is in the access log.
    """
    complaint = known_complaint(request, number)
    address = customer_of(complaint).heard_at
    if not request.actor.reads_every_complaint or not address:
        raise Http404
    access_log.note(request, "recording", matter_id=complaint.matter_id)
    return redirect(address)


def _by_reason(request: Request, complaint: Complaint) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _card(request, complaint, {"reason_form": form}, 422)
    detail = form.noted(customer_of(complaint).mask)
    try:
        look(request.user, BY_REASON, detail=detail, **_noted(request, complaint))
    except TooMany as stopped:
        return _told(request, complaint, str(stopped), 429)
    return _shown(request, complaint)


def _noted(request: Request, complaint: Complaint) -> dict[str, Any]:
    return {"matter_id": complaint.matter_id, "at": request.at, "address": client_ip(request)}


def _shown(request: Request, complaint: Complaint) -> HttpResponse:
    return _card(request, complaint, {"revealed": True}, 200)


def _card(request: Request, complaint: Complaint, more: dict[str, Any], status: int) -> HttpResponse:
    template = "complaints/dossier/parts/customer.html" if request.htmx else "complaints/dossier/complaint.html"
    return render(request, template, page_context(request, complaint) | more, status=status)


def _refused(request: Request, complaint: Complaint, sentence: str) -> HttpResponse:
    access_log.note(request, ONE_CLICK, result="refused", matter_id=complaint.matter_id)
    return _told(request, complaint, sentence, 403)


def _told(request: Request, complaint: Complaint, sentence: str, status: int) -> HttpResponse:
    context = {"complaint": complaint, "sentence": sentence, "is_later": status == 429}
    return render(request, "complaints/dossier/refused.html", context, status=status)
