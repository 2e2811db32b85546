"""Counting: grouped by the database, as many statements whatever the data (R53, R54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Trunc
from django.utils.translation import gettext as _

from accountability.db.sql import compiled, fetched
from accountability.deadlines.limits import SHANGHAI
from accountability.models import Category, Employee, Unit
from accountability.permissions import Actor
from assessment.figures.measures import ASKED, DECLARED, LIMITS, MEASURES, RANKED_KINDS, Measure, Source
from assessment.figures.periods import Period
from assessment.permissions import reads_leads

BY = ("unit", "category", "head", "region")
"""How numbers are grouped: by unit, by the category as registered, by its head, by the customer's region."""

COMPARED = frozenset(m.name for m in DECLARED if m.source in (LIMITS, ASKED))
"""What is compared with the period before: shares and what they are shares of. A count of an unfinished month would
mislead.
"""

FEW_UNITS = 5
"""A reader's own units, which an index of the unit finds; one who reads all has about thirty."""

NOTHING = "-"
"""The key of rows without category or region."""


@dataclass(frozen=True)
class Line:
    """The numbers of one unit, category or region. `key` is its name in addresses; `before` has the numbers of the
    period before, where that was asked for, of measures that are a share or have one.
    """

    key: str
    label: str
    counts: Mapping[str, int]
    before: Mapping[str, int] = field(default_factory=dict)

    def share(self, name: str) -> Fraction | None:
        """The share of this measure in the one it is declared among; None if that is 0."""
        return _share(self.counts, name)

    def share_before(self, name: str) -> Fraction | None:
        return _share(self.before, name)


def _share(counts: Mapping[str, int], name: str) -> Fraction | None:
    whole = counts.get(MEASURES[name].among)
    return Fraction(counts[name], whole) if whole else None


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
        where = Q(**{f"{source.unit}__in": self._units()})
        if source.case and self.actor is not None:
            where &= source.seen_by(self.actor)
        for column, value in self.narrow.items():
            where &= Q(**{f"{source.complaint}__{column}": value})
        return where

    def _units(self) -> Any:
        """Of many units the database joins the units: by an index of the column it would read all they ever had."""
        keys = list(self.units)
        return keys if len(keys) <= FEW_UNITS else Unit.objects.filter(pk__in=keys).order_by().values("pk")


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
    names: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None, before: Period | None = None,
) -> list[Line]:  # fmt: skip
    """The numbers of a period as this person may know them: a line for every unit, or a line for each category or
    region that was counted. `names` limits the measures and saves statements. `before` is an earlier period, whose
    shares are counted by the same statements.
    """
    found = figures_by({by: names}, period, actor, units=units, narrow=narrow, before=before, compared={by})
    return found[by]


def figures_by(
    asked: Mapping[str, Collection[str] | None], period: Period, actor: Actor | None = None, *,
    units: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None,
    before: Period | None = None, compared: Collection[str] = (),
) -> dict[str, list[Line]]:  # fmt: skip
    """The same grouped in several ways: `asked` has the measures of each, `compared` those that are compared with the
    period before.
    """
    whose = scope(actor, units, narrow)
    wanted = {
        by: _places(
            (m.name for m in measures_for(actor, by) if names is None or m.name in names),
            is_compared=before is not None and by in compared,
        )
        for by, names in asked.items()
    }
    counts: dict[str, dict[Any, _Counts]] = {
        by: defaultdict(lambda places=places: dict.fromkeys(places, 0))  # type: ignore[misc]
        for by, places in wanted.items()
    }
    for source, of_source in _by_source(wanted).items():
        for by, key, found in _grouped(source, of_source, period, before, whose):
            counts[by][key] |= found
    return {by: _lines(by, whose, found, dict.fromkeys(wanted[by], 0)) for by, found in counts.items()}


def total(period: Period, actor: Actor | None = None, *, units: Collection[str] | None = None) -> Line:
    """All the lines of `figures` by unit, added up."""
    lines = figures(period, "unit", actor, units=units)
    names = [measure.name for measure in measures_for(actor)]
    return Line("", _("合计"), {name: sum(line.counts[name] for line in lines) for name in names})


class _Place(NamedTuple):
    """Which number of a line: a measure's, in the period or in the one before."""

    measure: str
    is_before: bool


_Counts = dict[_Place, int]


def _places(names: Iterable[str], *, is_compared: bool) -> list[_Place]:
    now = [_Place(name, is_before=False) for name in names]
    return now + [_Place(name, is_before=True) for name, _now in now if is_compared and name in COMPARED]


def _by_source(wanted: Mapping[str, Iterable[_Place]]) -> dict[Source, dict[str, list[_Place]]]:
    """By source and by how they are grouped."""
    found: dict[Source, dict[str, list[_Place]]] = defaultdict(lambda: defaultdict(list))
    for by, places in wanted.items():
        for place in places:
            found[MEASURES[place.measure].source][by].append(place)
    return found


def _key(source: Source, by: str) -> str:
    return {
        "unit": source.unit,
        "category": f"{source.complaint}__category_id",
        "head": f"{source.complaint}__category_id",
        "region": f"{source.complaint}__region",
    }[by]


def _grouped(
    source: Source, wanted: Mapping[str, list[_Place]], period: Period, before: Period | None, whose: Scope
) -> Iterator[tuple[str, Any, _Counts]]:
    """By what, the key, and its numbers; those that are 0 throughout may be missing. The rows of a source are read
    once, however they are grouped, where the database can do that.
    """
    for together in _read_together(source, wanted):
        yield from _grouped_together(source, together, period, before, whose)


def _read_together(source: Source, wanted: Mapping[str, list[_Place]]) -> list[Mapping[str, list[_Place]]]:
    """A limit has its unit, so that what is compared by unit is counted alone: otherwise the limits of the period
    before would all be joined with their complaints.
    """
    if not source.is_limit:
        return [wanted]
    compared = {by: places for by, places in wanted.items() if any(place.is_before for place in places)}
    others = {by: places for by, places in wanted.items() if by not in compared}
    return [each for each in (compared, others) if each]


def _grouped_together(
    source: Source, wanted: Mapping[str, list[_Place]], period: Period, before: Period | None, whose: Scope
) -> Iterator[tuple[str, Any, _Counts]]:
    every = list(dict.fromkeys(place for places in wanted.values() for place in places))
    earlier = before if any(place.is_before for place in every) else None
    both = Period(earlier.begins, period.ends) if earlier else period
    rows = source.found(source.within(both), whose.of(source)).order_by()
    filters = [_passes(MEASURES[name], earlier if is_before else earlier and period) for name, is_before in every]
    for by, value, found in _counted_by({by: _key(source, by) for by in wanted}, rows, filters):
        counts = dict(zip(every, found, strict=True))
        yield by, value, {place: counts[place] for place in wanted[by]}


def _counted_by(
    keys: Mapping[str, str], rows: QuerySet[Any], filters: Sequence[Q | None]
) -> Iterator[tuple[str, Any, Sequence[int]]]:
    """The rows of each key that pass each filter, for each way to group them."""
    if len(set(keys.values())) > 1 and connections[rows.db].vendor == "postgresql":
        yield from _in_grouping_sets(keys, rows, filters)
        return
    for by, key in keys.items():
        numbers = {f"n{place}": Count("pk", filter=where) for place, where in enumerate(filters)}
        for value, *found in rows.values(key).annotate(**numbers).values_list(key, *numbers):
            yield by, value, found


def _in_grouping_sets(
    keys: Mapping[str, str], rows: QuerySet[Any], filters: Sequence[Q | None]
) -> Iterator[tuple[str, Any, Sequence[int]]]:
    """As one statement with GROUPING SETS, which Django can't write."""
    columns = list(dict.fromkeys(keys.values()))
    told = {f"k{place}": F(column) for place, column in enumerate(columns)}
    passed = {
        f"p{place}": ExpressionWrapper(where, BooleanField()) if where else Value(True)
        for place, where in enumerate(filters)
    }
    inner, values = compiled(rows.annotate(**told, **passed).values_list(*told, *passed))
    if not inner:
        return
    numbers = [f"COUNT(*) FILTER (WHERE {name})" for name in passed]
    sets = ", ".join(f"({name})" for name in told)
    # Of the columns, GROUPING has a bit for each, the first the highest: 0 where the row's group is by it.
    told_of = ", ".join([f"GROUPING({', '.join(told)})", *told, *numbers])
    statement = f"SELECT {told_of} FROM ({inner}) AS found GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    last, n = len(columns) - 1, len(columns)
    for others, *row in fetched((statement, values), rows.db):
        (place,) = (place for place in range(n) if not others >> (last - place) & 1)
        for by in (by for by, key in keys.items() if key == columns[place]):
            yield by, row[place], row[n:]


def _passes(measure: Measure, period: Period | None) -> Q | None:
    """What a measure counts of the statement's rows, or of those of one period."""
    return measure.where if period is None else measure.source.within(period) & (measure.where or Q())


def _lines(by: str, whose: Scope, counts: Mapping[Any, _Counts], none: _Counts) -> list[Line]:
    """Every unit has a line; of categories and regions those that have a number in the period itself."""
    if by == "unit":
        return [_line(unit.code, str(unit), counts.get(pk, none)) for pk, unit in whose.units.items()]
    if by == "region":
        lines = [_line(name or NOTHING, name or _("未登记地区"), counts[name]) for name in sorted(counts)]
    else:
        lines = _of_categories(by, counts)
    return [line for line in lines if any(line.counts.values())]


def _line(key: str, label: str, found: _Counts) -> Line:
    counts, before = (
        {place.measure: number for place, number in found.items() if place.is_before == is_before}
        for is_before in (False, True)
    )
    return Line(key, label, counts, before)


def _of_categories(by: str, counts: Mapping[int | None, _Counts]) -> list[Line]:
    """In the order of the catalogue; rows without a category come last."""
    known = Category.objects.select_related("parent").in_bulk()
    summed: dict[int | None, _Counts] = {}
    for pk, found in counts.items():
        key = known[pk].head.pk if pk is not None and by == "head" else pk
        before = summed.get(key, {})
        summed[key] = {name: number + before.get(name, 0) for name, number in found.items()}
    order = sorted((pk for pk in summed if pk is not None), key=lambda pk: (known[pk].head.pk, pk))
    lines = [_line(known[pk].path, str(known[pk]), summed[pk]) for pk in order]
    return lines + ([_line(NOTHING, _("未分类"), summed[None])] if None in summed else [])


def trends(
    period: Period, names: Collection[str], step: str = "day", actor: Actor | None = None, *,
    units: Collection[str] | None = None, narrow: Mapping[str, Any] | None = None,
) -> list[tuple[Period, dict[str, int]]]:  # fmt: skip
    """The numbers for each day, week or month of Shanghai in the period, zeros included; a statement a source."""
    whose = scope(actor, units, narrow)
    none = {measure.name: 0 for measure in measures_for(actor) if measure.name in names}
    counts: dict[datetime, dict[str, int]] = defaultdict(lambda: dict(none))
    for source, places in _by_source({step: _places(none, is_compared=False)}).items():
        measures = [MEASURES[place.measure] for place in places[step]]
        rows = source.found(source.within(period), whose.of(source), _any_of(measures)).order_by()
        numbers = {f"n{place}": Count("pk", filter=measure.where) for place, measure in enumerate(measures)}
        by_step = rows.annotate(step=Trunc("counted_at", step, tzinfo=SHANGHAI)).values("step").annotate(**numbers)
        for begins, *found in by_step.values_list("step", *numbers):
            counts[begins] |= dict(zip((measure.name for measure in measures), found, strict=True))
    return [(part, counts.get(part.begins, none)) for part in period.parts(step)]


def _any_of(measures: Iterable[Measure]) -> Q:
    """Rows that one of the measures counts, so that no other is looked at."""
    found = Q()
    for measure in measures:
        if measure.where is None:
            return Q()
        found |= measure.where
    return found


def trend(period: Period, measure: str, step: str = "day", actor: Actor | None = None) -> list[tuple[Period, int]]:
    """The same of one number."""
    return [(part, found[measure]) for part, found in trends(period, [measure], step, actor)]


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
    return measure.source.found(measure.source.within(period), whose.of(measure.source), measure.where or Q())
