"""Counting: a statement for each source, grouped by the database, whatever the data (R53, R54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Trunc
from django.utils.translation import gettext as _

from accountability.deadlines.limits import SHANGHAI
from accountability.models import Category, Employee, Unit
from accountability.permissions import Actor
from assessment.figures.measures import MEASURES, RANKED_KINDS, Measure, Source
from assessment.figures.periods import Period
from assessment.permissions import reads_leads

BY = ("unit", "category", "head", "region")
"""How numbers are grouped: by unit, by the category as registered, by its head, by the customer's region."""

NOTHING = "-"
"""The key of rows without category or region."""


@dataclass(frozen=True)
class Line:
    """The numbers of one unit, category or region. `key` is its name in addresses."""

    key: str
    label: str
    counts: Mapping[str, int]

    def share(self, name: str) -> Fraction | None:
        """The share of this measure in the one it is declared among; None if that is 0."""
        whole = self.counts[MEASURES[name].among]
        return Fraction(self.counts[name], whole) if whole else None


@dataclass(frozen=True)
class Scope:
    """Whose numbers are counted: the units by primary key, narrowed to a category or region. If `actor` is None there
    is no reader: the record itself is made, and all violations count.
    """

    units: Mapping[int, Unit]
    actor: Actor | None = None
    narrow: Mapping[str, Any] = field(default_factory=dict)

    def of(self, source: Source) -> Q:
        """The rows of a source within this scope. Numbers of cases are only for those who may see the cases."""
        where = Q(**{f"{source.unit}__in": list(self.units)})
        if source.case and self.actor is not None:
            where &= source.seen_by(self.actor)
        for column, value in self.narrow.items():
            where &= Q(**{f"{source.complaint}__{column}": value})
        return where


def scope(
    actor: Actor | None = None, units: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None
) -> Scope:
    """The units that are counted and ranked, as far as this person may know; `units` narrows them by code."""
    listed = Unit.objects.filter(kind__in=RANKED_KINDS).order_by("code")
    own = None if actor is None else units_told(actor)
    told = [unit for unit in listed if own is None or unit.pk in own]
    found = {unit.pk: unit for unit in told if units is None or unit.code in units}
    return Scope(found, actor, narrow or {})


def units_told(actor: Actor) -> set[int] | None:
    """Whose numbers a person may read: all (None) if they read every complaint; else the units that they answer for or
    in which they lead somebody.
    """
    if actor.reads_every_complaint:
        return None
    led = Employee.objects.filter(supervisor_id=actor.pk, is_active=True, unit__isnull=False)
    return {*actor.answers_for, *led.values_list("unit_id", flat=True)}


def reads_figures(actor: Actor) -> bool:
    """Centre, marketing and auditors; contacts, heads and leaders for their own unit."""
    return bool(actor.reads_every_complaint or actor.answers_for or units_told(actor))


def measures_for(actor: Actor | None, by: str = "unit") -> list[Measure]:
    """The measures for this person: numbers of cases only by unit, and only for those who may see cases."""
    knows = actor is None or reads_leads(actor) or actor.answers_for
    return [m for m in MEASURES.values() if not m.is_of_cases or (knows and by == "unit")]


def figures(
    period: Period, by: str = "unit", actor: Actor | None = None, *, units: Collection[str] | None = None,
    names: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None,
) -> list[Line]:  # fmt: skip
    """The numbers of a period as this person may know them: a line for every unit, or a line for each category or
    region that was counted. `names` limits the measures and saves statements.
    """
    wanted = [m for m in measures_for(actor, by) if names is None or m.name in names]
    whose = scope(actor, units, narrow)
    counts: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys((m.name for m in wanted), 0))
    for source, measures in _by_source(wanted).items():
        for key, *found in _grouped(source, measures, period, by, whose):
            counts[key] |= dict(zip((m.name for m in measures), found, strict=True))
    return _lines(by, whose, counts, wanted)


def total(period: Period, actor: Actor | None = None, *, units: Collection[str] | None = None) -> Line:
    """All the lines of `figures` by unit, added up."""
    lines = figures(period, "unit", actor, units=units)
    names = [measure.name for measure in measures_for(actor)]
    return Line("", _("合计"), {name: sum(line.counts[name] for line in lines) for name in names})


def _by_source(measures: Iterable[Measure]) -> dict[Source, list[Measure]]:
    found: dict[Source, list[Measure]] = defaultdict(list)
    for measure in measures:
        found[measure.source].append(measure)
    return found


def _grouped(
    source: Source, measures: list[Measure], period: Period, by: str, whose: Scope
) -> QuerySet[Any, tuple[Any, ...]]:
    """One statement: the key and a number for each measure."""
    key = {
        "unit": source.unit,
        "category": f"{source.complaint}__category_id",
        "head": f"{source.complaint}__category_id",
        "region": f"{source.complaint}__region",
    }[by]
    rows = source.rows().filter(source.within(period), whose.of(source))
    numbers = {f"n{place}": Count("pk", filter=measure.where) for place, measure in enumerate(measures)}
    return rows.order_by().values(key).annotate(**numbers).values_list(key, *numbers)


def _lines(by: str, whose: Scope, counts: Mapping[Any, dict[str, int]], wanted: list[Measure]) -> list[Line]:
    none = dict.fromkeys((measure.name for measure in wanted), 0)
    if by == "unit":
        return [Line(unit.code, unit.name, counts.get(pk, none)) for pk, unit in whose.units.items()]
    if by == "region":
        return [Line(name or NOTHING, name or _("未登记地区"), counts[name]) for name in sorted(counts)]
    return _of_categories(by, counts)


def _of_categories(by: str, counts: Mapping[int | None, dict[str, int]]) -> list[Line]:
    """In the order of the catalogue; rows without a category come last."""
    known = Category.objects.select_related("parent").in_bulk()
    summed: dict[int | None, dict[str, int]] = {}
    for pk, found in counts.items():
        key = known[pk].head.pk if pk is not None and by == "head" else pk
        before = summed.get(key, {})
        summed[key] = {name: number + before.get(name, 0) for name, number in found.items()}
    order = sorted((pk for pk in summed if pk is not None), key=lambda pk: (known[pk].head.pk, pk))
    lines = [Line(known[pk].path, known[pk].path, summed[pk]) for pk in order]
    return lines + ([Line(NOTHING, _("未分类"), summed[None])] if None in summed else [])


def trend(
    period: Period, measure: str, step: str = "day", actor: Actor | None = None, *,
    units: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None,
) -> list[tuple[Period, int]]:  # fmt: skip
    """The number for each day, week or month of Shanghai in the period, zeros included; one statement."""
    found = _counted(period, measure, scope(actor, units, narrow))
    found = found.annotate(step=Trunc("counted_at", step, tzinfo=SHANGHAI))
    numbers: dict[datetime, int] = dict(found.values("step").annotate(n=Count("pk")).values_list("step", "n"))
    return [(part, numbers.get(part.begins, 0)) for part in period.parts(step)]


def heat(
    period: Period, measure: str, actor: Actor | None = None, *,
    units: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None,
) -> dict[tuple[int, int], int]:  # fmt: skip
    """The number by weekday (Monday 1 to Sunday 7) and hour (0 to 23) of Shanghai; a missing cell is 0."""
    found = _counted(period, measure, scope(actor, units, narrow)).annotate(
        weekday=ExtractIsoWeekDay("counted_at", tzinfo=SHANGHAI), hour=ExtractHour("counted_at", tzinfo=SHANGHAI)
    )
    rows = found.values("weekday", "hour").annotate(n=Count("pk")).values_list("weekday", "hour", "n")
    return {(weekday, hour): n for weekday, hour, n in rows}


def _counted(period: Period, name: str, whose: Scope) -> QuerySet[Any]:
    measure = next(m for m in measures_for(whose.actor) if m.name == name)
    return counted(measure, period, whose).order_by()


def counted(measure: Measure, period: Period, whose: Scope) -> QuerySet[Any]:
    """The rows that a number counts."""
    return measure.rows.filter(measure.source.within(period), whose.of(measure.source))
