"""The notes under a bulletin's table, on page and paper: how it counts, ties, units without volume."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_noop as N_

COUNTED = N_(
    "各列按数据截止时的记录统计：按时处理率为本月按时完成的处理时限占已有结果的处理时限之比，交办及时率同理；"
    "满意率为记录为满意的轮次占记录了满意度的轮次之比；解决率为满意且按时处理的轮次之比。已免责、已取消的时限不计，轮次撤销前已超时的照计。"
)
TIES = N_("解决率相同的单位名次并列，其后的名次顺延。月度排名不作为年度评比依据，年度排名另行公布。")
UNRANKED = N_("本月没有计入解决率的轮次、不参加排名：%(units)s。")


def notes(lines: Iterable[dict[str, Any]]) -> list[tuple[str, dict[str, str]]]:
    """Each as a text of the catalogue and the values to fill in."""
    without = [line["name"] for line in lines if line["rank"] is None]
    told: list[tuple[str, dict[str, str]]] = [(COUNTED, {}), (TIES, {})]
    return told + ([(UNRANKED, {"units": "、".join(without)})] if without else [])
