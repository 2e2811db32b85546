"""Rectification plans that came of cases: one is being carried out, one was accepted (R16)."""

from datetime import datetime, timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.models import Employee
from assessment.models import Plan
from config.demo.dossiers import MARKETING, CaseScript, Office
from config.demo.script import Acts, Step
from config.demo.texts.violations import HANDOVER_PLAN, HOTLINE_PLAN, PlanTexts


class PlanScript(Acts):
    """One plan's acts, each at its own instant; the unit's leader of the case answers for it."""

    model = Plan

    def __init__(self, case: CaseScript, office: Office, told: PlanTexts) -> None:
        super().__init__()
        self.case, self.office, self.told, self.owner = case, office, told, case.leader

    def do(self, when: str, by: str, verb: str, **facts: Any) -> None:
        self.steps.append(Step(self.office.at(when), by, verb, facts))

    def _case(self, by: Employee, at: datetime) -> str:
        return self.case.number

    def open(self, when: str, *, days: int) -> None:
        """Due so many days before or after the demo opens."""
        due = day_of(self.office.now) + timedelta(days=days)
        self.do(
            when, MARKETING, "open_plan", unit=self.case.unit, case=self._case, owner=self.owner, due=due,
            content=self.told.content,
        )  # fmt: skip

    def progress(self, when: str, note: int = 0) -> None:
        self.do(when, self.owner, "report_progress", note=self.told.notes[note])

    def done(self, when: str) -> None:
        self.do(when, self.owner, "report_plan_done", result=self.told.result)

    def accept(self, when: str) -> None:
        self.do(when, MARKETING, "accept_plan", remark=self.told.remark)


def running(case: CaseScript, office: Office) -> PlanScript:
    """Two weeks are left, half of it is done."""
    plan = PlanScript(case, office, HOTLINE_PLAN)
    plan.open("18 10:10", days=14)
    plan.progress("10 16:20")
    plan.progress("3 11:05", 1)
    return plan


def accepted(case: CaseScript, office: Office) -> PlanScript:
    plan = PlanScript(case, office, HANDOVER_PLAN)
    plan.open("16 09:40", days=-2)
    plan.progress("11 15:00")
    plan.done("6 16:35")
    plan.accept("4 10:15")
    return plan
