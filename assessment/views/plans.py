"""Rectification plans: the reader's list, one plan with its clock and story, and the acts open to them now (R16)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accountability.db.row_keys import keys_in
from accountability.deadlines.limits import day_of
from accountability.declarations.places import everybody
from accountability.gate.verbs import Verb, find
from accountability.models import Attachment, Deadline, Employee, LedgerEntry, Unit
from accountability.notices import sentences
from accountability.organisation.succession import PASSED_ON
from accountability.permissions import Actor
from accountability.privacy import retention
from accountability.security.masking import mask_text
from accountability.web.desk import Clock, chips_of
from accountability.web.listings import (
    LISTINGS,
    Column,
    Found,
    Listing,
    knows,
    masked_person,
    open_or_everything,
    page_of,
    second,
)
from accountability.web.request import Request, open_or_all
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import READS_AND_WRITES, MatterPage, Teller, status_of
from assessment.cases.dossier import Dossier
from assessment.declarations.limits import Kind
from assessment.models import Case, Plan
from assessment.permissions import open_plan
from assessment.plans.desk import asked_of, narrowed
from complaints.dossier.customer import texts_of

# The list


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    everything = "all" in asked
    mine = Plan.objects.visible_to(actor).with_everything()
    found = narrowed(mine if everything else mine.running(), actor, at, asked.get("asked", ""), asked.get("clock", ""))
    return Found(found, ["-matter_id"] if everything else ["due", "matter_id"])


def _words(asked: QueryDict, actor: Actor, at: datetime) -> Iterator[str]:
    yield open_or_everything(asked)
    given = asked.get("asked", ""), asked.get("clock", "")
    yield from (said for said, _url in chips_of(asked_of(actor), "", *given))


def _understands(asked: QueryDict, actor: Actor, at: datetime) -> bool:
    return knows(asked, ["all"], asked=[name for name, *_rest in asked_of(actor)], clock=Clock.values)


PLANS = Listing(
    "plans", gettext_lazy("整改方案"), _found, everybody,
    (
        Column("number", gettext_lazy("编号"), lambda row: row.matter.number),
        Column("unit", gettext_lazy("整改单位"), lambda row: row.unit.name),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("owner", gettext_lazy("整改责任人"), lambda row: masked_person(row.owner)),
        Column("opened_at", gettext_lazy("提出时间"), lambda row: second(row.opened_at)),
        Column("due", gettext_lazy("整改期限"), lambda row: second(row.due)),
    ),
    _words, understands=_understands,
)  # fmt: skip
LISTINGS.add(PLANS)


@require_safe
def plans(request: Request) -> HttpResponse:
    """The running ones, the next due first; `?all=1` all, the newest first. Empty for people whom no plan concerns.

    `?asked=` and `?clock=` narrow it to what the desk counted.
    """
    everything = "all" in request.GET
    name, clock = request.GET.get("asked", ""), request.GET.get("clock", "")
    page = page_of(PLANS, request)
    clocks = _clocks([plan.pk for plan in page.rows])
    rows = [_row(plan, clocks.get(plan.pk), request.at) for plan in page.rows]
    active = chips_of(asked_of(request.actor), reverse("plans"), name, clock)
    context = {
        "page": page,
        "rows": rows,
        "chips": open_or_all(reverse("plans"), _("未结束"), everything),
        "active": active,
        "may_open": open_plan(Plan(), request.actor),
    }
    return render(request, "assessment/plans/plan_list.html", context)


def _clocks(ids: list[int]) -> dict[int, Deadline]:
    found = Deadline.objects.binding().filter(matter_id__in=ids, kind=Kind.RECTIFICATION)
    return {deadline.matter_id: deadline for deadline in found}


def _row(plan: Plan, clock: Deadline | None, at: datetime) -> dict[str, Any]:
    late = clock is not None and clock.is_outstanding and clock.due_at is not None and clock.due_at < at
    return {"plan": plan, "clock": clock, "tone": "danger" if late else ""}


# One plan


def _masking(plan: Plan, actor: Actor) -> Callable[[str], str]:
    """Masks every number; in a case's plan also the names of its customers, for every reader."""
    return mask_text if plan.case is None else Dossier(plan.case, actor).mask


def _case_for(plan: Plan, actor: Actor) -> Case | None:
    """The plan's case, for those who may know of it; None for others."""
    return plan.case if Case.objects.visible_to(actor).filter(pk=plan.case_id).exists() else None


# Its story

LOOKS: dict[str, tuple[Any, str, str]] = {
    "miss": (gettext_lazy("“整改”时限已超"), "clock-late", "danger"),
    "chase_plan": (gettext_lazy("催办：整改逾期未完成"), "bell", "warn"),
    PASSED_ON: (gettext_lazy("人员离岗，改由他人负责"), "right", "warn"),
    retention.VERB: (sentences.CLEARED, "lock", "neutral"),
}
"""Title, icon and tone of entries without a verb."""


def _told(entry: LedgerEntry, names: dict[int, str]) -> list[str]:
    """Who was made the owner, and the due day; for a change only what changed."""
    facts, told = entry.facts, []
    is_change = entry.verb == "change_plan"
    if "owner" in facts and (not is_change or "owner_before" in facts):
        known = [names[pk] for pk in keys_in(facts, "owner") if pk in names]
        told.append(_("整改责任人：%(name)s") % {"name": known[0] if known else "—"})
    if "due" in facts and entry.verb in ("open_plan", "change_plan") and (not is_change or "due_before" in facts):
        told.append(_("整改期限：%(day)s 24:00") % {"day": facts["due"]})
    return told


class PlanPage(MatterPage):
    """What must be put right, who answers for it by when, what was done, and what may be done now."""

    model = Plan
    place, place_of_verbs = "plan", "plan_act"
    template, verb_template = "assessment/plans/plan.html", "assessment/plans/plan_act.html"
    looks, by_itself = LOOKS, frozenset({"miss", "chase_plan", retention.VERB})

    def seen(self, actor: Actor) -> QuerySet[Plan]:
        return (
            super()
            .seen(actor)
            .select_related("matter__holder", "matter__holder_unit", "content", "result", "reported_by")
        )

    def frame(self, request: Request, known: Plan) -> dict[str, Any]:
        until = known.due if known.awaits == "report_plan_done" else known.matter.alarm_at
        return {"plan": known, "until": until} | self.holder(known)

    def body(self, request: Request, known: Plan) -> dict[str, Any]:
        mask = _masking(known, request.actor)
        cycles = Deadline.objects.filter(matter_id=known.pk).select_related("unit", "person")
        deadlines = list(cycles.order_by("-cycle"))
        return {
            "first_clocks": deadlines[:1],
            "earlier": deadlines[1:],
            "case": _case_for(known, request.actor),
            "content": mask(texts_of(known.content).get("content", "")),
            "result": mask(texts_of(known.result).get("result", "")),
            "files": Attachment.objects.filter(matter_id=known.pk, erased_at=None).order_by("pk"),
            "forms": self.forms(request, known, self.offered(request, known)),
            "entries": self.timeline(request, known),
        }

    def initial(self, request: Request, known: Plan, entry: Verb) -> dict[str, Any]:
        if entry.name != "change_plan":
            return {}
        return {"owner": known.owner.username, "due": day_of(known.due).isoformat()}

    def teller(self, request: Request, known: Plan, entries: list[LedgerEntry]) -> Teller:
        """Of the facts only owner and due day are shown, never the case."""
        mask = _masking(known, request.actor)
        named = {pk for entry in entries for pk in keys_in(entry.facts, "owner", "owner_before")}
        names = {person.pk: str(person) for person in Employee.objects.filter(pk__in=named)}

        def said(entry: LedgerEntry) -> str:
            texts = (
                texts_of(entry.texts) if entry.verb != "open_plan" else {}
            )  # the request itself is at the top of the page
            return "\n".join([*_told(entry, names), *(mask(text) for text in texts.values())])

        return said


PAGE = PlanPage()
page, act = PAGE.views


# A new one


@require_http_methods(READS_AND_WRITES)
def begin(request: Request) -> HttpResponse:
    """First the unit, by choice or from the case that led here; then the form, with that unit's people to
    choose from.
    """
    if not open_plan(Plan(), request.actor):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    case = Case.objects.visible_to(request.actor).filter(matter__number=given.get("case", "")).first()
    unit = Unit.objects.filter(code=given.get("unit", "")).first() or (case.unit if case else None)
    known = {"unit": unit.code if unit else "", "case": given.get("case", "")}
    data = request.POST if request.method == "POST" else None
    form = VerbForm(find(Plan, "open_plan"), Plan(unit=unit), request.actor, data=data, initial=known)
    if unit is not None:
        form.fields["unit"].widget = form.fields["unit"].hidden_widget()
    if begun := PAGE.begun(request, form, _("整改方案已提出，责任人已收到通知。")):
        return begun
    return _ask(request, form, unit)


def _ask(request: Request, form: VerbForm, unit: Unit | None) -> HttpResponse:
    units = Unit.objects.exclude(kind=Unit.Kind.MARKETING).order_by("kind", "code")
    context = {
        "form": form, "unit": unit, "choices": [(one.code, one) for one in units],
        "action": reverse("begin_plan"), "back": reverse("plans"), "draft": f"open_plan:{unit.code}" if unit else "",
    }  # fmt: skip
    return render(request, "assessment/plans/plan_begin.html", context, status=status_of(form))
