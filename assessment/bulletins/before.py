"""What the paper tells of the month before, from what is frozen in the bulletin: the value and its change in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import override

from accountability.documents.content import Cell, Table
from assessment.bulletins.columns import COLUMNS, RANK, Column, percent
from assessment.bulletins.freezing import Figures, before_of, in_order, share_of
from assessment.charts.series import MISSING
from assessment.figures.changes import Change

CAPTION = "各单位上期数字及本期变化（比率的升降以百分点计，升为好于上期）"


def in_words(figures: Figures) -> str:
    """The sums of all units, each against that of the month before."""
    total, told = figures["total"], before_of(figures, figures["total"])
    if told is None:
        return "上期没有已发送的通报，不作比较。"
    parts = [_sum_in_words(total, told, column) for column in COLUMNS if column.name != RANK]
    return f"与上期（{figures['before']['number']}）相比：{'；'.join(parts)}。"


def _sum_in_words(line: dict[str, Any], before: dict[str, Any], column: Column) -> str:
    if not column.among:
        was, now = before["counts"][column.name], line["counts"][column.name]
        words = "与上期持平" if now == was else f"{'增加' if now > was else '减少'}{abs(now - was)}"
        return f"{column.printed}上期{was}，{words}"
    change = _change(line, before, column)
    with override(settings.LANGUAGE_CODE):
        if not change.points:
            return f"{column.printed}{change.words}"
        return f"{column.printed}上期{percent(change.before)}，{change.words}"


def _change(line: dict[str, Any], before: dict[str, Any], column: Column) -> Change:
    return Change(share_of(line, column.name), share_of(before, column.name))


def tables(figures: Figures) -> Iterator[Table]:
    """The same for every unit and figure, in few characters; none without a bulletin to compare with."""
    if figures["before"]:
        lines = [*in_order(figures["lines"]), figures["total"] | {"name": "合计"}]
        heads = (Cell("单位", is_head=True), *[Cell(column.printed, is_head=True) for column in COLUMNS])
        yield Table((heads, *[_row(line, before_of(figures, line)) for line in lines]), heads=1, caption=CAPTION)


def _row(line: dict[str, Any], before: dict[str, Any] | None) -> tuple[Cell, ...]:
    told = [MISSING if before is None else _cell(line, before, column) for column in COLUMNS]
    return (Cell(line["name"], is_head=True), *[Cell(text, is_number=True) for text in told])


def _cell(line: dict[str, Any], before: dict[str, Any], column: Column) -> str:
    """The value of the month before, and below it how it changed where both months have one."""
    if column.among:
        change = _change(line, before, column)
        words = f"{'升' if change.tone == 'ok' else '降'}{change.points}" if change.tone != "neutral" else "持平"
        return f"{percent(change.before)}\n{words}" if change.points else percent(change.before)
    if column.name == RANK:
        return _by(before["rank"], line["rank"], "降", "升")
    return _by(before["counts"][column.name], line["counts"][column.name], "增", "减")


def _by(was: int | None, now: int | None, more: str, less: str) -> str:
    if was is None or now is None:
        return MISSING if was is None else str(was)
    return f"{was}\n{'持平' if now == was else f'{more if now > was else less}{abs(now - was)}'}"
