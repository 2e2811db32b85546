"""What was corrected since the cut-off: the frozen figures compared with the present ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assessment.bulletins.columns import COLUMNS, RANK, Column, percent
from assessment.bulletins.freezing import Figures, share_of


@dataclass(frozen=True)
class Change:
    """One cell that differs; a dash if the unit or the number is missing."""

    unit: str
    name: str
    label: Any
    frozen: str
    present: str


def changes(frozen: Figures, present: Figures) -> list[Change]:
    """By unit in the order of codes, then by column; the total last."""
    before = {line["unit"]: line for line in frozen["lines"]}
    after = {line["unit"]: line for line in present["lines"]}
    found: list[Change] = []
    for code in sorted({*before, *after}):
        found += _between(before.get(code), after.get(code))
    return [*found, *_between(frozen["total"], present["total"])]


def _between(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[Change]:
    line = before or after or {}
    for column in COLUMNS:
        was, now = shown(before, column), shown(after, column)
        if was != now:
            yield Change(line["unit"], line["name"] or _("合计"), column.label, was, now)


def shown(line: dict[str, Any] | None, column: Column) -> str:
    """A cell as text: `12`, `66.6%（2/3）` with its two counts, a rank."""
    if line is None:
        return "—"
    if column.name == RANK:
        return "—" if line["rank"] is None else str(line["rank"])
    if not column.among:
        return str(line["counts"][column.name])
    counts = "/".join(str(line["counts"][name]) for name in column.measures)
    return f"{percent(share_of(line, column.name))}（{counts}）"
