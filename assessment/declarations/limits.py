"""The limits of cases, panels, plans and bulletins."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accountability.declarations.limits import DEADLINE_KINDS, DeadlineKind


class Kind(StrEnum):
    """Their names; the ledger keeps them."""

    NOTICE = "notice"
    REPORT = "report"
    OPINION = "opinion"
    DISCIPLINE = "discipline"
    SLIP = "slip"
    REFUND = "refund"
    PANEL = "panel"
    RECTIFICATION = "rectification"
    BULLETIN = "bulletin"


DEADLINE_KINDS.add(
    DeadlineKind(
        Kind.NOTICE, _("自查通知"), "R42",
        _("省公司市场部收到互动单或自行判定后，于2个工作日内通知相关单位进行内部自查。"),
        binds=("notify_unit",), default="2wd",
    ),
    DeadlineKind(
        Kind.REPORT, _("自查报告"), "R43",
        _("相关单位于接到通知的5个工作日内提供自查报告；逾期不报的，视为违反“首问责任制”（R45）。"),
        binds=("file_report", "sign_report"), default="5wd", moves_state=True,
    ),
    DeadlineKind(
        Kind.OPINION, _("单位处理意见"), "R22",
        _("接口人处理不当的，由首问责任部门提出处理意见；期限由时限表规定，逾期未提交的，可以不待意见作出决定。"),
        binds=("file_opinion",), default="5wd", is_open=True, ends_by_miss=True, moves_state=True,
        left_open=_("单位提出处理意见的期限"),
    ),
    DeadlineKind(
        Kind.DISCIPLINE, _("处理责任人"), "R49",
        _("认定违反后，由该单位在规定时限内对责任人进行处理。期限由时限表规定。"),
        binds=("penalise", "penalise_all"), default="10wd", is_open=True,
        left_open=_("责成处理的期限"),
    ),
    DeadlineKind(
        Kind.SLIP, _("执行回执"), "R54",
        _("对责任人的处理执行后，由该单位提交执行回执。期限由时限表规定，逾期每周催办。"),
        binds=("file_slip",), default="10wd",
        left_open=_("执行回执的期限"),
    ),
    DeadlineKind(
        Kind.REFUND, _("退还回执"), "R54",
        _("认定撤销后，已执行的扣减由该单位退还，并提交退还回执。期限由时限表规定，逾期每周催办。"),
        binds=("file_refund",), default="10wd",
        left_open=_("退还回执的期限"),
    ),
    DeadlineKind(
        Kind.PANEL, _("评判意见"), "R48",
        _("由省公司市场部组织评判；成员发表意见的截止日由召集人规定，逾期每日催办。"),
        binds=("give_opinion",),
    ),
    DeadlineKind(Kind.RECTIFICATION, _("整改")),
    DeadlineKind(
        Kind.BULLETIN, _("定期通报"), "R54",
        _("省客户服务中心定期通报各单位的执行情况。每月一期，至次月第5个工作日止，期限由时限表规定。"),
        binds=("send_bulletin",), default="5wd",
    ),
)  # fmt: skip
