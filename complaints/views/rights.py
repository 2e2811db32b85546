"""Customers' requests about their own data: the list, one to be taken in, one with what it found and what may be done.

Whoever acts here has shown their second factor: it is other people's data, of matters that are not theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accountability import retention, wording
from accountability.acting import barred, carry_out, ready_again, status_of, verb_page
from accountability.forms import VerbForm
from accountability.masking import mask_customer
from accountability.models import Deadline, LedgerEntry
from accountability.permissions import leads_or_audits
from accountability.verbs import VERBS, Verb, available, find
from accountability.web import Request, open_or_all, page_by_key, run
from complaints.declarations.limits import Kind
from complaints.models import Complaint, RightsFind, RightsRequest
from complaints.models.rights import NEEDS_TWO, Ground, RightsState, Wish
from complaints.permissions import open_rights_request
from complaints.rights import kept_back, persons_of
from complaints.story import Customer, texts_of
from complaints.worklists import for_lines, lines

READS_AND_WRITES = ["GET", "HEAD", "POST"]
GRAVE = frozenset({"refuse_rights_request"})
LAST = ("close_rights_request", "decline_fulfilment", "refuse_rights_request")
ENTRIES_SHOWN = 100

# The list, and a new one


@require_safe
def requests(request: Request) -> HttpResponse:
    """The running ones, or all, the newest first."""
    if not leads_or_audits(request.actor):
        raise PermissionDenied
    everything = "all" in request.GET
    found = RightsRequest.objects.visible_to(request.actor).select_related("matter__holder", "opened_by")
    page = page_by_key(found if everything else found.running(), ["-matter_id"], request)
    due = Deadline.objects.filter(matter__in=[row.pk for row in page.rows], kind=Kind.RIGHTS)
    by_matter = {deadline.matter_id: deadline for deadline in due}
    context = {
        "page": page, "rows": [(row, by_matter.get(row.pk)) for row in page.rows],
        "chips": open_or_all(reverse("rights"), _("办理中"), everything),
        "may_open": open_rights_request(RightsRequest(), request.actor),
    }  # fmt: skip
    return render(request, "complaints/rights_list.html", context)


@require_http_methods(READS_AND_WRITES)
@never_cache
def begin(request: Request) -> HttpResponse:
    """A request taken in; what bears the person's number or name is found at once."""
    if not open_rights_request(RightsRequest(), request.actor):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = VerbForm(find(RightsRequest, "open_rights_request"), RightsRequest(), request.actor, data=data)
    if data is not None and (outcome := run(request, form)):
        messages.success(request, _("权利请求已受理。"))
        return redirect("rights_request", outcome.subject.matter.number)
    context = {"form": form, "action": reverse("begin_rights"), "back": reverse("rights")}
    return render(request, "complaints/rights_begin.html", context, status=status_of(form))


# One of them


def known_request(request: Request, number: str) -> RightsRequest:
    """The request of this number, if the reader may know of it; else 404, as for one that doesn't exist."""
    found = RightsRequest.objects.visible_to(request.actor).select_related(
        "matter__holder", "matter__holder_unit", "opened_by", "proposed_by", "approved_by", "intake", "answer"
    )
    row = found.filter(matter__number=number).first()
    if row is None:
        raise Http404
    return row


@require_safe
@never_cache
def page(request: Request, number: str) -> HttpResponse:
    """Who asked for what, masked; what was found; who did what; and what may be done now."""
    asked = known_request(request, number)
    actor = request.actor
    verbs = sorted(available(asked, actor), key=lambda entry: (entry.name != asked.awaits, _place(entry)))
    texts, mask = texts_of(asked.intake), _mask(asked)
    context = _present(asked) | {
        "customer": Customer(texts.get("customer", ""), texts.get("phone", "")),
        "identity": mask(texts.get("identity", "")),
        "wanted": mask(texts.get("request", "")),
        "answer": mask("\n".join(texts_of(asked.answer).values())),
        "ground": Ground(asked.ground).label if asked.ground else "",
        "found": _found(request, asked),
        "clock": Deadline.objects.filter(matter=asked.pk, kind=Kind.RIGHTS).select_related("limits").first(),
        "forms": [_form(request, entry, asked) for entry in verbs if entry.name in _offered(asked)],
        "entries": _timeline(asked, mask),
        "needs_two": asked.wish in NEEDS_TWO,
    }
    return render(request, "complaints/rights.html", context)


def _place(entry: Verb) -> int:
    return LAST.index(entry.name) + 1 if entry.name in LAST else 0


def _offered(asked: RightsRequest) -> set[str]:
    """What fits the wish: the others' actions would refuse."""
    names = {"find_matters", "refuse_rights_request", "approve_fulfilment", "decline_fulfilment"}
    if asked.awaits in ("correct_data", "close_rights_request"):
        names |= {asked.awaits}
    if asked.wish in NEEDS_TWO and (asked.state == RightsState.OPEN or asked.wish == Wish.COPY):
        names |= {"propose_fulfilment"}
    if asked.wish == Wish.CORRECT:
        names |= {"correct_data"}
    return names | ({"hand_over_copy"} if asked.owes_copy else set())


def _mask(asked: RightsRequest) -> Callable[[str], str]:
    """Every number, and the names and numbers the request was told of."""
    persons = persons_of(asked)

    def mask(text: str) -> str:
        for name, phone in persons or [("", "")]:
            text = mask_customer(text, name=name, phone=phone)
        return text

    return mask


def _found(request: Request, asked: RightsRequest) -> list[dict[str, Any]]:
    """The complaints found, as everywhere in lists; of those to be deleted, which can't be."""
    rows = {row.complaint_id: row for row in RightsFind.objects.filter(request=asked)}
    known = Complaint.objects.visible_to(request.actor).filter(pk__in=rows)
    shown = lines(list(for_lines(known).order_by("pk")), request.actor, request.at)
    kept = (
        set(kept_back(list(rows), besides=asked.pk))
        if asked.wish == Wish.DELETE and asked.state in ("open", "proposed")
        else set()
    )
    return [
        {"line": line, "find": rows[line.complaint.pk], "is_kept": str(line.complaint.matter) in kept} for line in shown
    ]


def _present(asked: RightsRequest) -> dict[str, Any]:
    awaited = VERBS.get((RightsRequest.matter_kind, asked.awaits))
    return {
        "asked": asked,
        "holder": asked.matter.holder,
        "unit": asked.matter.holder_unit,
        "duty": awaited.label if awaited else "",
        "until": asked.copy_expires_at or asked.matter.alarm_at,
        "closed": "" if awaited else asked.describe_state(),
    }


def _form(request: Request, entry: Verb, asked: RightsRequest, data: QueryDict | None = None) -> VerbForm:
    """What is sure is proposed already; what has the name alone in common somebody must look into first."""
    known = {}
    if entry.name == "propose_fulfilment":
        sure = asked.finds.filter(by_name=False).order_by("pk").select_related("complaint__matter")
        kept = kept_back([row.complaint_id for row in sure], besides=asked.pk) if asked.wish == Wish.DELETE else []
        numbers = [str(row.complaint.matter) for row in sure]
        known = {"complaints": "\n".join(number for number in numbers if number not in kept)}
    form = VerbForm(entry, asked, request.actor, data=data, initial=known)
    form.is_awaited, form.is_grave = entry.name == asked.awaits, entry.name in GRAVE
    if entry.name == "approve_fulfilment" and asked.wish == Wish.DELETE:
        form.preface, form.is_grave = _("批准后，所列投诉的资料将立即清除，不能恢复。"), True
    if entry.name == "hand_over_copy":
        form.preface = _("只能下载一次，系统不留存副本；请当面或经核实的渠道交给申请人。")
    return form


LOOKS: dict[str, tuple[Any, str, str]] = {
    "miss": (gettext_lazy("“客户权利请求”时限已超"), "clock-late", "danger"),
    "open_rights_request": ("", "inbox", "info"),
    "find_matters": ("", "search", "info"),
    "correct_data": ("", "edit", "warn"),
    "propose_fulfilment": ("", "flag", "warn"),
    "approve_fulfilment": ("", "check", "ok"),
    "decline_fulfilment": ("", "cross", "back"),
    "hand_over_copy": ("", "down", "brand"),
    "refuse_rights_request": ("", "cross", "neutral"),
    "close_rights_request": ("", "square-full", "ok"),
    retention.VERB: (wording.CLEARED, "lock", "neutral"),
}
"""Title where it is no verb's label, icon and tone."""

OF_THE_SYSTEM = ("miss", retention.VERB)
ON_TOP = ("customer", "phone", "identity", "request")
"""Texts that stand above, and are not repeated."""


def _timeline(asked: RightsRequest, mask: Callable[[str], str]) -> list[dict[str, Any]]:
    found = LedgerEntry.objects.filter(matter_id=asked.pk).select_related("actor__unit", "texts").order_by("-seq")
    return [_entry(entry, mask) for entry in found[:ENTRIES_SHOWN]]


def _entry(entry: LedgerEntry, mask: Callable[[str], str]) -> dict[str, Any]:
    look = LOOKS.get(entry.verb, wording.PLAIN)
    texts = [mask(text) for name, text in texts_of(entry.texts).items() if name not in ON_TOP]
    text = "\n".join([*_facts(entry), *texts])
    return wording.timeline_entry(entry, RightsRequest.matter_kind, look, text, by_itself=entry.verb in OF_THE_SYSTEM)


def _facts(entry: LedgerEntry) -> list[str]:
    if entry.verb == retention.VERB:
        return [wording.cleared(entry.facts)]
    told = []
    if "found" in entry.facts:
        told.append(_("找到 %(count)s 件") % {"count": entry.facts["found"]})
    if isinstance(entry.facts.get("complaints"), list):
        told.append(_("%(count)s 件") % {"count": len(entry.facts["complaints"])})
    if "sha256" in entry.facts:
        told.append(_("校验码 %(digest)s") % {"digest": entry.facts["sha256"]})
    return told


# What may be done


@require_http_methods(READS_AND_WRITES)
@never_cache
def act(request: Request, number: str, verb: str) -> HttpResponse:
    """One verb of the request: its form, or what became of it. A word that is none, or begins one, is not found."""
    asked = known_request(request, number)
    entry = VERBS.get((RightsRequest.matter_kind, verb))
    if entry is None or entry.creates:
        raise Http404
    if not request.actor.looks_beyond_own_work:
        return _answer(request, asked, entry, None, 403, _("办理权利请求，须先通过二次验证。"))
    if request.method == "POST":
        return _run(request, asked, entry)
    bar = barred(entry, asked, request.actor)
    return _answer(request, asked, entry, None, *bar) if bar else _answer(
        request, asked, entry, _form(request, entry, asked), 200
    )  # fmt: skip


def _run(request: Request, asked: RightsRequest, entry: Verb) -> HttpResponse:
    form = _form(request, entry, asked, request.POST)
    if entry.name == "hand_over_copy":
        outcome = run(request, form)
        if outcome and outcome.subject.bundle is not None:
            return _archive(outcome.subject)
    else:
        outcome = carry_out(request, form)
    if outcome:
        return redirect("rights_request", asked.matter.number)
    present = known_request(request, str(asked.matter.number))
    return _answer(request, present, entry, form, ready_again(form, present))


def _archive(asked: RightsRequest) -> HttpResponse:
    """Handed over in the answer itself: there is no address to fetch it from a second time."""
    response = HttpResponse(asked.bundle, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{asked.matter.number}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(
    request: Request, asked: RightsRequest, entry: Verb, form: VerbForm | None, status: int, sentence: str = ""
) -> HttpResponse:
    context = _present(asked) | verb_page(
        entry, asked, request.actor, form, sentence, back="rights_request", action="rights_act"
    )
    return render(request, "complaints/rights_act.html", context, status=status)
