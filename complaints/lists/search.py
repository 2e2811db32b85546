"""Search complaints. A person finds no more than the complaint's own page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from accountability.db.probes import Probe
from accountability.db.sql import fetched_again
from accountability.models import Matter, PersonalData, SearchText, Unit, number_ends
from accountability.models.search import SearchTextQuerySet
from accountability.permissions import Actor
from accountability.search import finders
from accountability.search.index import SEARCHED, Searched
from accountability.web.request import Page, Request, page_by_key
from accountability.web.standing_statements import GIVEN, standing_statements, with_given
from complaints import permissions
from complaints.dossier.customer import Customer
from complaints.dossier.dossier import BY_WHO_TALKS, OF_A_REPLY, OF_ONE_UNIT, OF_THE_CALL, OF_THE_INTAKE
from complaints.dossier.notes import of_own_unit, read_by_office
from complaints.fields.kinds import tasks_in
from complaints.lists.newest import FewSeen, InOrder, Seen, first_keys_of
from complaints.lists.worklists import NEWEST, lines, shown
from complaints.models import OUTSIDE, Complaint, Cooperation, MassEvent, OutsideCase, Round

INTAKES = (*OF_THE_INTAKE, "intake", "correct_data")
"""Kinds of sealed rows that name the customer. `intake` holds a forwarder's words with the centre's corrections; the
last one holds corrections at the customer's own request.
"""

NEWEST_LOOKED_AT, MORE_LOOKED_AT = 100, 1_000
"""Complaints in whose texts a word is looked for first, and then, if these don't fill a page."""

LOOK_UP = "complaints/lists/parts/look_up.html"


def register() -> None:
    finders.FOR_CALLERS.append((lambda actor: permissions.register(Complaint(), actor), LOOK_UP))
    SEARCHED[Complaint.matter_kind] = Searched(mask=_mask, words=_words, intakes=INTAKES)
    finders.add("complaints", _("投诉"), "complaints/lists/parts/rows.html", _by_number, place=10, names_customers=True)
    finders.add("outside", _("外部转办"), "complaints/lists/parts/rows.html", _by_outside_number, place=15)
    finders.add("mass", _("大面积投诉"), "complaints/lists/parts/found_mass.html", _mass_events, place=40)
    finders.add("texts", _("投诉内容"), "complaints/lists/parts/rows.html", _by_text, place=70)


def _mask(text: str, name: str, number: str) -> str:
    return Customer(name, number).mask(text)


def _words(verb: str, texts: dict[str, str]) -> Iterable[str]:
    for name, text in texts.items():
        if name in OF_THE_CALL:
            continue
        yield from tasks_in(text).values() if (verb, name) == ("record_tasks", "tasks") else (text,)


def texts_for(actor: Actor) -> SearchTextQuerySet:
    """The texts that this person may read, as `Story` shows them.

    Of a coordination to which their unit was only invited: the problem, and what the unit itself wrote, because the
    record also has other units' tasks. A forwarder finds their own words, not what the centre added. A note is found by
    those who may read it.
    """
    if actor.reads_every_complaint:
        return _readable(actor)
    return _readable(actor).filter(matter__in=Complaint.objects.visible_to(actor).values("pk"))


def _readable(actor: Actor) -> SearchTextQuerySet:
    """The same of complaints that this person may see."""
    found = SearchText.objects.filter(kind=Complaint.matter_kind)
    if actor.reads_every_complaint:
        return found.filter(read_by_office(actor))
    rounds = Round.objects.visible_to(actor).filter(complaint=OuterRef("matter"), number=OuterRef("entry__part"))
    tables = Cooperation.objects.filter(unit__in=actor.units, complaint=OuterRef("matter"))
    invited = tables.filter(coordination__round__number=OuterRef("entry__part"))
    of_unit = Round.objects.visible_to(actor).filter(complaint=OuterRef("matter"))
    knows_intake = Q(Probe(of_unit)) | Q(Probe(tables))
    its_unit = Unit.objects.filter(pk__in=actor.units, code=KeyTextTransform("unit", OuterRef("entry__facts")))
    own = Q(Exists(its_unit), entry__verb__in=[verb for verb, fact in OF_ONE_UNIT.items() if fact == "unit"])
    mine = (
        (Q(entry__part=0, entry__verb__in=OF_THE_INTAKE) & (Q(entry__verb="forward") | knows_intake))
        | Q(entry__verb__in=(*OF_A_REPLY, *BY_WHO_TALKS, "ask_material"), entry__actor=actor.pk)
        | Q(Probe(rounds))
        | (knows_intake & (Q(entry__verb="supplement") | of_own_unit(actor)))
        | Q(Probe(tables.filter(coordination__problem=OuterRef("entry__texts"))), entry__verb="convene")
        | (own & Q(Probe(invited)))
    )
    return found.filter(mine)


def _by_number(query: finders.Query, request: Request, size: int) -> Page | None:
    """By the complaint's number, its start or its last digits, the last digits of the customer's number, or their
    name; by the whole number only where the search page lets somebody.
    """
    seen = _numbered(query, request.actor) if query.number else _of_customer(query, request.actor)
    page = page_by_key(Complaint.objects.none(), NEWEST, request, size=size, first=seen.first)
    page.rows = lines(page.rows, request.actor, request.at)
    return page


def _by_outside_number(query: finders.Query, request: Request, size: int) -> Page | None:
    """By the whole number of a body outside, for those who read every complaint; no unit is told the number."""
    if query.number or not request.actor.reads_every_complaint:
        return None
    (asked,) = standing_statements(_with_a_number_outside, request.actor, request.at)
    found = fetched_again(with_given(asked, finders.reference(query.text)))
    seen = FewSeen.of(request.actor, (key for (key,) in found))
    page = page_by_key(Complaint.objects.none(), NEWEST, request, size=size, first=seen.first)
    page.rows = lines(page.rows, request.actor, request.at)
    return page


def _with_a_number_outside(_actor: Actor, _at: datetime) -> list[QuerySet[Any, Any]]:
    known = OutsideCase.objects.filter(body__in=OUTSIDE, number=GIVEN, dropped_at=None)
    return [known.order_by().values_list("complaint")]


def _numbered(query: finders.Query, actor: Actor) -> InOrder:
    keys = query.matters(Complaint.matter_kind)
    if keys is not None:
        return FewSeen.of(actor, keys)
    return Seen(actor, lambda visible: visible.filter(matter__number__startswith=query.number))


def _of_customer(query: finders.Query, actor: Actor) -> InOrder:
    """Complaints whose customer's number or name is the one typed, or whose own number ends so.

    The sealed rows are found first, by their digests: asked for as a subquery, every complaint would be looked at. Of
    more than `finders.MOST_KEYS` the database is asked all the same.
    """
    intakes, matters = PersonalData.objects.filter(query.of_customer, sealed__isnull=False), Matter.objects.none()
    if query.digits:
        matters = Matter.objects.filter(number_ends(query.digits), kind=Complaint.matter_kind)
    of_matters, of_intakes = matters.values_list("pk", flat=True), intakes.values_list("pk", flat=True)
    few_matters, few_intakes = finders.few(of_matters), finders.few(of_intakes)
    if few_matters is not None and few_intakes is not None:
        return FewSeen.of(actor, few_matters, few_intakes)
    found = Q(intake__in=of_intakes) | Q(pk__in=of_matters)
    return Seen(actor, lambda visible: visible.filter(found))


def _by_text(query: finders.Query, request: Request, size: int) -> Page | None:
    """Search by words in what was written about the complaint."""
    ranking = _ranked(query, request, size) if query.terms else finders.NO_HITS
    if not ranking.hits:
        return None
    page = finders.page_of_hits(ranking, request, size)
    known = shown(request.actor, request.at, (hit.matter_id for hit in page.rows))
    by_pk = {line.complaint.pk: line for line in lines(known, request.actor, request.at)}
    pieces = finders.excerpts([hit.entry_id for hit in page.rows], query.terms, request.actor)
    page.rows = [
        replace(line, pieces=pieces.get(hit.entry_id, []))
        for hit in page.rows
        if (line := by_pk.get(hit.matter_id))  # else a round has changed since the hits were found
    ]
    return page


def _ranked(query: finders.Query, request: Request, size: int) -> finders.Ranking:
    """The hits, or only those of the newest complaints where they fill the first page. A frequent word stands in what
    was written lately, and nothing else needs to be looked at. A number is no frequent word.

    Of the many texts with a word, whoever sees a part of the archive may see few. Their newest complaints tell: where
    these have no page of it, to read from the newest on would be to read the whole archive.
    """
    actor, terms = request.actor, query.terms
    is_first = not query.is_number and not {"after", "before"} & {*request.GET}
    # By one word the newest complaint is the first, whenever it was written about; by several, the one with most words.
    is_by_one = is_first and not terms[1:]
    for how_many in (NEWEST_LOOKED_AT, MORE_LOOKED_AT)[: is_first + is_by_one]:
        newest, is_all = _of_newest(how_many, actor, terms)
        if found := _filling(size, newest, is_all, terms):
            return found
    few = query.few_texts(Complaint.matter_kind, actor)
    if few is not None:
        return finders.ranked(texts_for, actor, terms, "pk", few) if few else finders.NO_HITS
    if actor.reads_every_complaint:
        return finders.ranked(texts_for, actor, terms)
    if not is_by_one:
        newest, _is_all = _of_newest(MORE_LOOKED_AT, actor, terms)
    return finders.ranked(texts_for, actor, terms, by_word=len(newest.hits) <= size)


def _of_newest(how_many: int, actor: Actor, terms: list[str]) -> tuple[finders.Ranking, bool]:
    """The hits in so many of this person's newest complaints, and whether these are all that they see."""
    keys = first_keys_of(actor, NEWEST, how_many)
    return finders.ranked(_readable, actor, terms, "matter", keys), len(keys) < how_many


def _filling(size: int, found: finders.Ranking, is_all: bool, terms: list[str]) -> finders.Ranking | None:
    """Those with all words, where they are more than a page; or all, where there are no other complaints."""
    if found.is_cut:
        return None
    if is_all:
        return found
    whole = [hit for hit in found.hits if hit.matched == len(terms)]
    return finders.Ranking(whole, is_cut=False) if len(whole) > size else None


def _mass_events(query: finders.Query, request: Request, size: int) -> Page | None:
    numbered = query.numbered(MassEvent.matter_kind)
    if numbered is None:
        return None
    found = MassEvent.objects.visible_to(request.actor).filter(numbered)
    return page_by_key(found.select_related("matter", "head"), NEWEST, request, size=size)
