"""The bulletins: by month, one with its table and charts, and what the centre may do with it (R54)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accountability import wording
from accountability.acting import barred, carry_out, ready_again, verb_page
from accountability.documents.reading import papers_of
from accountability.forms import VerbForm
from accountability.masking import mask_text
from accountability.models import Deadline, LedgerEntry
from accountability.permissions import Actor
from accountability.verbs import VERBS, Verb, available
from accountability.web import Request, page_by_key
from assessment.bulletins.comparing import Change, changes
from assessment.bulletins.drawing import charts
from assessment.bulletins.freezing import freeze
from assessment.bulletins.paper import may_draft
from assessment.bulletins.table import table_of
from assessment.models import Bulletin, BulletinState
from assessment.permissions import reads_drafts, reads_leads
from complaints.story import texts_of

READS_AND_WRITES = ["GET", "HEAD", "POST"]
GRAVE = frozenset({"withdraw_bulletin"})
ENTRIES_SHOWN = 100


@require_safe
def bulletins(request: Request) -> HttpResponse:
    """By month, the latest first; drafts only for those who make and audit them."""
    found = Bulletin.objects.visible_to(request.actor).select_related("matter")
    page = page_by_key(found, ("-month", "-edition"), request)
    clocks = Deadline.objects.binding().filter(matter__in=[row.pk for row in page.rows])
    of_matter = {clock.matter_id: clock for clock in clocks}
    knows = reads_drafts(request.actor)
    rows = [(row, of_matter.get(row.pk) if knows else None) for row in page.rows]
    return render(request, "assessment/bulletins.html", {"page": page, "rows": rows})


def known_bulletin(request: Request, number: str) -> Bulletin:
    """The bulletin of this number, if the reader may know of it; else 404, as for one that doesn't exist."""
    found = Bulletin.objects.visible_to(request.actor).with_everything().select_related("reason")
    bulletin = found.filter(matter__number=number).first()
    if bulletin is None:
        raise Http404
    return bulletin


@require_safe
def page(request: Request, number: str) -> HttpResponse:
    """The frozen figures by unit, drawn and as a table, each leading to what is behind it; what was corrected since."""
    bulletin = known_bulletin(request, number)
    actor = request.actor
    knows = reads_drafts(actor)
    context = _present(bulletin) | {
        "table": table_of(bulletin, actor),
        "charts": charts(bulletin.figures),
        "changes": _changes(request, bulletin),
        "declined": bulletin.figures.get("declined") if reads_leads(actor) else None,
        "clock": _clock(bulletin) if knows else None,
        "remarks": mask_text(texts_of(bulletin.remarks).get("remarks", "")),
        "reason": mask_text(texts_of(bulletin.reason).get("reason", "")),
        "later": _later(bulletin, actor),
        "papers": papers_of([bulletin.pk], actor, "bulletin"),
        "may_draft": may_draft(bulletin, actor),
        "forms": [_form(entry, bulletin, actor) for entry in _offered(bulletin, actor)],
        "entries": _timeline(bulletin) if knows else [],
    }
    return render(request, "assessment/bulletin.html", context)


def _changes(request: Request, bulletin: Bulletin) -> list[Change] | None:
    """What was corrected since; None where it wasn't looked for. To count a large month anew takes a second or more: it
    is done for those who make, audit or answer for the numbers, and for everybody else who asks.
    """
    concerned = reads_drafts(request.actor) or request.actor.answers_for
    if not concerned and "compare" not in request.GET:
        return None
    return changes(bulletin.figures, freeze(bulletin.month, request.at))


def _present(bulletin: Bulletin) -> dict[str, Any]:
    awaited = VERBS.get((Bulletin.matter_kind, bulletin.awaits))
    return {
        "bulletin": bulletin,
        "holder": None,
        "unit": bulletin.matter.holder_unit,
        "duty": awaited.label if awaited else "",
        "closed": "" if awaited else bulletin.describe_state(),
    }


def _clock(bulletin: Bulletin) -> Deadline | None:
    return Deadline.objects.binding().filter(matter=bulletin.pk).select_related("unit").first()


def _later(bulletin: Bulletin, actor: Actor) -> Bulletin | None:
    """What came in the place of a withdrawn one, once the reader may know of it."""
    if bulletin.state != BulletinState.WITHDRAWN:
        return None
    same_month = Bulletin.objects.visible_to(actor).filter(month=bulletin.month, edition__gt=bulletin.edition)
    return same_month.select_related("matter").order_by("edition").first()


def _offered(bulletin: Bulletin, actor: Actor) -> list[Verb]:
    return sorted(available(bulletin, actor), key=lambda entry: (entry.name != bulletin.awaits, entry.name in GRAVE))


def _form(entry: Verb, bulletin: Bulletin, actor: Actor, data: QueryDict | None = None) -> VerbForm:
    form = VerbForm(entry, bulletin, actor, data=data)
    form.is_awaited, form.is_grave = entry.name == bulletin.awaits, entry.name in GRAVE
    return form


LOOKS: dict[str, tuple[Any, str, str]] = {
    "miss": (gettext_lazy("“定期通报”时限已超"), "clock-late", "danger"),
    "draft_bulletin": (gettext_lazy("拟稿"), "edit", "brand"),
    "send_bulletin": ("", "paper", "ok"),
    "withdraw_bulletin": ("", "cross", "neutral"),
}
"""Title where it is no verb's label, icon and tone."""


def _timeline(bulletin: Bulletin) -> list[dict[str, Any]]:
    """The newest first."""
    found = LedgerEntry.objects.filter(matter_id=bulletin.pk).select_related("actor__unit", "texts").order_by("-seq")
    return [_entry(entry) for entry in found[:ENTRIES_SHOWN]]


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    look = LOOKS.get(entry.verb, wording.PLAIN)
    text = "\n".join(mask_text(text) for text in texts_of(entry.texts).values())
    return wording.timeline_entry(entry, Bulletin.matter_kind, look, text, by_itself=entry.actor.unit_id is None)


@require_http_methods(READS_AND_WRITES)
def act(request: Request, number: str, verb: str) -> HttpResponse:
    """One verb of the bulletin: its form, or what became of it. A word that is none is not found."""
    bulletin = known_bulletin(request, number)
    entry = VERBS.get((Bulletin.matter_kind, verb))
    if entry is None:
        raise Http404
    if request.method == "POST":
        return _run(request, bulletin, entry)
    if bar := barred(entry, bulletin, request.actor):
        return _answer(request, bulletin, entry, None, *bar)
    return _answer(request, bulletin, entry, _form(entry, bulletin, request.actor), 200)


def _run(request: Request, bulletin: Bulletin, entry: Verb) -> HttpResponse:
    form = _form(entry, bulletin, request.actor, request.POST)
    if carry_out(request, form):
        return redirect("bulletin", bulletin.matter.number)
    present = known_bulletin(request, str(bulletin.matter.number))
    return _answer(request, present, entry, form, ready_again(form, present))


def _answer(
    request: Request, bulletin: Bulletin, entry: Verb, form: VerbForm | None, status: int, sentence: str = ""
) -> HttpResponse:
    """`send_bulletin` by itself shows the figures too: nobody sends what they haven't read."""
    context = _present(bulletin) | verb_page(
        entry, bulletin, request.actor, form, sentence, back="bulletin", action="bulletin_act"
    )
    context["table"] = table_of(bulletin, request.actor) if form else None
    return render(request, "assessment/bulletin_act.html", context, status=status)
