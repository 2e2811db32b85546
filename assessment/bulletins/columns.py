"""The columns of a bulletin, in order (R54): each one a measure, or the rank derived from one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessment.charts.series import MISSING, per_cent
from assessment.figures.measures import MEASURES

RANK = "rank"
RANKED_BY = "resolved"


@dataclass(frozen=True)
class Column:
    """`measure` is counted; for a share, `among` is the measure it is a share of. The rank counts nothing."""

    name: str
    label: Any
    printed: str
    """The heading in the paper and the workbook: Chinese, whatever the reader's language."""

    @property
    def among(self) -> str:
        """The measure that a share is a share of. Repeat complaints are shown as a number."""
        return MEASURES[self.name].among if self.name in SHARES else ""

    @property
    def measures(self) -> tuple[str, ...]:
        if self.name == RANK:
            return ()
        return (self.name, self.among) if self.among else (self.name,)

    @property
    def is_of_cases(self) -> bool:
        return self.name != RANK and MEASURES[self.name].is_of_cases


SHARES = ("in_time", "within_30", "satisfied", "resolved")

COLUMNS = (
    Column("received", _("收到派单"), "收到派单"),
    Column("in_time", _("按时处理率"), "按时处理率"),
    Column("within_30", _("交办及时率"), "交办及时率"),
    Column("returns_accepted", _("退回获准"), "退回获准"),
    Column("returns_rejected", _("退回未获准"), "退回未获准"),
    Column("overdue", _("处理超时"), "处理超时"),
    Column("repeat", _("重复投诉"), "重复投诉"),
    Column("escalated", _("升级投诉"), "升级投诉"),
    Column("satisfied", _("满意率"), "满意率"),
    Column("resolved", _("解决率"), "解决率"),
    Column(RANK, _("排名"), "排名"),
    Column("violations", _("认定违反"), "认定违反"),
    Column("penalties", _("处理人次"), "处理人次"),
    Column("penalties_done", _("已执行人次"), "已执行人次"),
)

COUNTED = tuple(dict.fromkeys(name for column in COLUMNS for name in column.measures))
"""Every measure that is frozen."""


def percent(share: Fraction | None) -> str:
    """As in the charts, to one decimal place; a dash if there is none."""
    return MISSING if share is None else per_cent(share)
