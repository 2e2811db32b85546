"""The papers' own words for values in the rows: papers are in Chinese, whatever the language of the page."""

from __future__ import annotations

from collections.abc import Iterable

from assessment.models import Finding, Ground

GROUNDS: dict[str, str] = {
    Ground.HANDLER: "首问责任人",
    Ground.LEADER: "分管领导",
    Ground.UNIT_HEAD: "单位负责人",
    Ground.CONTACT: "投诉处理接口人",
    Ground.COOPERATING: "配合单位人员",
}

FINDINGS: dict[str, str] = {Finding.VIOLATED: "违反“首问责任制”", Finding.NOT_VIOLATED: "不违反“首问责任制”"}


def grounds_in_words(grounds: Iterable[str]) -> str:
    return "、".join(GROUNDS[ground] for ground in grounds if ground)
