"""Rectification plans: what a unit must put right, by whom and by when, followed to the end (R16)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import Fixed, day_of, end_of_day
from accountability.files.attachments import claim
from accountability.files.fields import Files
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import LONGEST, Day, InUnit, Person, Text
from accountability.gate.sweeper import ON_CHASE, ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Attachment, Deadline, Employee, Unit
from assessment import permissions
from assessment.actions.chasing import begin_chasing, chase
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.actions.quoting import refuse_quotes
from assessment.cases import candidates
from assessment.cases.fields import OfCase
from assessment.declarations.limits import Kind
from assessment.models import Case, Plan
from assessment.models.plans import PlanState

KIND = Kind.RECTIFICATION

REASON = Text(name="reason", label=_("理由"), rows=3)


def _tell_the_unit(act: Act, notice: str, **facts: Any) -> None:
    """Notify contacts, deputies and head of the unit, and the plan's owner."""
    tell_unit(act, notice, **facts)
    act.tell(act.subject.owner_id, notice, **facts)


@verb(
    Plan, _("提出整改"),
    InUnit(name="unit", label=_("整改单位")),
    OfCase(name="case", label=_("关联案件"), required=False,
           help=_("案件编号，可不填。看不到该案件的人也看不到这一关联。")),
    Person(name="owner", label=_("整改责任人"), among=candidates.owners),
    Day(name="due", label=_("整改期限"), help=_("至当日24:00。")),
    Text(name="content", label=_("整改要求"), rows=6,
         help=_("整改单位和责任人将看到，不得引用互动单的内容。")),
    creates=True, rule="R16",
    permission=permissions.open_plan,
)  # fmt: skip
def open_plan(act: Act, *, unit: Unit, owner: Employee, due: date, content: str, case: Case | None = None) -> None:
    """Marketing asks a unit to put something right, with or without a case; the owner has it from now on."""
    plan: Plan = act.subject
    own = unit.kind == Unit.Kind.MARKETING
    refuse_unless(not own, _("市场部自身的整改不能由市场部验收，请报上级处理。"), "unit")
    if case is not None:
        refuse_unless(case.unit_id == unit.pk, _("该案件的被查单位不是这个单位。"), "case")
        refuse_quotes(case, content, "content")
    _refuse_owner(act, owner, unit)
    _refuse_due(act, due)
    assert act.actor is not None
    assert act.entry is not None
    plan.open_plan()
    plan.unit, plan.case, plan.owner, plan.due = unit, case, owner, end_of_day(due)
    plan.opened_by, plan.opened_at, plan.content = act.actor.employee, act.at, act.entry.texts
    _start(act)
    _tell_the_unit(act, "plan_opened")


def _refuse_owner(act: Act, owner: Employee, unit: Unit) -> None:
    assert act.actor is not None
    fits = owner.unit_id == unit.pk or owner.pk == unit.head_id
    refuse_unless(fits, _("整改责任人应是该单位的人员。"), "owner")
    refuse_unless(owner.pk != act.actor.pk, _("不能由本人整改又由本人验收。"), "owner")


def _refuse_due(act: Act, due: date) -> None:
    today = day_of(act.at)
    refuse_unless(due >= today, _("整改期限不能早于今天。"), "due")
    most = _("整改期限最长 %(most)s 天。") % {"most": LONGEST}
    refuse_unless(due <= today + timedelta(days=LONGEST), most, "due")


def _start(act: Act) -> None:
    plan: Plan = act.subject
    act.start(KIND, Fixed(plan.due), unit_id=plan.unit_id, person_id=plan.owner_id)


@verb(
    Plan, _("填报整改进展"), Text(name="note", label=_("进展"), rows=3), rule="R16",
    permission=permissions.report_progress, states=[PlanState.OPEN],
)  # fmt: skip
def report_progress(act: Act, *, note: str) -> None:
    """How far it has come; the clock runs on."""
    tell_marketing(act, "plan_progress")


@verb(
    Plan, _("报告整改完成"),
    Text(name="result", label=_("整改结果"), rows=5),
    Files(name="evidence", label=_("证明材料"), required=False),
    rule="R16",
    permission=permissions.report_plan_done,
    icon="square", tone="info",
)  # fmt: skip
def report_plan_done(act: Act, *, result: str, evidence: list[Attachment] | None = None) -> None:
    """The unit reports it done. In time or late, this instant counts, and the officer checks the result."""
    plan: Plan = act.subject
    assert act.actor is not None
    assert act.entry is not None
    plan.report_plan_done()
    claim(act, evidence or [], field_name="evidence")
    plan.result, plan.reported_by, plan.reported_at = act.entry.texts, act.actor.employee, act.at
    act.meet(KIND)
    for missed in _earlier_misses(act):
        missed.met_at = act.at
    _tell_the_unit(act, "plan_reported")


def _earlier_misses(act: Act) -> list[Deadline]:
    """Cycles that were missed before the plan was given more time; they are owed until it is done."""
    return [deadline for deadline in act.find(KIND)[:-1] if deadline.missed_at and not deadline.voided_at]


@verb(
    Plan, _("验收通过"), Text(name="remark", label=_("验收意见"), required=False, rows=3), rule="R16",
    permission=permissions.accept_plan,
    icon="check", tone="ok",
    seen=lambda plan: [plan.result_id],
)  # fmt: skip
def accept_plan(act: Act, *, remark: str = "") -> None:
    """The officer who asked for it accepts the result and closes the plan."""
    _refuse_quotes(act, remark, "remark")
    act.subject.accept_plan()
    _tell_the_unit(act, "plan_accepted")


@verb(
    Plan, _("退回继续整改"), REASON, rule="R16",
    permission=permissions.send_back_plan,
    icon="back", tone="back", grave=True,
    seen=lambda plan: [plan.result_id],
)  # fmt: skip
def send_back_plan(act: Act, *, reason: str) -> None:
    """It isn't done: the duty is open again with its own due instant, which may have passed meanwhile."""
    plan: Plan = act.subject
    _refuse_quotes(act, reason, "reason")
    plan.send_back_plan()
    act.unmeet(KIND, met_at=plan.reported_at)
    for missed in _earlier_misses(act):
        missed.met_at = None if missed.met_at == plan.reported_at else missed.met_at
    plan.result = plan.reported_by = plan.reported_at = None
    plan.sent_back += 1
    _tell_the_unit(act, "plan_sent_back")


@verb(
    Plan, _("变更责任人或期限"),
    Person(name="owner", label=_("整改责任人"), required=False, among=candidates.owners),
    Day(name="due", label=_("整改期限"), required=False, help=_("至当日24:00。")),
    REASON, rule="R16",
    permission=permissions.change_plan, states=[PlanState.OPEN],
)  # fmt: skip
def change_plan(act: Act, *, reason: str, owner: Employee | None = None, due: date | None = None) -> None:
    """Change the owner, the due day, or both. A new day begins a new cycle; a past miss stays."""
    plan: Plan = act.subject
    owner = owner if owner is not None and owner.pk != plan.owner_id else None
    due = due if due is not None and end_of_day(due) != plan.due else None
    refuse_unless(owner or due, _("没有变更。"))
    _refuse_quotes(act, reason, "reason")
    before = [plan.owner_id]
    if owner is not None:
        _refuse_owner(act, owner, plan.unit)
        act.note(owner_before=plan.owner_id)
        plan.owner = owner
        _hand_over_duty(act, owner)
    if due is not None:
        _refuse_due(act, due)
        act.note(due_before=day_of(plan.due).isoformat())
        plan.due = end_of_day(due)
        act.void(KIND)
        _start(act)
    _tell_the_unit(act, "plan_changed")
    for person_id in before:
        act.tell(person_id, "plan_changed")


def _hand_over_duty(act: Act, owner: Employee) -> None:
    """Running duties go to the new owner; a miss stays with the person who missed it."""
    running = act.latest(KIND)
    if running is not None and running.is_running:
        running.person_id = owner.pk


@verb(
    Plan, _("取消整改"), REASON, rule="R16",
    permission=permissions.cancel_plan,
    icon="cross", tone="neutral", grave=True,
)  # fmt: skip
def cancel_plan(act: Act, *, reason: str) -> None:
    """The plan isn't wanted any more and nobody owes it; a miss stays on record."""
    _refuse_quotes(act, reason, "reason")
    act.subject.cancel_plan()
    act.void(KIND)
    _tell_the_unit(act, "plan_cancelled")


def _refuse_quotes(act: Act, told: str, field_name: str) -> None:
    """Refuse quotes from the sheet: the unit reads what the department writes in a plan."""
    if act.subject.case is not None:
        refuse_quotes(act.subject.case, told, field_name)


def chase_plan(act: Act, deadline: Deadline) -> None:
    """Notify the unit, the owner and the officer."""
    chase(act, deadline, "chase_plan")
    _tell_the_unit(act, "plan_chased")
    tell_marketing(act, "plan_chased")


ON_MISS[KIND] = begin_chasing
ON_CHASE[KIND] = chase_plan
