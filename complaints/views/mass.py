"""Mass events: the open ones, one with its members and its record, and what the centre does about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.forms import Textarea
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accountability.gate.act import Refused
from accountability.gate.verbs import Verb
from accountability.models import LedgerEntry
from accountability.notices import sentences
from accountability.permissions import Actor
from accountability.privacy import retention
from accountability.security.masking import mask_text
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
from accountability.web.request import Request, open_or_all, page_by_key
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import MatterPage, Teller
from complaints.dossier.customer import texts_of
from complaints.forms.answer_templates import offer_presets_for_all
from complaints.lists.bulk import Selection, results_of
from complaints.lists.worklists import for_lines, lines
from complaints.models import Complaint, Level, MassEvent, MassState
from complaints.sweep.mass_events import reply_to_all


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    found = MassEvent.objects.visible_to(actor).select_related("matter", "head", "confirmed_by")
    return Found(found if "all" in asked else found.open(), ["-matter_id"])


def _counted(rows: list[Any], actor: Actor, at: datetime) -> list[Any]:
    counts = _counts([event.pk for event in rows])
    return [(event, counts.get(event.pk, 0)) for event in rows]


EVENTS = Listing(
    "mass_events", gettext_lazy("大面积投诉"), _found, lambda actor: actor.reads_every_complaint,
    (
        Column("number", gettext_lazy("编号"), lambda row: row[0].matter.number),
        Column("region", gettext_lazy("地区"), lambda row: row[0].region),
        Column("head", gettext_lazy("投诉大类"), lambda row: row[0].head.name),
        Column("state", gettext_lazy("状态"), lambda row: row[0].describe_state()),
        Column("level", gettext_lazy("级别"), lambda row: Level(row[0].level).label if row[0].level else ""),
        Column("count", gettext_lazy("投诉件数"), lambda row: row[1]),
        Column("since", gettext_lazy("达到标准时刻"), lambda row: second(row[0].since)),
        Column("confirmed_by", gettext_lazy("确认人"), lambda row: masked_person(row[0].confirmed_by)),
    ),
    lambda asked, actor, at: [open_or_everything(asked)], _counted,
    understands=lambda asked, actor, at: knows(asked, ["all"]),
)  # fmt: skip
LISTINGS.add(EVENTS)


@require_safe
def events(request: Request) -> HttpResponse:
    """The events, the newest first; with `?all=1` also closed ones. For people who read every complaint, else 403."""
    if not EVENTS.may_read(request.actor):
        raise PermissionDenied
    everything = "all" in request.GET
    page = page_of(EVENTS, request)
    counts = _counts([event.pk for event in page.rows])
    rows = [_row(event, counts.get(event.pk, 0)) for event in page.rows]
    chips = open_or_all(reverse("mass_events"), _("未结束"), everything)
    return render(request, "complaints/views/mass_list.html", {"page": page, "rows": rows, "chips": chips})


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


def _members(event: MassEvent, actor: Actor) -> Any:
    mine = event.members.filter(removed_at=None)
    return Complaint.objects.visible_to(actor).filter(pk__in=mine.values("complaint_id"))


def _tallies(members: Any) -> list[dict[str, Any]]:
    """How many members wait, were replied to, or are over."""
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


SWEPT: dict[str, tuple[Any, str, str]] = {
    "warn_mass": (gettext_lazy("达到预警标准"), "alert", "danger"),
    "join_mass": (gettext_lazy("自动列入投诉"), "plus", "info"),
    retention.VERB: (sentences.CLEARED, "lock", "neutral"),
}
"""The entries written by the sweep: title, icon and tone."""


class EventPage(MatterPage):
    """The event: who answers for it, its members, what was done, and what may be done now."""

    model = MassEvent
    place, place_of_verbs = "mass", "mass_act"
    template, verb_template = "complaints/views/mass.html", "complaints/views/mass_act.html"
    looks, by_itself, entries_shown = SWEPT, frozenset(SWEPT), 50

    def seen(self, actor: Actor) -> QuerySet[MassEvent]:
        return MassEvent.objects.visible_to(actor).select_related(
            "matter__holder", "matter__holder_unit", "head", "confirmed_by", "reply_text"
        )

    def frame(self, request: Request, known: MassEvent) -> dict[str, Any]:
        return {"event": known, "badges": _badges(known)} | self.holder(known)

    def body(self, request: Request, known: MassEvent) -> dict[str, Any]:
        members = _members(known, request.actor)
        shown = page_by_key(for_lines(members), ["matter_id"], request)
        verbs = self.offered(request, known)
        return {
            "page": shown,
            "lines": lines(shown.rows, request.actor, request.at),
            "tallies": _tallies(members),
            "forms": self.forms(request, known, verbs),
            "may_remove": any(entry.name == "remove_member" for entry in verbs),
            "entries": self.timeline(request, known),
        }

    def dress(self, request: Request, known: MassEvent, form: VerbForm) -> None:
        super().dress(request, known, form)
        if "complaints" in form.fields:
            form.fields["complaints"].widget = Textarea(attrs={"rows": 4, "autocomplete": "off"})
        offer_presets_for_all(form, known, request.actor)

    def initial(self, request: Request, known: MassEvent, entry: Verb) -> dict[str, Any]:
        """The known values: the counted level, the complaints chosen, the text of the last reply."""
        if entry.name == "confirm_mass":
            return {"level": str(known.level)}
        if entry.name == "reply_all":
            return {"content": texts_of(known.reply_text).get("content", "")}
        return {"complaints": "\n".join(request.GET.getlist("pick"))} if entry.name == "remove_member" else {}

    def teller(self, request: Request, known: MassEvent, entries: list[LedgerEntry]) -> Teller:
        def said(entry: LedgerEntry) -> str:
            texts = [mask_text(text) for text in texts_of(entry.texts).values()]
            number = len(entry.facts.get("complaints", [])) or entry.facts.get("count")
            counted = [_("%(count)s 件") % {"count": number}] if number else []
            return "\n".join([*counted, *texts])

        return said

    def serve(
        self, request: Request, entry: Verb, find: Callable[[], Any], find_to_act: Callable[[], Any] | None = None
    ) -> HttpResponse:
        """A reply to all leads to a report: who got it, who didn't, and why."""
        if entry.name != "reply_all" or request.method != "POST" or "_insert" in request.POST:
            return super().serve(request, entry, find, find_to_act)
        subject = find()
        form = self.bound(request, subject, entry)
        try:
            members, outcomes = reply_to_all(
                subject, by=request.user, at=request.at, key=form.key, seen=form.seen, **form.raw()
            )
        except Refused as refusal:
            form.refuse(refusal)
            return self.refused(request, form, find)
        results = results_of(Selection(members, [], len(members)), outcomes, request.actor, request.at, "")
        refused = sum(bool(result.refusal) for result in results)
        context = {"event": subject, "results": results, "refused": refused, "done": len(results) - refused}
        return render(request, "complaints/views/mass_report.html", context)


page, act = EventPage().views
