"""Form facts of cases and plans: a round by complaint and number, a case by number, people of the unit or the panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accountability.gate.fields import BadFact, Fact
from accountability.gate.lookups import Lookups
from accountability.models import Employee
from assessment.models import Case
from complaints.fields.kinds import People
from complaints.fields.widgets import PeopleInput, with_unit
from complaints.models import Round


@dataclass(frozen=True, kw_only=True)
class Staff(People):
    """Employees by username, each once; a page offers the likely ones.

    `parts` gives their parts in the case, by person: those come first, and nobody of the unit concerned is shown with
    its name.
    """

    likely: Callable[[Any, Any], Iterable[Employee]]
    parts: Callable[[Any, Any], dict[int, str]] | None = None

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        people = partial(self.likely, subject, actor)
        if self.parts is None:
            return PeopleInput(people)
        parts = cache(partial(self.parts, subject, actor))

        def told(person: Employee) -> str:
            name = str(person) if person.unit_id == subject.unit_id else with_unit(person)
            return f"{name} · {parts()[person.pk]}" if person.pk in parts() else name

        def in_order() -> list[Employee]:
            places = {pk: place for place, pk in enumerate(parts())}
            return sorted(people(), key=lambda person: places.get(person.pk, len(places)))

        return PeopleInput(in_order, told)


@dataclass(frozen=True, kw_only=True)
class OfRound(Fact):
    """A round, written as its complaint's number and its own: TS20260105000001#1. Only for those who read all
    rounds.
    """

    def clean(self, raw: Any, lookups: Lookups) -> Round:
        if isinstance(raw, Round):
            return raw
        number, _hash, place = str(raw).strip().upper().rpartition("#")
        is_number = re.fullmatch(r"[0-9]{1,4}", place)
        found = Round.objects.filter(complaint__matter__number=number, number=int(place) if is_number else 0)
        one = found.select_related("unit", "complaint__matter").first()
        if one is None:
            raise BadFact(_("没有轮次“%(text)s”，应如 TS20260105000001#1。") % {"text": str(raw)[:40]})
        return one

    def record(self, value: Round) -> str:
        return f"{value.complaint.matter}#{value.number}"


@dataclass(frozen=True, kw_only=True)
class OfCase(Fact):
    """A case, by number. Only for verbs of those who see all cases."""

    def clean(self, raw: Any, lookups: Lookups) -> Case:
        if isinstance(raw, Case):
            return raw
        number = str(raw).strip().upper()
        found = Case.objects.filter(matter__number=number).select_related("matter").first()
        if found is None:
            raise BadFact(_("没有案件“%(text)s”。") % {"text": number[:40]})
        return found

    def record(self, value: Case) -> int:
        return value.pk
