"""The desk: what waits for the person who signed in, with the next step in reach of the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.desks import BLOCKS, TALLIES, contributed
from accountability.facts import Person
from accountability.forms import VerbForm
from accountability.permissions import Actor
from accountability.verbs import Verb, find
from accountability.web import Request
from complaints import worklists
from complaints.initial import explain
from complaints.models import Complaint, HandoffMethod
from complaints.worklists import Line, Section

IN_PLACE: dict[str, tuple[str, ...]] = {
    "hand_off": ("hand_off", "report_to_leader", "record_told"),
    "confirm_told": ("confirm_told", "deny_told"),
    "name_handler": ("name_handler",),
    "accept": ("accept",),
}
"""Which verbs the desk offers at a line, by the list the line stands in: the first as a form, the others folded."""

OVERDUE = "overdue"
"""The list whose title says already that everything in it is late."""

TYPED_ALREADY = {"hand_off": {"method": HandoffMethod.SYSTEM}}


@require_safe
def home(request: Request) -> HttpResponse:
    """The desk. A poll asks for the counts alone, so that nothing typed on the page is lost."""
    actor: Actor = request.actor
    mine = "mine" in request.GET
    sections = worklists.sections(actor, request.at, mine=mine)
    tallies = [_tally(section, mine) for section in sections] + contributed(TALLIES, actor, request.at)
    context = {"sections": sections, "tallies": tallies, "mine": mine}
    if request.htmx:
        return render(request, "complaints/parts/tally.html", context)
    forms = FormsInPlace(actor)
    desk = [
        (section, [(line, forms.of(section, line)) for line in section.lines], address_of(section, mine))
        for section in sections
    ]
    context |= {"desk": desk, "is_agent": actor.is_agent, "blocks": contributed(BLOCKS, actor, request.at)}
    return render(request, "complaints/home.html", context)


def _tally(section: Section, mine: bool) -> dict[str, Any]:
    return {
        "label": section.work.title,
        "count": section.count,
        "tone": section.tone,
        "icon": "clock-late" if section.late else "alert" if section.warned else "check" if not section.ids else "list",
        "url": address_of(section, mine),
        "note": _note(section),
    }


def address_of(section: Section, mine: bool = False) -> str:
    """Where the whole list stands."""
    asked = {"list": section.work.name} | ({"mine": "on"} if mine and section.work.shared else {})
    return f"{reverse('complaints')}?{urlencode(asked)}"


def _note(section: Section) -> str:
    told = []
    if section.late and section.work.name != OVERDUE:
        told.append(_("超时 %d") % section.late)
    if section.warned:
        told.append(_("将到期 %d") % section.warned)
    return " · ".join(told)


@dataclass
class InPlace:
    """A verb's form at a line."""

    verb: Verb
    form: VerbForm
    url: str


class FormsInPlace:
    """Forms at lines. Who may be named is asked once for each unit, not once for each line."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._verbs: dict[str, Verb] = {}

    def of(self, section: Section, line: Line) -> list[InPlace]:
        return [self._form(name, line.complaint) for name in IN_PLACE.get(section.work.name, ())]

    def _form(self, name: str, complaint: Complaint) -> InPlace:
        if name not in self._verbs:
            self._verbs[name] = with_people_asked_once(find(Complaint, name))
        form = VerbForm(self._verbs[name], complaint, self.actor, initial=TYPED_ALREADY.get(name))
        form.auto_id = f"id_{complaint.pk}_{name}_%s"
        explain(form)
        return InPlace(form.verb, form, reverse("act", args=[complaint.matter.number, name]))


def with_people_asked_once(verb: Verb) -> Verb:
    """The same verb, for a page with many of its forms: people are fetched once for each unit and leader."""
    facts = tuple(
        replace(fact, among=_once(fact.among)) if isinstance(fact, Person) and fact.among else fact
        for fact in verb.facts
    )
    return replace(verb, facts=facts)


def _once(among: Callable[[Any, Any], Iterable[Any]]) -> Callable[[Any, Any], Iterable[Any]]:
    known: dict[tuple[int, int | None], list[Any]] = {}

    def people(complaint: Complaint, actor: Actor) -> list[Any]:
        running = complaint.round
        assert running is not None  # a line with such a form has a running round
        key = (running.unit_id, running.coordinates_it)
        if key not in known:
            known[key] = list(among(complaint, actor))
        return known[key]

    return people
