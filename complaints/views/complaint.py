"""One complaint: its page, its verbs, and why a deadline is due when it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accountability.deadlines.limits import show_instant
from accountability.gate.fields import Offered
from accountability.gate.perform import Outcome
from accountability.gate.verbs import VERBS, Verb
from accountability.models import Deadline
from accountability.permissions import Actor
from accountability.privacy.reasons import ReasonForm
from accountability.web.desk import CARDS, contributed
from accountability.web.request import Request, page_in_sight
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import MatterPage, Told
from complaints.actions.attempts import attempts_among, suffice
from complaints.conformance.clauses import Evidence, broken, findings
from complaints.dossier.customer import texts_of
from complaints.dossier.deadlines import binding, leading, reckon
from complaints.dossier.dossier import Present, Story, present_of, reply_duty, story_of
from complaints.dossier.facts import facts
from complaints.dossier.minutes import minutes_of
from complaints.dossier.numbers import numbers_of
from complaints.dossier.presence import onlookers
from complaints.dossier.progress import stations, steps
from complaints.dossier.reveal import reveals_at_once, reveals_by_reason
from complaints.dossier.round_card import paper_of, said_in
from complaints.fields.widgets import PeopleButtons
from complaints.forms.answer_templates import offer_presets
from complaints.forms.defaults import explain, initial_of, shown_to_approve
from complaints.lists.hands import FEW, Hands
from complaints.models import Complaint, HandoffMethod, MassEvent, State
from complaints.models.conditions import material_asked
from complaints.views.history import ASKED, course
from complaints.views.next_in_list import next_in_list
from complaints.views.outside import handed_over
from complaints.views.verb_groups import TALKS, asides, doable, is_awaited, is_straight, steps_at_the_table

KNOWN_ALREADY = {
    "chase": ("round",), "extend": ("round",), "confirm_task": ("unit",), "finish_task": ("unit",),
}  # fmt: skip
"""Fields that the page fills in itself."""

OF_EXCUSES = ("propose_excuse", "confirm_excuse", "reject_excuse")
DECIDE = gettext_lazy("决定再次派单或未满意归档")


def page_context(request: Request, complaint: Complaint) -> dict[str, Any]:
    """What the page shows of the complaint to this reader."""
    actor, at = request.actor, request.at
    story = story_of(complaint, actor)
    verbs = doable(complaint, actor)
    tables = minutes_of(story)[::-1]
    return {
        "story": story,
        "complaint": complaint,
        "customer": story.customer,
        "reveals_at_once": reveals_at_once(complaint, actor),
        "reason_form": ReasonForm() if reveals_by_reason(complaint, actor) else None,
        "holder": _holder(story),
        "first_clocks": leading(story.deadlines, complaint.awaits),
        "steps": steps(story, at),
        **_hands(story, at),
        "forms": _forms(story, verbs, _list_asked(request)),
        "next": next_in_list(request, _list_asked(request), complaint) if _list_asked(request) else [],
        "grant": _grant(verbs, story),
        "asides": asides(verbs, complaint),
        "registers": _may_register(complaint, actor),
        "outside": handed_over(story),
        "tables": tables,
        "table_steps": steps_at_the_table(verbs, tables[0].stage) if tables else [],
        "papers": [paper_of(story, found) for found in reversed(story.rounds)],
        **course(request, story),
        "talks": _talks(complaint, verbs),
        "call_back": _call_back(story),
        "reply_duty": _reply_duty(story),
        "duty": reply_duty(complaint) if complaint.registered_at and not complaint.is_history else None,
        "mass_events": _mass_events(story),
        "attempts": _attempts(story),
        "cards": contributed(CARDS, story, at),
        "numbers": numbers_of(story),
        "onlookers": onlookers(complaint, actor) if story.rare.onlookers else [],
        "matter": complaint.matter,
        "shows": not set(ASKED).isdisjoint(request.GET),
        **facts(story),
    }


def _talks(complaint: Complaint, verbs: list[Verb]) -> list[dict[str, Any]]:
    """What this person may say about the complaint now, as links to the forms."""
    number = complaint.matter.number
    return [
        {"label": entry.label, "icon": entry.icon, "url": reverse("act", args=[number, entry.name])}
        for entry in verbs
        if entry.group == TALKS
    ]


def _call_back(story: Story) -> dict[str, Any] | None:
    """The call promised to the customer, for those who know the present holder, and for the person who is to call."""
    complaint = story.complaint
    if complaint.call_back_on is None or not (story.knows_present or complaint.call_back_by_id == story.actor.pk):
        return None
    return {"day": complaint.call_back_on, "person": complaint.call_back_by}


def _reply_duty(story: Story) -> dict[str, Any] | None:
    """What the person who must reply needs, and what the unit was asked for (R34–R36). None unless a reply is due."""
    complaint = story.complaint
    if complaint.state != State.COMPLETED:
        return None
    materials = [said_in(story, entry) for entry in story.materials]
    if not (story.knows_all or story.must_reply or materials):
        return None
    return {"materials": materials, "waits": material_asked(complaint)}


def _hands(story: Story, at: datetime) -> dict[str, Any]:
    """The holders of the complaint, how often it was returned, and how often a unit got it again."""
    hands = stations(story, at)
    counted = {"returns": sum(one.is_return for one in hands), "again": sum(one.is_bounce for one in hands)}
    return {"stations": hands, "turned_back": counted if any(counted.values()) else None}


def _mass_events(story: Story) -> Iterable[MassEvent]:
    """The mass events that the complaint belongs to. Most belong to none, and nothing is asked."""
    if not story.rare.events:
        return ()
    return MassEvent.objects.of(story.complaint.pk).visible_to(story.actor).select_related("matter", "head")


def _attempts(story: Story) -> dict[str, Any] | None:
    """The failed attempts to reach the customer since the last contact, while they matter."""
    waits = story.complaint.awaits in ("reply", "record_satisfaction")
    made = attempts_among(story.entries) if waits and story.knows_all else []
    return {"made": made, "suffice": suffice(made)} if made else None


def _holder(story: Present) -> dict[str, Any]:
    """Who must act now, what, since and until when. Only the state if this person may not know it."""
    complaint, matter = story.complaint, story.complaint.matter
    if not story.knows_present or not complaint.awaits:
        return {"closed": complaint.get_state_display(), "goes_on": complaint.state != State.ARCHIVED}
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


def _forms(story: Story, verbs: list[Verb], of_list: str) -> list[VerbForm]:
    """The forms of the normal flow, the awaited one open, and those waiting for an invited unit."""
    straight = [entry for entry in verbs if is_straight(entry, story.complaint)]
    forms = [_form(entry, story, is_awaited=is_awaited(entry, story.complaint)) for entry in straight]
    for form in forms:
        form.begin_in(of_list)
    return forms


def _grant(verbs: list[Verb], story: Story) -> VerbForm | None:
    """The extension as the unit asked for it, to be granted with one click."""
    current, offered = story.complaint.round, next((entry for entry in verbs if entry.name == "extend"), None)
    if current is None or offered is None or not current.asks_for_time or current.extension_until is None:
        return None
    grant = VerbForm(offered, story.complaint, story.actor, initial=initial_of(offered, story))
    grant.initial["until"] = show_instant(current.extension_until)
    grant.auto_id = "id_grant_%s"
    for field in grant.fields.values():
        field.widget = field.hidden_widget()
    return grant


def _may_register(complaint: Complaint, actor: Actor) -> bool:
    """Registering a forwarded complaint has its own page, with the history of the number."""
    return complaint.state == State.FORWARDED and actor.is_agent


def _form(entry: Verb, story: Story, *, is_awaited: bool = False) -> VerbForm:
    form = VerbForm(entry, story.complaint, story.actor)
    fit_out(form, story, is_awaited=is_awaited)
    return form


def fit_out(form: VerbForm, story: Story, *, is_awaited: bool) -> None:
    """Complete the form for the page: known values are filled in, and what it approves is shown above it."""
    entry = form.verb
    form.initial.update(initial_of(entry, story))
    if entry.name in OF_EXCUSES:
        names = form.choices_of("deadlines")
        form.initial["deadlines"] = names if len(names) == 1 or entry.name != "propose_excuse" else []
    if "leads" in form.fields:
        names = form.choices_of("leads")
        form.initial["leads"] = names if len(names) == 1 else []
    if entry.name == "hand_off":
        hands = Hands([story.complaint], story.actor).of(story.complaint)
        if 0 < len(hands) <= FEW:
            form.fields["to"].widget = PeopleButtons(hands, required=True)
        form.initial.setdefault("method", HandoffMethod.SYSTEM)
    explain(form)
    form.shows = shown_to_approve(entry.name, story)
    form.is_awaited, form.is_grave = is_awaited, entry.grave
    for name in KNOWN_ALREADY.get(entry.name, ()):
        form.fields[name].widget = form.fields[name].hidden_widget()
    offer_presets(form, story)


def _list_asked(request: Request) -> str:
    """The list from which the complaint was opened, as the address says it."""
    return request.GET.urlencode() if "list" in request.GET else ""


def _list_beside(request: Request) -> str | None:
    """The address of the list if the complaint is shown next to one, so that the reader continues there."""
    address = page_in_sight(request)
    return address if address and address.startswith(f"{reverse('complaints')}?") else None


class ComplaintPage(MatterPage):
    """The page of a complaint. `known` is its story: what this person may know."""

    model = Complaint
    place, place_of_verbs = "complaint", "act"
    template = "complaints/dossier/complaint.html"
    verb_template = "complaints/dossier/act.html"
    verb_part = "complaints/dossier/parts/act.html"

    def seen(self, actor: Actor) -> QuerySet[Complaint]:
        return Complaint.objects.visible_to(actor).for_page()

    def seen_to_act(self, actor: Actor) -> QuerySet[Complaint]:
        return Complaint.objects.visible_to(actor).select_related("matter", "latest_round")

    def read(self, request: Request, subject: Complaint) -> Story:
        return story_of(subject, request.actor)

    def read_present(self, request: Request, subject: Complaint) -> Present:
        return present_of(subject, request.actor)

    def subject_of(self, known: Present) -> Complaint:
        return known.complaint

    def page(self, request: Request, number: str) -> HttpResponse:
        """A list that shows the complaint next to its lines requests it without the frame."""
        template = "complaints/dossier/parts/beside_list.html" if request.htmx else self.template
        complaint = self.find(request, number)
        context = page_context(request, complaint)
        unread = bool(context["story"].rare.notices)
        response = self.opened(request, complaint, template, context, HTTPStatus.OK, unread=unread)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def frame(self, request: Request, known: Present) -> dict[str, Any]:
        complaint = known.complaint
        return {
            "complaint": complaint,
            "story": known,
            "holder": _holder(known),
            "state": complaint.describe_state() if known.knows_present else complaint.get_state_display(),
            "onlookers": onlookers(complaint, request.actor),
        }

    def beside(self, request: Request, known: Story, entry: Verb, form: VerbForm | None) -> dict[str, Any]:
        """The facts next to the form, unless there is none, or a script asked for the form alone."""
        if request.htmx or form is None:
            return {}
        complaint = known.complaint
        return {
            **facts(known),
            "numbers": numbers_of(known),
            "customer": known.customer,
            "reveals_at_once": reveals_at_once(complaint, request.actor),
            "reply_duty": _reply_duty(known),
            "duty": reply_duty(complaint) if complaint.registered_at and not complaint.is_history else None,
            "first_clocks": leading(known.deadlines, complaint.awaits),
            "steps": steps(known, request.at),
        }

    def verb_form(self, request: Request, known: Story, entry: Verb, data: Any = None) -> VerbForm:
        """Values in the address that the form offers are preselected: a list links to the form for one line."""
        form = super().verb_form(request, known, entry, data)
        form.begin_in(_list_asked(request))
        for fact in entry.facts:
            if isinstance(fact, Offered) and fact.name in request.GET:
                form.initial[fact.name] = request.GET.getlist(fact.name)
        return form

    def dress(self, request: Request, known: Story, form: VerbForm) -> None:
        fit_out(form, known, is_awaited=True)

    def goes_on_at(self, request: Request, subject: Complaint) -> str:
        """After the act, a reader who has the list next to the complaint returns to it."""
        return (_list_beside(request) if request.htmx else None) or self.address(subject)

    def knows_holder(self, request: Request, subject: Complaint) -> bool:
        return subject.tells_present(request.actor)

    def told(self, request: Request, form: VerbForm, outcome: Outcome) -> Told:
        """Also the next complaint of the list from which the act was begun."""
        told, beside = super().told(request, form, outcome), _list_beside(request) if request.htmx else None
        asked = beside.partition("?")[2] if beside else form.of_list
        if not asked:
            return told
        return replace(told, following=next_in_list(request, asked, outcome.subject, beside=bool(beside)))


PAGE = ComplaintPage()
page, act = PAGE.views


def known_complaint(request: Request, number: str) -> Complaint:
    """The complaint of this number if the reader may see it; else 404, as for one that doesn't exist."""
    found: Complaint = PAGE.find(request, number)
    return found


@require_safe
def deadline(request: Request, number: str, pk: int) -> HttpResponse:
    """Why this deadline is due when it is: start, clause, days counted and skipped, versions of calendar and limits."""
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    found: Deadline | None = next((one for one in story.deadlines if one.pk == pk), None)
    if found is None:
        raise Http404
    context = {
        "complaint": complaint, "why": reckon(found), "deadline": found, "knows_all": story.knows_all,
        "reason": story.customer.mask(texts_of(found.excuse_reason).get("reason", "")) if story.knows_all else "",
        "forms": _excuse_forms(story, found),
    }  # fmt: skip
    return render(request, "complaints/dossier/deadline.html", context)


@require_safe
def conformance(request: Request, number: str) -> HttpResponse:
    """What each clause requires of it, what happened, and the verdict, as far as this reader may know. The complaint's
    page fetches the table alone. For who doesn't know the intake there is none.
    """
    complaint = known_complaint(request, number)
    story = story_of(complaint, request.actor)
    if not story.knows_intake:
        raise Http404
    found = findings(Evidence.of(story))
    page, part = "complaints/dossier/conformance.html", "complaints/dossier/parts/conformance.html"
    context = {"complaint": complaint, "findings": found, "not_kept": len(broken(found))}
    response = render(request, part if request.htmx else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _excuse_forms(story: Story, missed: Deadline) -> list[VerbForm]:
    """What this person may do about the miss itself: propose to excuse it, or judge the proposal."""
    forms = [_form(entry, story) for entry in doable(story.complaint, story.actor) if entry.name in OF_EXCUSES]
    fitting = [form for form in forms if missed.name in form.choices_of("deadlines")]
    for form in fitting:
        form.initial["deadlines"] = [missed.name]
    return fitting
