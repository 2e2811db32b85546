"""The pages of bulletins: the list by month, one bulletin with table and charts, and the centre's acts on it (R54)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accountability.declarations.places import everybody
from accountability.documents.reading import papers_of
from accountability.gate.verbs import Verb
from accountability.models import Deadline, LedgerEntry
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from accountability.web.listings import LISTINGS, Column, Found, Listing, page_of, second
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import MatterPage, Teller
from assessment.bulletins.comparing import Change, changes
from assessment.bulletins.drawing import charts
from assessment.bulletins.freezing import freeze
from assessment.bulletins.paper import may_draft
from assessment.bulletins.table import table_of
from assessment.models import Bulletin, BulletinState
from assessment.models.bulletins import reads_drafts
from assessment.permissions import reads_leads
from complaints.dossier.customer import texts_of


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    return Found(Bulletin.objects.visible_to(actor).select_related("matter"), ("-month", "-edition"))


BULLETINS = Listing(
    "bulletins", gettext_lazy("定期通报"), _found, everybody,
    (
        Column("month", gettext_lazy("通报月份"), lambda row: f"{row.month:%Y-%m}"),
        Column("edition", gettext_lazy("第几稿"), lambda row: row.edition),
        Column("number", gettext_lazy("发文字号"), lambda row: row.number),
        Column("state", gettext_lazy("状态"), lambda row: row.get_state_display()),
        Column("cut_off_at", gettext_lazy("数据截止"), lambda row: second(row.cut_off_at)),
        Column("sent_at", gettext_lazy("发送时间"), lambda row: second(row.sent_at)),
    ),
    names_nobody=True,
)  # fmt: skip
LISTINGS.add(BULLETINS)


@require_safe
def bulletins(request: Request) -> HttpResponse:
    """By month, the latest first; drafts only for those who make and audit them."""
    page = page_of(BULLETINS, request)
    clocks = Deadline.objects.binding().filter(matter__in=[row.pk for row in page.rows])
    of_matter = {clock.matter_id: clock for clock in clocks}
    knows = reads_drafts(request.actor)
    rows = [(row, of_matter.get(row.pk) if knows else None) for row in page.rows]
    return render(request, "assessment/bulletins/bulletins.html", {"page": page, "rows": rows})


def _changes(request: Request, bulletin: Bulletin) -> list[Change] | None:
    """What was corrected since; None if it wasn't checked. Counting a large month again takes a second or more, so it
    is done for those who make, audit or answer for the numbers, and for others only on request.
    """
    concerned = reads_drafts(request.actor) or request.actor.answers_for
    if not concerned and "compare" not in request.GET:
        return None
    return changes(bulletin.figures, freeze(bulletin.month, request.at))


def _clock(bulletin: Bulletin) -> Deadline | None:
    return Deadline.objects.binding().filter(matter=bulletin.pk).select_related("unit").first()


def _later(bulletin: Bulletin, actor: Actor) -> Bulletin | None:
    """The bulletin that replaced a withdrawn one, once the reader may know of it."""
    if bulletin.state != BulletinState.WITHDRAWN:
        return None
    same_month = Bulletin.objects.visible_to(actor).filter(month=bulletin.month, edition__gt=bulletin.edition)
    return same_month.select_related("matter").order_by("edition").first()


LOOKS: dict[str, tuple[Any, str, str]] = {
    "miss": (gettext_lazy("“定期通报”时限已超"), "clock-late", "danger"),
}
"""Title, icon and tone of entries without a verb."""


class BulletinPage(MatterPage):
    """The frozen figures by unit, as charts and table, each linked to its rows; and what was corrected since."""

    model = Bulletin
    place, place_of_verbs = "bulletin", "bulletin_act"
    template, verb_template = "assessment/bulletins/bulletin.html", "assessment/bulletins/bulletin_act.html"
    looks = LOOKS

    def seen(self, actor: Actor) -> QuerySet[Bulletin]:
        return super().seen(actor).select_related("reason")

    def frame(self, request: Request, known: Bulletin) -> dict[str, Any]:
        return {"bulletin": known} | self.holder(known) | {"holder": None}

    def body(self, request: Request, known: Bulletin) -> dict[str, Any]:
        actor = request.actor
        knows = reads_drafts(actor)
        return {
            "table": table_of(known, actor),
            "charts": charts(known.figures),
            "changes": _changes(request, known),
            "declined": known.figures.get("declined") if reads_leads(actor) else None,
            "clock": _clock(known) if knows else None,
            "remarks": mask_text(texts_of(known.remarks).get("remarks", "")),
            "reason": mask_text(texts_of(known.reason).get("reason", "")),
            "later": _later(known, actor),
            "papers": papers_of([known.pk], actor, "bulletin"),
            "may_draft": may_draft(known, actor),
            "forms": self.forms(request, known, self.offered(request, known)),
            "entries": self.timeline(request, known) if knows else [],
        }

    def beside(self, request: Request, known: Bulletin, entry: Verb, form: VerbForm | None) -> dict[str, Any]:
        """The separate page of `send_bulletin` shows the figures too: nobody sends what they haven't read."""
        return {"table": table_of(known, request.actor) if form else None}

    def is_by_itself(self, entry: LedgerEntry) -> bool:
        return entry.actor.unit_id is None

    def teller(self, request: Request, known: Bulletin, entries: list[LedgerEntry]) -> Teller:
        return lambda entry: "\n".join(mask_text(text) for text in texts_of(entry.texts).values())


page, act = BulletinPage().views
