"""Exports that were asked for in the last days: one waits to be decided on, one is there to be fetched, two ended."""

from datetime import datetime, timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from assessment.models import Export
from config.demo.dossiers import CENTRE, LEADER, MARKETING
from config.demo.script import Acts, Step

ANALYSIS = "上月投诉分类分析，供月度例会使用。"
COMPARISON = "与宜昌分公司核对上月的派单和答复情况。"
EVERYTHING = "整理历年投诉数据。"
TOO_MUCH = "用途不明，请说明分析目的并缩小范围。"
READERS = "督促未阅读规则的单位。"
BY_PAGE = "页面上已能看到，不再需要。"


class ExportScript(Acts):
    """One export's acts, so many hours before the demo opens."""

    model = Export

    def __init__(self, now: datetime, hours: float, by: str, what: str, reason: str, **facts: Any) -> None:
        super().__init__()
        self.now = now
        today = day_of(now)
        period = {} if what == "readings" else {"since": today - timedelta(days=30), "until": today}
        self.do(hours, by, "request_export", what=what, format="xlsx", reason=reason, **period, **facts)

    def do(self, hours: float, by: str, verb: str, **facts: Any) -> None:
        self.steps.append(Step(self.now - timedelta(hours=hours), by, verb, facts))


def exports(now: datetime) -> list[Acts]:
    """In the order in which they begin. What is approved the worker makes as soon as the demo runs."""
    declined = ExportScript(now, 70, MARKETING, "complaints", EVERYTHING)
    declined.do(66, LEADER, "decline_export", remark=TOO_MUCH)
    withdrawn = ExportScript(now, 50, MARKETING, "readings", READERS)
    withdrawn.do(47, MARKETING, "withdraw_export", reason=BY_PAGE)
    approved = ExportScript(now, 5, CENTRE, "complaints", ANALYSIS)
    approved.do(3, LEADER, "approve_export", remark="同意。")
    waiting = ExportScript(now, 2, CENTRE, "complaints", COMPARISON, unit="YC", columns=["number", "state", "unit"])
    return [declined, withdrawn, approved, waiting]
