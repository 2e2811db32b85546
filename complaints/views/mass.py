"""Mass events: those that are open, one with its members and its record, and what the centre does about it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.forms import Textarea
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accountability import retention, wording
from accountability.acting import barred, carry_out, ready_again, verb_page
from accountability.acts import Refused
from accountability.forms import VerbForm
from accountability.masking import mask_text
from accountability.models import LedgerEntry
from accountability.permissions import Actor
from accountability.verbs import VERBS, Verb, available
from accountability.web import Request, open_or_all, page_by_key
from complaints.bulk import Selection, results_of
from complaints.mass import reply_to_all
from complaints.models import Complaint, Level, MassEvent, MassState
from complaints.presets import offer_presets_for_all
from complaints.story import texts_of
from complaints.worklists import for_lines, lines

ENTRIES_SHOWN = 50
GRAVE = frozenset({"dismiss_mass", "close_mass"})


@require_safe
def events(request: Request) -> HttpResponse:
    """The events, the newest first; `?all=1` also those that are over. For who reads every complaint, else 403."""
    if not request.actor.reads_every_complaint:
        raise PermissionDenied
    everything = "all" in request.GET
    found = MassEvent.objects.visible_to(request.actor).select_related("matter", "head", "confirmed_by")
    page = page_by_key(found if everything else found.open(), ["-matter_id"], request)
    counts = _counts([event.pk for event in page.rows])
    rows = [_row(event, counts.get(event.pk, 0)) for event in page.rows]
    chips = open_or_all(reverse("mass_events"), _("未结束"), everything)
    return render(request, "complaints/mass_list.html", {"page": page, "rows": rows, "chips": chips})


def _counts(ids: list[int]) -> dict[int, int]:
    members = Count("members", filter=Q(members__removed_at=None))
    return dict(MassEvent.objects.filter(pk__in=ids).annotate(number=members).values_list("pk", "number"))


def _row(event: MassEvent, count: int) -> dict[str, Any]:
    return {
        "event": event,
        "badges": _badges(event),
        "count": count,
        "tone": {MassState.WARNED: "danger", MassState.CONFIRMED: "warn"}.get(MassState(event.state), ""),
    }


def _badges(event: MassEvent) -> list[tuple[str, Any, Any]]:
    level = [("level", str(event.level), Level(event.level).label)] if event.level else []
    return [("mass", event.state, event.describe_state()), *level]


def known_event(request: Request, number: str) -> MassEvent:
    """The event of this number, if the reader may know of it; else 404, as for one that doesn't exist."""
    found = MassEvent.objects.visible_to(request.actor).select_related(
        "matter__holder", "matter__holder_unit", "head", "confirmed_by", "reply_text"
    )
    event = found.filter(matter__number=number).first()
    if event is None:
        raise Http404
    return event


@require_safe
def page(request: Request, number: str) -> HttpResponse:
    """The event: who answers for it, its members, what was done, and what may be done now."""
    event = known_event(request, number)
    actor, at = request.actor, request.at
    members = _members(event, actor)
    shown = page_by_key(for_lines(members), ["matter_id"], request)
    verbs = sorted(available(event, actor), key=lambda entry: (entry.name != event.awaits, entry.name in GRAVE))
    context = _present(event) | {
        "page": shown,
        "lines": lines(shown.rows, actor, at),
        "tallies": _tallies(members),
        "forms": [_form(request, entry, event) for entry in verbs],
        "may_remove": any(entry.name == "remove_member" for entry in verbs),
        "entries": _timeline(event),
    }
    return render(request, "complaints/mass.html", context)


def _members(event: MassEvent, actor: Actor) -> Any:
    mine = event.members.filter(removed_at=None)
    return Complaint.objects.visible_to(actor).filter(pk__in=mine.values("complaint_id"))


def _present(event: MassEvent) -> dict[str, Any]:
    matter = event.matter
    awaited = VERBS.get((MassEvent.matter_kind, event.awaits))
    return {
        "event": event,
        "badges": _badges(event),
        "holder": matter.holder,
        "unit": matter.holder_unit,
        "duty": awaited.label if awaited else "",
        "closed": "" if awaited else event.describe_state(),
    }


def _tallies(members: Any) -> list[dict[str, Any]]:
    """How far its members have come, each by its own way."""
    number = members.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(matter__awaits="reply")),
        replied=Count("pk", filter=Q(replies__gt=0)),
        over=Count("pk", filter=Q(matter__closed_at__isnull=False)),
    )
    return [
        {"label": _("投诉"), "count": number["all"], "tone": "neutral", "icon": "list"},
        {"label": _("等待回复"), "count": number["waiting"], "tone": "brand", "icon": "chat"},
        {"label": _("已回复"), "count": number["replied"], "tone": "ok", "icon": "check"},
        {"label": _("已归档"), "count": number["over"], "tone": "neutral", "icon": "square-full"},
    ]


def _form(request: Request, entry: Verb, event: MassEvent, data: QueryDict | None = None) -> VerbForm:
    form = VerbForm(entry, event, request.actor, data=data, initial=_initial(request, entry, event))
    form.is_awaited, form.is_grave = entry.name == event.awaits, entry.name in GRAVE
    if "complaints" in form.fields:
        form.fields["complaints"].widget = Textarea(attrs={"rows": 4, "autocomplete": "off"})
    offer_presets_for_all(form, event, request.actor)
    return form


def _initial(request: Request, entry: Verb, event: MassEvent) -> dict[str, Any]:
    """What is known already: the level that was counted, what was picked, the text of the last reply."""
    if entry.name == "confirm_mass":
        return {"level": str(event.level)}
    if entry.name == "reply_all":
        return {"content": texts_of(event.reply_text).get("content", "")}
    return {"complaints": "\n".join(request.GET.getlist("pick"))} if entry.name == "remove_member" else {}


SWEPT: dict[str, tuple[Any, str, str]] = {
    "warn_mass": (gettext_lazy("达到预警标准"), "alert", "danger"),
    "join_mass": (gettext_lazy("自动列入投诉"), "plus", "info"),
    retention.VERB: (wording.CLEARED, "lock", "neutral"),
}
"""What the sweep wrote: title, icon and tone."""


def _timeline(event: MassEvent) -> list[dict[str, Any]]:
    """The newest first; what the sweep saw among what people did."""
    found = LedgerEntry.objects.filter(matter_id=event.pk).select_related("actor__unit", "texts").order_by("-seq")
    return [_entry(entry) for entry in found[:ENTRIES_SHOWN]]


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    look = SWEPT.get(entry.verb, wording.PLAIN)
    texts = [mask_text(text) for text in texts_of(entry.texts).values()]
    number = len(entry.facts.get("complaints", [])) or entry.facts.get("count")
    counted = [_("%(count)s 件") % {"count": number}] if number else []
    text = "\n".join([*counted, *texts])
    return wording.timeline_entry(entry, MassEvent.matter_kind, look, text, by_itself=entry.verb in SWEPT)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, number: str, verb: str) -> HttpResponse:
    """One verb of the event: its form, or what became of it. A word that is none is not found."""
    event = known_event(request, number)
    entry = VERBS.get((MassEvent.matter_kind, verb))
    if entry is None:
        raise Http404
    inserts = "_insert" in request.POST
    if request.method == "POST" and not inserts:
        return _run(request, event, entry)
    bar = barred(entry, event, request.actor)
    if bar:
        return _answer(request, event, entry, None, *bar)
    form = _form(request, entry, event, request.POST if inserts else None)
    if inserts:
        form.insert(request.POST.get("_preset", ""))
    return _answer(request, event, entry, form, 200)


def _run(request: Request, event: MassEvent, entry: Verb) -> HttpResponse:
    form = _form(request, entry, event, request.POST)
    if entry.name == "reply_all":
        return _reply_all(request, event, form)
    if carry_out(request, form):
        return redirect("mass", event.matter.number)
    return _refused(request, event, form)


def _reply_all(request: Request, event: MassEvent, form: VerbForm) -> HttpResponse:
    """The report: to whom it went, and to whom not and why."""
    try:
        members, outcomes = reply_to_all(
            event, by=request.user, at=request.at, key=form.key, seen=form.seen, **form.raw()
        )
    except Refused as refusal:
        form.refuse(refusal)
        return _refused(request, event, form)
    results = results_of(Selection(members, [], len(members)), outcomes, request.actor, request.at, "")
    refused = sum(bool(result.refusal) for result in results)
    context = {"event": event, "results": results, "refused": refused, "done": len(results) - refused}
    return render(request, "complaints/mass_report.html", context)


def _refused(request: Request, event: MassEvent, form: VerbForm) -> HttpResponse:
    """The form again with everything typed, beside the state as it now is."""
    present = known_event(request, str(event.matter.number))
    return _answer(request, present, form.verb, form, ready_again(form, present))


def _answer(
    request: Request, event: MassEvent, entry: Verb, form: VerbForm | None, status: int, sentence: str = ""
) -> HttpResponse:
    context = _present(event) | verb_page(entry, event, request.actor, form, sentence, back="mass", action="mass_act")
    return render(request, "complaints/mass_act.html", context, status=status)
