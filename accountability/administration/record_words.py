"""How rows of the ledger, the access log and the alarms read to people: verbs, pages, facts and papers in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accountability.audit.access_labels import action_label
from accountability.deadlines.words import time_words
from accountability.declarations.notices import ALARMS
from accountability.declarations.places import PLACES, place_of
from accountability.documents.kinds import KINDS
from accountability.gate.fields import Choice
from accountability.gate.subjects import SUBJECTS
from accountability.gate.verbs import VERBS
from accountability.models import AccessLog, Alarm, LedgerEntry, Matter, PaperFile
from accountability.notices.sentences import sentence_of
from accountability.templatetags.office import yes_or_no
from accountability.templatetags.shouwen import NOTHING

PAGES: dict[str, Any] = {
    "livez": gettext_lazy("存活检查"),
    "readyz": gettext_lazy("就绪检查"),
    "metrics": gettext_lazy("运行指标"),
    "set_language": gettext_lazy("切换语言"),
    "company_sign_in": gettext_lazy("公司账号登录"),
    "company_return": gettext_lazy("公司账号登录"),
    "company_sign_out": gettext_lazy("公司账号系统退出"),
    "password": gettext_lazy("修改密码"),
    "enrol": gettext_lazy("绑定动态口令"),
    "begin_enrolment": gettext_lazy("绑定动态口令"),
    "my_sessions": gettext_lazy("本人的登录"),
    "my_tokens": gettext_lazy("接口令牌"),
    "my_calendar": gettext_lazy("日历订阅"),
    "calendar_feed": gettext_lazy("日历订阅"),
    "api_docs": gettext_lazy("接口说明"),
    "api_schema": gettext_lazy("接口说明"),
    "api_units": gettext_lazy("接口：单位"),
    "api_people": gettext_lazy("接口：人员"),
    "api_categories": gettext_lazy("接口：投诉类别"),
    "api_limits": gettext_lazy("接口：时限表"),
    "api_calendar": gettext_lazy("接口：工作日历"),
    "api_complaints": gettext_lazy("接口：投诉列表"),
    "api_complaint": gettext_lazy("接口：投诉"),
    "api_complaint_act": gettext_lazy("接口：办理"),
    "api_case_act": gettext_lazy("接口：办理"),
    "api_ranking_act": gettext_lazy("接口：办理"),
    "api_organisation_act": gettext_lazy("接口：办理"),
    "api_cases": gettext_lazy("接口：案件列表"),
    "api_case": gettext_lazy("接口：案件"),
    "api_penalties": gettext_lazy("接口：责任追究"),
    "api_figures": gettext_lazy("接口：统计数字"),
    "api_rankings": gettext_lazy("接口：年度排名列表"),
    "api_ranking": gettext_lazy("接口：年度排名"),
    "api_ledger": gettext_lazy("接口：操作台账"),
    "renew_token": gettext_lazy("接口令牌"),
    "sign_in_act": gettext_lazy("登录策略"),
    "inbox": gettext_lazy("通知"),
    "mark_read": gettext_lazy("通知"),
    "pulse": gettext_lazy("定时刷新"),
    "stay": gettext_lazy("保持登录"),
    "preferences": gettext_lazy("个人设置"),
    "search": gettext_lazy("搜索"),
    "tour": gettext_lazy("导览"),
    "answer_tour": gettext_lazy("导览"),
    "organisation_act": gettext_lazy("组织与规则的操作"),
    "attachment": gettext_lazy("文件"),
    "paper_draft": gettext_lazy("公文草稿"),
    "resend_event": gettext_lazy("重发事件"),
}
"""What is opened outside the places of the navigation, by the name of its address; apps add their own."""

FACTS: dict[str, Any] = {
    "phrases": gettext_lazy("用语"),
    "ended_before": gettext_lazy("原结束时间"),
    "sha256": gettext_lazy("校验码"),
    "version": gettext_lazy("版本"),
    "of": gettext_lazy("操作"),
    "employee": gettext_lazy("员工"),
    "before": gettext_lazy("原值"),
    "returned": gettext_lazy("交还"),
    "without_leader": gettext_lazy("无分管领导的人员"),
    "without_head": gettext_lazy("无负责人的单位"),
    "failures": gettext_lazy("失败次数"),
    "sessions": gettext_lazy("登录数"),
    "needs_approval": gettext_lazy("须经批准"),
    "found": gettext_lazy("发现"),
    "joint": gettext_lazy("共同确认人"),
    "late": gettext_lazy("超时"),
    "priority": gettext_lazy("紧急程度"),
    "repeat_of": gettext_lazy("重复自"),
    "flags": gettext_lazy("标志"),
    "round": gettext_lazy("轮次"),
    "second": gettext_lazy("二次派单"),
    "ruling": gettext_lazy("裁定派发"),
    "state": gettext_lazy("状态"),
    "limits": gettext_lazy("时限"),
    "of_unit": gettext_lazy("单位"),
    "shared": gettext_lazy("共享"),
    "rows": gettext_lazy("行数"),
    "time": gettext_lazy("第几次"),
    "number": gettext_lazy("编号"),
    "edition": gettext_lazy("版次"),
    "rounds": gettext_lazy("轮次数"),
    "inputs": gettext_lazy("数据校验码"),
    "barred": gettext_lazy("取消评优的单位"),
    "proposed": gettext_lazy("拟取消评优的单位"),
    "leads": gettext_lazy("线索"),
    "penalties": gettext_lazy("处理"),
    "owner_before": gettext_lazy("原责任人"),
    "due_before": gettext_lazy("原期限"),
    "verb": gettext_lazy("操作"),
    "papers": gettext_lazy("公文校验码"),
    "kind": gettext_lazy("类别"),
    "part": gettext_lazy("轮次"),
    "head": gettext_lazy("类别"),
    "count": gettext_lazy("件数"),
    "region": gettext_lazy("归属地市"),
    "leader": gettext_lazy("分管领导"),
    "to": gettext_lazy("接收人"),
    "year": gettext_lazy("年份"),
    "channel": gettext_lazy("渠道"),
    "hours": gettext_lazy("小时数"),
    "awaits": gettext_lazy("等待"),
    "host": gettext_lazy("主机"),
    "seconds": gettext_lazy("秒数"),
    "accounts": gettext_lazy("账号数"),
    "request": gettext_lazy("申请"),
    "texts": gettext_lazy("文字段数"),
    "files": gettext_lazy("文件"),
    "person": gettext_lazy("人员"),
    "role": gettext_lazy("角色"),
    "happened": gettext_lazy("发生时间"),
    "handler": gettext_lazy("首问责任人"),
    "satisfied": gettext_lazy("满意"),
    "what": gettext_lazy("内容"),
    "format": gettext_lazy("格式"),
    "since": gettext_lazy("起"),
    "until": gettext_lazy("止"),
    "unit": gettext_lazy("单位"),
    "excused": gettext_lazy("免责"),
    "webhook": gettext_lazy("推送地址编号"),
    "opens": gettext_lazy("所开之物"),
    "row": gettext_lazy("记录编号"),
    "why": gettext_lazy("原因"),
}
"""What acts and alarms note that isn't a field of their verb; apps add their own."""

ALARM_LABELS: dict[str, Any] = {
    "calendar": gettext_lazy("缺工作日历"),
    "channel": gettext_lazy("通知渠道故障"),
    "papers": gettext_lazy("公文生成失败"),
    "clock": gettext_lazy("时钟偏差"),
    "stuck": gettext_lazy("系统处理不了的事项"),
    "unmasking": gettext_lazy("查看号码过多"),
    "probing": gettext_lazy("被拒的访问过多"),
    "seal": gettext_lazy("封存过期"),
    "verification": gettext_lazy("核验过期"),
    "record": gettext_lazy("记录不符"),
    "forged": gettext_lazy("伪造的令牌或会话"),
    "no_contact": gettext_lazy("缺接口人"),
    "waiting": gettext_lazy("等待过久"),
    "exports": gettext_lazy("导出失败"),
    "lead": gettext_lazy("待处理的线索"),
    "mass": gettext_lazy("疑似大面积投诉"),
    "criticism": gettext_lazy("建议书面批评"),
    "excuses": gettext_lazy("待确认的免责"),
    "material": gettext_lazy("回复材料久未提供"),
    "health": gettext_lazy("系统运行异常"),
    "held": gettext_lazy("停摆时段"),
    "webhook": gettext_lazy("推送地址停用"),
    "oa": gettext_lazy("OA送交受阻"),
}
"""The kinds of alarm in the filter of their list."""


def page_label(name: str) -> Any:
    """What a page is called, by the name of its address: its place in the navigation, or the records it lists."""
    if name.startswith("admin:"):
        models = {f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry}
        found = models.get(name.removeprefix("admin:").rpartition("_")[0])
        return found._meta.verbose_name_plural if found else PLACES["admin:index"].label
    place = PLACES.get(place_of(name))
    return place.label if place else PAGES.get(name) or action_label(name)


REFUSED: dict[str, Any] = {
    "unknown": gettext_lazy("无此工号"),
    "another_account": gettext_lazy("已绑定其他公司账号"),
    "not_active": gettext_lazy("已离职"),
    "closed": gettext_lazy("登录已停用"),
    "administrator": gettext_lazy("管理员"),
    "leaver": gettext_lazy("公司账号系统称已离职"),
}
"""Why a company's account opened nothing; what is wrong with an answer of the provider stays as it is recorded."""


def detail_words(row: AccessLog) -> str:
    """What a row of the access log is about: pages, papers and forms of files in words, references unchanged."""
    return " ".join(str(_part_words(part)) for part in row.detail.split())


def _part_words(part: str) -> Any:
    if part in KINDS:
        return KINDS[part].label
    if part in PaperFile.Form.values:
        return PaperFile.Form(part).label
    return REFUSED.get(part) or page_label(part)


def facts_words(row: LedgerEntry | Alarm) -> list[str]:
    """Each fact with its label, a line a fact; what refers to people, units and matters stays as it is recorded."""
    verb = VERBS.get((row.matter.kind, row.verb)) if isinstance(row, LedgerEntry) else None
    labels = {fact.name: fact.label for fact in verb.facts} if verb else {}
    chosen = {fact.name: dict(fact.choices) for fact in verb.facts if isinstance(fact, Choice)} if verb else {}
    return [
        f"{labels.get(name) or FACTS.get(name, name)} {_value(value, chosen.get(name, {}))}"
        for name, value in row.facts.items()
    ]


def _value(value: Any, words: Mapping[Any, Any]) -> str:
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, list):
        return "、".join(_value(each, words) for each in value) or NOTHING
    if isinstance(value, dict):
        return "、".join(f"{FACTS.get(name, name)} {_value(inner, words)}" for name, inner in value.items()) or NOTHING
    if isinstance(value, str):
        return str(words.get(value) or time_words(value))
    return NOTHING if value is None else str(value)


def matter_words(matter: Matter) -> Any:
    """The matter's number; of the organisation, which has no number that tells anything, what it is."""
    return SUBJECTS[matter.kind].matter_label() if matter.kind == Matter.Kind.ORGANISATION else str(matter)


def alarm_label(kind: str) -> Any:
    return ALARM_LABELS.get(kind, kind)


def alarm_words(row: Alarm) -> str:
    declared = ALARMS.get(row.kind)
    return sentence_of(declared, row.facts) if declared else row.key
