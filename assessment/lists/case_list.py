"""The list of cases in the administration: which cases, in which order, and what one line shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accountability.db.probes import Probe
from accountability.models import Deadline, Unit
from accountability.notices.sentences import verb_label
from accountability.permissions import Actor
from assessment.models import PRESSES_IN, WAITS, Case, CaseState, Circular, Seat, Source
from assessment.models.cases import AT_WORK, CaseQuerySet
from assessment.models.states import SLIPS
from complaints.dossier.deadlines import binding, nearest

ORDER = ("matter__work_rank", "matter__work_due_at", "matter_id")
"""Open ones first, by nearest due instant. The matter's key comes last, so that a page ends at one exact place."""

LEAST_TYPED = 3
"""The fewest characters of a number to search for; fewer would find almost everything."""


def to_approve(actor: Actor) -> Q:
    return Q(approver=actor.pk) & ~Q(approval="")


def to_sign(actor: Actor) -> Q:
    waiting = Circular.objects.filter(case=OuterRef("pk"), signer=actor.pk, signed_at=None, withdrawn_at=None)
    return Q(Exists(waiting))


def to_speak(actor: Actor) -> Q:
    seats = Seat.objects.to_speak().filter(member=actor.pk, panel__case=OuterRef("pk"))
    return Q(Exists(seats), state=CaseState.DISPUTED) & ~Q(unit_id__in=actor.units)


def awaits_me(actor: Actor) -> Q:
    """What only this person can do next: they hold the case, or are asked by name."""
    return Q(matter__holder=actor.pk) | to_approve(actor) | to_sign(actor) | to_speak(actor)


def owes_slip() -> Q:
    owed = Deadline.objects.outstanding().filter(kind__in=SLIPS, matter_id=OuterRef("pk"))
    return Q(Probe(owed))


def is_late(at: datetime) -> Q:
    """A limit has passed that somebody still works towards."""
    late = Deadline.objects.outstanding().filter(matter_id=OuterRef("pk"), due_at__lt=at)
    where = Q(pk=None)
    for kind, states in PRESSES_IN.items():
        where |= Q(Probe(late.filter(kind=kind)), state__in=states)
    return where


SCOPES: tuple[tuple[str, Any], ...] = (
    ("", _("在办")),
    ("waits", _("待我办理")),
    ("mine", _("我经办")),
    ("late", _("已超时")),
    ("slip", _("待执行回执")),
    ("all", _("全部")),
)


def scope(name: str, actor: Actor, at: datetime) -> Q:
    """The cases of one of `SCOPES`; an unknown name gives the first."""
    where = {
        "waits": awaits_me(actor),
        "mine": Q(officer=actor.pk, matter__work_rank=AT_WORK),
        "late": is_late(at),
        "slip": owes_slip(),
        "all": Q(),
    }
    return where.get(name, Q(matter__work_rank=AT_WORK))


def _steps() -> list[tuple[str, Any]]:
    return [("", _("不限")), *((name, verb_label(name, Case.matter_kind)) for name in WAITS)]


class CaseFilters(forms.Form):
    """The filters in the list's address. Unreadable values are ignored."""

    q = forms.CharField(label=_("案件或互动单编号"), required=False, max_length=24)
    step = forms.ChoiceField(label=_("下一步"), choices=_steps, required=False)
    unit = forms.ModelChoiceField(
        label=_("被查单位"), queryset=Unit.objects.none(), to_field_name="code", empty_label=_("不限"), required=False
    )
    source = forms.ChoiceField(label=_("来源"), choices=[("", _("不限")), *Source.choices], required=False)
    state = forms.ChoiceField(
        label=_("状态"), choices=[("", _("不限")), *(c for c in CaseState.choices if c[0] != "new")], required=False
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data=data, auto_id="filter_%s")
        self.fields["unit"].queryset = Unit.objects.order_by("kind", "code")  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        given = self.cleaned_data
        for name, column in (("step", "matter__awaits"), ("unit", "unit"), ("source", "source"), ("state", "state")):
            if given.get(name):
                cases = cases.filter(**{column: given[name]})
        typed = (given.get("q") or "").strip().upper()
        if not typed:
            return cases
        if len(typed) < LEAST_TYPED:
            return cases.none()
        return cases.filter(Q(matter__number__contains=typed) | Q(sheet__number__contains=typed))


@dataclass
class Line:
    """One case in the list."""

    case: Case
    at: datetime
    deadlines: list[Deadline] = field(default_factory=list)

    @property
    def step(self) -> Any:
        awaits = self.case.matter.awaits
        return verb_label(awaits, Case.matter_kind) if awaits else ""

    @property
    def clock(self) -> Deadline | None:
        """An overdue limit first, else the limit of the next step, else the nearest."""
        late = [deadline for deadline in self.deadlines if deadline.due_at and deadline.due_at < self.at]
        of_step = binding(self.deadlines, self.case.matter.awaits)
        return next(iter([*nearest(late, 1), *([of_step] if of_step else []), *nearest(self.deadlines, 1)]), None)

    @property
    def tone(self) -> str:
        clock = self.clock
        if clock is None or clock.due_at is None:
            return ""
        return "danger" if clock.due_at < self.at else "warn" if clock.warned else ""


def for_lines(cases: CaseQuerySet) -> CaseQuerySet:
    return cases.select_related("matter__holder", "matter__holder_unit", "unit", "officer")


def lines(cases: Sequence[Case], at: datetime) -> list[Line]:
    """The cases as lines, in one more query."""
    clocks: dict[int, list[Deadline]] = defaultdict(list)
    for clock in Deadline.objects.outstanding().filter(matter_id__in=[case.pk for case in cases]).order_by("pk"):
        clocks[clock.matter_id].append(clock)
    return [Line(case, at, [clock for clock in clocks[case.pk] if case.presses(clock)]) for case in cases]
