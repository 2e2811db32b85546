"""Search: cases, sheets and plans by number, cases also by their texts, only for those who may read them (R40)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.db.row_keys import Keys
from accountability.models import SearchText
from accountability.models.search import SearchTextQuerySet, of_verbs
from accountability.permissions import Actor
from accountability.search import finders
from accountability.search.index import SEARCHED, Cites, Searched
from accountability.web.request import Page, Request, page_by_key
from assessment.cases.dossier import read_by
from assessment.lists.worklists import for_lines, lines, lines_of
from assessment.models import SHEETS, Case, CaseComplaint, Plan, Sheet, hidden_opinions
from complaints.dossier.customer import Customer


def register() -> None:
    # A case has no customer of its own: its texts may name the customers of its complaints.
    cites = Cites(CaseComplaint, "case_id", "complaint_id")
    SEARCHED[Case.matter_kind] = Searched(mask=_mask, words=_words, cites=cites)
    finders.add("case_texts", _("案件内容"), "assessment/lists/parts/rows.html", _by_text, place=75)
    finders.add("cases", _("案件"), "assessment/lists/parts/rows.html", _cases, place=20)
    finders.add("sheets", _("互动单"), "assessment/lists/parts/found_sheet.html", _sheets, place=30)
    finders.add("plans", _("整改"), "assessment/plans/parts/found_plan.html", _plans, place=35)


def _mask(text: str, name: str, number: str) -> str:
    return Customer(name, number).mask(text)


def _words(verb: str, texts: dict[str, str]) -> Iterable[str]:
    """Skip a member's opinion, which is a choice and not text."""
    return [text for name, text in texts.items() if (verb, name) != ("give_opinion", "opinion")]


def texts_for(actor: Actor) -> SearchTextQuerySet:
    """The texts that this person may read, as `Dossier` shows them. From the notice on the unit concerned reads what it
    was told and filed, nothing of the sheet, and only its head the decisions against people. The centre reads what it
    wrote itself, unless the reader belongs to that unit (R40). A member's grounds are theirs alone until all opinions
    are in (R48).
    """
    found = SearchText.objects.filter(kind=Case.matter_kind).exclude(hidden_opinions(actor))
    if actor.reads_every_case:
        return found
    seen, units = Case.objects.visible_to(actor), actor.answers_for
    mine = Q(of_verbs(read_by("unit")), matter__in=seen.filter(unit__in=units).values("pk"))
    if actor.heads:
        mine |= Q(of_verbs(read_by("head")), matter__in=seen.filter(unit__in=actor.heads).values("pk"))
    if actor.is_agent:
        foreign = seen.filter(by_centre=True).exclude(unit__in=units)
        mine |= Q(of_verbs(read_by("centre")), matter__in=foreign.values("pk"))
    return found.filter(mine)


def _cases(query: finders.Query, request: Request, size: int) -> Page | None:
    numbered = query.numbered(Case.matter_kind)
    if numbered is None:
        return None
    found = Case.objects.visible_to(request.actor).filter(numbered)
    page = page_by_key(for_lines(found), ["-matter_id"], request, size=size)
    page.rows = lines(page.rows, request.actor, request.at)
    return page


def _by_text(query: finders.Query, request: Request, size: int) -> Page | None:
    """By words in the case's texts."""
    few = query.few_texts(Case.matter_kind, request.actor) if query.terms else []
    if few == []:
        return None
    if few is None:
        ranking = finders.ranked(texts_for, request.actor, query.terms)
    else:
        ranking = finders.ranked(texts_for, request.actor, query.terms, "pk", few)
    if not ranking.hits:
        return None
    page = finders.page_of_hits(ranking, request, size, of="case_texts")
    known = lines_of(Keys.of(hit.matter_id for hit in page.rows), request.actor, request.at)
    by_pk = {line.case.pk: line for line in known}
    pieces = finders.excerpts([hit.entry_id for hit in page.rows], query.terms, request.actor)
    page.rows = [replace(by_pk[hit.matter_id], pieces=pieces.get(hit.entry_id, [])) for hit in page.rows]
    return page


def _sheets(query: finders.Query, request: Request, size: int) -> Page | None:
    if not query.number.startswith(SHEETS):
        return None
    found = Sheet.objects.visible_to(request.actor).filter(number__startswith=query.number)
    return page_by_key(found.select_related("unit", "case"), ["-pk"], request, size=size)


def _plans(query: finders.Query, request: Request, size: int) -> Page | None:
    numbered = query.numbered(Plan.matter_kind)
    if numbered is None:
        return None
    found = Plan.objects.visible_to(request.actor).filter(numbered)
    return page_by_key(found.select_related("matter", "unit"), ["-matter_id"], request, size=size)
