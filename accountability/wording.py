"""Notices and alarms in words, in the reader's language: the rows hold a kind and references, never a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.models import Alarm, Channel, Deadline, Matter, Notification
from accountability.verbs import VERBS

Facts = Mapping[str, Any]
Words = str | Promise

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's packages of what sets a PDF's text."""

DECIDE = gettext_lazy("决定再次派单或归档")
"""After 不满意 the centre decides between two verbs; the decision itself is none."""


OF_NO_BUTTON: dict[str, Words] = {
    "decide": DECIDE,
    "make_export": gettext_lazy("生成导出文件"),
    "fail_export": gettext_lazy("导出文件生成失败"),
    "expire_export": gettext_lazy("到期销毁"),
}
"""What is awaited, or was done by the machine, and is no verb."""


def verb_label(name: str, kind: str = Matter.Kind.COMPLAINT) -> Words:
    """The verb as its button says it; an unknown word as it stands (a verb of an older version)."""
    if name in OF_NO_BUTTON:
        return OF_NO_BUTTON[name]
    for of_kind in (kind, *Matter.Kind.values):
        if entry := VERBS.get((of_kind, name)):
            return entry.label
    return name


Look = tuple[Words, str, str]
"""Title (empty: as the verb's button says it), icon and tone of an entry in a timeline."""

PLAIN: Look = ("", "dot", "brand")


def timeline_entry(entry: Any, kind: str, look: Look, text: str, *, by_itself: bool) -> dict[str, Any]:
    """A ledger entry as `includes/timeline.html` shows it; `by_itself`: nobody did it."""
    title, icon, tone = look
    return {
        "at": entry.at, "icon": icon, "tone": tone, "late": entry.verb == "miss",
        "title": title or verb_label(entry.verb, kind),
        "actor": _("系统") if by_itself else entry.actor, "unit": None if by_itself else entry.actor.unit,
        "text": text,
    }  # fmt: skip


CLEARED = gettext_lazy("去标识")
"""What retention wrote: nobody's verb, so it has no label of its own."""


def cleared(facts: Facts) -> str:
    """How much of a matter was cleared away, and for what request where it was one."""
    told = {name: facts.get(name, 0) for name in ("texts", "papers", "files")}
    words = _("清除文字 %(texts)s 段、公文 %(papers)s 份、附件 %(files)s 个") % told
    return f"{words}（{facts['request']}）" if facts.get("request") else words


def deadline_label(kind: str) -> Words:
    return Deadline.Kind(kind).label if kind in Deadline.Kind.values else kind


def _limit(facts: Facts) -> dict[str, Words]:
    """The limit a notice is about: which, and of which round where it belongs to one."""
    part = facts.get("part")
    return {
        "limit": deadline_label(facts.get("kind", "")),
        "round": _("（第 %(part)s 轮）") % {"part": part} if part else "",
        "percent": str(facts.get("percent", "")),
    }


def _to_do(facts: Facts) -> str:
    return _("轮到您办理：%(verb)s。") % {"verb": verb_label(facts.get("verb", ""))}


def _missed(facts: Facts) -> str:
    return _("“%(limit)s”时限已超%(round)s。") % _limit(facts)


def _overdue(facts: Facts) -> str:
    return _("催办：“%(limit)s”时限已到%(round)s，请立即办理；已抄送分管领导。") % _limit(facts)


def _urged(facts: Facts) -> str:
    return _("催办通知书 %(number)s：“%(limit)s”超时后仍未办理%(round)s。") % {
        **_limit(facts),
        "number": facts.get("number", ""),
    }


def _criticism(facts: Facts) -> str:
    return _("催办通知书后仍未办理“%(limit)s”%(round)s，建议书面批评，请市场部决定。") % _limit(facts)


def _warned(facts: Facts) -> str:
    return _("“%(limit)s”时限已用去 %(percent)s%%%(round)s。") % _limit(facts)


def _waiting(facts: Facts) -> str:
    verb = facts.get("verb") or facts.get("awaits", "")
    return _("等待过久，仍待办理：%(verb)s。") % {"verb": verb_label(verb)}


def _calendar_missing(facts: Facts) -> str:
    return _("%(year)s 年工作日历尚未公布，请市场部公布。") % {"year": facts.get("year", "")}


def _channel_failed(facts: Facts) -> str:
    name = facts.get("channel", "")
    return _("“%(channel)s”发送失败，屏外通知可能延迟，请检查该渠道。") % {
        "channel": Channel(name).label if name in Channel.values else name
    }


_SEAL_LATE = gettext_lazy("台账已超过两小时没有封存，请管理员检查封存目录和后台任务。")
_RECORD_BENT = gettext_lazy("核验发现台账、日志或历史与封存不符，请立即查看。")


def _papers_failed(facts: Facts) -> str:
    if facts.get("problem") == "pango":
        return _("服务器缺少排版库，公文的 PDF 暂不能生成，请管理员安装 Debian 软件包 %(packages)s。") % {
            "packages": PANGO
        }
    return _("%(papers)s 份公文文件多次生成失败，请管理员查看日志；可在公文页面重新生成。") % {
        "papers": facts.get("papers", "")
    }


def exports_failed(facts: Facts) -> str:
    return _("%(exports)s 份导出文件未能生成，请管理员查看日志。") % {"exports": facts.get("exports", "")}


def _unmasking(facts: Facts) -> str:
    return _("%(person)s 一小时内查看客户号码超过 %(count)s 次，请核查是否为工作所需。") % {
        name: facts.get(name, "") for name in ("person", "count")
    }


def _return_ruled(facts: Facts) -> str:
    return _("退回申请已获同意。") if facts.get("accepted") else _("退回申请未获同意，由本单位继续处理。")


def _mass(facts: Facts) -> str:
    told = {name: facts.get(name, "") for name in ("region", "head", "count")}
    return _("疑似大面积投诉：%(region)s“%(head)s”已有 %(count)s 件。") % told


def _mass_level(facts: Facts) -> str:
    level = {1: _("一级"), 2: _("二级"), 3: _("三级")}.get(facts.get("level", 0), "")
    told = {name: facts.get(name, "") for name in ("region", "head", "count")} | {"level": level}
    return _("大面积投诉升至%(level)s：%(region)s“%(head)s”24小时内 %(count)s 件。") % told


def _deemed_confirmed(facts: Facts) -> str:
    if "unit" in facts:
        return _("%(unit)s逾期未确认协调记录，视为确认（R30）。") % facts
    return _("本单位逾期未确认协调记录，视为确认；仍可补充确认一次（R30）。")


def _lapsed(facts: Facts) -> str:
    """What was concluded may still be finished; what was missed before the end stays missed (R32)."""
    if facts.get("concluded"):
        return _("本轮已结束，未到期的协调任务不再计时，已超时的记录保留。")
    return _("本轮已结束，未议定的协调随之结束，本单位无需办理。")


def _of_unit(sentence: Words) -> Callable[[Facts], str]:
    return lambda facts: str(sentence) % {"unit": facts.get("unit", "")}


def _chased(facts: Facts) -> str:
    """By the centre, or by marketing where it coordinates (R14)."""
    return _("市场部催办（R14）。") if facts.get("by") == "coordinator" else _("客服中心催办。")


def _unsatisfied(facts: Facts) -> str:
    return _("客户对处理结果不满意%(round)s。") % _limit(facts)


def _satisfaction_corrected(facts: Facts) -> str:
    return _("客户满意度的记录已更正%(round)s。") % _limit(facts)


def _of_round(sentence: Words) -> Callable[[Facts], str]:
    return lambda facts: str(sentence) % {"round": _limit(facts)["round"]}


def _recalled(facts: Facts) -> str:
    return _("派单已撤回%(round)s，无需再办。") % _limit(facts)


def _reassigned(facts: Facts) -> str:
    return _("已改由他人办理%(round)s。") % _limit(facts)


def _told_confirmed(facts: Facts) -> str:
    return _("电话交办已由本人确认%(round)s。") % _limit(facts)


def _told_denied(facts: Facts) -> str:
    return _("电话交办被本人否认%(round)s，不作数，请重新交办。") % _limit(facts)


def _told_lapsed(facts: Facts) -> str:
    return _("电话交办登记24小时内未经本人确认%(round)s，已失效，不作数。") % _limit(facts)


def _lead(facts: Facts) -> str:
    return _("线索“%(limit)s”%(round)s超过5个工作日未处置（R38）。") % _limit(facts)


def _leads_wait(facts: Facts) -> str:
    return _("%(leads)s 条线索超过5个工作日未处置，请发起认定或写明理由不予采用（R38）。") % {
        "leads": facts.get("leads", "")
    }


def _duplicate(facts: Facts) -> str:
    return _("有投诉标记为与 %(number)s 重复，由后者继续办理。") % {"number": facts.get("number", "")}


def _excused(facts: Facts) -> str:
    return _("“%(limit)s”超时已免责%(round)s。") % _limit(facts)


def _excuse_rejected(facts: Facts) -> str:
    return _("“%(limit)s”超时不予免责%(round)s。") % _limit(facts)


def always(sentence: Words) -> Callable[[Facts], str]:
    return lambda facts: str(sentence)


def _units_without_contact(facts: Facts) -> str:
    return _("有 %(count)s 个单位没有在任接口人，请督促设立（R17）。") % {"count": facts.get("units", "")}


def _sign_in_closed(facts: Facts) -> str:
    return _("%(count)s 个久未登录的账号已停用登录，需要时由安全管理员签发激活码。") % {
        "count": facts.get("accounts", "")
    }


NOTICES: dict[str, Callable[[Facts], str]] = {
    "to_do": _to_do,
    "missed": _missed,
    "warned": _warned,
    "waiting": _waiting,
    "alarm": _waiting,
    "calendar_missing": _calendar_missing,
    "channel_failed": _channel_failed,
    "seal_late": always(_SEAL_LATE),
    "record_bent": always(_RECORD_BENT),
    "papers_failed": _papers_failed,
    "unmasking": _unmasking,
    "return_ruled": _return_ruled,
    "coordinate": always(gettext_lazy("需市场部协调（重大、重大紧急，或紧急且跨省、他网，R14）。")),
    "coordinate_no_more": always(gettext_lazy("登记已更正，不再需要市场部协调。")),
    "coordinator_convened": always(gettext_lazy("市场部就本轮召集了跨部门协调（R14）。")),
    "coordinator_concluded": always(gettext_lazy("市场部召集的协调已议定，请查看各单位任务（R14）。")),
    "no_contact": always(gettext_lazy("本单位没有接口人，由负责人接收并交办（R17）。")),
    "units_without_contact": _units_without_contact,
    "sign_in_closed": _sign_in_closed,
    "joint": always(gettext_lazy("您是本轮首问责任人的分管领导，承担连带责任。")),
    "archived": always(gettext_lazy("您转交的投诉已归档。")),
    "mass_warned": _mass,
    "mass_level": _mass_level,
    "mass_confirmed": always(gettext_lazy("客服中心已确认为大面积投诉，请市场部知悉并协调。")),
    "mass_dismissed": always(gettext_lazy("客服中心判断不是大面积投诉，预警解除。")),
    "recalled": _recalled,
    "corrected": always(gettext_lazy("登记内容已更正。")),
    "ended": always(gettext_lazy("投诉已归档，无需再办。")),
    "duplicate": _duplicate,
    "unreachable": always(gettext_lazy("多次联系不上客户，可以归档。")),
    "reassigned": _reassigned,
    "reply_reassigned": always(gettext_lazy("已改由他人回复客户。")),
    "owes_reply": always(gettext_lazy("处理完毕后由您回复客户（R34）。")),
    "told_confirmed": _told_confirmed,
    "told_denied": _told_denied,
    "told_lapsed": _told_lapsed,
    "excuse_proposed": always(gettext_lazy("有超时提请免责，待市场部领导批准。")),
    "excused": _excused,
    "excuse_rejected": _excuse_rejected,
    "excuses_wait": always(gettext_lazy("提请免责等待过久，仍待批准。")),
    "leads_wait": _leads_wait,
    "chased": _chased,
    "unsatisfied": _unsatisfied,
    "satisfaction_corrected": _satisfaction_corrected,
    "opened_again": always(gettext_lazy("您转交的投诉因满意度记录更正，已重新打开。")),
    "convened": always(gettext_lazy("邀请本单位参加跨部门协调（R29）。")),
    "to_confirm": always(gettext_lazy("协调任务已书面明确，请本单位确认（R30）。")),
    "deemed_confirmed": _deemed_confirmed,
    "task_confirmed": _of_unit(gettext_lazy("%(unit)s已确认协调任务。")),
    "objected": _of_unit(gettext_lazy("%(unit)s已确认协调任务，并提出异议。")),
    "to_finish": always(gettext_lazy("协调已议定，请在期限内完成本单位的任务（R32）。")),
    "task_finished": _of_unit(gettext_lazy("%(unit)s已完成协调任务。")),
    "coordination_called_off": always(gettext_lazy("协调已取消，本单位无需办理。")),
    "coordination_lapsed": _lapsed,
    "extension_asked": always(gettext_lazy("首问责任人申请延长处理时限。")),
    "extended": always(gettext_lazy("处理时限已延长。")),
    "extension_declined": always(gettext_lazy("延期申请未获同意，处理时限不变。")),
    "answer_approved": _of_round(gettext_lazy("分管领导已审核通过，您的答复已送客服中心%(round)s。")),
    "answer_sent_back": _of_round(gettext_lazy("分管领导退回了您送审的答复%(round)s，请按审核意见修改。")),
    "review_over": _of_round(gettext_lazy("送您审核的答复已收回%(round)s，无需审核。")),
    "material_asked": _of_round(gettext_lazy("回复客户需要本单位提供材料%(round)s，请尽快提供（R36）。")),
    "material_given": _of_round(gettext_lazy("首问责任部门已提供回复所需材料%(round)s。")),
    "material_over": _of_round(gettext_lazy("回复客户所需的材料不再需要提供%(round)s。")),
    "material_waits": _of_round(gettext_lazy("回复客户所需的材料久未提供%(round)s，请督促提供（R36）。")),
    "overdue": _overdue,
    "urged": _urged,
    "rights_declined": always(gettext_lazy("权利请求的提请未获批准，请按理由处理。")),
    "criticism_proposed": _criticism,
    "criticised": always(gettext_lazy("市场部决定对本单位逾期不办予以书面批评。")),
}
"""What each kind of notice says. A test holds it against the kinds that the actions write."""

ALARMS: dict[str, Callable[[Facts], str]] = {
    "waiting": _waiting,
    "calendar": _calendar_missing,
    "channel": _channel_failed,
    "papers": _papers_failed,
    "exports": exports_failed,
    "unmasking": _unmasking,
    "criticism": _criticism,
    "excuses": always(gettext_lazy("提请免责等待过久，仍待批准。")),
    "mass": _mass,
    "no_contact": always(gettext_lazy("没有在任接口人或副接口人，工单由负责人接收（R17）。")),
    "lead": _lead,
    "material": always(gettext_lazy("回复客户所需的材料久未提供。")),
    "seal": always(_SEAL_LATE),
    "record": always(_RECORD_BENT),
}

GRAVE = frozenset({
    "missed", "waiting", "alarm", "calendar_missing", "mass_warned", "mass_level", "deemed_confirmed", "channel_failed",
    "material_waits", "seal_late", "record_bent", "papers_failed", "exports_failed", "unmasking",
    "urged", "criticism_proposed", "criticised", "excuses_wait", "told_denied", "deemed", "found_violated",
    "leads_wait",
})  # fmt: skip
URGENT = frozenset({
    "warned", "chased", "overdue", "coordinate", "no_contact", "units_without_contact", "mass_confirmed", "to_confirm",
    "to_finish", "objected", "extension_asked", "answer_sent_back", "material_asked",
    "sheet_received", "self_inspection", "fault_opened", "approval_asked",
    "panel_called", "panel_chased", "slip_chased", "plan_opened", "plan_sent_back", "plan_chased", "bulletin_drafted",
    "export_asked", "export_failed", "told_lapsed",
})  # fmt: skip


def notice(row: Notification) -> str:
    """The sentence of a notice."""
    return NOTICES[row.kind](row.facts) if row.kind in NOTICES else row.kind


def alarm(row: Alarm) -> str:
    """The sentence of an alarm."""
    return ALARMS[row.kind](row.facts) if row.kind in ALARMS else row.kind


def tone(kind: str) -> str:
    """How a notice is coloured."""
    return "danger" if kind in GRAVE else "warn" if kind in URGENT else "info"


PAGES: dict[str, str] = {
    Matter.Kind.COMPLAINT: "complaint",
    Matter.Kind.MASS: "mass",
    Matter.Kind.CASE: "case",
    Matter.Kind.PLAN: "plan",
    Matter.Kind.BULLETIN: "bulletin",
    Matter.Kind.RANKING: "ranking_numbered",
    Matter.Kind.RIGHTS: "rights_request",
    Matter.Kind.EXPORT: "export",
}
"""The page of a matter, by kind."""


def link(matter: Matter | None, facts: Facts) -> str:
    """Where the reader goes from here: the matter, a list, a unit or all of them, the alarms, or the year."""
    if matter is not None and matter.number and matter.kind in PAGES:
        return reverse(PAGES[matter.kind], args=[matter.number])
    if "list" in facts:
        return f"{reverse('complaints')}?list={facts['list']}"
    if "of_unit" in facts:
        return reverse("unit", args=[facts["of_unit"]])
    if "units" in facts:
        return reverse("units")
    if "ranking" in facts:
        return reverse("ranking_numbered", args=[facts["ranking"]])
    if "circular" in facts:
        return reverse("circular", args=[facts["circular"]])
    if "leads" in facts:
        return reverse("leads")
    if "record" in facts:
        return reverse("record")
    if "channel" in facts or "problem" in facts or "papers" in facts or "exports" in facts:
        return reverse("alarms")
    return reverse("calendar_year", args=[facts["year"]]) if "year" in facts else ""
