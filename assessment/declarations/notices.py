"""The notices and alarms of leads, cases, plans, bulletins, rankings and exports."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.declarations.notices import ALARMS, NOTICES, AlarmKind, Count, Notice, Topic
from accountability.declarations.own_notices import no_service, of_the_system, to_the_alarms
from accountability.declarations.registry import Facts, Words

EXPORTS_FAILED = _("%(exports)s 份导出文件未能生成，请管理员查看日志。")


def _to_the_leads(facts: Facts) -> str:
    return reverse("leads")


def _to_the_circular(facts: Facts) -> str:
    return reverse("circular", args=[facts["circular"]]) if "circular" in facts else ""


def _to_the_ranking(facts: Facts) -> str:
    return reverse("ranking_numbered", args=[facts["ranking"]]) if "ranking" in facts else ""


def _to_own_penalties(facts: Facts) -> str:
    return reverse("own_penalties")


NOTICES.add(
    # Leads and cases
    Notice(
        "leads_wait",
        _("%(leads)s 条线索超过5个工作日未处置，请发起认定或写明理由不予采用（R38）。"),
        Topic.WAITING, "danger", _to_the_leads,
    ),
    Notice(
        "sheet_received", _("收到客服中心互动单，请在2个工作日内通知自查（R42）。"), Topic.WORK, "warn", limit="notice"
    ),
    Notice(
        "lead_fallen",
        _("案件 %(case)s 采用的“%(limit)s”超时%(round)s已不成立或已免责，请核对案件是否仍有依据（R38）。"),
        Topic.WORK, "warn", ends_with=(),
    ),
    Notice("case_assigned", _("案件交由您经办。"), Topic.WORK, ends_with=("assign_case",)),
    Notice(
        "self_inspection", _("市场部通知本单位自查，请在5个工作日内报送自查报告（R43）。"),
        Topic.WORK, "warn", limit="report",
    ),
    Notice("report_filed", _("自查报告已报送。")),
    Notice("late_report", _("收到逾期自查报告，已存档，不影响认定（R45）。")),
    Notice("deemed", _("逾期未报自查报告，视为违反，通报批评已拟稿（R45）。"), Topic.LIMITS, "danger", ends_with=()),
    Notice(
        "panel_called", _("请您作为评判成员就案件发表意见，至 %(due)s 24:00（R48）。"),
        Topic.WORK, "warn", ends_with=("record_panel",), limit="panel",
    ),
    Notice("panel_left", _("一件案件的评判成员已由他人接替，您无需再发表意见。")),
    Notice(
        "panel_chased", _("催办：您的评判意见已过截止日，请尽快发表（R48）。"),
        Topic.WORK, "warn", ends_with=("record_panel",), limit="panel",
    ),
    Notice(
        "panel_reminded", _("市场部提醒您发表评判意见，截止 %(due)s 24:00（R48）。"),
        Topic.WORK, "warn", ends_with=("record_panel",), limit="panel",
    ),
    Notice("opinions_in", _("评判成员的意见已齐，请记录结论和理由（R48）。")),
    Notice("found_violated", _("判定违反“首问责任制”（R49）。"), Topic.LIMITS, "danger", ends_with=()),
    Notice("found_not_violated", _("判定不违反“首问责任制”。")),
    Notice("fault_opened", _("接口人处理不当，请本单位提交处理意见（R22）。"), Topic.WORK, "warn", limit="opinion"),
    Notice("fault_declined", _("接口人处理不当不予立案。")),
    Notice("opinion_lapsed", _("单位逾期未提交处理意见，可以直接决定（R22）。")),
    Notice("opinion_filed", _("单位处理意见已提交，请决定（R22）。")),
    Notice("penalised", _("已记录一项处理。")),
    Notice("slip_filed", _("单位已提交执行回执。")),
    Notice("slip_chased", _("催办：处理的执行回执仍未提交（R54）。"), Topic.WORK, "warn", ends_with=("file_slip",)),
    Notice("refund_filed", _("单位已提交退还回执。")),
    Notice(
        "refund_chased", _("催办：撤销处理后的退还回执仍未提交（R54）。"), Topic.WORK, "warn",
        ends_with=("file_refund",),
    ),
    Notice(
        "refund_owed", _("认定已撤销，已执行的扣减请退还本人，并提交退还回执（R54）。"), Topic.WORK, "warn",
        ends_with=("file_refund",), limit="refund",
    ),
    Notice("own_refund", _("对您的处理已撤销，已扣减的绩效奖金由单位退还。"), leads_to=_to_own_penalties),
    Notice("case_closed", _("案件已结案。")),
    Notice("annulled", _("违反认定已撤销，处理一并撤销，已扣减的应退还本人。")),
    Notice("approval_asked", _("请您批准：%(verb)s。"), Topic.WORK, "warn"),
    Notice("approved", _("已获批准：%(verb)s。")),
    Notice("disapproved", _("未获批准：%(verb)s。")),
    Notice("circular_returned", _("通报批评未获签发，已附意见退回，请修改后重新送签。")),
    Notice(
        "not_customer_stated",
        _("有人声明文书中与客户姓名相同的字样不是指客户（%(verb)s），请核对（R52）。"),
        Topic.WORK, "warn", ends_with=(),
    ),
    Notice("circular_issued", _("全省通报 %(number)s 已发布，请阅知。"), leads_to=_to_the_circular),
    # Bulletins
    Notice(
        "bulletin_drafted", _("%(month)s 定期通报已自动拟稿，请核对后在5个工作日内发送（R54）。"), Topic.WORK, "warn",
        limit="bulletin",
    ),
    Notice("bulletin_sent", _("%(month)s 定期通报 %(number)s 已发送，请阅知（R54）。")),
    Notice("bulletin_withdrawn", _("%(month)s 定期通报 %(number)s 已撤回，将重新发送。")),
    # Plans
    Notice("plan_opened", _("市场部提出整改方案，请按期整改（R16）。"), Topic.WORK, "warn"),
    Notice("plan_progress", _("整改有新进展。")),
    Notice("plan_reported", _("整改已报告完成，待市场部验收。")),
    Notice("plan_accepted", _("整改已验收通过。")),
    Notice("plan_sent_back", _("整改未通过验收，请继续整改。"), Topic.WORK, "warn"),
    Notice("plan_changed", _("整改责任人或期限已变更。")),
    Notice("plan_cancelled", _("整改已取消，无需再办。")),
    Notice("plan_chased", _("催办：整改已逾期，仍未报告完成（R16）。"), Topic.WORK, "warn"),
    # Rankings
    Notice(
        "ranking_drafted",
        _("%(year)s 年问题解决率排名已起草，数据已封存，待市场部领导确认（R53）。"),
        leads_to=_to_the_ranking,
    ),
    Notice("ranking_published", _("%(year)s 年问题解决率排名已公布，请阅知（R53）。"), leads_to=_to_the_ranking),
    Notice("ranking_withdrawn", _("%(year)s 年问题解决率排名已撤回。"), leads_to=_to_the_ranking),
    # Exports
    Notice("export_asked", _("有导出申请待您批准。"), Topic.WORK, "warn"),
    Notice("export_approved", _("您的导出申请已获批准，正在生成文件。")),
    Notice("export_declined", _("您的导出申请未获批准。")),
    Notice("export_made", _("导出文件已生成，请在到期前下载。")),
    Notice(
        "export_failed", _("导出文件未能生成，可重新生成或缩小范围后重新申请。"),
        Topic.WORK, "warn", ends_with=("retry_export", "withdraw_export"),
    ),
    Notice("export_expired", _("导出已到期，文件已销毁。")),
    Notice("exports_failed", EXPORTS_FAILED, Topic.WAITING, "danger", to_the_alarms),
)  # fmt: skip


def _leads(said: str, count: int) -> Words:
    return _("%(count)s 条线索久未处置（R38）。") % {"count": said}


ALARMS.add(
    AlarmKind("exports", EXPORTS_FAILED, to_the_alarms, of_the_system, no_service),
    AlarmKind(
        "lead", _("线索“%(limit)s”%(round)s超过5个工作日未处置（R38）。"),
        count=Count(_leads, "leads", "warn", 3), floods=True, lasts=True,
    ),
)  # fmt: skip
