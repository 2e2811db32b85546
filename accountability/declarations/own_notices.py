"""Declares the notices and alarms that belong to this app: the program itself and the organisation."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accountability.declarations.limits import rings
from accountability.declarations.notices import ALARMS, NOTICES, AlarmKind, Count, Line, Notice, Topic
from accountability.declarations.registry import Facts, Words
from accountability.permissions import Actor, sees_holds

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""The Debian packages that are needed to lay out the text of a PDF."""

WAITING = _("等待过久，仍待办理：%(verb)s。")
NO_CALENDAR = _("%(year)s 年工作日历尚未公布，请市场部公布。")
CLOCK_WRONG = _("%(host)s 的时钟与数据库相差 %(seconds)s 秒，该机已停止判定时限和办理，请系统管理员立即校时。")
OA_FAILED = _("%(papers)s 份公文未能送交OA，请检查OA接口（manage.py oa）。")
CHANNEL_FAILED = _("“%(channel)s”发送失败，短信/邮件通知可能延迟，请检查该渠道。")
SEAL_LATE = _("台账已超过两小时没有封存，请管理员检查封存目录和后台任务。")
VERIFICATION_LATE = _("台账的核验没有按时完成，或其结果无法读取，请管理员检查后台任务。")
RECORD_BENT = _("核验发现台账、日志或历史与封存不符，请立即查看。")
FORGED = {
    "token": _("接口令牌 %(row)s 的记录被绕过系统改动，系统已拒绝使用，请立即核查数据库的操作人员。"),
    "calendar": _("日历地址 %(row)s 的记录被绕过系统改动，系统已拒绝使用，请立即核查数据库的操作人员。"),
    "session": _("登录会话 %(row)s 的内容被绕过系统改动，系统已拒绝使用，请立即核查数据库的操作人员。"),
}
UNMASKING = _("%(person)s 一小时内查看客户号码超过 %(count)s 次，请核查是否为工作所需。")
STUCK = _("%(work)s：%(name)s 处理出错（%(error)s），其他事项照常处理，系统会自动重试，请管理员查看日志。")
PROBING = _("%(person)s 一小时内有超过 %(count)s 次访问被拒或查无此项，请审计管理员和安全管理员核查。")
WEBHOOK_DISABLED = _("事件推送地址 %(host)s 连续送达失败或已停止接收，系统已停用，请核查后重新启用。")
HELD = _("系统停摆：自 %(since)s 起无人能办理，其间到期的时限暂不判定，此前的短信邮件暂不发送，待市场部两人裁定。")
HELD_PROPOSED = _("停摆时段的处理已提请，待您批准：自 %(since)s 起。")
HELD_DECIDED = _("您提请的停摆时段处理已有结论：自 %(since)s 起，请查看。")


HEALTH = {
    "sweep_runs": _("时限巡查停滞：有时限到期一分钟以上仍未判定"),
    "tasks_run": _("有定时任务一分钟以上没有心跳（beat 或 worker 已停）"),
    "notices_leave": _("站内通知积压一分钟以上未发出"),
    "papers_are_made": _("公文生成积压一分钟以上"),
    "disk_has_room": _("磁盘剩余空间不足5%或无法读取"),
    "backup_is_fresh": _("备份超过26小时没有完成"),
    "database_is_migrated": _("数据库有未执行的迁移"),
    "replica_follows": _("只读副本没有应答、落后太多或不再是副本"),
    "holds_are_ruled_on": _("停摆时段超过24小时没有裁定"),
}
"""What is said of each check of the system that has an alarm when it fails. Others have alarms of their own."""


def _health(facts: Facts) -> Words:
    return _("系统运行异常：%(what)s。处理办法见运行手册（docs/operations.md）。") % {"what": HEALTH[facts["check"]]}


def of_limit(facts: Facts) -> Topic:
    """The topic of a notice about a limit: the clock for the thirty minutes of a hand-over (R19), else limits."""
    return Topic.CLOCK if rings(facts) else Topic.LIMITS


def _of_work(facts: Facts) -> Topic:
    return Topic.CLOCK if rings(facts) else Topic.WORK


def to_the_year(facts: Facts) -> str:
    return reverse("calendar_year", args=[facts["year"]]) if "year" in facts else ""


def to_the_alarms(facts: Facts) -> str:
    return reverse("alarms")


def _to_the_record(facts: Facts) -> str:
    return reverse("record")


def _to_the_unit(facts: Facts) -> str:
    return reverse("unit", args=[facts["of_unit"]]) if "of_unit" in facts else ""


def _to_the_changes(facts: Facts) -> str:
    return reverse("changes")


def _to_the_webhooks(facts: Facts) -> str:
    return reverse("webhooks")


def _to_the_holds(facts: Facts) -> str:
    return reverse("holds")


def _papers_failed(facts: Facts) -> Words:
    if facts.get("problem") == "pango":
        return _("服务器缺少排版库，公文的 PDF 暂不能生成，请管理员安装 Debian 软件包 %(packages)s。") % {
            "packages": PANGO
        }
    return _("%(papers)s 份公文文件多次生成失败，请管理员查看日志；可在公文页面重新生成。") % {
        "papers": facts.get("papers", "")
    }


def _forged(facts: Facts) -> Words:
    return FORGED[facts.get("opens", "session")] % {"row": facts.get("row", "")}


NOTICES.add(
    Notice("to_do", _("轮到您办理：%(verb)s。"), _of_work),
    Notice("missed", _("“%(limit)s”时限已超%(round)s。"), of_limit, "danger", too_late=True),
    Notice("warned", _("“%(limit)s”时限已用去 %(percent)s%%%(round)s。"), of_limit, "warn"),
    Notice("calendar_gives", _("工作日历已公布，“%(limit)s”时限至 %(until)s%(round)s。"), of_limit),
    Notice("excused", _("“%(limit)s”超时已免责%(round)s。")),
    Notice("waiting", WAITING, Topic.WAITING, "danger"),
    Notice("calendar_missing", NO_CALENDAR, Topic.WAITING, "danger", to_the_year),
    Notice("channel_failed", CHANNEL_FAILED, Topic.WAITING, "danger", to_the_alarms),
    Notice("clock_wrong", CLOCK_WRONG, Topic.WAITING, "danger", lambda facts: reverse("home")),
    Notice("health", _health, Topic.WAITING, "danger", lambda facts: reverse("home"), always_sent=True),
    Notice("held", HELD, Topic.WAITING, "danger", _to_the_holds, always_sent=True, ends_with=()),
    Notice("held_proposed", HELD_PROPOSED, Topic.WORK, "warn", _to_the_holds),
    Notice("held_decided", HELD_DECIDED, leads_to=_to_the_holds),
    Notice("stuck", STUCK, Topic.WAITING, "danger", lambda facts: reverse("home")),
    Notice("seal_late", SEAL_LATE, Topic.WAITING, "danger", _to_the_record),
    Notice("verification_late", VERIFICATION_LATE, Topic.WAITING, "danger", _to_the_record),
    Notice("record_bent", RECORD_BENT, Topic.WAITING, "danger", _to_the_record),
    Notice("forged", _forged, Topic.WAITING, "danger", _to_the_record, always_sent=True),
    Notice("papers_failed", _papers_failed, Topic.WAITING, "danger", to_the_alarms),
    Notice("oa_failed", OA_FAILED, Topic.WAITING, "danger", to_the_alarms),
    Notice("unmasking", UNMASKING, Topic.WAITING, "danger"),
    Notice("probing", PROBING, Topic.WAITING, "danger"),
    Notice(
        "units_without_contact", _("有 %(units)s 个单位没有在任接口人，请督促设立（R17）。"),
        Topic.WAITING, "warn", lambda facts: reverse("units"),
    ),
    Notice(
        "change_to_decide", _("重要变更待您审批：%(person)s，%(change)s。"), Topic.WORK, "warn", _to_the_changes
    ),
    Notice("change_requested", _("有人申请了一项重要变更，待第二人审批：%(person)s，%(change)s。")),
    Notice("change_made", _("重要变更已经第二人批准：%(person)s，%(change)s。")),
    Notice("change_refused", _("您申请的重要变更未获批准：%(person)s，%(change)s。"), leads_to=_to_the_changes),
    Notice("change_expired", _("重要变更逾期无人审批，已失效：%(person)s，%(change)s。")),
    Notice(
        "own_change_requested",
        _("有人为您的账号申请：%(change)s，待第二人审批。如非您本人知情，请立即告知审计管理员。"),
        Topic.WAITING, "warn", always_sent=True, ends_with=(),
    ),
    Notice(
        "own_change_made",
        _("您的账号已经两人批准：%(change)s。如非您本人知情，请立即告知审计管理员。"),
        Topic.WAITING, "warn", always_sent=True, ends_with=(),
    ),
    Notice("webhook_disabled", WEBHOOK_DISABLED, Topic.WAITING, "danger", _to_the_webhooks, always_sent=True),
    Notice("webhook_added", _("添加了一个事件推送地址，待第二人启用，请核查。"), Topic.WORK, "warn", _to_the_webhooks),
    Notice(
        "company_account_linked",
        _("您的账号已与公司账号绑定，今后可用公司账号登录。如非您本人操作，请立即告知安全管理员。"),
        Topic.WAITING, "warn", always_sent=True, ends_with=(),
    ),
    Notice("sign_in_left", _("按公司账号系统，%(accounts)s 个账号的员工已离职，登录已停用，请核实并登记离职。")),
    Notice("sign_in_closed", _("%(accounts)s 个久未登录的账号已停用登录，需要时由安全管理员签发激活码。")),
)  # fmt: skip


def _no_calendar(facts: Facts, sentence: str, actor: Actor) -> Line:
    text = _("%(year)s 年工作日历尚未公布，按工作日计算的时限暂无到期时刻，系统不作推测。") % {"year": facts["year"]}
    return Line(text, to_the_year(facts), _("去公布"))


def no_service(facts: Facts, sentence: str, actor: Actor) -> Line:
    """A line for something that has stopped working. It links the system administrator to their home page."""
    return Line(sentence, reverse("home"), _("查看"))


def _of_person(facts: Facts, sentence: str, actor: Actor) -> Line:
    """A line about what somebody asked for: it leads those who check it to that person's log, or to their account."""
    log = f"{reverse('access_log')}?{urlencode({'person': facts['person']})}"
    return Line(sentence, log if actor.reads_access_log else reverse("account", args=[facts["person"]]), _("查看"))


def _held(facts: Facts, sentence: str, actor: Actor) -> Line:
    """It leads those who rule on it to its page, the system administrator to the checks."""
    page = "home" if actor.is_system_admin else "holds" if sees_holds(actor) else "alarms"
    return Line(sentence, reverse(page), _("查看"))


def _told_of_holds(actor: Actor) -> bool:
    return actor.is_system_admin or actor.is_marketing or actor.is_csc_supervisor


def _bent(facts: Facts, sentence: str, actor: Actor) -> Line:
    return Line(sentence, reverse("record"), _("查看"))


def _webhook(facts: Facts, sentence: str, actor: Actor) -> Line:
    return Line(sentence, reverse("webhooks"), _("查看"))


def _waiting(said: str, count: int) -> Words:
    return _("%(count)s 件投诉等待过久。") % {"count": said}


def _stuck(said: str, count: int) -> Words:
    return _("%(count)s 项处理出错，系统会自动重试。") % {"count": said}


WAITING_COUNT = Count(_waiting, "alarms", "warn")
"""The line that counts everything that has waited too long."""


def of_the_system(actor: Actor) -> bool:
    """Who puts right what has stopped working."""
    return actor.is_system_admin


def _of_webhooks(actor: Actor) -> bool:
    return actor.is_system_admin or actor.is_security_admin


def _of_access(actor: Actor) -> bool:
    """It names somebody who may have done nothing: those who are told of it look into it, nobody else sees it."""
    return actor.reads_access_log or actor.is_security_admin


def _of_the_record(actor: Actor) -> bool:
    return not actor.is_administrator or actor.is_audit_admin


ALARMS.add(
    AlarmKind("calendar", NO_CALENDAR, to_the_year, lambda actor: actor.is_marketing, _no_calendar),
    AlarmKind("channel", CHANNEL_FAILED, to_the_alarms, of_the_system, no_service),
    AlarmKind("papers", _papers_failed, to_the_alarms, of_the_system, no_service),
    AlarmKind("oa", OA_FAILED, to_the_alarms, of_the_system, no_service),
    AlarmKind("clock", CLOCK_WRONG, to_the_alarms, of_the_system, no_service),
    AlarmKind("held", HELD, _to_the_holds, _told_of_holds, _held),
    AlarmKind("health", _health, to_the_alarms, of_the_system, no_service),
    AlarmKind("webhook", WEBHOOK_DISABLED, _to_the_webhooks, _of_webhooks, _webhook),
    AlarmKind(
        "stuck", STUCK, to_the_alarms, of_the_system, count=Count(_stuck, "home", place=0), floods=True, lasts=True
    ),
    AlarmKind("unmasking", UNMASKING, shown_to=lambda actor: actor.reads_access_log, line=_of_person),
    AlarmKind("probing", PROBING, shown_to=_of_access, line=_of_person),
    AlarmKind("seal", SEAL_LATE, _to_the_record, _of_the_record, _bent, of_the_record=True),
    AlarmKind("verification", VERIFICATION_LATE, _to_the_record, _of_the_record, _bent, of_the_record=True),
    AlarmKind("record", RECORD_BENT, _to_the_record, _of_the_record, _bent, of_the_record=True),
    AlarmKind("forged", _forged, _to_the_record, _of_the_record, _bent, of_the_record=True),
    AlarmKind(
        "no_contact", _("没有在任接口人或副接口人，工单由负责人接收（R17）。"), _to_the_unit, told_to_heads=True
    ),
    AlarmKind("waiting", WAITING, count=WAITING_COUNT, told_to_heads=True),
)  # fmt: skip
"""Units without a contact have no line on pages: they are in the list of alarms and in the morning report."""
