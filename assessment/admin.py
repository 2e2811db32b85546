"""Cases and their papers in the administration: the marketing department's desk, read-only records.

A case is read on its dossier page and decided by the forms of its verbs; nothing here writes on its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accountability.administration.site import GuardedAdmin
from accountability.administration.value_labels import HistoryWords
from accountability.administration.verbs import VerbAdmin
from accountability.db.row_keys import Key
from accountability.gate import verb_checks
from accountability.gate.verbs import Verb, available
from accountability.permissions import Actor, keeps_the_books
from accountability.web.listings import Found, Listing, is_clean, page_of, words_of
from accountability.web.navigation import read_about
from accountability.web.standing_statements import standing_rows
from accountability.web.verb_forms import VerbForm
from assessment.cases.audit import note_sheet
from assessment.cases.dossier import Dossier, dossier_of, whole
from assessment.cases.forms import case_form
from assessment.cases.page import CaseFile
from assessment.cases.progress import missing_to_close
from assessment.cases.timeline import timeline
from assessment.lists import case_list
from assessment.lists.case_list import SCOPES, CaseFilters, for_lines, lines, scope
from assessment.models import Case, Circular, Panel, Penalty, Plan, Report, Sheet


@dataclass(frozen=True)
class Decision:
    """What the page of a verb's form shows: next to it `part` of the case (a template by name), with or without the
    sheet, whose reading is logged; above its button the text that is approved or signed (`read`, a template by name);
    and the `other` answer to the same question.
    """

    part: str = "head"
    sheet: bool = False
    read: str = ""
    other: str = ""


DECISIONS: dict[str, Decision] = {
    "notify_unit": Decision("notify", sheet=True),
    "appoint_panel": Decision("judge", sheet=True),
    "give_opinion": Decision("judge", sheet=True),
    "record_panel": Decision("panel", sheet=True),
    "replace_member": Decision("panel", sheet=True),
    "remind_panel": Decision("panel"),
    "decide_fault": Decision("fault", sheet=True),
    "penalise_all": Decision("penalise", sheet=True),
    "penalise": Decision("penalise", sheet=True),
    "issue_circular": Decision("outcome", read="added"),
    "sign_circular": Decision("circular", sheet=True, other="return_circular"),
    "return_circular": Decision("circular", sheet=True, other="sign_circular"),
    "approve": Decision("whole", sheet=True, read="approval", other="disapprove"),
    "disapprove": Decision("whole", sheet=True, read="approval", other="approve"),
    "close_case": Decision("outcome"),
    "withdraw_circular": Decision("outcome"),
    "assign_case": Decision(),
    "decline_case": Decision("notify", sheet=True),
    "annul_case": Decision("outcome"),
}
"""By verb; a unit's own verbs run only on its pages."""

verb_checks.BY_VERB["case.decisions"] = lambda: DECISIONS


TOO_LONG = 19
"""Digits of a key that no row has."""


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    """The cases of the desk: a number typed finds them in every scope."""
    filters = CaseFilters(asked)
    found = filters.narrow(for_lines(Case.objects.visible_to(actor)))
    if not filters.cleaned_data.get("q"):
        found = found.filter(scope(asked.get("scope", ""), actor, at))
    return Found(found, case_list.ORDER)


def _of_a_key(actor: Actor, _at: datetime, key: Key) -> list[QuerySet[Case]]:
    return [Case.objects.visible_to(actor).filter(pk=key).select_related("matter")]


def _words(asked: QueryDict, actor: Actor, at: datetime) -> Iterable[str]:
    yield from (str(label) for name, label in SCOPES if name == asked.get("scope", ""))
    yield from words_of(CaseFilters(asked))


def _understands(asked: QueryDict, actor: Actor, at: datetime) -> bool:
    return is_clean(CaseFilters(asked), asked, scope=[name for name, _label in SCOPES])


@admin.register(Case)
class CaseAdmin(VerbAdmin):
    desk, place, about = "cases", 1, _("涉嫌违反首问责任制的案件：通知、评判、处理、通报、结案")
    begins = ("open_case", "open_fault")
    acts = tuple(DECISIONS)
    verb_template = "admin/assessment/case/verb.html"
    fields = [
        "matter", "state", "unit", "source", "by_centre", "opened_by", "opened_at", "officer", "notified_at",
        "document_number", "determined_at", "violated", "approval_by", "approval_at", "approver", "closed_at",
    ]  # fmt: skip

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> HistoryWords:
        words = super().get_historical_record_context_helper(request, historical_record)
        words.untold |= {"owed"}
        return words

    # The list

    def make_listing(self) -> Listing:
        return Listing(
            "case-records", self.opts.verbose_name_plural, _found, keeps_the_books, words=_words,
            understands=_understands,
        )  # fmt: skip

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Open cases first, by nearest due instant; paged by key, so that a page costs the same however long the list
        is.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        filters, chosen = CaseFilters(request.GET), request.GET.get("scope", "")
        page = page_of(self.listing, request)
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "offers": self.begin_offers(request),
            "page": page,
            "lines": lines(page.rows, request.at),
            "filters": filters,
            "scope": chosen,
            "chips": self._chips(request, chosen),
            "place": self.url_of("changelist"),
        }
        return TemplateResponse(request, "admin/assessment/case/list.html", context)

    def _chips(self, request: Any, chosen: str) -> list[dict[str, Any]]:
        """None for auditors, who have no work of their own here."""
        place, kept = self.url_of("changelist"), request.GET.copy()
        for gone in ("scope", "after", "before", "q"):
            kept.pop(gone, None)
        own = ("waits", "mine")
        chips = []
        for name, label in SCOPES:
            if name in own and not request.actor.is_marketing:
                continue
            asked = kept.copy()
            if name:
                asked["scope"] = name
            chips.append({"label": label, "url": f"{place}?{asked.urlencode()}", "current": name == chosen})
        return chips

    # The dossier

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:  # fmt: skip
        """All that is known of one case, read-only, with what this person may do to it now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self.known_subject(request, object_id)
        read_about(request, str(case))
        dossier = self._dossier(request, case)
        context = {
            **self.admin_site.each_context(request),
            "title": str(case),
            "opts": self.opts,
            "original": case,
            "case": case,
            "dossier": dossier,
            "file": CaseFile(dossier, request.at),
            "entries": timeline(dossier),
            "place": self.url_of("changelist"),
            "history": self.url_of("history", quote(case.pk)),
            **self._acts(request, case),
        }
        return TemplateResponse(request, "admin/assessment/case/dossier.html", context)

    def _acts(self, request: Any, case: Case) -> dict[str, Any]:
        """The form of the act that this person owes, or else what is missing; the other acts as links."""
        offers = self.do_offers(request, case)
        entry = self._owed(request, case)
        shown = self._do_url(case, entry.name) if entry else ""
        rest = [offer for offer in offers if offer["url"] != shown]
        context: dict[str, Any] = {
            "offers": offers,
            "others": [offer for offer in rest if not offer["is_grave"]],
            "graves": [offer for offer in rest if offer["is_grave"]],
            "missing": missing_to_close(case) if request.actor.is_marketing else [],
        }
        if "penalise" in {entry.name for entry in available(case, request.actor)}:
            context["penalise_url"] = self._do_url(case, "penalise")
        if entry is None:
            return context
        read = DECISIONS[entry.name].read if entry.name == "issue_circular" else ""  # others are among the facts
        return context | {
            "verb": entry,
            "form": self.verb_form(request, case, entry),
            "can_run": True,
            "action": self._do_url(case, entry.name),
            "draft": f"{entry.name}:{case.pk}",
            "read_template": f"admin/assessment/case/read_{read}.html" if read else "",
        }

    def _do_url(self, case: Case, verb: str) -> str:
        return self.url_of("do", quote(case.pk), verb)

    def _owed(self, request: Any, case: Case) -> Verb | None:
        """The awaited verb, if this person may run it here: all penalties in one form."""
        mine = {entry.name: entry for entry in available(case, request.actor) if entry.name in self.acts}
        wanted = ("penalise_all", "penalise") if case.awaits == "penalise" else (case.awaits,)
        return next((mine[name] for name in wanted if name in mine), None)

    def _dossier(self, request: Any, case: Case) -> Dossier:
        """Logs the access if the dossier shows a sheet."""
        dossier = dossier_of(case, request.actor)
        if dossier.sheet is not None:
            note_sheet(request, case.pk)
        return dossier

    # One verb

    def known_subject(self, request: HttpRequest, object_id: str) -> Case:
        return whole(self.subject_to_act(request, object_id))

    def subject_to_act(self, request: Any, object_id: str) -> Case:
        """With its matter alone: the gate reads under its lock what it judges by."""
        is_key = object_id.isdecimal() and len(object_id) < TOO_LONG
        found = standing_rows(_of_a_key, request.actor, request.actor.at, Key(object_id)) if is_key else []
        if not found:
            raise Http404
        case: Case = found[0]
        return case

    def get_verb_form(self, request: Any, entry: Verb, subject: Any, data: Any) -> VerbForm:
        return case_form(entry, subject, request.actor, data=data, asked=request.GET.dict())

    def get_beside(self, request: Any, entry: Verb, subject: Any) -> dict[str, Any]:
        """What the decision is based on; empty if there is no case yet, or the person isn't in marketing."""
        if subject.matter_id is None or not request.actor.is_marketing:
            return {}
        decision = DECISIONS.get(entry.name, Decision())
        dossier = self._dossier(request, subject) if decision.sheet else dossier_of(subject, request.actor)
        return {
            "case": subject,
            "dossier": dossier,
            "file": CaseFile(dossier, request.at),
            "beside_part": f"admin/assessment/case/beside_{decision.part}.html",
            "read_template": f"admin/assessment/case/read_{decision.read}.html" if decision.read else "",
            "counterpart": self._counterpart(request, decision.other, subject),
        }

    def _counterpart(self, request: Any, other: str, subject: Any) -> dict[str, Any] | None:
        """The other answer to the same question: a person asked to approve or sign may also refuse."""
        return next((o for o in self.do_offers(request, subject) if other and o["url"].endswith(f"/{other}/")), None)

    # The desk

    def on_the_desk(self, request: Any) -> list[Any]:
        """How many cases are open, late or waiting for this person by name, each with a link to them."""
        actor, at = request.actor, request.at
        seen = Case.objects.visible_to(actor)
        place = self.url_of("changelist")
        told = [("", gettext("在办 %(count)s 件"), seen.filter(scope("", actor, at)).count())]
        told.append(("late", gettext("已超时 %(count)s 件"), seen.filter(scope("late", actor, at)).count()))
        if actor.is_marketing:
            named = (
                (gettext("待我批准 %(count)s 件"), case_list.to_approve(actor)),
                (gettext("待我签发 %(count)s 件"), case_list.to_sign(actor)),
                (gettext("待我发表意见 %(count)s 件"), case_list.to_speak(actor)),
                (gettext("待我办理 %(count)s 件"), case_list.awaits_me(actor)),
            )
            told += [("waits", words, seen.filter(where).count()) for words, where in named]
        shown = [(f"{place}?scope={name}" if name else place, words % {"count": n}) for name, words, n in told if n]
        return [format_html('<a href="{}">{}</a>', url, words) for url, words in shown]


class OfACase(GuardedAdmin):
    """A paper of a case, to look up; its texts are read only in the dossier."""

    desk = "cases"

    @admin.display(description=_("案件"), ordering="case")
    def of_case(self, row: Any) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("admin:assessment_case_change", args=[row.case_id]), row.case)


@admin.register(Sheet)
class SheetAdmin(OfACase):
    place, about = 2, _("客服中心发来的互动单，仅市场部、审计和发出方可见")
    fields = readonly_fields = ["number", "of_case", "unit", "person", "issued_by", "issued_at"]
    list_display = ["number", "of_case", "unit", "person", "issued_by", "issued_at"]
    list_select_related = ["case__matter", "unit", "person", "issued_by"]
    search_fields = ["number", "=case__matter__number"]

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:  # fmt: skip
        """Log every reading of a sheet, with its texts or without (R40)."""
        sheet = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if sheet is not None:
            note_sheet(request, sheet.case_id)
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Report)
class ReportAdmin(OfACase):
    place, about = 3, _("被查单位的自查报告")
    fields = readonly_fields = [
        "of_case", "conclusion", "filed_by", "filed_at", "signer", "signed_at", "replaced_at", "late",
    ]  # fmt: skip
    list_display = ["of_case", "conclusion", "filed_by", "filed_at", "signer", "signed_at", "late"]
    list_display_links = ["conclusion"]
    list_filter = ["conclusion", "late"]
    list_select_related = ["case__matter", "filed_by", "signer"]
    search_fields = ["=case__matter__number"]


@admin.register(Panel)
class PanelAdmin(OfACase):
    place, about = 4, _("有异议案件的评判会：成员、截止日、结论")
    fields = readonly_fields = [
        "of_case", "appointed_by", "appointed_at", "due_at", "conclusion", "recorded_by", "recorded_at",
    ]  # fmt: skip
    list_display = ["appointed_at", "of_case", "appointed_by", "due_at", "conclusion", "recorded_by", "recorded_at"]
    list_display_links = ["appointed_at"]
    list_filter = ["conclusion"]
    list_select_related = ["case__matter", "appointed_by", "recorded_by"]
    search_fields = ["=case__matter__number"]


@admin.register(Penalty)
class PenaltyAdmin(OfACase):
    place, about = 5, _("对责任人的处理及执行回执")
    fields = readonly_fields = [
        "of_case", "person", "on_grounds", "months", "recorded_by", "recorded_at", "executed_on", "voucher", "slip_by",
        "slip_at", "annulled_at", "refunded_on", "refund_voucher", "refund_by", "refund_at",
    ]  # fmt: skip
    list_display = ["person", "of_case", "on_grounds", "months", "recorded_by", "recorded_at", "slip_at", "annulled_at"]
    list_select_related = ["case__matter", "person", "recorded_by"]
    search_fields = ["person__username", "person__name", "=case__matter__number"]

    @admin.display(description=_("处理依据"))
    def on_grounds(self, row: Penalty) -> str:
        return gettext("、").join(row.ground_labels)


@admin.register(Circular)
class CircularAdmin(OfACase):
    place, about = 6, _("通报批评：草稿、已签发、已撤回")
    fields = readonly_fields = [
        "number", "of_case", "unit", "withdraws", "drafted_by", "drafted_at", "signer", "signed_at", "withdrawn_at",
    ]  # fmt: skip
    list_display = ["named", "of_case", "unit", "drafted_by", "signer", "signed_at", "withdrawn_at"]
    list_select_related = ["case__matter", "unit", "drafted_by", "signer"]
    search_fields = ["number", "=case__matter__number"]

    @admin.display(description=_("发文字号"), ordering="number")
    def named(self, row: Circular) -> str:
        return str(row)


@admin.register(Plan)
class PlanAdmin(OfACase):
    """Plans are opened and followed on their own pages; here they can be looked up."""

    place, about = 7, _("整改方案：责任人、期限、验收")
    exclude = ["content", "result"]
    list_display = ["matter", "unit", "owner", "state", "due", "opened_by", "reported_at"]
    list_filter = ["state"]
    list_select_related = ["matter", "unit", "owner", "opened_by"]
    search_fields = ["=matter__number"]
