"""Customers' requests about their own data: the list, the form for a new one, and the page of one request.

Acting here needs the second factor: these are other people's data, in matters that aren't one's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accountability.gate.perform import Outcome
from accountability.gate.verbs import Verb, available, find
from accountability.models import Deadline, LedgerEntry
from accountability.notices import sentences
from accountability.permissions import Actor, leads_or_audits
from accountability.privacy import retention
from accountability.security.masking import mask_customer
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
from complaints.data_rights.requests import kept_back, persons_of
from complaints.declarations.limits import Kind
from complaints.dossier.customer import Customer, texts_of
from complaints.lists.worklists import for_lines, lines
from complaints.models import Complaint, RightsFind, RightsRequest
from complaints.models.rights import NEEDS_TWO, Ground, RightsState, Wish
from complaints.permissions import open_rights_request

OFFERED_LAST = ("close_rights_request", "decline_fulfilment", "refuse_rights_request")

# The list, and a new one


def _listed(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    found = RightsRequest.objects.visible_to(actor).select_related("matter__holder", "opened_by")
    return Found(found if "all" in asked else found.running(), ["-matter_id"])


REQUESTS = Listing(
    "rights", gettext_lazy("客户权利请求"), _listed, leads_or_audits,
    (
        Column("number", gettext_lazy("编号"), lambda row: row.matter.number),
        Column("wish", gettext_lazy("请求"), lambda row: row.get_wish_display()),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("opened_at", gettext_lazy("受理时间"), lambda row: second(row.matter.opened_at)),
        Column("holder", gettext_lazy("持有人"), lambda row: masked_person(row.matter.holder)),
    ),
    lambda asked, actor, at: [open_or_everything(asked)],
    understands=lambda asked, actor, at: knows(asked, ["all"]),
)  # fmt: skip
LISTINGS.add(REQUESTS)


@require_safe
def requests(request: Request) -> HttpResponse:
    """The running ones, or all, the newest first."""
    if not REQUESTS.may_read(request.actor):
        raise PermissionDenied
    everything = "all" in request.GET
    page = page_of(REQUESTS, request)
    due = Deadline.objects.filter(matter__in=[row.pk for row in page.rows], kind=Kind.RIGHTS)
    by_matter = {deadline.matter_id: deadline for deadline in due}
    context = {
        "page": page, "rows": [(row, by_matter.get(row.pk)) for row in page.rows],
        "chips": open_or_all(reverse("rights"), _("办理中"), everything),
        "may_open": open_rights_request(RightsRequest(), request.actor),
    }  # fmt: skip
    return render(request, "complaints/data_rights/rights_list.html", context)


@require_http_methods(READS_AND_WRITES)
@never_cache
def begin(request: Request) -> HttpResponse:
    """Take a request in; complaints with the person's number or name are found at once."""
    if not open_rights_request(RightsRequest(), request.actor):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = VerbForm(find(RightsRequest, "open_rights_request"), RightsRequest(), request.actor, data=data)
    if begun := PAGE.begun(request, form, _("权利请求已受理。")):
        return begun
    context = {"form": form, "action": reverse("begin_rights"), "back": reverse("rights")}
    return render(request, "complaints/data_rights/rights_begin.html", context, status=status_of(form))


# One of them


def _place(entry: Verb) -> int:
    return OFFERED_LAST.index(entry.name) + 1 if entry.name in OFFERED_LAST else 0


def _offered(asked: RightsRequest) -> set[str]:
    """The verbs that fit the request's kind; the others would be refused."""
    names = {"find_matters", "refuse_rights_request", "approve_fulfilment", "decline_fulfilment"}
    if asked.awaits in ("correct_data", "close_rights_request"):
        names |= {asked.awaits}
    if asked.wish in NEEDS_TWO and (asked.state == RightsState.OPEN or asked.wish == Wish.COPY):
        names |= {"propose_fulfilment"}
    if asked.wish == Wish.CORRECT:
        names |= {"correct_data"}
    return names | ({"hand_over_copy"} if asked.owes_copy else set())


def _mask(asked: RightsRequest) -> Callable[[str], str]:
    """A function that masks every number, and the names and numbers given in the request."""
    persons = persons_of(asked)

    def mask(text: str) -> str:
        for name, phone in persons or [("", "")]:
            text = mask_customer(text, name=name, phone=phone)
        return text

    return mask


def _found(request: Request, asked: RightsRequest) -> list[dict[str, Any]]:
    """The complaints found, as lines; for a deletion also which of them can't be deleted."""
    rows = {row.complaint_id: row for row in RightsFind.objects.filter(request=asked)}
    known = Complaint.objects.visible_to(request.actor).filter(pk__in=rows)
    shown = lines(list(for_lines(known).order_by("pk")), request.actor, request.at)
    kept = (
        set(kept_back(list(rows), besides=asked.pk))
        if asked.wish == Wish.DELETE and asked.state in ("open", "proposed")
        else set()
    )
    return [
        {
            "line": line, "lines": [line], "find": rows[line.complaint.pk],
            "is_kept": str(line.complaint.matter) in kept,
        }
        for line in shown
    ]  # fmt: skip


LOOKS: dict[str, tuple[Any, str, str]] = {
    "miss": (gettext_lazy("“客户权利请求”时限已超"), "clock-late", "danger"),
    retention.VERB: (sentences.CLEARED, "lock", "neutral"),
}
"""Title, icon and tone of entries without a verb."""

ON_TOP = ("customer", "phone", "identity", "request")
"""Texts shown at the top and not repeated below."""


def _facts(entry: LedgerEntry) -> list[str]:
    if entry.verb == retention.VERB:
        return [sentences.cleared(entry.facts)]
    told = []
    if "found" in entry.facts:
        told.append(_("找到 %(count)s 件") % {"count": entry.facts["found"]})
    if isinstance(entry.facts.get("complaints"), list):
        told.append(_("%(count)s 件") % {"count": len(entry.facts["complaints"])})
    if "sha256" in entry.facts:
        told.append(_("校验码 %(digest)s") % {"digest": entry.facts["sha256"]})
    return told


def _archive(asked: RightsRequest) -> HttpResponse:
    """The copy in the response itself, because there is no address to fetch it from again."""
    response = HttpResponse(asked.bundle, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{asked.matter.number}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


class RequestPage(MatterPage):
    """Who asked for what, masked; what was found; who did what; and what may be done now."""

    model = RightsRequest
    place, place_of_verbs = "rights_request", "rights_act"
    template, verb_template = "complaints/data_rights/rights.html", "complaints/data_rights/rights_act.html"
    looks, by_itself = LOOKS, frozenset({"miss", retention.VERB})

    def seen(self, actor: Actor) -> QuerySet[RightsRequest]:
        return RightsRequest.objects.visible_to(actor).select_related(
            "matter__holder", "matter__holder_unit", "opened_by", "proposed_by", "approved_by", "intake", "answer"
        )

    def frame(self, request: Request, known: RightsRequest) -> dict[str, Any]:
        return {"asked": known, "until": known.copy_expires_at or known.matter.alarm_at} | self.holder(known)

    def body(self, request: Request, known: RightsRequest) -> dict[str, Any]:
        texts, mask = texts_of(known.intake), _mask(known)
        clocks = Deadline.objects.filter(matter=known.pk, kind=Kind.RIGHTS).select_related("limits")
        return {
            "customer": Customer(texts.get("customer", ""), texts.get("phone", "")),
            "identity": mask(texts.get("identity", "")),
            "wanted": mask(texts.get("request", "")),
            "answer": mask("\n".join(texts_of(known.answer).values())),
            "ground": Ground(known.ground).label if known.ground else "",
            "found": _found(request, known),
            "clock": clocks.first(),
            "forms": self.forms(request, known, self.offered(request, known)),
            "entries": self.timeline(request, known),
            "needs_two": known.wish in NEEDS_TWO,
        }

    def offered(self, request: Request, subject: RightsRequest) -> list[Verb]:
        fitting = (entry for entry in available(subject, request.actor) if entry.name in _offered(subject))
        return sorted(fitting, key=lambda entry: (entry.name != subject.awaits, _place(entry)))

    def initial(self, request: Request, known: RightsRequest, entry: Verb) -> dict[str, Any]:
        """Propose the complaints with the person's number. Those with only the same name must be checked first."""
        if entry.name != "propose_fulfilment":
            return {}
        sure = known.finds.filter(by_name=False).order_by("pk").select_related("complaint__matter")
        kept = kept_back([row.complaint_id for row in sure], besides=known.pk) if known.wish == Wish.DELETE else []
        numbers = [str(row.complaint.matter) for row in sure]
        return {"complaints": "\n".join(number for number in numbers if number not in kept)}

    def dress(self, request: Request, known: RightsRequest, form: VerbForm) -> None:
        super().dress(request, known, form)
        if form.verb.name == "approve_fulfilment" and known.wish == Wish.DELETE:
            form.preface, form.is_grave = _("批准后，所列投诉的资料将立即清除，不能恢复。"), True
        if form.verb.name == "hand_over_copy":
            form.preface = _("只能下载一次，系统不留存副本；请当面或经核实的渠道交给申请人。")

    def teller(self, request: Request, known: RightsRequest, entries: list[LedgerEntry]) -> Teller:
        mask = _mask(known)

        def said(entry: LedgerEntry) -> str:
            texts = [mask(text) for name, text in texts_of(entry.texts).items() if name not in ON_TOP]
            return "\n".join([*_facts(entry), *texts])

        return said

    def act(self, request: Request, number: str, verb: str) -> HttpResponse:
        """Requires the second factor."""
        if request.actor.looks_beyond_own_work:
            return super().act(request, number, verb)
        asked, entry = self.find(request, number), self.verb(verb)
        return self.answer(request, asked, entry, None, 403, _("办理权利请求，须先通过二次验证。"))

    def done(self, request: Request, form: VerbForm, outcome: Outcome) -> HttpResponse:
        if form.verb.name != "hand_over_copy":
            return super().done(request, form, outcome)
        asked = outcome.subject
        return _archive(asked) if asked.bundle is not None else redirect(self.address(asked))


PAGE = RequestPage()
page, act = (never_cache(view) for view in PAGE.views)
