"""The 互动单: written by the centre, read only by the centre's issuing roles, marketing and auditors (R39, R40).

For everybody else every address answers as if there were no sheet.
"""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accountability.documents.reading import papers_of, shown
from accountability.gate.verbs import find
from accountability.models import Unit
from accountability.permissions import Actor
from accountability.web.listings import LISTINGS, Column, Found, Listing, masked_person, page_of, second
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import STATUS_OF, run
from assessment.cases.audit import note_sheet
from assessment.cases.sheet_draft import Picked, initial_of, likely_people, picked
from assessment.models import TITLE, Case, Sheet
from assessment.permissions import reads_leads
from complaints.models import Complaint

UNNAMED = "×××××（单位名称）"


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    joined = ("unit", "person", "issued_by", "case__matter")
    return Found(Sheet.objects.visible_to(actor).select_related(*joined), ["-pk"])


SHEETS = Listing(
    "sheets", gettext_lazy("互动单"), _found, reads_leads,
    (
        Column("number", gettext_lazy("编号"), lambda row: row.number),
        Column("unit", gettext_lazy("涉嫌单位"), lambda row: row.unit.name),
        Column("person", gettext_lazy("首问责任人"), lambda row: masked_person(row.person)),
        Column("state", gettext_lazy("案件状态"), lambda row: row.case.get_state_display()),
        Column("case", gettext_lazy("案件"), lambda row: row.case.matter.number),
        Column("issued_at", gettext_lazy("发出时间"), lambda row: second(row.issued_at)),
        Column("issued_by", gettext_lazy("发出人"), lambda row: masked_person(row.issued_by)),
    ),
)  # fmt: skip
LISTINGS.add(SHEETS)


def _refuse_outsiders(request: Request) -> None:
    if not SHEETS.may_read(request.actor):
        raise Http404


@require_safe
def listing(request: Request) -> HttpResponse:
    """Every sheet, the newest first."""
    _refuse_outsiders(request)
    page = page_of(SHEETS, request)
    return render(request, "assessment/cases/sheets.html", {"page": page, "may_issue": request.actor.is_agent})


@never_cache
@require_safe
def page(request: Request, number: str) -> HttpResponse:
    """The sheet's paper as it was issued last; the access log records the reading."""
    sheet = Sheet.objects.visible_to(request.actor).filter(number=number).first()
    if sheet is None:
        raise Http404
    note_sheet(request, sheet.case_id)
    papers = papers_of([sheet.case_id], request.actor, "sheet")
    linked = Complaint.objects.visible_to(request.actor).filter(case_links__case=sheet.case_id)
    context = {
        "sheet": sheet, "papers": papers, "shown": shown(papers[0]) if papers else "",
        "case": Case.objects.visible_to(request.actor).select_related("matter").filter(pk=sheet.case_id).first(),
        "linked": linked.select_related("matter").order_by("case_links__pk"),
    }  # fmt: skip
    return render(request, "assessment/cases/sheet.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: Request) -> HttpResponse:
    """The sheet's form, with initial values from the leads or the complaint that the address names."""
    _refuse_outsiders(request)
    verb = find(Case, "issue_sheet")
    if not verb.permits(Case(), request.actor):
        raise PermissionDenied
    made_of = picked(request.GET, request.actor, request.at)
    if request.method != "POST" and len(made_of.units) > 1:
        return render(request, "assessment/cases/sheet_split.html", {"picked": made_of}, status=422)
    data = request.POST if request.method == "POST" else None
    asked = {"unit": request.GET["unit"]} if "unit" in request.GET else {}
    form = VerbForm(verb, Case(), request.actor, data=data, initial=initial_of(made_of, request.at) | asked)
    outcome = run(request, form) if data is not None else None
    if outcome is not None:
        sheet = outcome.subject.sheet
        messages.success(request, _("互动单 %(number)s 已发给市场部。") % {"number": sheet.number})
        return redirect("sheet", sheet.number)
    return _show(request, form, made_of)


def _show(request: Request, form: VerbForm, made_of: Picked) -> HttpResponse:
    refusal = form.refusal
    unit = Unit.objects.filter(code=str(form["unit"].value() or "")).first()
    _arrange(form, made_of)
    context = {
        "form": form,
        "picked": made_of,
        "title": TITLE % {"unit": unit.name if unit else UNNAMED},
        "people": likely_people(unit, made_of.people),
    }
    status = STATUS_OF.get(refusal.code, 422) if refusal else 200
    return render(request, "assessment/cases/sheet_form.html", context, status=status)


def _arrange(form: VerbForm, made_of: Picked) -> None:
    """Complaints one per line, the person as a list with free input; title and list are updated when the unit
    changes.
    """
    form.fields["complaints"].widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    form.fields["person"].widget.attrs |= {"list": "people", "autocomplete": "off"}
    form.fields["person"].help_text = _whom(made_of)
    form.fields["description"].widget.attrs["rows"] = 8
    form.fields["evidence"].widget.attrs["rows"] = 6
    form.fields["unit"].widget.attrs |= {
        "hx-get": reverse("issue_sheet"), "hx-include": "this", "hx-trigger": "change",
        "hx-target": "#of-unit", "hx-select": "#of-unit", "hx-swap": "outerHTML",
    }  # fmt: skip


def _whom(made_of: Picked) -> str:
    """What to type, and the numbers of the people stamped."""
    told = _("填写工号：处理超时填首问责任人，交办超时填接口人，配合超时填确认人；已离职的也可填写。")
    stamped = _("、").join(f"{person}（{person.username}）" for person in made_of.people)
    return _("%(told)s涉及：%(people)s。") % {"told": told, "people": stamped} if stamped else told
