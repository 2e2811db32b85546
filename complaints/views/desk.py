"""The desk: what waits for the person who signed in, with the next step at hand."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accountability.gate.fields import Fact, Offered, Person
from accountability.gate.verbs import Verb, find
from accountability.permissions import Actor
from accountability.security.markup import filled, in_address
from accountability.web.desk import BLOCKS, TALLIES, contributed
from accountability.web.request import Request
from accountability.web.verb_forms import VerbForm
from complaints.fields.widgets import PeopleButtons
from complaints.forms.defaults import explain, preface_of
from complaints.lists.bulk import MOST, ONE_BY_ONE
from complaints.lists.desk import SHOWN, Section, lines_by_id, sections
from complaints.lists.hands import FEW, Hand
from complaints.lists.hotspots import burning
from complaints.lists.standing import Standing
from complaints.lists.worklists import Line, WorkList
from complaints.models import Complaint, HandoffMethod

IN_PLACE: dict[str, tuple[str, ...]] = {
    "hand_off": ("hand_off", "report_to_leader", "record_told"),
    "confirm_told": ("confirm_told", "deny_told"),
    "name_handler": ("name_handler",),
    "accept": ("accept",),
}
"""The verbs that the desk offers at a line, by list: the first as an open form, the others folded."""

ROOM = 28
"""Rows on two screens of a small laptop, below what is above the lists. A list's head takes the room of one."""

TYPED_ALREADY = {"hand_off": {"method": HandoffMethod.SYSTEM}}


@require_safe
def home(request: Request) -> HttpResponse:
    """The desk. A poll fetches the numbers only, so that nothing typed on the page is lost."""
    actor: Actor = request.actor
    mine = "mine" in request.GET
    stands = Standing(actor, request.at)
    found = sections(actor, request.at, stands, mine=mine)
    context = {"mine": mine, "is_agent": actor.is_agent, **_numbers(found, actor, request.at, stands)}
    if request.htmx:
        return render(request, "complaints/lists/parts/waiting.html", context)
    desk = _laid_out(found)
    blocks = [block for block in context["blocks"] if block.card or block.is_main]
    if any(block.is_main for block in blocks):
        desk = [laid for laid in desk if laid.keys and laid.section.work.is_duty]
    _fill(desk, actor, request.at)
    context["main_cards"] = [block.card for block in blocks if block.card and block.is_main]
    context["other_cards"] = [block.card for block in blocks if block.card and not block.is_main]
    return render(request, "complaints/lists/home.html", context | {"sections": found, "desk": desk})


def _numbers(found: list[Section], actor: Actor, at: datetime, stands: Standing) -> dict[str, Any]:
    """What waits, by kind and clock: the kinds with work, the most urgent first, and those without any."""
    kinds = [section.waiting for section in found] + contributed(TALLIES, actor, at)
    duties = sorted((kind for kind in kinds if kind.is_duty), key=lambda kind: kind.heat)
    return {
        "duties": [kind for kind in duties if kind.total],
        "idle": [kind for kind in duties if not kind.total],
        "watched": [kind for kind in kinds if not kind.is_duty],
        "blocks": contributed(BLOCKS, actor, at),
        "burning": burning(actor, at, stands),
    }


@dataclass
class Laid:
    """A list as shown on the desk, without the complaints that a list above it shows already."""

    section: Section
    keys: list[int]
    rows: list[Line] = field(default_factory=list)
    is_first: bool = False

    @property
    def in_bulk(self) -> str:
        """Where all of the list may be done at once; only the unit's hand-overs are begun at the desk."""
        name = self.section.work.name
        if name not in ONE_BY_ONE or not 1 < self.section.total <= MOST:
            return ""
        return f"{reverse('bulk', args=[name])}?{urlencode({'list': name, 'all': 'on'})}"

    @property
    def more(self) -> bool:
        return self.section.total > len(self.rows)


def _most_rows(found: list[Section]) -> int:
    """The rows of each list with which all lists are on two screens; the rest is one click away."""
    lists = sum(1 for section in found if section.first)
    return max(1, min(SHOWN, (ROOM - lists) // lists)) if lists else SHOWN


def _laid_out(found: list[Section]) -> list[Laid]:
    """Lists with forms at their lines come first; the form of the very first line is open."""
    shown: set[int] = set()
    laid = []
    most = _most_rows(found)
    for section in sorted(found, key=lambda section: not (section.first and section.work.name in IN_PLACE)):
        fresh = [key for key in section.first if key not in shown][:most]
        shown.update(fresh)
        laid.append(Laid(section, fresh))
    if laid and laid[0].keys and laid[0].section.work.name in IN_PLACE:
        laid[0].is_first = True
    return [one for one in laid if one.keys or _tells_that_it_is_empty(one.section.work)]


def _tells_that_it_is_empty(work: WorkList) -> bool:
    return work.is_standing and work.is_duty and not work.shared


def _fill(desk: list[Laid], actor: Actor, at: datetime) -> None:
    """Read the lines that there is room for, with the forms at them."""
    known = lines_by_id(actor, at, {key for laid in desk for key in laid.keys})
    forms = FormsInPlace(actor)
    for laid in desk:
        laid.rows = [known[key] for key in laid.keys if key in known]
        for line in laid.rows:
            line.forms = forms.of(laid.section, line)
        if laid.is_first and laid.rows and laid.rows[0].forms:
            laid.rows[0].forms[0].is_open = True


class Own(NamedTuple):
    """What a form at a line has of its own: the key and the number of its complaint, the key of a double click and the
    state that the page showed.
    """

    pk: Any
    number: Any
    key: str
    seen: str


@dataclass
class Alike:
    """The form that several lines have in common, and what it looks like once one of them has shown it. Where each has
    something of its own stands a mark, made anew for each page, so that nobody can have typed it.
    """

    form: VerbForm
    url: str
    marks: Own
    drawn: SafeString | None = None


@dataclass
class InPlace:
    """A verb's form at a line."""

    verb: Verb
    alike: Alike
    own: Own
    is_open: bool = False
    """Only the first form of the first line is; the others are folded."""

    def drawn(self, draw: Callable[[], SafeString]) -> SafeString:
        """What `draw` says of the form; it is asked by the first of the lines that have it in common."""
        if self.alike.drawn is None:
            self.alike.drawn = draw()
        own = self.own._replace(number=in_address(self.own.number))
        return filled(self.alike.drawn, zip(self.alike.marks, own, strict=True))


class FormsInPlace:
    """The forms at lines. The people to name are queried once for each unit, and a form is built and drawn once for all
    lines at which it says the same.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._marks = Own(*(secrets.token_hex(16) for _field in Own._fields))
        self._verbs: dict[str, Verb] = {}
        self._people: KnownPeople = {}
        self._alike: dict[Hashable, Alike] = {}

    def of(self, section: Section, line: Line) -> list[InPlace]:
        work = section.work.name
        return [self._form(name, line.complaint, work) for name in IN_PLACE.get(work, ())]

    def _form(self, name: str, complaint: Complaint, work: str) -> InPlace:
        if name not in self._verbs:
            self._verbs[name] = with_people_asked_once(find(Complaint, name), self._people)
        verb = self._verbs[name]
        likeness = work, name, *_likeness(verb, complaint)
        if (alike := self._alike.get(likeness)) is None:
            alike = self._alike[likeness] = self._built(verb, complaint, work)
        own = Own(complaint.pk, complaint.matter.number, secrets.token_urlsafe(16), complaint.shown_for(name))
        return InPlace(verb, alike, own)

    def _built(self, verb: Verb, complaint: Complaint, work: str) -> Alike:
        marks = self._marks
        initial = {**TYPED_ALREADY.get(verb.name, {}), "_key": marks.key, "_seen": marks.seen}
        form = VerbForm(verb, complaint, self.actor, initial=initial)
        form.auto_id = f"id_{marks.pk}_{verb.name}_%s"
        form.begin_in(f"list={work}")
        _people_as_buttons(form)
        explain(form)
        return Alike(form, reverse("act", args=[marks.number, verb.name]), marks)


def _likeness(verb: Verb, complaint: Complaint) -> Iterator[Hashable]:
    """What the look of a verb's form depends on, besides its marks: who is asked for, what is demanded, what is told
    above it. Of a fact whose control or offers may depend on anything else of the complaint, the complaint itself.
    """
    running = complaint.round
    yield (running.unit_id, running.coordinates_it) if running else None
    yield preface_of(verb.name, complaint)
    for fact in verb.facts:
        yield fact.is_required(complaint)
        if isinstance(fact, Offered) or type(fact).control is not Fact.control:
            yield complaint.pk


def _people_as_buttons(form: VerbForm) -> None:
    """Show a few people as buttons, which take one tap instead of two; many would fill the page."""
    field = form.fields.get("to")
    if field is None:
        return
    choices = [choice for choice in field.widget.choices if choice[0]]
    if 0 < len(choices) <= FEW:
        people = [Hand(username, name, ()) for username, name in choices]
        field.widget = PeopleButtons(people, required=field.required)


Among = Callable[[Any, Any], Iterable[Any]]
KnownPeople = dict[tuple[Among, int, int | None], list[Any]]
"""By who is asked for, the unit and the leader."""


def with_people_asked_once(verb: Verb, known: KnownPeople) -> Verb:
    """The same verb for a page with many of its forms: people are queried once for each unit and leader."""
    facts = tuple(
        replace(fact, among=_once(fact.among, known)) if isinstance(fact, Person) and fact.among else fact
        for fact in verb.facts
    )
    return replace(verb, facts=facts)


def _once(among: Among, known: KnownPeople) -> Among:
    def people(complaint: Complaint, actor: Actor) -> list[Any]:
        running = complaint.round
        assert running is not None  # a line with such a form has a running round
        key = (among, running.unit_id, running.coordinates_it)
        if key not in known:
            known[key] = list(among(complaint, actor))
        return known[key]

    return people
