"""The health of the system itself, read from the database and the files around it, without any content of complaints.

A part of the system that can fail adds a check (`CHECKS`) to the group of the administrator who looks after it:
`system` for the pages of the system administrator, `record` for those who watch over the record.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.audit.watch import is_unreadable, is_verification_late, verified
from accountability.db import replica
from accountability.db.replica import State
from accountability.deadlines.limits import day_of, show_instant
from accountability.gate import isolation
from accountability.gate.lookups import windows_at
from accountability.gate.sweeper import fallen_due
from accountability.models import (
    OF_CUSTOMERS,
    Alarm,
    CalendarYear,
    ChannelHealth,
    Delivery,
    Hold,
    LedgerEntry,
    Notification,
    PaperFile,
    Seal,
    channel_label,
)
from accountability.monitoring import heartbeats
from accountability.notices.channels import configured, health
from accountability.templatetags.shouwen import duration

LATE = timedelta(minutes=1)
"""Work that runs every five seconds and is this late isn't running."""

MOST_NAMED = 5
"""Items that one check names."""

SEALED_WITHIN = timedelta(hours=2)
BACKED_UP_WITHIN = timedelta(hours=26)
RULED_WITHIN = timedelta(hours=24)
REACH = timedelta(days=30)
"""How far the published calendar has to reach: further than any limit that starts now is likely to."""

TASKS = {
    "accountability.tasks.sweep": gettext_lazy("时限巡查"),
    "accountability.tasks.send_notifications": gettext_lazy("通知发送"),
    "accountability.tasks.make_papers": gettext_lazy("公文生成"),
    "accountability.tasks.make_exports": gettext_lazy("导出文件生成"),
    "accountability.tasks.seal": gettext_lazy("台账封存"),
    "accountability.tasks.verify_record": gettext_lazy("台账核验"),
    "accountability.tasks.close_sign_ins": gettext_lazy("停用久未登录账号"),
    "accountability.tasks.retain": gettext_lazy("到期脱敏"),
}

if settings.LDAP_URI:
    TASKS["accountability.tasks.close_left_sign_ins"] = gettext_lazy("停用离职账号")
OUT = {"send_events": gettext_lazy("事件推送"), "hand_over_papers": gettext_lazy("公文送交OA")}
TASKS |= {f"accountability.tasks.{name}": OUT[name] for name, is_on in settings.SENT_OUT.items() if is_on}


def folders() -> list[Path]:
    """Every folder that is written to."""
    given = [Path(settings.OA_FOLDER)] if settings.OA_FOLDER else []
    return [settings.VAR_DIR, settings.ATTACHMENTS_DIR, settings.SEALS_DIR, *given]


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists: it is made when the first file comes."""
    return next(one for one in (path, *path.parents) if one.exists())


@dataclass(frozen=True)
class Check:
    """The result of one check: `tone` is ok, warn, danger, or neutral where nothing can be said."""

    label: Any
    tone: str
    said: Any

    @property
    def icon(self) -> str:
        return {"ok": "check", "warn": "alert", "danger": "alert"}.get(self.tone, "square")


CHECKS: dict[str, list[Callable[[datetime], Check]]] = {"system": [], "record": []}


def check(group: str) -> Callable[[Callable[[datetime], Check]], Callable[[datetime], Check]]:
    """Register the decorated function as a check of the group."""

    def register(look: Callable[[datetime], Check]) -> Callable[[datetime], Check]:
        CHECKS[group].append(look)
        return look

    return register


def checks_of(group: str, at: datetime) -> list[Check]:
    return [look(at) for look in CHECKS[group]]


def named(name: str) -> Callable[[datetime], Check]:
    """The check whose function has this name."""
    return next(look for checks in CHECKS.values() for look in checks if look.__name__ == name)


def _behind(label: Any, oldest: datetime | None, at: datetime) -> Check:
    """For work that should be done within seconds: since when the oldest item waits."""
    if oldest is None:
        return Check(label, "ok", _("没有积压"))
    waits = at - oldest
    said = _("最早一项已等 %(time)s") % {"time": duration(waits)}
    return Check(label, "danger" if waits > LATE else "ok", said)


@check("system")
def sweep_runs(at: datetime) -> Check:
    """Limits that passed and weren't judged: then beat or the worker has stopped."""
    windows = windows_at(at)
    oldest = fallen_due(at, windows=windows).order_by("due_at").values_list("due_at", flat=True).first()
    found = _behind(_("时限巡查（定时任务）"), oldest, at)
    return found if fallen_due(at - LATE, windows=windows).exists() else replace(found, tone="ok")


@check("system")
def tasks_run(at: datetime) -> Check:
    """Each scheduled task succeeds as often as it should, also while there is nothing to do."""
    label = _("定时任务心跳")
    silent = heartbeats.silent(at)
    if silent:
        return Check(label, "danger", _("无心跳：%(names)s") % {"names": "、".join(str(TASKS[one]) for one in silent)})
    return Check(label, "ok", _("都在运行"))


@check("system")
def notices_leave(at: datetime) -> Check:
    unsent = Notification.objects.filter(sent_at=None).order_by("pk")
    return _behind(_("站内通知"), unsent.values_list("created_at", flat=True).first(), at)


@check("system")
def papers_are_made(at: datetime) -> Check:
    to_make = PaperFile.objects.filter(made_at=None).order_by("pk")
    return _behind(_("公文生成"), to_make.values_list("asked_at", flat=True).first(), at)


@check("system")
def channels_work(at: datetime) -> Check:
    """Mail, SMS and robot: which of them fails, and what waits to be sent."""
    label = _("短信/邮件通知渠道")
    if not configured():
        return Check(label, "neutral", _("未配置"))
    failing = ChannelHealth.objects.filter(failures__gt=0, channel__in=(*health.lines_of(configured()), OF_CUSTOMERS))
    names = {one.channel: channel_label(one.channel) for one in failing}
    if names:
        return Check(
            label, "danger", _("发送失败：%(names)s") % {"names": "、".join(str(one) for one in names.values())}
        )
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, next_try_at__lt=at - LATE).order_by()[:100].count()
    return Check(label, "warn" if waiting else "ok", _("%(count)s 条待发送") % {"count": waiting})


@check("system")
def no_service_alarms(at: datetime) -> Check:
    """Alarms about the system itself; those about work are shown to the offices."""
    kinds = ("channel", "clock", "held", "papers", "calendar", "health", "webhook", "oa")
    standing = Alarm.objects.filter(cleared_at=None, kind__in=kinds).count()
    return Check(_("系统预警"), "danger" if standing else "ok", _("%(count)s 项未解除") % {"count": standing})


@check("system")
def nothing_is_stuck(at: datetime) -> Check:
    """What failed and is left out until it is tried again, as the log calls it."""
    stuck = Alarm.objects.filter(cleared_at=None, kind=isolation.KIND).order_by("pk")
    names = [isolation.reference(alarm.facts["item"]) for alarm in stuck[: MOST_NAMED + 1]]
    if not names:
        return Check(_("处理出错的事项"), "ok", _("没有"))
    more = "…" if len(names) > MOST_NAMED else ""
    return Check(_("处理出错的事项"), "danger", "、".join(names[:MOST_NAMED]) + more)


@check("system")
def holds_are_ruled_on(at: datetime) -> Check:
    """A window in which nobody was served waits for two people of marketing."""
    first = Hold.objects.holding().order_by("pk").first()
    if first is None:
        return Check(_("停摆时段"), "ok", _("没有"))
    said = _("自 %(time)s 起，%(state)s") % {"time": show_instant(first.since), "state": first.get_state_display()}
    return Check(_("停摆时段"), "danger" if at - first.noticed_at > RULED_WITHIN else "warn", said)


@check("system")
def database_is_migrated(at: datetime) -> Check:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    said = _("%(vendor)s，%(count)s 项迁移未执行") % {"vendor": connection.display_name, "count": pending}
    return Check(_("数据库"), "danger" if pending else "ok", said)


REPLICA = {
    State.AWAY: gettext_lazy("没有应答，数字改由主库统计"),
    State.NO_STANDBY: gettext_lazy("不是只读副本，数字改由主库统计"),
    State.BEHIND: gettext_lazy("落后太多，数字改由主库统计"),
}


@check("system")
def replica_follows(at: datetime) -> Check:
    """The standby that figures are counted on, where there is one."""
    label = _("只读副本")
    if not replica.is_there():
        return Check(label, "neutral", _("未配置"))
    found = replica.standing()
    if found.state in REPLICA:
        return Check(label, "danger", REPLICA[found.state])
    return Check(label, "ok", _("落后 %(seconds)s 秒") % {"seconds": round(found.behind or 0)})


@check("system")
def backup_is_fresh(at: datetime) -> Check:
    """The backup runs outside; it touches a file (BACKUP_MARK) when it is done, which tells when it last ran."""
    label = _("备份")
    if not settings.BACKUP_MARK:
        return Check(label, "neutral", _("未配置备份标记（BACKUP_MARK）"))
    try:
        done = datetime.fromtimestamp(Path(settings.BACKUP_MARK).stat().st_mtime, at.tzinfo)
    except OSError:
        return Check(label, "danger", _("没有备份标记文件"))
    said = _("最近一次 %(time)s") % {"time": show_instant(done)}
    return Check(label, "danger" if at - done > BACKED_UP_WITHIN else "ok", said)


@check("system")
def calendar_reaches(at: datetime) -> Check:
    """The limits that start now are counted by a published calendar for the next 30 days."""
    years = {day_of(at).year, day_of(at + REACH).year}
    missing = years - set(CalendarYear.objects.filter(year__in=years).values_list("year", flat=True))
    label = _("工作日历")
    if missing:
        return Check(label, "danger", _("%(years)s 年未公布") % {"years": "、".join(map(str, sorted(missing)))})
    return Check(label, "ok", _("未来30天已公布"))


@check("system")
def disk_has_room(at: datetime) -> Check:
    """Of every folder that is written to; the fullest counts."""
    try:
        usages = [shutil.disk_usage(_existing(path)) for path in folders()]
    except OSError:
        return Check(_("磁盘"), "danger", _("无法读取"))
    free = min(usage.free * 100 // usage.total for usage in usages)
    tone = "danger" if free < 5 else "warn" if free < 15 else "ok"
    return Check(_("磁盘"), tone, _("剩余 %(percent)s%%") % {"percent": free})


@check("record")
def ledger_grows(at: datetime) -> Check:
    last = LedgerEntry.objects.order_by("-pk").values_list("recorded_at", flat=True).first()
    said = _("最近一条 %(time)s") % {"time": show_instant(last)} if last else _("还没有记录")
    return Check(_("台账"), "ok", said)


@check("record")
def record_is_sealed(at: datetime) -> Check:
    """Every hour a seal is written outside the database."""
    last = Seal.objects.order_by("-number").first()
    if last is None:
        return Check(_("封存"), "warn", _("还没有封存"))
    said = _("第 %(number)s 号，%(time)s，%(entries)s 条") % {
        "number": last.number, "time": show_instant(last.at), "entries": last.entries,
    }  # fmt: skip
    return Check(_("封存"), "danger" if at - last.at > SEALED_WITHIN else "ok", said)


@check("record")
def record_is_verified(at: datetime) -> Check:
    """The result of the last verification of the whole record against its chains and seals."""
    last = verified()
    if is_unreadable():
        return Check(_("核验"), "danger", _("最近一次核验的结果无法读取"))
    if last is None:
        return Check(_("核验"), "warn", _("还没有核验（manage.py verify_ledger）"))
    said = _("%(time)s，核对 %(entries)s 条，发现 %(found)s 处问题") % {
        "time": show_instant(last.at), "entries": last.entries, "found": last.found,
    }  # fmt: skip
    return Check(_("核验"), "danger" if last.found or is_verification_late(at) else "ok", said)


GROUPS = {"system": gettext_lazy("运行"), "record": gettext_lazy("台账与封存")}
