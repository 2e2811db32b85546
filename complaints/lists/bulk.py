"""One verb over a selection of complaints: what may be chosen, the verb's fields, the result for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict

from accountability.gate.fields import Person
from accountability.gate.perform import Outcome
from accountability.gate.verbs import Verb, find, verbs_of
from accountability.models import Employee
from accountability.permissions import Actor
from complaints.declarations.limits import Kind
from complaints.lists.hands import Hand, Hands
from complaints.lists.queue import queue_of
from complaints.lists.worklists import Line, for_lines, lines
from complaints.models import Complaint

MOST = 200
"""The most complaints in one act. More is probably a mistake, and would lock them for too long."""

OFFICES: dict[str, Callable[[Actor], bool]] = {
    "agent": lambda actor: actor.is_agent,
    "marketing": lambda actor: actor.is_marketing,
    "unit": lambda actor: bool(actor.answers_for),
    "contact": lambda actor: bool(actor.contact_duties),
}
"""Which people a list may offer a bulk verb to, by the names in `Verb.in_bulk`."""


def verbs_in_bulk() -> list[Verb]:
    """The verbs of the centre first, as its lists show them."""
    return sorted((entry for entry in verbs_of(Complaint) if entry.in_bulk), key=lambda entry: entry.in_bulk[0])


def offered(actor: Actor) -> list[Verb]:
    """The verbs whose buttons a list shows. Whether one may be run is decided for each complaint."""
    return [entry for entry in verbs_in_bulk() if any(OFFICES[office](actor) for office in entry.in_bulk)]


ONE_BY_ONE = ("hand_off",)
"""The verbs whose person may be another for each complaint."""


@dataclass
class Choice:
    """A complaint with the people who may be chosen for it. `name` is the field, `typed` what was chosen in it."""

    line: Line
    people: list[Hand]
    typed: str

    @property
    def name(self) -> str:
        return field_of(self.line.complaint)

    @property
    def alone(self) -> list[Line]:
        return [self.line]

    @property
    def due(self) -> datetime | None:
        """When it must be handed over."""
        running = [limit for limit in self.line.deadlines if limit.kind == Kind.HANDOFF and limit.is_outstanding]
        return running[-1].due_at if running else None

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < self.line.at


def field_of(complaint: Complaint) -> str:
    return f"to-{complaint.matter.number}"


def choices_of(chosen: Selection, shown: Iterable[Line], actor: Actor, typed: QueryDict) -> list[Choice]:
    """Those that can still be handed over in time first, the nearest first; then those that are late."""
    hands = Hands(chosen.complaints, actor)
    made = [Choice(line, hands.of(line.complaint), typed.get(field_of(line.complaint), "")) for line in shown]
    return sorted(made, key=lambda one: (one.is_late, one.due is None, one.due or one.line.at))


def named_in(typed: QueryDict, complaints: Iterable[Complaint]) -> dict[int, dict[str, Any]]:
    """The person chosen for each complaint, by matter."""
    named = {complaint.pk: typed.get(field_of(complaint), "").strip() for complaint in complaints}
    return {pk: {"to": username} for pk, username in named.items() if username}


@dataclass
class Selection:
    """What was chosen, as far as the reader may see it. Numbers that are unknown or not the reader's are `missing`.

    `total` counts everything that was asked for; above MOST nothing is read.
    """

    complaints: list[Complaint]
    missing: list[str]
    total: int

    @property
    def is_too_large(self) -> bool:
        return self.total > MOST


def selection_of(asked: QueryDict, actor: Actor, at: datetime) -> Selection:
    """The complaints chosen one by one (`pick`), or with `all` the whole list that the address describes."""
    if "all" in asked:
        queue = queue_of(asked, actor, at)
        found = list(for_lines(queue.found).order_by(*queue.filters.keys)[: MOST + 1])
        return Selection(found if len(found) <= MOST else [], [], len(found))
    numbers = list(dict.fromkeys(number.strip().upper()[:24] for number in asked.getlist("pick") if number.strip()))
    if len(numbers) > MOST:
        return Selection([], [], len(numbers))
    rows = for_lines(Complaint.objects.visible_to(actor)).filter(matter__number__in=numbers)
    known = {str(complaint.matter): complaint for complaint in rows}
    return Selection(
        [known[number] for number in numbers if number in known],
        [number for number in numbers if number not in known],
        len(numbers),
    )


def verb_over(name: str, complaints: Sequence[Complaint]) -> Verb:
    """The verb for one form over all: without fields read from each complaint, with people of one's own units."""
    entry = find(Complaint, name)
    facts = [fact for fact in entry.facts if fact.name not in entry.read_off]
    concerned = {complaint.round.unit_id for complaint in complaints if complaint.round}

    def people(_subject: Any, actor: Actor) -> Iterable[Employee]:
        units = concerned & actor.answers_for
        people = Employee.objects.in_business(actor.at).filter(unit_id__in=units)
        if name in ONE_BY_ONE:
            people = people.filter(supervisor__isnull=False)
        return people.order_by("unit", "name", "username")

    return replace(
        entry, facts=tuple(replace(f, among=people) if isinstance(f, Person) and f.among else f for f in facts)
    )


def own_facts(name: str, complaints: Iterable[Complaint]) -> dict[int, dict[str, Any]]:
    """The fields read from each complaint, by matter: the round to chase."""
    if "round" not in find(Complaint, name).read_off:
        return {}
    return {complaint.pk: {"round": complaint.round_count} for complaint in complaints if complaint.round_count}


@dataclass
class Result:
    """The result for one complaint: its line, and the message if it was refused."""

    number: str
    line: Line | None = None
    refusal: str = ""


def results_of(
    chosen: Selection, outcomes: Sequence[Outcome], actor: Actor, at: datetime, unknown: Any
) -> list[Result]:
    """The report, the refused ones first, since they still need work. A missing one gets the message `unknown`."""
    numbers = [str(complaint.matter) for complaint in chosen.complaints]
    present = for_lines(Complaint.objects.visible_to(actor)).filter(matter__number__in=numbers)
    known = {str(line.complaint.matter): line for line in lines(list(present), actor, at)}
    told = [
        Result(number, known.get(number), _sentence(outcome)) for number, outcome in zip(numbers, outcomes, strict=True)
    ]
    missing = [Result(number, None, str(unknown)) for number in chosen.missing]
    return sorted([*missing, *told], key=lambda result: not result.refusal)


def _sentence(outcome: Outcome) -> str:
    if outcome.refused is None:
        return ""
    at_fields = "".join(dict.fromkeys(outcome.refused.fields.values()))
    return at_fields or str(outcome.refused)
