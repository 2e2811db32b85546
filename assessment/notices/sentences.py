"""The sentence of each kind of notice of this app; `register` adds them to those of the apps below."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability import wording
from accountability.models import Matter
from accountability.wording import Facts, Words, always, exports_failed, verb_label


def register() -> None:
    wording.NOTICES.update(OF_CASES | OF_BULLETINS | OF_PLANS | OF_RANKINGS | OF_EXPORTS)


def _asked(facts: Facts) -> str:
    return _("请您批准：%(verb)s。") % {"verb": verb_label(facts.get("verb", ""), Matter.Kind.CASE)}


def _approved(facts: Facts) -> str:
    return _("已获批准：%(verb)s。") % {"verb": verb_label(facts.get("verb", ""), Matter.Kind.CASE)}


def _disapproved(facts: Facts) -> str:
    return _("未获批准：%(verb)s。") % {"verb": verb_label(facts.get("verb", ""), Matter.Kind.CASE)}


def _circular(facts: Facts) -> str:
    return _("全省通报 %(number)s 已发布，请阅知。") % {"number": facts.get("number", "")}


def _called_to_the_panel(facts: Facts) -> str:
    return _("请您作为评判成员就案件发表意见，至 %(day)s 24:00（R48）。") % {"day": facts.get("due", "")}


OF_CASES: dict[str, Callable[[Facts], str]] = {
    "sheet_received": always(gettext_lazy("收到客服中心互动单，请在2个工作日内通知自查（R42）。")),
    "case_assigned": always(gettext_lazy("案件交由您经办。")),
    "self_inspection": always(gettext_lazy("市场部通知本单位自查，请在5个工作日内报送自查报告（R43）。")),
    "report_filed": always(gettext_lazy("自查报告已报送。")),
    "late_report": always(gettext_lazy("收到逾期自查报告，已存档，不影响认定（R45）。")),
    "deemed": always(gettext_lazy("逾期未报自查报告，视为违反，通报批评已拟稿（R45）。")),
    "panel_called": _called_to_the_panel,
    "panel_left": always(gettext_lazy("一件案件的评判成员已由他人接替，您无需再发表意见。")),
    "panel_chased": always(gettext_lazy("催办：您的评判意见已过截止日，请尽快发表（R48）。")),
    "opinions_in": always(gettext_lazy("评判成员的意见已齐，请记录结论和理由（R48）。")),
    "found_violated": always(gettext_lazy("判定违反“首问责任制”（R49）。")),
    "found_not_violated": always(gettext_lazy("判定不违反“首问责任制”。")),
    "fault_opened": always(gettext_lazy("接口人处理不当，请本单位提交处理意见（R22）。")),
    "fault_declined": always(gettext_lazy("接口人处理不当不予立案。")),
    "opinion_lapsed": always(gettext_lazy("单位逾期未提交处理意见，可以直接决定（R22）。")),
    "opinion_filed": always(gettext_lazy("单位处理意见已提交，请决定（R22）。")),
    "penalised": always(gettext_lazy("已记录一项处理。")),
    "slip_filed": always(gettext_lazy("单位已提交执行回执。")),
    "slip_chased": always(gettext_lazy("催办：处理的执行回执仍未提交（R54）。")),
    "case_closed": always(gettext_lazy("案件已结案。")),
    "annulled": always(gettext_lazy("违反认定已撤销，处理一并撤销。")),
    "approval_asked": _asked,
    "approved": _approved,
    "disapproved": _disapproved,
    "circular_returned": always(gettext_lazy("通报批评未获签发，已附意见退回，请修改后重新送签。")),
    "circular_issued": _circular,
}


def _bulletin(sentence: Words) -> Callable[[Facts], str]:
    return lambda facts: str(sentence) % {name: facts.get(name, "") for name in ("month", "number")}


OF_BULLETINS: dict[str, Callable[[Facts], str]] = {
    "bulletin_drafted": _bulletin(gettext_lazy("%(month)s 定期通报已自动拟稿，请核对后在5个工作日内发送（R54）。")),
    "bulletin_sent": _bulletin(gettext_lazy("%(month)s 定期通报 %(number)s 已发送，请阅知（R54）。")),
    "bulletin_withdrawn": _bulletin(gettext_lazy("%(month)s 定期通报 %(number)s 已撤回，将重新发送。")),
}

OF_PLANS: dict[str, Callable[[Facts], str]] = {
    "plan_opened": always(gettext_lazy("市场部提出整改方案，请按期整改（R16）。")),
    "plan_progress": always(gettext_lazy("整改有新进展。")),
    "plan_reported": always(gettext_lazy("整改已报告完成，待市场部验收。")),
    "plan_accepted": always(gettext_lazy("整改已验收通过。")),
    "plan_sent_back": always(gettext_lazy("整改未通过验收，请继续整改。")),
    "plan_changed": always(gettext_lazy("整改责任人或期限已变更。")),
    "plan_cancelled": always(gettext_lazy("整改已取消，无需再办。")),
    "plan_chased": always(gettext_lazy("催办：整改已逾期，仍未报告完成（R16）。")),
}


def _of_year(sentence: Words) -> Callable[[Facts], str]:
    return lambda facts: str(sentence) % {"year": facts.get("year", "")}


OF_RANKINGS: dict[str, Callable[[Facts], str]] = {
    "ranking_drafted": _of_year(gettext_lazy("%(year)s 年问题解决率排名已起草，数据已封存，待市场部领导确认（R53）。")),
    "ranking_published": _of_year(gettext_lazy("%(year)s 年问题解决率排名已公布，请阅知（R53）。")),
    "ranking_withdrawn": _of_year(gettext_lazy("%(year)s 年问题解决率排名已撤回。")),
}

OF_EXPORTS: dict[str, Callable[[Facts], str]] = {
    "export_asked": always(gettext_lazy("有导出申请待您批准。")),
    "export_approved": always(gettext_lazy("您的导出申请已获批准，正在生成文件。")),
    "export_declined": always(gettext_lazy("您的导出申请未获批准。")),
    "export_made": always(gettext_lazy("导出文件已生成，请在到期前下载。")),
    "export_failed": always(gettext_lazy("导出文件未能生成，可重新生成或缩小范围后重新申请。")),
    "export_expired": always(gettext_lazy("导出已到期，文件已销毁。")),
    "exports_failed": exports_failed,
}
