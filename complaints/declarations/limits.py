"""The limits of complaints, of mass events and of customers' requests about their data."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accountability.declarations.limits import DEADLINE_KINDS, DeadlineKind


class Kind(StrEnum):
    """The names of the limits, as the ledger keeps them."""

    HANDOFF = "handoff"
    RETURN = "return"
    RULING = "ruling"
    HANDLING = "handling"
    CONFIRMATION = "confirmation"
    COOPERATION = "cooperation"
    FIRST_REPLY = "first_reply"
    CONTACT_ON_SITE = "contact_on_site"
    NETWORK_SOLUTION = "network_solution"
    LEGAL = "legal"
    RIGHTS = "rights"
    ANSWER_MIIT = "answer_miit"
    ANSWER_12345 = "answer_line_12345"
    ANSWER_12315 = "answer_line_12315"
    ANSWER_SUPERIOR = "answer_superior"


def answer_to(body: str) -> Kind:
    """The limit for answering a body outside, by its channel."""
    return Kind(f"answer_{body}")


ANSWERS_TO_OUTSIDE = frozenset({Kind.ANSWER_MIIT, Kind.ANSWER_12345, Kind.ANSWER_12315, Kind.ANSWER_SUPERIOR})


DEADLINE_KINDS.add(
    DeadlineKind(
        Kind.HANDOFF, _("交办"), "R19",
        _(
            "投诉处理接口人接到投诉处理工单后30分钟内要以各种方式向首问责任人交办；无法按时交办的，要在30分钟内向首问责任人分管领导汇报。"
        ),
        binds=("hand_off",), default="30m", on_unit_clock=True, of_a_round=True,
        rings=_("新到一轮派单 %(number)s，请尽快交办。"),
    ),
    DeadlineKind(
        Kind.RETURN, _("退回窗口"), "R27",
        _(
            "不属于本部门职责范围的，首问责任部门要及时与省客户服务中心沟通反馈并给予相应指导。超过本时限的退回由客服中心主管裁定。"
        ),
        column="returning", by_priority={"P1": "1h", "P2": "4h", "P3": "1wd"}, is_window=True, of_a_round=True,
        left_open=_("退回时限"),
    ),
    DeadlineKind(
        Kind.RULING, _("退回裁定"), "R28", _("说明理由及原因后重新派单。客服中心逾时未裁定的，视为不同意退回。"),
        binds=("rule_on_return",), default="2h", is_open=True, ends_by_miss=True, moves_state=True, of_a_round=True,
        left_open=_("退回的裁定"),
    ),
    DeadlineKind(
        Kind.HANDLING, _("处理"), "R24",
        _("首问负责部门要在规定时限内提出解决方案且在规定时限回复省客户服务中心。两项均完成才算履行。"),
        binds=("name_handler", "accept", "answer", "approve_answer"),
        column="handling", by_priority={"P1": "8h", "P2": "24h", "P3": "36h"}, not_before=Kind.NETWORK_SOLUTION,
        of_a_round=True,
        left_open=_("处理时限"),
    ),
    DeadlineKind(
        Kind.CONFIRMATION, _("确认协调记录"), "R30",
        _("协调结果以书面形式明确，由各受邀单位确认；逾期未确认的视为确认，仍可补充确认一次。期限由时限表规定。"),
        default="2h", is_open=True, ends_by_miss=True, of_a_round=True,
        left_open=_("确认协调记录的期限"),
    ),
    DeadlineKind(
        Kind.COOPERATION, _("协办"), "R31",
        _("要以书面的形式对责任和工作进行明确，相关部门有义务做好配合处理工作。"),
        of_a_round=True,
    ),
    DeadlineKind(
        Kind.FIRST_REPLY, _("首次回复"), "R6", _("客户投诉首次回复不超过48小时。由回复责任人（R34、R35）履行。"),
        binds=("dispatch", "judge_complete", "reply"), default="48h", is_open=True,
        left_open=_("对客户的时限"),
    ),
    DeadlineKind(
        Kind.CONTACT_ON_SITE, _("联系上门测试"), "R6", _("网络质量类投诉在3个工作日内联系客户上门测试。"),
        default="3wd", is_open=True,
        left_open=_("网络质量类投诉"),
    ),
    DeadlineKind(
        Kind.NETWORK_SOLUTION, _("网络技术方案"), "R6", _("网络质量类投诉在7个工作日内给出技术解决方案。"),
        default="7wd", is_open=True,
        left_open=_("网络质量类投诉"),
    ),
    DeadlineKind(
        Kind.LEGAL, _("法定答复"), "R6",
        _("自受理之日起15日内答复用户（电信用户申诉处理办法），到期日以24:00为止。"),
        default="15d", is_open=True,
        left_open=_("对客户的时限"),
    ),
    *(
        DeadlineKind(
            kind, label, "R9",
            _("转办件写明答复期限的从其规定；未写明的按本表，自收到之时起算。由省客户服务中心答复。"),
            binds=("answer_outside_case",), default=default, is_open=True, left_open=_("答复外部转办的期限"),
        )
        for kind, label, default in (
            (Kind.ANSWER_MIIT, _("答复通信管理部门"), "10d"),
            (Kind.ANSWER_12345, _("答复12345"), "5wd"),
            (Kind.ANSWER_12315, _("答复12315"), "10wd"),
            (Kind.ANSWER_SUPERIOR, _("答复上级转派"), "5wd"),
        )
    ),
    DeadlineKind(Kind.RIGHTS, _("客户权利请求"), default="15wd"),
)  # fmt: skip
"""R6: the notice leaves the numbers to the table of limits."""
