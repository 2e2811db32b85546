"""The values of a complaint's fields: states, priorities, tiers, channels, endings."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.rounds import RoundState


class State(models.TextChoices):
    NEW = "new", _("未登记")
    FORWARDED = "forwarded", _("已转交，待登记")
    REGISTERED = "registered", _("已登记，待派单")
    HANDLING = "handling", _("已直接处理，待审核")
    DISPATCHED = "dispatched", _("已派单")
    COMPLETED = "completed", _("处理完毕，待回复")
    REPLIED = "replied", _("已回复客户")
    ARCHIVED = "archived", _("已归档")


class Priority(models.TextChoices):
    P1 = "P1", _("特急")
    P2 = "P2", _("紧急")
    P3 = "P3", _("一般")


class Tier(models.TextChoices):
    NONE = "none", _("普通")
    VIP = "vip", _("VIP")


class Channel(models.TextChoices):
    CALL = "call", _("客户来电")
    FORWARD = "forward", _("员工转交")
    SUPERIOR = "superior", _("上级转派")
    MIIT = "miit", _("通信管理部门申诉")
    LINE_12345 = "line_12345", _("12345转办")
    LINE_12315 = "line_12315", _("12315转办")
    LEADER = "leader", _("领导反映")
    IMPORTANT_CUSTOMER = "important_customer", _("重要客户反映")


class Replier(models.TextChoices):
    CSC = "csc", _("省客户服务中心")
    FORWARDER = "forwarder", _("转交员工")


class Ending(models.TextChoices):
    """How it was archived. Only the first counts as resolved; the last is in no rate and no total."""

    SATISFIED = "satisfied", _("客户满意")
    UNSATISFIED = "unsatisfied", _("未满意归档")
    DUPLICATE = "duplicate", _("重复登记")
    WITHDRAWN = "withdrawn", _("客户撤诉")
    UNREACHABLE = "unreachable", _("联系不上客户")
    IMPORTED = "imported", _("历史导入")


LEFT_OUT = frozenset({Ending.DUPLICATE, Ending.WITHDRAWN, Ending.UNREACHABLE})
"""Ends after which a customer is owed no reply."""

OUTSIDE = (Channel.MIIT, Channel.LINE_12345, Channel.LINE_12315, Channel.SUPERIOR)
"""Who hands complaints in from outside, under a number of their own, and is owed an answer by a day of their own."""

ESCALATED_CHANNELS = frozenset({*OUTSIDE, Channel.LEADER, Channel.IMPORTANT_CUSTOMER})

FLAGS: tuple[tuple[str, Any], ...] = (
    ("cross_province", _("跨省")),
    ("other_operator", _("他网")),
    ("third_party", _("第三方")),
    ("escalated", _("升级")),
    ("major", _("重大")),
)

AWAITED_OF_ROUND = {
    RoundState.DELIVERED: "hand_off",
    RoundState.REPORTED: "name_handler",
    RoundState.HANDED_OFF: "accept",
    RoundState.ACCEPTED: "answer",
    RoundState.RETURN_REQUESTED: "rule_on_return",
    RoundState.ANSWERED: "judge_complete",
}

IN_WORK = [State.REGISTERED, State.HANDLING, State.DISPATCHED, State.COMPLETED, State.REPLIED]
UNTIL_ARCHIVED = [State.FORWARDED, *IN_WORK]
NOT_OVER = ~models.Q(state=State.ARCHIVED.value) | models.Q(outside_open__gt=0)
"""For a query over complaints: somebody still owes something of it. The same as that its matter isn't closed."""

ONCE_DISPATCHED = [*IN_WORK, State.ARCHIVED]
WITH_CONTACT, WITH_LEADER = RoundState.DELIVERED, RoundState.REPORTED
BEFORE_HANDOVER = (WITH_CONTACT, WITH_LEADER)
WITH_HANDLER = (RoundState.HANDED_OFF, RoundState.ACCEPTED)

TELL_SATISFACTION = ("record_satisfaction", "rate_reply")
"""The verbs by which it is recorded what the customer said of a reply: by an agent, and by the customer (R37)."""
