"""One complaint: its page, its verbs, the customer's number, and why a deadline is due when it is."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accountability.forms import VerbForm
from accountability.models import AccessLog, Deadline
from accountability.permissions import Actor
from accountability.verbs import VERBS, Verb, available
from accountability.web import STATUS_OF, Request, run
from complaints.clocks import binding, nearest, reckon
from complaints.models import Complaint, State
from complaints.papers import paper_of
from complaints.progress import stations, steps
from complaints.story import Story, fetch, reply_duty, story_of
from complaints.suggestion import suggest
from complaints.timeline import timeline

GRAVE = frozenset({"archive_unsatisfied"})
DECIDES = "dispatch"
DECIDE = gettext_lazy("决定再次派单或未满意归档")


def known_complaint(request: Request, number: str) -> Complaint:
    """The complaint of this number, if the reader may know of it; else 404, as for one that doesn't exist."""
    try:
        return fetch(request.actor, matter__number=number)
    except Complaint.DoesNotExist:
        raise Http404 from None


@require_safe
def page(request: Request, number: str) -> HttpResponse:
    """Everything this person may know of the complaint, and what they may do to it now."""
    return render(request, "complaints/complaint.html", _page_context(request, known_complaint(request, number)))


def _page_context(request: Request, complaint: Complaint) -> dict[str, Any]:
    actor, at = request.actor, request.at
    story = story_of(complaint, actor)
    return {
        "story": story,
        "complaint": complaint,
        "customer": story.customer,
        "may_reveal": may_reveal(complaint, actor),
        "holder": _holder(story),
        "first_clocks": nearest(story.deadlines),
        "steps": steps(story, at),
        "stations": stations(story, at),
        "forms": _forms(complaint, actor),
        "registers": _may_register(complaint, actor),
        "papers": [paper_of(story, found) for found in reversed(story.rounds)],
        "entries": timeline(story),
        "duty": reply_duty(complaint) if complaint.registered_at else None,
    }


def _holder(story: Story) -> dict[str, Any]:
    """Who must act now, what, since and until when; only the state where that is not this person's to know."""
    complaint, matter = story.complaint, story.complaint.matter
    if not story.knows_present or not complaint.awaits:
        return {"closed": complaint.get_state_display()}
    limit = binding(story.deadlines, complaint.awaits)
    return {
        "holder": matter.holder,
        "unit": matter.holder_unit,
        "duty": _awaited_label(complaint.awaits),
        "since": matter.waiting_since,
        "until": limit.due_at if limit else matter.alarm_at,
    }


def _awaited_label(awaits: str) -> Any:
    entry = VERBS.get((Complaint.matter_kind, awaits))
    return entry.label if entry else DECIDE


def _forms(complaint: Complaint, actor: Actor) -> list[VerbForm]:
    """A form for each verb this person may run now, the awaited one first."""
    doable = [entry for entry in available(complaint, actor) if not entry.creates]
    awaited = complaint.awaits if complaint.awaits != "decide" else DECIDES
    doable.sort(key=lambda entry: (entry.name != awaited, entry.name in GRAVE))
    return [_form(entry, complaint, actor, is_awaited=entry.name == awaited) for entry in doable]


def _may_register(complaint: Complaint, actor: Actor) -> bool:
    """Registering a forwarded complaint has a page of its own, with the number's history beside it."""
    return complaint.state == State.FORWARDED and actor.is_agent


def _form(
    entry: Verb, complaint: Complaint, actor: Actor, data: Any = None, *, is_awaited: bool = False
) -> VerbForm:  # fmt: skip
    form = VerbForm(entry, complaint, actor, data=data, initial=_initial(entry, complaint))
    form.is_awaited, form.is_grave = is_awaited, entry.name in GRAVE
    if entry.name == "chase":
        form.fields["round"].widget = form.fields["round"].hidden_widget()
    return form


def _initial(entry: Verb, complaint: Complaint) -> dict[str, Any]:
    """What the form knows already: the round to chase; the unit that a returned round or the catalogue suggests."""
    latest = complaint.latest_round
    if entry.name == "chase" and latest is not None:
        return {"round": latest.number}
    if entry.name == "dispatch" and latest is not None and latest.suggested_unit:
        return {"unit": latest.suggested_unit.code}
    if entry.name == "dispatch":
        return {"unit": suggest(complaint.category, complaint.region).code}
    return {}


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, number: str, verb: str) -> HttpResponse:
    """One verb: its form, or what became of it. What is no verb here, or begins a complaint, is not found."""
    complaint = known_complaint(request, number)
    entry = VERBS.get((Complaint.matter_kind, verb))
    if entry is None or entry.creates:
        raise Http404
    if request.method == "POST":
        return _run(request, complaint, entry)
    return _show(request, complaint, entry)


def _show(request: Request, complaint: Complaint, entry: Verb) -> HttpResponse:
    """The form by itself; where the verb can't be run now, the reason and the state instead."""
    actor = request.actor
    if not entry.permits(complaint, actor):
        return _answer(request, complaint, None, 403, _("您没有“%(verb)s”的权限。") % {"verb": entry.label}, entry)
    if not entry.fits_state(complaint):
        return _answer(request, complaint, None, 409, _("当前状态不能“%(verb)s”。") % {"verb": entry.label}, entry)
    return _answer(request, complaint, _form(entry, complaint, actor, is_awaited=True), 200, "", entry)


def _run(request: Request, complaint: Complaint, entry: Verb) -> HttpResponse:
    actor = request.actor
    form = _form(entry, complaint, actor, data=request.POST, is_awaited=True)
    if run(request, form):
        messages.success(request, _("“%(verb)s”已完成。") % {"verb": entry.label})
        target = reverse("complaint", args=[complaint.matter.number])
        return HttpResponseClientRedirect(target) if request.htmx else redirect(target)
    return _refused(request, complaint, entry, form)


def _refused(request: Request, complaint: Complaint, entry: Verb, form: VerbForm) -> HttpResponse:
    """The form again with everything typed, beside the state as it now is; a second try starts from that state."""
    assert form.refusal is not None
    code = form.refusal.code
    if code == "forbidden" and request.htmx:
        messages.error(request, str(form.refusal))
        response: HttpResponse = HttpResponseClientRefresh()
        response.status_code = 403
        return response
    present = known_complaint(request, str(complaint.matter.number))
    form.renew(present.position, fresh_key=code == "stale")
    return _answer(request, present, form, STATUS_OF.get(code, 422), "", entry)


def _answer(
    request: Request, complaint: Complaint, form: VerbForm | None, status: int, sentence: str, entry: Verb
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    story = story_of(complaint, actor)
    context = {
        "complaint": complaint,
        "story": story,
        "verb": entry,
        "form": form,
        "sentence": sentence,
        "holder": _holder(story),
        "state": complaint.describe_state() if story.knows_present else complaint.get_state_display(),
        "can_run": entry.fits_state(complaint) and entry.permits(complaint, actor),
        "refused": status in (403, 409),
    }
    partial = request.htmx and request.method == "POST"
    return render(request, "complaints/parts/act.html" if partial else "complaints/act.html", context, status=status)


def may_reveal(complaint: Complaint, actor: Actor) -> bool:
    """Whoever holds the open complaint needs the number to call; the centre's agents and supervisors always."""
    holds = complaint.matter.holder_id == actor.pk and complaint.state != State.ARCHIVED
    return actor.is_agent or holds


@never_cache
@require_POST
def reveal(request: Request, number: str) -> HttpResponse:
    """The customer's name and number, once, and a row in the access log of who asked and whether they got it."""
    complaint = known_complaint(request, number)
    allowed = may_reveal(complaint, request.actor)
    AccessLog.objects.create(
        at=request.at, actor=request.user, action="reveal", matter_id=complaint.matter_id,
        result="ok" if allowed else "refused", address=get_client_ip_address(request) or None,
    )  # fmt: skip
    if not allowed:
        context = {"complaint": complaint, "sentence": _("只有当前责任人和客服中心人员可以查看客户号码。")}
        return render(request, "complaints/refused.html", context, status=403)
    context = _page_context(request, complaint) | {"revealed": True}
    template = "complaints/parts/customer.html" if request.htmx else "complaints/complaint.html"
    return render(request, template, context)


@require_safe
def deadline(request: Request, number: str, pk: int) -> HttpResponse:
    """Why this deadline is due just then: start, clause, days counted and skipped, versions of calendar and limits."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    found: Deadline | None = next((one for one in story.deadlines if one.pk == pk), None)
    if found is None:
        raise Http404
    return render(
        request, "complaints/deadline.html", {"complaint": complaint, "why": reckon(found), "deadline": found}
    )
