"""Form facts of cases and plans: a round by complaint and number, a case by number, people of the unit or the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accountability.gate.fields import BadFact, Fact
from accountability.gate.lookups import Lookups
from accountability.models import Employee
from assessment.models import Case
from complaints.fields.kinds import People
from complaints.fields.widgets import PeopleInput
from complaints.models import Round


@dataclass(frozen=True, kw_only=True)
class Staff(People):
    """Employees by username, each once; a page offers the likely ones."""

    likely: Callable[[Any, Any], Iterable[Employee]]

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return PeopleInput(self.likely(subject, actor))


@dataclass(frozen=True, kw_only=True)
class OfRound(Fact):
    """A round, written as its complaint's number and its own: TS20261124000001#1. Only for those who read all
    rounds.
    """

    def clean(self, raw: Any, lookups: Lookups) -> Round:
        if isinstance(raw, Round):
            return raw
        number, _hash, place = str(raw).strip().upper().rpartition("#")
        is_number = place.isascii() and place.isdigit()
        found = Round.objects.filter(complaint__matter__number=number, number=int(place) if is_number else 0)
        one = found.select_related("unit", "complaint__matter").first()
        if one is None:
            raise BadFact(_("没有轮次“%(text)s”，应如 TS20261124000001#1。") % {"text": raw})
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
            raise BadFact(_("没有案件“%(text)s”。") % {"text": raw})
        return found

    def record(self, value: Case) -> int:
        return value.pk
