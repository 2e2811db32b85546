"""The working calendar, the versioned table of time limits, and deadlines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accountability.deadlines import CalendarYearRules, Limit, WorkingCalendar, parse_limit
from accountability.models.versions import Version
from accountability.statements import rows


class CalendarYear(Version):
    """A year's working calendar as published; a correction is a new version, the old one stays readable."""

    version = models.PositiveIntegerField(_("版本"))
    year = models.PositiveSmallIntegerField(_("年份"))
    days_off = models.JSONField(_("放假的工作日"), default=list)
    days_worked = models.JSONField(_("上班的周末"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("工作日历")
        ordering = ["-year", "-version"]
        constraints = [models.UniqueConstraint(fields=["year", "version"], name="one_calendar_a_version")]

    def __str__(self) -> str:
        return f"{self.year} v{self.version}"

    @property
    def rules(self) -> CalendarYearRules:
        return CalendarYearRules(
            year=self.year,
            version=self.version,
            days_off=frozenset(date.fromisoformat(day) for day in self.days_off),
            days_worked=frozenset(date.fromisoformat(day) for day in self.days_worked),
        )


def calendar_around(at: datetime) -> WorkingCalendar:
    """The calendar in force for the years about `at`: the latest version of each; unpublished years are absent."""
    published = sorted(rows(CalendarYear, year=range(at.year - 1, at.year + 3)), key=lambda row: row.version)
    return WorkingCalendar({row.year: row.rules for row in published})


def calendar_as_of(versions: dict[str, int]) -> WorkingCalendar:
    """The calendar a deadline was computed by: what the page explains it with, whatever was corrected since."""
    wanted = Q(pk=None)
    for year, version in versions.items():
        wanted |= Q(year=int(year), version=version)
    return WorkingCalendar({row.year: row.rules for row in CalendarYear.objects.filter(wanted)})


MASS_LIMITS = {
    "warn_count": 20, "warn_minutes": 60, "level3_count": 50, "level1_count": 501,
    "start1_minutes": 15, "start2_minutes": 30, "start3_minutes": 120,
}  # fmt: skip
"""When complaints of one region and head are a mass event: so many within so many minutes; the level by the number in
24 hours (more than 500: the first); within how many minutes the centre must have taken an event of each level up."""


def mass_limits() -> dict[str, int]:
    return dict(MASS_LIMITS)


def default_ladder() -> dict[str, int]:
    """Warnings at 50 % and 80 %, 催办通知书 the next day, criticism proposed five working days after it."""
    return {"warn_first_percent": 50, "warn_second_percent": 80, "notice_hours": 24, "criticism_workdays": 5}


ADDED_LATER = {"confirmation": "2h", "opinion": "5wd", "slip": "10wd", "bulletin": "5wd", "rights": "15wd"}
"""Limits that versions of the table from before them don't name."""


class TimeLimits(Version):
    """One version of all limits and policies (R6, R15).

    `handling` and `returning` hold a limit for each priority; every limit is written as `deadlines.parse_limit` reads
    it. `unit_clocks` holds the units whose hand-off counts by another clock than `handoff_clock`, by code: `natural`,
    `duty`, or `duty` with hours of their own (`duty 09:00-12:00 13:00-18:00`).
    """

    class Clock(models.TextChoices):
        NATURAL = "natural", _("自然时间")
        DUTY = "duty", _("值守时间")

    handling = models.JSONField(_("处理时限"))
    returning = models.JSONField(_("退回时限"))
    handoff_clock = models.CharField(_("交办计时"), max_length=8, choices=Clock.choices, default=Clock.NATURAL)
    unit_clocks = models.JSONField(_("各单位交办计时"), default=dict)
    day_ends_at = models.CharField(_("工作日止于"), max_length=5, default="24:00")
    returns_before_ruling = models.PositiveSmallIntegerField(_("裁定前的退回次数"), default=2)
    repeat_within_hours = models.PositiveIntegerField(_("重复投诉期限(小时)"), default=30 * 24)
    allow_unsatisfied_archive = models.BooleanField(_("允许未满意归档"), default=True)
    rank_separately = models.BooleanField(_("分公司与部门分开排名"), default=False)
    fixed = models.JSONField(_("其他时限"), default=dict)
    waiting = models.JSONField(_("等待预警(小时)"), default=dict)
    mass = models.JSONField(_("大面积投诉"), default=mass_limits)
    ladder = models.JSONField(_("催办阶梯"), default=default_ladder)

    class Meta(Version.Meta):
        verbose_name = verbose_name_plural = _("时限表")

    def limit(self, kind: str, priority: str | None = None, *, unit: str = "") -> Limit:
        """The limit of a deadline kind; `handling` and `return` by priority.

        `handoff` runs on the unit's clock, where it has none of its own on that of this version; limits in working
        days end as `day_ends_at` says.
        """
        if kind in ("handling", "return"):
            text = (self.handling if kind == "handling" else self.returning)[str(priority)]
        else:
            text = self.others[kind]
        clock = self.unit_clocks.get(unit, self.handoff_clock)
        if kind == "handoff" and clock != self.Clock.NATURAL:
            text += f" {clock}"
        if text.endswith("wd") and self.day_ends_at != "24:00":
            text += f" {self.day_ends_at}"
        return parse_limit(text)

    @property
    def others(self) -> dict[str, str]:
        """The limits that no priority changes, by kind, with the defaults of those that the version doesn't name."""
        return self.fixed | {kind: text for kind, text in ADDED_LATER.items() if kind not in self.fixed}

    @property
    def warn_percents(self) -> tuple[int, int]:
        """At which shares of a limit it is warned of, in percent: of the first the holder, of the second all."""
        return self.ladder["warn_first_percent"], self.ladder["warn_second_percent"]


def limits_in_force(at: datetime) -> TimeLimits:
    """The version in force at `at` (R6)."""
    return TimeLimits.in_force(at)


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def running(self) -> DeadlineQuerySet:
        """Those that can still be missed: the sweep's question, answered by a partial index."""
        return self.filter(RUNNING)

    def excuse_asked(self) -> DeadlineQuerySet:
        """Missed ones whose excuse was proposed and waits for the second person."""
        asked = self.filter(excuse_proposed_at__isnull=False, excused_at=None)
        return asked.filter(missed_at__isnull=False, voided_at=None)

    def binding(self) -> DeadlineQuerySet:
        """Of each duty one row, whatever cycles there were: the one that binds."""
        return self.filter(is_latest=True)

    def outstanding(self) -> DeadlineQuerySet:
        """Duties not yet done, missed or not."""
        return self.filter(met_at=None, voided_at=None).exclude(kind="return")


RUNNING = Q(
    due_at__isnull=False, met_at__isnull=True, missed_at__isnull=True, voided_at__isnull=True,
    suspended_at__isnull=True, is_window=False,
)  # fmt: skip


CHASING = Q(chase_at__isnull=False, met_at__isnull=True)
"""Missed and still owed: the next step of the chase ladder comes at `chase_at`."""


COUNTED = Q(kind__in=("handoff", "handling", "ruling"), voided_at__isnull=True)
"""What a period's numbers are counted from: done by `met_at`, or missed by `missed_at`, whatever came after."""


SETTLED_BY_MISS = ("ruling", "confirmation", "opinion")
"""Kinds whose miss says by itself how it goes on: not accepted, confirmed, decided without. Nobody works towards them
any more, though the act may still come, late.
"""


class Deadline(models.Model):
    """A duty with its instant, computed once when the duty began and stored.

    `part` is the round's number, 0 for what belongs to the whole matter; `party` the unit of a cooperation
    or of its confirmation.
    `missed_at` is always the due instant, `noticed_at` when a sweep or an act saw it. Of a missed one `chased` counts
    the steps of the chase ladder that were taken, the next one comes at `chase_at`. Instants are UTC.

    A duty that begins anew (more time was granted, a hand-off runs again from a ruling) has a row for each `cycle`. The
    latest is the one that binds: `is_latest`, kept by `Act.start`. Whoever asks for the limit of a round asks for that
    one (`binding`), or a round would count as often as it has cycles.
    """

    class Kind(models.TextChoices):
        HANDOFF = "handoff", _("交办")
        RETURN = "return", _("退回窗口")
        RULING = "ruling", _("退回裁定")
        HANDLING = "handling", _("处理")
        CONFIRMATION = "confirmation", _("确认协调记录")
        COOPERATION = "cooperation", _("协办")
        FIRST_REPLY = "first_reply", _("首次回复")
        CONTACT_ON_SITE = "contact_on_site", _("联系上门测试")
        NETWORK_SOLUTION = "network_solution", _("网络技术方案")
        LEGAL = "legal", _("法定答复")
        NOTICE = "notice", _("自查通知")
        REPORT = "report", _("自查报告")
        OPINION = "opinion", _("单位处理意见")
        DISCIPLINE = "discipline", _("处理责任人")
        SLIP = "slip", _("执行回执")
        PANEL = "panel", _("评判意见")
        RECTIFICATION = "rectification", _("整改")
        BULLETIN = "bulletin", _("定期通报")
        RIGHTS = "rights", _("客户权利请求")

    class Status(models.TextChoices):
        OPEN = "open", _("进行中")
        MET = "met", _("已履行")
        MISSED = "missed", _("已超时")
        VOID = "void", _("已取消")

    matter = models.ForeignKey("Matter", models.PROTECT, related_name="deadlines", verbose_name=_("事项"))
    kind = models.CharField(_("时限"), max_length=20, choices=Kind.choices)
    part = models.PositiveSmallIntegerField(_("轮次"), default=0)
    party = models.CharField(_("协办单位"), max_length=16, default="", blank=True)
    cycle = models.PositiveSmallIntegerField(_("周期"), default=1)
    is_latest = models.BooleanField(_("现行周期"), default=True)
    is_window = models.BooleanField(default=False)
    unit = models.ForeignKey("Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("责任单位"))
    person = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("责任人"))
    limit_text = models.CharField(_("期限"), max_length=48)
    floor_at = models.DateTimeField(_("不早于"), null=True)
    limits = models.ForeignKey(TimeLimits, models.PROTECT, null=True, related_name="+", verbose_name=_("时限表版本"))
    calendar = models.JSONField(_("日历版本"), default=dict)
    started_at = models.DateTimeField(_("起算"))
    due_at = models.DateTimeField(_("到期"), null=True)
    met_at = models.DateTimeField(_("履行"), null=True)
    missed_at = models.DateTimeField(_("超时"), null=True)
    noticed_at = models.DateTimeField(_("发现超时"), null=True)
    voided_at = models.DateTimeField(_("取消"), null=True)
    suspended_at = models.DateTimeField(_("中止"), null=True)
    excuse_proposed_by = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+")
    excuse_proposed_at = models.DateTimeField(_("提请免责"), null=True)
    excuse_reason = models.ForeignKey("PersonalData", models.PROTECT, null=True, related_name="+")
    excused_by = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+")
    excused_at = models.DateTimeField(_("免责"), null=True)
    warn_at = models.DateTimeField(_("下次预警"), null=True)
    warned = models.PositiveSmallIntegerField(_("已预警(%)"), default=0)
    chase_at = models.DateTimeField(_("下一步催办"), null=True)
    chased = models.PositiveSmallIntegerField(_("已催办步骤"), default=0)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("时限")
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "kind", "part", "party", "cycle"], name="one_deadline_a_duty_and_cycle"
            ),
            models.CheckConstraint(
                name="missed_at_the_due_instant", condition=Q(missed_at__isnull=True) | Q(missed_at=F("due_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="deadline_running", condition=RUNNING),
            models.Index(fields=["warn_at"], name="deadline_to_warn", condition=Q(warn_at__isnull=False)),
            models.Index(fields=["chase_at"], name="deadline_to_chase", condition=CHASING),
            models.Index(fields=["kind"], name="deadline_without_calendar", condition=Q(due_at__isnull=True)),
            models.Index(
                fields=["excuse_proposed_at"],
                name="deadline_excuse_asked",
                condition=Q(excuse_proposed_at__isnull=False, excused_at__isnull=True),
            ),
            models.Index(
                fields=["unit", "missed_at"], name="deadline_missed_by_unit", condition=Q(missed_at__isnull=False)
            ),
            models.Index(fields=["missed_at"], name="deadline_missed", condition=COUNTED & Q(missed_at__isnull=False)),
            models.Index(
                fields=["met_at"],
                name="deadline_kept",
                condition=COUNTED & Q(missed_at__isnull=True, met_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.matter_id}#{self.part}"

    @property
    def limit(self) -> Limit:
        return parse_limit(self.limit_text)

    @property
    def status(self) -> str:
        """A void duty binds nobody, a miss is a permanent fact, whatever was done afterwards."""
        if self.voided_at:
            return self.Status.VOID
        if self.missed_at:
            return self.Status.MISSED
        return self.Status.MET if self.met_at else self.Status.OPEN

    @property
    def name(self) -> str:
        """How a form and the ledger call it, within its matter: `handoff#1`, `cooperation#2:YC`, `legal`, `handoff#1/2`
        in its second cycle.
        """
        party, cycle = f":{self.party}" if self.party else "", f"/{self.cycle}" if self.cycle > 1 else ""
        return (f"{self.kind}#{self.part}" if self.part else str(self.kind)) + party + cycle

    def drop_excuse(self) -> None:
        """Nobody proposes any more that it be excused, and there is nothing to excuse."""
        self.excuse_proposed_by = self.excuse_proposed_at = self.excuse_reason = None
        self.excused_by = self.excused_at = None

    @property
    def is_running(self) -> bool:
        done = self.met_at or self.missed_at or self.voided_at or self.suspended_at
        return not done and not self.is_window and self.due_at is not None

    @property
    def is_outstanding(self) -> bool:
        return not (self.met_at or self.voided_at or self.is_window)

    @property
    def is_settled(self) -> bool:
        return self.missed_at is not None and self.kind in SETTLED_BY_MISS

    @property
    def is_chased(self) -> bool:
        """Whether a step of the chase ladder is still to come."""
        return self.chase_at is not None and self.met_at is None

    @property
    def waits_for_calendar(self) -> bool:
        return self.due_at is None and not self.met_at and not self.voided_at

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger says of it."""
        named = {"kind": self.kind, "part": self.part, "party": self.party, "cycle": self.cycle}
        return {key: value for key, value in named.items() if value} | {
            "due": self.due_at.isoformat() if self.due_at else None
        }
