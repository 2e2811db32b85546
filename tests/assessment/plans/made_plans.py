"""Rectification plans for tests: asked for by sc.officer, of WH, owned by wh.zhang, due on the Friday."""

from __future__ import annotations

from typing import Any

from accountability.gate.perform import perform
from assessment.models import Case, Plan
from tests.factories import Play

WAYS = {
    "open_plan": {"unit": "WH", "owner": "wh.zhang", "due": "2026-11-27", "content": "清理超时工单，完善值守。"},
    "report_progress": {"note": "已清理一半。"},
    "report_plan_done": {"result": "已全部清理，值守表已上墙。"},
    "accept_plan": {},
    "send_back_plan": {"reason": "值守表未落实。"},
    "change_plan": {"reason": "范围扩大。"},
    "cancel_plan": {"reason": "已并入年度整改。"},
}


class Plans:
    """`plans("report_plan_done", "wh.zhang", plan)`: a verb through the gate at the clock's present, the plan anew."""

    def __init__(self, play: Play) -> None:
        self.play = play

    def __call__(self, verb: str, by: str, plan: Plan | None = None, **facts: Any) -> Plan:
        at, told = self.play.now.at, WAYS[verb] | facts
        return perform(plan if plan is not None else Plan(), verb, by=self.play.cast[by], at=at, **told).subject

    def open(self, **facts: Any) -> Plan:
        return self("open_plan", "sc.officer", **facts)

    def reported(self, **facts: Any) -> Plan:
        return self("report_plan_done", "wh.zhang", self.open(**facts))

    def case(self, **facts: Any) -> Case:
        """A case of WH by the centre's sheet, which the unit doesn't know of yet."""
        complaint = self.play.upto("accepted", customer="赵铁柱")
        told = {
            "unit": "WH", "complaints": [complaint.matter.number], "person": "wh.zhang",
            "description": "接到工单后推诿，拒绝受理客户诉求。", "evidence": "录音第三分钟",
        }  # fmt: skip
        by = self.play.cast["kf.supervisor"]
        return perform(Case(), "issue_sheet", by=by, at=self.play.now.at, **(told | facts)).subject

    @staticmethod
    def again(plan: Plan) -> Plan:
        return Plan.of_matter(plan.matter_id)
