"""The ways that complaints of the bench go: who does what, step by step, and what is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from accountability.deadlines.limits import SHANGHAI
from config.bench.scale.operations import AGENT, CONTACT, HANDLER, LEADER

SUPERVISOR, OTHER_CONTACT, OTHER = "kf.supervisor", "yc.contact", "yc.chen"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Ahead:
    """An instant, or a day, so many hours ahead of when it is written down."""

    hours: int
    is_day: bool = False

    def written(self, at: datetime, between: str) -> str:
        due = (at + timedelta(hours=self.hours)).astimezone(SHANGHAI)
        return due.strftime("%Y-%m-%d" if self.is_day else f"%Y-%m-%d{between}%H:%M")


@dataclass(frozen=True)
class Step:
    """A verb, who does it, and its facts; `fields` are those of the page's form where they have other names."""

    verb: str
    who: str
    facts: Facts = field(default_factory=dict)
    fields: Facts | None = None
    measured: bool = True

    def told(self, at: datetime) -> Facts:
        """For the gate."""
        return {name: _told(value, at) for name, value in self.facts.items()}

    def typed(self, at: datetime) -> dict[str, str]:
        """For the page."""
        return {name: _typed(value, at) for name, value in (self.fields or self.facts).items()}


def _told(value: Any, at: datetime) -> Any:
    if isinstance(value, Ahead):
        return value.written(at, " ")
    if isinstance(value, list):
        return [_told(each, at) for each in value]
    return {name: _told(each, at) for name, each in value.items()} if isinstance(value, dict) else value


def _typed(value: Any, at: datetime) -> str:
    if isinstance(value, Ahead):
        return value.written(at, "T")
    if isinstance(value, list):
        return _typed(value[0], at)
    return str(value).lower() if isinstance(value, bool) else str(value)


def unmeasured(step: Step) -> Step:
    """Done through the gate, between those that are measured."""
    return replace(step, measured=False)


SOON, LATER = Ahead(3), Ahead(50)
TASK = "提供合约原件。"
DISPATCH = Step("dispatch", AGENT, {"unit": "WH", "reason": "属地处理"})
ACCEPT = Step("accept", HANDLER)
ANSWER = {"result": "已更换光猫并测试速率，用户认可。", "cause": "光猫老化。"}
REVIEW = Step("submit_for_review", HANDLER, ANSWER | {"responsibility": "本单位责任。", "measures": "加强巡检。"})
JUDGE = Step("judge_complete", AGENT, {"complete": True})
REPLY = Step("reply", AGENT, {"content": "已为您更换光猫，如有问题请再联系。"})
NOT_SATISFIED = Step("record_satisfaction", AGENT, {"satisfied": False, "kind": "result", "reason": "仍掉线。"})

BY_THE_CONTACT = (
    Step("add_note", AGENT, {"note": "已向营业厅核实。"}),
    Step("supplement", AGENT, {"content": "客户来电补充：昨晚又掉线三次。"}),
    Step("plan_call_back", AGENT, {"day": Ahead(48, is_day=True)}),
    Step("finish_call_back", AGENT, {"result": "已回电，客户知悉进度。"}),
    Step("set_flags", AGENT, {"flags": ["third_party"], "reason": "涉及第三方。"}),
    Step("correct", AGENT, {"region": "宜昌", "reason": "登记有误。"}),
    DISPATCH,
    Step("recall", AGENT, {"reason": "派错单位。"}),
    unmeasured(DISPATCH),
    Step("chase", AGENT, {"round": 2, "message": "请尽快处理。"}),
    Step("escalate", AGENT, {"source": "省通信管理局", "reason": "客户再次申诉。"}),
    Step("request_return", CONTACT, {"reason": "不属本单位职责。", "guidance": "建议由网络部处理。"}),
    Step("rule_on_return", AGENT, {"accepted": False, "reason": "属本单位职责。"}),
    Step("hand_off", CONTACT, {"to": HANDLER, "method": "system"}),
    ACCEPT,
    Step("contact_customer", HANDLER, {"note": "已电话联系，约定上门。"}),
    Step("propose_solution", HANDLER, {"solution": "更换光猫。"}),
    Step("request_extension", HANDLER, {"until": LATER, "reason": "客户外出，约定后天上门。"}),
    Step("extend", AGENT, {"round": 2, "until": LATER, "reason": "情况属实。"}),
    Step("answer", HANDLER, ANSWER),
    JUDGE,
    REPLY,
    Step("record_satisfaction", AGENT, {"satisfied": True}),
)
"""To the archive of a satisfied customer."""

BY_THE_LEADER = (
    unmeasured(DISPATCH),
    Step("report_to_leader", CONTACT, {"leader": LEADER, "reason": "责任人不明。"}),
    Step("name_handler", LEADER, {"to": HANDLER}),
    unmeasured(ACCEPT),
    Step("convene", HANDLER, {"units": ["YC"], "problem": "合约归档地与计费配置不一致。"}),
    Step(
        "record_tasks", HANDLER,
        {"tasks": [{"unit": "YC", "task": TASK, "due": SOON}], "attendees": [HANDLER]},
        {"tasks-YC-task": TASK, "tasks-YC-due": SOON, "attendees_likely": HANDLER},
    ),
    Step("confirm_task", OTHER_CONTACT, {"unit": "YC"}),
    Step("conclude_coordination", HANDLER),
    Step("finish_task", OTHER, {"unit": "YC", "result": "合约已上传。"}),
    REVIEW,
    Step("send_back_answer", LEADER, {"remarks": "请补充整改措施。"}),
    unmeasured(REVIEW),
    Step("approve_answer", LEADER),
    unmeasured(JUDGE),
    Step("ask_material", AGENT, {"request": "请提供测速截图。"}),
    Step("give_material", HANDLER, {"material": "测速截图编号 88。"}),
    unmeasured(REPLY),
    unmeasured(NOT_SATISFIED),
    Step("archive_unsatisfied", SUPERVISOR, {"reason": "客户诉求超出政策。"}),
)  # fmt: skip
"""With another unit at the table, and a customer who isn't satisfied."""

BY_THE_CENTRE = (Step("handle_directly", AGENT, {"result": "已当场说明扣费来源。"}),)
WITHDRAWN = (Step("withdraw", AGENT, {"reason": "客户自行撤回。", "said": "不用再处理了。"}),)


def ways(intake: Facts) -> tuple[tuple[Step, ...], ...]:
    """Every way begins with a registration; only the first one is measured."""
    register = Step("register", AGENT, intake)
    others = (BY_THE_LEADER, BY_THE_CENTRE, WITHDRAWN)
    return ((register, *BY_THE_CONTACT), *((unmeasured(register), *steps) for steps in others))
