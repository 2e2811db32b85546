"""Cases on the desk: their numbers, and for the main column one line a case with its next act and who owes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import fetched_again
from accountability.models import NO_DUE, Employee
from accountability.notices.sentences import verb_label
from accountability.permissions import Actor
from accountability.security.markup import format_html, format_html_join
from accountability.templatetags.shouwen import clock_at, lasting_at
from accountability.web.combined_queries import united
from accountability.web.desk import AT_MOST, Block, Card, Clock, number
from accountability.web.standing_statements import standing_rows, standing_statements
from assessment.lists.worklists import OF_MARKETING, Ask, Line, asks_of, lines_of, with_lines
from assessment.models import Case, CaseComplaint, CaseState, Seat
from complaints.dossier.customer import customer_of
from complaints.models import Complaint

SHOWN = 14
"""Lines of a group. The whole list is one click away."""

SOONEST = ("matter__work_due_at", "-pk")
"""By the nearest of the limits that still press, as the lines are: the gate keeps it with the matter."""

ACTS = {
    "opinions": "give_opinion", "fault": "file_opinion", "reports": "file_report",
    "penalise": "penalise_all",
}  # fmt: skip
"""The verb behind a request whose name says what is wanted; the others ask for what the case awaits."""


@dataclass
class Row:
    """One case of the desk. `asked` is the request to this person, if there is one."""

    line: Line
    asked: Ask | None = None
    owing: list[Employee] = field(default_factory=list)
    """Those whose opinion the panel waits for."""
    complaints: list[Complaint] = field(default_factory=list)
    """The linked complaints that this person may read."""

    @property
    def case(self) -> Case:
        return self.line.case

    @property
    def verb(self) -> str:
        if self.asked is None:
            return ""
        if self.asked.name == "slips":
            return self._slip
        return ACTS.get(self.asked.name, self.case.matter.awaits)

    @property
    def _slip(self) -> str:
        """Of a case that is over only a return slip is left; of an annulled one, that for what is given back."""
        return "file_refund" if self.case.state == CaseState.ANNULLED else "file_slip"

    @property
    def act(self) -> Any:
        """What is to be done next."""
        verb = self.verb or ("" if self.line.duty else self._slip)
        return verb_label(verb, Case.matter_kind) if verb else self.line.duty

    @property
    def act_url(self) -> str:
        """The form of the act: for the person who is asked, and while a case has no officer for all of marketing."""
        if self.line.actor.is_marketing:
            free = self.case.officer_id is None and self.case.matter.awaits in dict(OF_MARKETING)
            verb = self.verb or (self.case.matter.awaits if free else "")
            return reverse("admin:assessment_case_do", args=[self.case.pk, verb]) if verb else ""
        return reverse("case_act", args=[self.case.matter.number, self.verb]) if self.verb else ""

    @property
    def url(self) -> str:
        if self.line.knows_all:
            return reverse("admin:assessment_case_change", args=[self.case.pk])
        return reverse("case", args=[self.case.matter.number])

    @property
    def who(self) -> list[Any]:
        """Who owes it: the members whose opinion is missing, the person the case waits for, or their department."""
        if self.asked:
            return [_("我")]
        if self.owing:
            return list(self.owing)
        if self.line.duty:
            return [self.line.holder or self.case.matter.holder_unit or "—"]
        return [self.case.unit.head or self.case.unit]

    @property
    def charged(self) -> Any:
        """The person the sheet names; never for the unit concerned (R40)."""
        sheet = getattr(self.case, "sheet", None) if self.line.knows_all else None
        return sheet.person if sheet else ""

    @property
    def about(self) -> str:
        """The complaint's category and the customer's own words, masked; for a contact's fault the round."""
        told = [f"{complaint.category}：" if complaint.category else "" for complaint in self.complaints[:1]]
        told += [customer_of(complaint).masked_content for complaint in self.complaints[:1]]
        return "".join(told)

    @property
    def drawn(self) -> SafeString:
        """The row, written without a template: an officer's desk has 28 rows of twenty nodes each."""
        matter, act, url = self.case.matter, self.act, self.act_url
        fault = gettext("接口人处理不当") + gettext("：") if self.case.is_fault and self.line.is_seen else ""
        return format_html(
            '\n        <li class="docket__row{tone}">\n'
            '          <a class="docket__number num" href="{url}">{number}</a>\n'
            '          <span class="docket__whom"><strong>{unit}</strong>{charged}</span>\n'
            '          <span class="docket__about muted">{fault}{about}</span>\n'
            '          <span class="docket__act">\n'
            "            \n"
            "              {act}\n"
            "            \n"
            "            {who}\n"
            "          </span>\n"
            '          <span class="docket__clock">\n'
            "            {clock}\n"
            "          </span>\n"
            "        </li>\n      ",
            tone=f" tone-{tone}" if (tone := self.line.tone) else "", url=self.url, number=matter.number,
            unit=self.case.unit, charged=f" {charged}" if (charged := self.charged) else "",
            fault=fault, about=self.about, act=format_html('<a href="{}">{}</a>', url, act) if url else act,
            who="" if self.asked else self._drawn_who(), clock=self._drawn_clock(),
        )  # fmt: skip

    def _drawn_who(self) -> SafeString:
        between = gettext("、")
        names = format_html_join("", "{}{}", ((between if place else "", each) for place, each in enumerate(self.who)))
        return format_html('\n              <span class="muted">{}</span>\n            ', names)

    def _drawn_clock(self) -> SafeString | str:
        at, since = self.line.at, self.case.matter.waiting_since
        if self.line.clock:
            return format_html("\n              {}\n            ", clock_at(at, self.line.clock, compact=True))
        if not since:
            return ""
        lasts = format_html('<span class="muted small">{} {}</span>', gettext("已等待"), lasting_at(at, since))
        return format_html("\n              {}\n            ", lasts)


@dataclass
class Desk:
    """The lines, read only when a page shows them: a poll asks for the numbers alone."""

    asks: list[Ask]
    actor: Actor
    at: datetime

    @property
    def url(self) -> str:
        return reverse("admin:assessment_case_changelist") if self.actor.is_marketing else reverse("cases")

    @cached_property
    def groups(self) -> list[tuple[Any, str, list[Row]]]:
        """Title, count and lines of what is asked of this person, and for marketing of what others owe."""
        asked = sorted((Row(line, ask) for ask in self.asks for line in ask.lines), key=_heat)
        others = self._others({row.case.pk for row in asked})
        watched = sorted(map(Row, lines_of(Keys.of(others[:SHOWN]), self.actor, self.at)), key=_heat)
        told = [(_("等我办理"), len(asked), asked[:SHOWN]), (_("等他人办理"), len(others), watched)]
        shown = [(title, number(count), rows) for title, count, rows in told if count]
        _fill([row for _title, _count, rows in shown for row in rows], self.actor, self.at)
        return shown

    def _others(self, taken: Collection[int]) -> list[int]:
        """Open cases, and closed ones whose return slip is overdue (R51): keys, as `_heat` would order them by what the
        gate keeps with the matter, of which no more than one limit presses. Only of those that are shown is read what
        a line needs.
        """
        if not self.actor.is_marketing:
            return []
        enough = AT_MOST * (2 + len(taken) // AT_MOST)
        asked = united(standing_statements(_first_owed, self.actor, self.at, enough))
        found = sorted((due_at, -pk, clock) for pk, due_at, clock in fetched_again(asked) if pk not in taken)
        return [-pk for _due_at, pk, _clock in sorted(found[:AT_MOST], key=itemgetter(2))]


def _first_owed(actor: Actor, at: datetime, at_most: int) -> list[QuerySet[Any]]:
    """Of each its key, its due instant, and how it stands by clock: the place in `Clock`."""
    late = models.When(matter__work_due_at__lt=at, then=0)
    warned = models.When(matter__work_warned=True, matter__work_due_at__lt=NO_DUE, then=1)
    seen = Case.objects.visible_to(actor).order_by(*SOONEST)
    both: tuple[Any, ...] = seen.running(), seen.with_late_slip(at)
    told = (found.annotate(clock=models.Case(late, warned, default=2)) for found in both)
    return [found.values_list("pk", "matter__work_due_at", "clock")[:at_most] for found in told]


def _heat(row: Row) -> tuple[int, bool, datetime, int]:
    """Late ones first, then by the due instant; those without a limit come last."""
    due = row.line.clock.due_at if row.line.clock else None
    return list(Clock).index(row.line.stands), due is None, due or row.line.at, -row.case.pk


def _fill(rows: list[Row], actor: Actor, at: datetime) -> None:
    """What each case is about and whose opinions are missing, in a constant number of queries."""
    by_case = {row.case.pk: row for row in rows if row.line.is_seen}
    (links,) = standing_statements(_links, actor, at, Keys.of(by_case))
    of_complaint = defaultdict(list)
    for case_id, complaint_id in fetched_again(links) if by_case else ():
        of_complaint[complaint_id].append(by_case[case_id])
    for complaint in standing_rows(_linked, actor, at, Keys.of(of_complaint)):
        for row in of_complaint[complaint.pk]:
            row.complaints.append(complaint)
    if actor.is_marketing:
        waited = Keys.of(pk for pk, row in by_case.items() if row.case.matter.awaits == "give_opinion")
        for seat in standing_rows(_silent, actor, at, waited):
            by_case[seat.panel.case_id].owing.append(seat.member)


def _links(_actor: Actor, _at: datetime, cases: Keys) -> list[QuerySet[Any]]:
    return [CaseComplaint.objects.filter(OneOf("case", cases)).order_by().values_list("case_id", "complaint_id")]


def _linked(actor: Actor, _at: datetime, complaints: Keys) -> list[QuerySet[Any]]:
    seen = Complaint.objects.visible_one_by_one(actor).filter(OneOf("pk", complaints))
    return [seen.select_related("category__parent", "intake").order_by("pk")]


def _silent(_actor: Actor, _at: datetime, cases: Keys) -> list[QuerySet[Seat]]:
    return [Seat.objects.to_speak().filter(OneOf("panel__case", cases)).select_related("member", "panel")]


def desk_block(actor: Actor, at: datetime) -> Block | None:
    """The desk's cases; None if nothing is asked. For marketing they are the main work."""
    asks = with_lines(asks_of(actor), actor, at)
    if not asks and not actor.is_marketing:
        return None
    card = Card("assessment/lists/parts/desk.html", Desk(asks, actor, at))
    return Block(_("案件"), reverse("cases"), [ask.waiting for ask in asks], card, is_main=actor.is_marketing)
