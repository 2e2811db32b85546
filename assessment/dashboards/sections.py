"""The sections of a dashboard: by unit, category, region, over time, by hour; each with its table and charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.words import WEEKDAYS
from accountability.permissions import Actor
from assessment.charts import Series, bars, heat, lines
from assessment.dashboards.asked import Asked, label_of, part_of
from assessment.dashboards.tables import COLUMNS, OVER_TIME, REASONS, Column, Hours, Row, Table, names_of
from assessment.figures import counting
from assessment.figures.counting import Line
from assessment.figures.measures import MEASURES


@dataclass(frozen=True)
class Section:
    table: Table | Hours
    charts: Sequence[SafeString] = field(default=())
    note: str = ""


def table_named(name: str, asked: Asked, actor: Actor) -> Table | Hours | None:
    """None if there is no such table."""
    build = TABLES.get(name)
    return build(asked, actor) if build else None


def sections(asked: Asked, actor: Actor) -> list[Section]:
    return [_section(build(asked, actor)) for build in TABLES.values()]


def _section(table: Table | Hours) -> Section:
    if isinstance(table, Hours):
        return Section(table, [] if table.is_empty else [_of_hours(table)])
    if table.is_empty:
        return Section(table)
    if table.name == "trend":
        return Section(table, [_over_time(table)])
    if table.columns is REASONS:
        assert table.total is not None
        return Section(table, [_of_reasons(table)] if table.total.line.counts["unsatisfied"] else [])
    left_out = len(_told(table)) < len(table.rows)
    return Section(table, _of_groups(table), _("没有数字的行只在数据表中列出。") if left_out else "")


# Tables


@dataclass(frozen=True)
class Grouped:
    """A table with a line for each value of what it is grouped `by`, and their sum."""

    name: str
    title: Any
    head: Any
    by: str
    columns: Sequence[Column] = COLUMNS

    def __call__(self, asked: Asked, actor: Actor) -> Table:
        period, filters, by = asked.period, asked.filters, self.by
        if by == "head" and filters.keys() & {"head", "category"}:
            by = "category"  # within one head of the catalogue, by its leaves
        names = names_of(self.columns)
        found = counting.figures(period, by, actor, units=asked.unit_codes, names=names, narrow=asked.narrow)
        days = (period.first_day, period.last_day)
        rows = [Row(line, *days, where=filters | {by: line.key}) for line in found]
        total = Row(summed(found, self.columns), *days, where=filters) if found else None
        narrowed = bool(asked.narrow)
        told = (self.name, f"{self.title}", f"{self.head}", self.columns, rows, total)
        return Table(*told, is_fine=narrowed or by != "unit", is_narrowed=narrowed)


def summed(found: Sequence[Line], columns: Sequence[Column] = COLUMNS) -> Line:
    counts = {name: sum(line.counts[name] for line in found) for name in names_of(columns)}
    return Line("", _("合计"), counts)


def _trend(asked: Asked, actor: Actor) -> Table:
    period, step = asked.period, asked.by_step
    parts = list(period.parts(step))
    counts: list[dict[str, int]] = [{} for _part in parts]
    for name in names_of(OVER_TIME):
        found = counting.trend(period, name, step, actor, units=asked.unit_codes, narrow=asked.narrow)
        for place, (_part, number) in enumerate(found):
            counts[place][name] = number
    rows = [
        Row(Line("", label_of(part, step), counts[place]), *part_of(part, period), where=asked.filters)
        for place, part in enumerate(parts)
    ]
    head = {"day": _("日期"), "week": _("周（自周一）"), "month": _("月份")}[step]
    return Table("trend", _("趋势"), head, OVER_TIME, rows, is_narrowed=bool(asked.narrow))


def _hours(asked: Asked, actor: Actor) -> Hours:
    found = counting.heat(asked.period, "received", actor, units=asked.unit_codes, narrow=asked.narrow)
    return Hours("hours", _("收到派单的时段"), found, is_narrowed=bool(asked.narrow))


GROUPED = (
    Grouped("units", gettext_lazy("按单位"), gettext_lazy("单位"), "unit"),
    Grouped("categories", gettext_lazy("按投诉类别"), gettext_lazy("投诉类别"), "head"),
    Grouped("regions", gettext_lazy("按地区"), gettext_lazy("地区"), "region"),
    Grouped("reasons", gettext_lazy("不满意原因（按单位）"), gettext_lazy("单位"), "unit", REASONS),
    Grouped("reasons_by_category", gettext_lazy("不满意原因（按投诉类别）"), gettext_lazy("投诉类别"), "head", REASONS),
)
"""Why customers weren't satisfied (R37) is shown by unit and by category as well."""

TABLES: dict[str, Callable[[Asked, Actor], Table | Hours]] = {
    **{table.name: table for table in GROUPED}, "trend": _trend, "hours": _hours,
}  # fmt: skip


# Charts


def _of_groups(table: Table) -> list[SafeString]:
    """Counts and shares have no common scale, so they are two charts, with only the lines that count anything."""
    told = _told(table)
    labels = [row.line.label for row in told]
    counts, shares = (Column("received"), Column("overdue")), [column for column in COLUMNS if column.share]
    return [
        bars(
            f"{table.name}-counts", _("%s：收到派单与处理超时") % table.title, labels,
            [_counts(column, told) for column in counts], desc=_("最长的条为其中最大的数。"),
        ),
        bars(
            f"{table.name}-shares", _("%s：各项比率") % table.title, labels,
            [_shares(column, told) for column in shares], desc=_("整条宽度为 100%，“—”表示没有可计算的轮次。"),
        ),
    ]  # fmt: skip


def _of_reasons(table: Table) -> SafeString:
    """The table's total, one bar per reason."""
    assert table.total is not None
    counts = [(f"{column.label}", table.total.line.counts[column.measure]) for column in REASONS if not column.share]
    labels, numbers = [label for label, _number in counts], [number for _label, number in counts]
    series = [Series(f"{MEASURES['unsatisfied'].label}", numbers)]
    return bars(f"{table.name}-counts", table.title, labels, series, desc=_("最长的条为其中最大的数。"))


def _told(table: Table) -> list[Row]:
    return [row for row in table.rows if any(row.line.counts.values())]


def _over_time(table: Table) -> SafeString:
    """Days without the year, which the page shows."""
    labels = [row.line.label[5:] if len(row.line.label) > len("2026-11") else row.line.label for row in table.rows]
    series = [_counts(column, table.rows) for column in table.columns]
    return lines("trend-counts", _("%s：轮次数") % table.title, labels, series)


def _of_hours(table: Hours) -> SafeString:
    desc = _("每格为该时段收到的派单数，颜色越深越多。")
    return heat(table.name, table.title, [f"{weekday}" for weekday in WEEKDAYS], table.hours, table.cells, desc=desc)


def _counts(column: Column, rows: Sequence[Row]) -> Series:
    return Series(f"{column.label}", [row.line.counts[column.measure] for row in rows])


def _shares(column: Column, rows: Sequence[Row]) -> Series:
    return Series(f"{column.share}", [row.line.share(column.measure) for row in rows], share=True)


# Tallies


def tallies(table: Table, late: dict[str, Any]) -> list[dict[str, Any]]:
    """The shares and counts of the whole period, for the top of the page; `late` is what is overdue now."""
    if table.total is None:
        return []
    row = table.total
    shares = {column.measure: column for column in COLUMNS if column.share}
    return [
        _share_tally(row, shares["in_time"], "clock"),
        _share_tally(row, shares["within_30"], "right"),
        late,
        _count_tally(row, "returns_accepted", "back", note=_("未获准 %d") % row.line.counts["returns_rejected"]),
        _count_tally(row, "repeat", "repeat"),
        _share_tally(row, shares["satisfied"], "check"),
    ]


def _share_tally(row: Row, column: Column, icon: str) -> dict[str, Any]:
    part, whole = row.cell(column).numbers
    note = f"{part.value} / {whole.value}"
    return {"label": column.share, "count": row.share(column), "icon": icon, "url": whole.url, "note": note}


def _count_tally(row: Row, name: str, icon: str, note: str = "") -> dict[str, Any]:
    number = row.cell(Column(name)).numbers[0]
    return {"label": MEASURES[name].label, "count": number.value, "icon": icon, "url": number.url, "note": note}
