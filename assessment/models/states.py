"""The values of a case: its states, how it began, the grounds of penalties, what is found."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessment.declarations.limits import Kind


class CaseState(models.TextChoices):
    NEW = "new", _("未立案")
    SHEET_ISSUED = "sheet_issued", _("互动单已发出，待通知自查")
    OPENED = "opened", _("已立案，待通知自查")
    FAULT_OPENED = "fault_opened", _("接口人处理不当，待提交处理意见")
    OPINION_FILED = "opinion_filed", _("处理意见已提交，待决定")
    DECLINED = "declined", _("不予立案")
    NOTIFIED = "notified", _("已通知自查，待自查报告")
    ADMITTED = "admitted", _("单位承认违反")
    DISPUTED = "disputed", _("单位有异议，待评判")
    DEEMED_VIOLATION = "deemed_violation", _("逾期未报，视为违反")
    VIOLATION = "violation", _("判定违反")
    NO_VIOLATION = "no_violation", _("判定不违反")
    CLOSED = "closed", _("已结案")
    ANNULLED = "annulled", _("已撤销认定")


class Source(models.TextChoices):
    """How it began: the centre's sheet (route 1), three of route 2, or an interface contact's fault (R22)."""

    SHEET = "sheet", _("客服中心互动单")
    SUPERIOR = "superior", _("上级转派")
    LEADER = "leader", _("领导反映")
    IMPORTANT_CUSTOMER = "important_customer", _("重要客户反映")
    FAULT = "fault", _("接口人处理不当")


ROUTE_TWO = (Source.SUPERIOR, Source.LEADER, Source.IMPORTANT_CUSTOMER)


class Ground(models.TextChoices):
    HANDLER = "handler", _("首问责任人")
    LEADER = "leader", _("分管领导")
    UNIT_HEAD = "unit_head", _("单位负责人")
    CONTACT = "contact", _("接口人")
    COOPERATING = "cooperating", _("配合单位人员")


class Conclusion(models.TextChoices):
    """What a unit's report says of itself."""

    ADMITTED = "admitted", _("承认违反")
    DISPUTED = "disputed", _("有异议")


class Finding(models.TextChoices):
    """What a panel, each of its members, or marketing's decision on a fault finds."""

    VIOLATED = "violated", _("违反")
    NOT_VIOLATED = "not_violated", _("不违反")


BEFORE_NOTICE = (CaseState.SHEET_ISSUED, CaseState.OPENED)
OF_A_FAULT = (CaseState.FAULT_OPENED, CaseState.OPINION_FILED)
DETERMINED = (CaseState.ADMITTED, CaseState.DEEMED_VIOLATION, CaseState.VIOLATION)
"""A violation is determined: penalties and a circular are owed."""

OVER = (CaseState.DECLINED, CaseState.CLOSED, CaseState.ANNULLED)
OF_MARKETING = (Kind.NOTICE, Kind.PANEL)
"""Limits of those who judge; the unit concerned isn't notified of them."""

SLIPS = (Kind.SLIP, Kind.REFUND)
"""What the unit proves of penalties: that they were carried out, or given back once annulled (R54)."""

PRESSES_IN: dict[str, tuple[CaseState, ...]] = {
    "notice": BEFORE_NOTICE,
    "report": (CaseState.NOTIFIED,),
    "opinion": (CaseState.FAULT_OPENED,),
    "panel": (CaseState.DISPUTED,),
    "discipline": DETERMINED,
    "slip": (*DETERMINED, CaseState.CLOSED),
    "refund": (CaseState.ANNULLED,),
}
"""In which states a limit still matters, by its kind. A miss is kept, but a case that was declined or deemed a
violation waits for no notice or report any more.
"""

HIDDEN_FROM_UNIT = (CaseState.NEW, *BEFORE_NOTICE, CaseState.DECLINED)
"""The unit concerned knows nothing of the case before it is notified (R40)."""

WAITS = {
    "notify_unit": 24, "file_report": 7 * 24, "sign_report": 24, "appoint_panel": 5 * 24, "give_opinion": 24,
    "replace_member": 24, "record_panel": 2 * 24, "file_opinion": 5 * 24,
    "decide_fault": 5 * 24, "penalise": 10 * 24, "issue_circular": 5 * 24,
    "sign_circular": 2 * 24, "withdraw_circular": 2 * 24, "approve": 24, "close_case": 5 * 24,
}  # fmt: skip
"""Hours of waiting after which an alarm is raised, unless the table of limits says otherwise."""
