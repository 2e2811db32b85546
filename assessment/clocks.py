"""A case's deadlines as its pages tell them: the clauses they rest on, and which of them presses for which verb."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.models import Deadline
from complaints.clocks import BINDING, CLAUSES, Clause

Kind = Deadline.Kind

CLAUSES |= {
    Kind.NOTICE: Clause("R42", _("省公司市场部收到互动单或自行判定后，于2个工作日内通知相关单位进行内部自查。")),
    Kind.REPORT: Clause(
        "R43", _("相关单位于接到通知的5个工作日内提供自查报告；逾期不报的，视为违反“首问责任制”（R45）。")
    ),
    Kind.OPINION: Clause(
        "R22", _("接口人处理不当的，由首问责任部门提出处理意见；期限由时限表规定，逾期未提交的，可以不待意见作出决定。")
    ),
    Kind.DISCIPLINE: Clause("R49", _("认定违反后，由该单位在规定时限内对责任人进行处理。期限由时限表规定。")),
    Kind.PANEL: Clause("R48", _("由省公司市场部组织评判；成员发表意见的截止日由召集人规定，逾期每日催办。")),
    Kind.BULLETIN: Clause(
        "R54", _("省客户服务中心定期通报各单位的执行情况。每月一期，至次月第5个工作日止，期限由时限表规定。")
    ),
    Kind.SLIP: Clause("R54", _("对责任人的处理执行后，由该单位提交执行回执。期限由时限表规定，逾期每周催办。")),
}
BINDING |= {
    "notify_unit": Kind.NOTICE,
    "file_report": Kind.REPORT,
    "sign_report": Kind.REPORT,
    "file_opinion": Kind.OPINION,
    "give_opinion": Kind.PANEL,
    "penalise": Kind.DISCIPLINE,
    "penalise_all": Kind.DISCIPLINE,
    "file_slip": Kind.SLIP,
    "send_bulletin": Kind.BULLETIN,
}
