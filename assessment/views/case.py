"""One case for those who work outside the administration: its page, its verbs, why a deadline is due when it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accountability.gate.verbs import VERBS, Verb
from accountability.models import Deadline
from accountability.permissions import Actor
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import MatterPage, can_run, carry_out, ready_again
from assessment.cases import candidates
from assessment.cases.defaults import initial_of
from assessment.cases.dossier import Dossier, dossier_of, whole
from assessment.cases.papers import judged_rounds, penalty_lines, report_paper, seat_of, seats_of, still_owing
from assessment.cases.part_table import part_table
from assessment.cases.progress import holder_of, steps
from assessment.cases.sheet_draft import initial_of_fault
from assessment.cases.timeline import timeline
from assessment.declarations.limits import Kind
from assessment.models import Case, CaseState
from complaints.dossier.deadlines import label_of_name, leading, reckon
from complaints.models import Complaint, Round

OFFERED = (
    "file_report", "sign_report", "file_opinion", "penalise_all", "penalise", "file_slip", "file_refund",
    "give_opinion",
)  # fmt: skip
"""The verbs with a form here; all others are for the marketing department, in the administration."""


def _verb(name: str) -> Verb:
    return VERBS[Case.matter_kind, name]


def _has_use(entry: Verb, dossier: Dossier) -> bool:
    """A return slip can't be filed for oneself, so there may be none to file."""
    among = {"file_slip": candidates.without_slip, "file_refund": candidates.to_refund}.get(entry.name)
    return among is None or bool(among(dossier.case, dossier.actor))


def _frame(dossier: Dossier, at: datetime) -> dict[str, Any]:
    """What every page of a case shows of it."""
    case = dossier.case
    return {
        "case": case,
        "dossier": dossier,
        "holder": holder_of(case, dossier.deadlines, knows_all=dossier.knows_all),
        "first_clocks": leading(dossier.deadlines, case.awaits),
        "steps": steps(dossier, at),
        "state": case.get_state_display(),
        "status_label": _("案件状态"),
    }


def _of_the_unit(dossier: Dossier, at: datetime) -> dict[str, Any]:
    """For the unit: what must be checked, its papers, people's parts, who pays and who owes.

    Once a violation is found, only the head sees people's parts and what they owe.
    """
    case = dossier.case
    visible = {complaint.pk for complaint in dossier.complaints}
    return {
        "complaints": [_complained(dossier, found) for found in dossier.complaints],
        "leads": [
            (mark.deadline, label_of_name(mark.deadline.name), mark.deadline.matter_id in visible)
            for mark in dossier.leads
        ],
        "paper": report_paper(dossier),
        "opinion": dossier.words(case.opinion).get("opinion", ""),
        "reasons": dossier.words(case.decision).get("reasons", ""),
        "penalties": penalty_lines(dossier),
        "owing": still_owing(dossier) if dossier.knows_penalties else [],
        "part_table": part_table(dossier, at) if dossier.knows_penalties or not case.violated else None,
        "circulars": [circular for circular in case.circular_rows if circular.signed_at],
    }


def _complained(dossier: Dossier, complaint: Complaint) -> tuple[Complaint, list[Round], str]:
    """A complaint with the unit's own rounds, and the customer's words, masked, if it had one."""
    own = [found for found in dossier.rounds if found.unit_id == dossier.case.unit_id]
    rounds = [found for found in own if found.complaint_id == complaint.pk]
    return complaint, rounds, dossier.customers[complaint.pk].masked_content if rounds else ""


def told_of(dossier: Dossier, at: datetime) -> dict[str, Any]:
    """What the page of a case tells this person of it, without forms; a program is told the same. Marketing and
    auditors read the whole of it in the administration (`CaseFile`).
    """
    match dossier.reads_as:
        case "asked":
            of_one = _fault(dossier) if dossier.case.is_fault else _seat(dossier)
            return {"case": dossier.case, "dossier": dossier} | of_one
        case "unit":
            return _frame(dossier, at) | {"entries": timeline(dossier)} | _of_the_unit(dossier, at)
    return _frame(dossier, at) | {"entries": timeline(dossier)} | _seat(dossier)


def _seat(dossier: Dossier) -> dict[str, Any]:
    """For a member of the panel: what is alleged, the report, the unit's rounds with their limits, and their own
    opinion; the others' once all are in (R48).
    """
    case, seat = dossier.case, seat_of(dossier.case, dossier.actor)
    if seat is None or case.panel is None:
        return {}
    return {
        "seat": seat,
        "grounds": dossier.words(seat.texts).get("grounds", ""),
        "panel": case.panel,
        "seats": seats_of(dossier) if case.panel.all_spoken else [],
        "reasons": dossier.words(case.panel.texts).get("reasons", ""),
        "alleged": dossier.alleged,
        "judged": judged_rounds(case),
        "paper": report_paper(dossier),
    }


def _fault(dossier: Dossier) -> dict[str, Any]:
    """For a leader of the unit: which round, what is said of it, and their own opinion (R22)."""
    case = dossier.case
    mine = case.opinion_by_id == dossier.actor.pk
    return {
        "opinion": dossier.words(case.opinion).get("opinion", "") if mine else "",
        "limit": Deadline.objects.filter(matter_id=case.pk, kind=Kind.OPINION).first(),
    }


def _form_of_one(dossier: Dossier) -> VerbForm | None:
    """The form of the one thing that a person is asked for: an opinion on a fault, or on the panel."""
    entry = _verb("file_opinion" if dossier.case.is_fault else "give_opinion")
    return VerbForm(entry, dossier.case, dossier.actor) if can_run(entry, dossier.case, dossier.actor) else None


class CasePage(MatterPage):
    """The page of a case for those who work outside the administration. Its dossier is what this person may know."""

    model = Case
    place, place_of_verbs = "case", "case_act"
    template = "assessment/cases/case.html"
    verb_template = "assessment/cases/act.html"
    verb_part = "includes/act_form.html"

    def seen(self, actor: Actor) -> QuerySet[Case]:
        """With its matter alone: an act reads the rest under its lock, and a page as the act does (`whole`)."""
        return Case.objects.known_to(actor).select_related("matter")

    def find(self, request: Request, number: str) -> Case:
        return whole(super().find(request, number))

    def read(self, request: Request, subject: Case) -> Dossier:
        return dossier_of(subject, request.actor)

    def subject_of(self, known: Dossier) -> Case:
        return known.case

    def page(self, request: Request, number: str) -> HttpResponse:
        """Marketing and auditors are sent to the administration, where they work with a case."""
        case, actor = self.find(request, number), request.actor
        if actor.reads_every_case:
            return HttpResponseRedirect(f"{reverse('admin:index')}assessment/case/{case.pk}/change/")
        dossier = dossier_of(case, actor)
        context = told_of(dossier, request.at)
        if dossier.reads_as == "asked":
            return render(request, "assessment/cases/asked.html", context | {"form": _form_of_one(dossier)})
        verbs = [_verb(name) for name in OFFERED if can_run(_verb(name), case, actor)]
        context |= {
            "forms": self._forms(request, dossier, verbs),
            "penalise_url": reverse("case_act", args=[number, "penalise"]) if _verb("penalise") in verbs else "",
        }
        if dossier.reads_as == "unit":
            return render(request, self.template, context)
        form = _form_of_one(dossier) if context.get("seat") else None
        return render(request, "assessment/cases/case_of_centre.html", context | {"form": form})

    def _forms(self, request: Request, dossier: Dossier, verbs: list[Verb]) -> list[VerbForm]:
        """The form that is owed first, open: that of all penalties at once, and of a case
        that is over that of the slip.
        """
        forms = self.forms(request, dossier, [entry for entry in verbs if _has_use(entry, dossier)])
        case = dossier.case
        owed = {"penalise": "penalise_all", "": "file_slip"}.get(case.awaits, case.awaits)
        owed = "file_refund" if case.state == CaseState.ANNULLED else owed
        for form in forms:
            form.is_awaited = form.verb.name == owed
        return sorted(forms, key=lambda form: not form.is_awaited)

    def verb(self, name: str) -> Verb:
        """A verb without a form here is not found."""
        if name not in OFFERED:
            raise Http404
        return _verb(name)

    def frame(self, request: Request, known: Dossier) -> dict[str, Any]:
        tells = known.case.tells_present(request.actor)
        return _frame(known, request.at) if tells else {"case": known.case, "dossier": known}

    def beside(self, request: Request, known: Dossier, entry: Verb, form: VerbForm | None) -> dict[str, Any]:
        """What must be read before the form is sent: the report to sign, or the papers of the panel."""
        case, actor = known.case, request.actor
        match entry.name:
            case _ if form is None:
                return {}
            case "sign_report" if entry.permits(case, actor):
                return {"paper": report_paper(known, case.waiting_report)}
            case "give_opinion":
                return _seat(known)
        return {}

    def initial(self, request: Request, known: Dossier, entry: Verb) -> dict[str, Any]:
        return initial_of(entry, known, request.GET)

    def dress(self, request: Request, known: Dossier, form: VerbForm) -> None:
        super().dress(request, known, form)
        form.initial.update(self.initial(request, known, form.verb))
        _preface(form, known.case)


PAGE = CasePage()
page, act = PAGE.views


def _preface(form: VerbForm, case: Case) -> None:
    """What must be known before the form is filled in."""
    if form.verb.name == "file_report" and case.waiting_report is not None:
        form.preface = _("有一份报告待签发；再次提交即取代它，证据材料须重新上传。")
    if form.verb.name in ("penalise", "penalise_all", "file_slip", "file_refund"):
        form.preface = _("对本人的处理须由他人记录，回执须由他人提交。")


@require_http_methods(["GET", "HEAD", "POST"])
def open_fault(request: Request) -> HttpResponse:
    """R22: open an interface contact's fault from the round it occurred in (`?round=TS…#1`)."""
    entry, case = _verb("open_fault"), Case()
    if not entry.permits(case, request.actor):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    told = initial_of_fault(request.GET.get("round", ""), request.actor, request.at)
    form = VerbForm(entry, case, request.actor, data=data, initial=told)
    outcome = carry_out(request, form) if data is not None else None
    if outcome:
        target = reverse("case", args=[outcome.subject.matter.number])
        return HttpResponseClientRedirect(target) if request.htmx else redirect(target)
    status = ready_again(form, Case()) if form.refusal else 200
    context = {
        "verb": entry, "form": form, "can_run": True, "back": reverse("cases"), "action": reverse("open_fault"),
        "draft": "open_fault",
    }  # fmt: skip
    partial = request.htmx and request.method == "POST"
    return render(request, "includes/act_form.html" if partial else "assessment/cases/act.html", context, status=status)


@require_safe
def deadline(request: Request, number: str, pk: int) -> HttpResponse:
    """Why this deadline is due at that instant; only deadlines that this person may know."""
    case = PAGE.find(request, number)
    found: Deadline | None = next((one for one in dossier_of(case, request.actor).deadlines if one.pk == pk), None)
    if found is None:
        raise Http404
    return render(request, "assessment/cases/deadline.html", {"case": case, "why": reckon(found), "deadline": found})
