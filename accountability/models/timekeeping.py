"""The tables of the working calendar, of time limits in versions, and of deadlines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accountability.db.in_force import in_force
from accountability.db.sql import Read, Together
from accountability.deadlines.limits import CalendarYearRules, Limit, WorkingCalendar, day_of, parse_limit
from accountability.declarations.limits import DEADLINE_KINDS, deadline_label, kinds_by_priority, limit_kinds
from accountability.models.matters import Matter
from accountability.models.versions import Version


class CalendarYear(Version):
    """The published working calendar of a year. A correction is a new version; old versions stay."""

    version = models.PositiveIntegerField(_("版本"))
    year = models.PositiveSmallIntegerField(_("年份"))
    days_off = models.JSONField(_("放假的工作日"), default=list)
    days_worked = models.JSONField(_("上班的周末"), default=list)
    names = models.JSONField(_("节日名称"), default=dict)
    """By day, of holidays, the weekend days among them, and the days worked instead; no limit depends on them."""

    class Meta:
        verbose_name = verbose_name_plural = _("工作日历")
        ordering = ["-year", "-version"]
        constraints = [models.UniqueConstraint(fields=["year", "version"], name="one_calendar_a_version")]

    def __str__(self) -> str:
        return f"{self.year} v{self.version}"

    @property
    def day_names(self) -> dict[date, str]:
        return {date.fromisoformat(day): name for day, name in self.names.items()}

    @property
    def rules(self) -> CalendarYearRules:
        return CalendarYearRules(
            year=self.year,
            version=self.version,
            days_off=frozenset(date.fromisoformat(day) for day in self.days_off),
            days_worked=frozenset(date.fromisoformat(day) for day in self.days_worked),
        )


def calendar_around(at: datetime, together: Together | None = None) -> WorkingCalendar:
    """The calendar for the years around `at`, in each one's latest version; unpublished years are missing."""
    year = day_of(at).year
    found = (together or Together()).rows(CalendarYear, year=range(year - 1, year + 3))
    return WorkingCalendar({row.year: row.rules for row in sorted(found(), key=lambda row: row.version)})


def calendar_as_of(versions: dict[str, int]) -> WorkingCalendar:
    """The calendar that a deadline was computed with, for explaining it; later corrections are ignored."""
    wanted = Q(pk=None)
    for year, version in versions.items():
        wanted |= Q(year=int(year), version=version)
    return WorkingCalendar({row.year: row.rules for row in CalendarYear.objects.filter(wanted)})


def mass_limits() -> dict[str, int]:
    """When complaints of one region and head are a mass event: `warn_count` within `warn_minutes`. The level depends on
    the number in 24 hours (from `level1_count`: level 1). `start1_minutes` to `start3_minutes` is the time that the
    centre has to take up an event of that level.
    """
    return {
        "warn_count": 20, "warn_minutes": 60, "level3_count": 50, "level1_count": 501,
        "start1_minutes": 15, "start2_minutes": 30, "start3_minutes": 120,
    }  # fmt: skip


def default_ladder() -> dict[str, int]:
    """Warnings at 50 % and 80 %, 催办通知书 after 24 hours, criticism proposed five working days after that."""
    return {"warn_first_percent": 50, "warn_second_percent": 80, "notice_hours": 24, "criticism_workdays": 5}


class TimeLimits(Version):
    """One version of all limits and policies (R6, R15).

    `handling` and `returning` have a limit for each priority. Limits are written in the form that
    `deadlines.limits.parse_limit` reads. `unit_clocks` lists, by unit code, the units whose hand-off doesn't use
    `handoff_clock`: `natural`, `duty`, or `duty` with their own hours (`duty 09:00-12:00 13:00-18:00`).
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

    @classmethod
    def label_of(cls, column: str) -> Any:
        """The label of a column."""
        field: Any = cls._meta.get_field(column)
        return field.verbose_name

    def may_wait(self, verb: str, otherwise: timedelta = timedelta(hours=24)) -> timedelta:
        """How long a matter may wait for this verb before an alarm is raised; `otherwise` if not set here."""
        hours = self.waiting.get(verb)
        return otherwise if hours is None else timedelta(hours=float(hours))

    def limit(self, kind: str, priority: str | None = None, *, unit: str = "") -> Limit:
        """The limit of a kind; some kinds have one for each priority.

        A limit on the unit's clock uses `handoff_clock` unless the unit has its own; limits in working days end at
        `day_ends_at`.
        """
        declared = DEADLINE_KINDS[kind]
        text = self.by_priority[kind][str(priority)] if declared.column else self.others[kind]
        clock = self.unit_clocks.get(unit, self.handoff_clock)
        if declared.on_unit_clock and clock != self.Clock.NATURAL:
            text += f" {clock}"
        if text.endswith("wd") and self.day_ends_at != "24:00":
            text += f" {self.day_ends_at}"
        return parse_limit(text)

    @property
    def others(self) -> dict[str, str]:
        """The limits that don't depend on priority, by kind; defaults for those that this version doesn't set."""
        defaults = {kind.name: kind.default for kind in DEADLINE_KINDS.values() if kind.default}
        return self.fixed | {name: default for name, default in defaults.items() if name not in self.fixed}

    @property
    def by_priority(self) -> dict[str, dict[str, str]]:
        """The limits that depend on priority, by kind and priority."""
        return {kind.name: getattr(self, kind.column) for kind in kinds_by_priority()}

    @property
    def warn_percents(self) -> tuple[int, int]:
        """When to warn, in percent of a limit: first only the holder, then everybody concerned."""
        return self.ladder["warn_first_percent"], self.ladder["warn_second_percent"]


def limits_in_force(at: datetime) -> TimeLimits:
    """The version in force at `at` (R6)."""
    return in_force(TimeLimits, at)


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def running(self) -> DeadlineQuerySet:
        """The deadlines that can still be missed. The sweep asks for them; a partial index answers."""
        return self.filter(RUNNING)

    def excuse_asked(self) -> DeadlineQuerySet:
        """Missed deadlines whose excuse was proposed and waits for a second person's decision."""
        asked = self.filter(excuse_proposed_at__isnull=False, excused_at=None)
        return asked.filter(missed_at__isnull=False, voided_at=None)

    def binding(self) -> DeadlineQuerySet:
        """One row for each duty, however many cycles there were: the latest, which binds."""
        return self.filter(is_latest=True)

    def outstanding(self) -> DeadlineQuerySet:
        """Duties not yet done, missed or not."""
        return self.filter(met_at=None, voided_at=None, is_window=False)

    def waiting(self) -> DeadlineQuerySet:
        """Duties that wait for the calendar of a year (`awaits_year`), as `Deadline.waits_for_calendar`."""
        return self.filter(due_at=None, met_at=None, voided_at=None)

    def pressing(self) -> DeadlineQuerySet:
        """As `Deadline.presses`."""
        return self.filter(due_at__isnull=False, suspended_at=None)


RUNNING = Q(
    due_at__isnull=False, met_at__isnull=True, missed_at__isnull=True, voided_at__isnull=True,
    suspended_at__isnull=True, is_window=False,
)  # fmt: skip

CHASING = Q(chase_at__isnull=False, met_at__isnull=True)
"""Deadlines that were missed and not met since; the next step of the chase ladder comes at `chase_at`."""


class Deadline(Read):
    """A duty with its due instant, which is computed once when the duty begins, and stored.

    `part` is the round's number, 0 for what belongs to the whole matter; `party` the unit of a cooperation or of its
    confirmation. `missed_at` is always the due instant, `noticed_at` when a sweep or an act noticed the miss. `chased`
    counts the steps of the chase ladder taken so far; the next one comes at `chase_at`. Instants are UTC.
    While the calendar of a year isn't published (`awaits_year`), a limit that needs it has no due instant (S44).

    A duty that begins again (more time was granted, a hand-off starts again after a ruling) has a row for each `cycle`.
    Only the latest binds (`is_latest`, set by `Act.start`). Queries for the limits of a round must use `binding()`, or
    a round would count as often as it has cycles.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("进行中")
        MET = "met", _("已履行")
        MISSED = "missed", _("已超时")
        VOID = "void", _("已取消")

    matter = models.ForeignKey(
        "Matter", models.PROTECT, related_name="deadlines", verbose_name=_("事项"), db_index=False
    )
    kind = models.CharField(_("时限"), max_length=20, choices=limit_kinds)
    part = models.PositiveSmallIntegerField(_("轮次"), default=0)
    party = models.CharField(_("协办单位"), max_length=16, default="", blank=True)
    cycle = models.PositiveSmallIntegerField(_("周期"), default=1)
    is_latest = models.BooleanField(_("现行周期"), default=True)
    is_window = models.BooleanField(default=False)
    unit = models.ForeignKey(
        "Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("责任单位"), db_index=False
    )
    person = models.ForeignKey(
        "Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("责任人"), db_index=False
    )
    limit_text = models.CharField(_("期限"), max_length=48)
    floor_at = models.DateTimeField(_("不早于"), null=True)
    limits = models.ForeignKey(
        TimeLimits, models.PROTECT, null=True, related_name="+", verbose_name=_("时限表版本"), db_index=False
    )
    calendar = models.JSONField(_("日历版本"), default=dict)
    started_at = models.DateTimeField(_("起算"))
    due_at = models.DateTimeField(_("到期"), null=True)
    awaits_year = models.PositiveSmallIntegerField(_("等待日历年份"), null=True)
    met_at = models.DateTimeField(_("履行"), null=True)
    missed_at = models.DateTimeField(_("超时"), null=True)
    noticed_at = models.DateTimeField(_("发现超时"), null=True)
    voided_at = models.DateTimeField(_("取消"), null=True)
    suspended_at = models.DateTimeField(_("中止"), null=True)
    excuse_proposed_by = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+", db_index=False)
    excuse_proposed_at = models.DateTimeField(_("提请免责"), null=True)
    excuse_reason = models.ForeignKey("PersonalData", models.PROTECT, null=True, related_name="+", db_index=False)
    excused_by = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+", db_index=False)
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
            models.CheckConstraint(condition=Q(due_at=None) ^ Q(awaits_year=None), name="due_or_awaits_a_year"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="deadline_running", condition=RUNNING),
            models.Index(fields=["warn_at"], name="deadline_to_warn", condition=Q(warn_at__isnull=False)),
            models.Index(fields=["chase_at"], name="deadline_to_chase", condition=CHASING),
            models.Index(fields=["awaits_year"], name="deadline_waiting", condition=Q(awaits_year__isnull=False)),
            models.Index(
                fields=["excuse_proposed_at"], name="deadline_excuse_asked",
                condition=Q(excuse_proposed_at__isnull=False, excused_at__isnull=True),
            ),
            models.Index(fields=["excuse_reason"], name="deadline_excused", condition=Q(excuse_reason__isnull=False)),
            models.Index(
                fields=["unit", "missed_at"], name="deadline_missed_by_unit", condition=Q(missed_at__isnull=False)
            ),
            # The statistics of a period count by `met_at` if the duty was done, by `missed_at` if it was missed.
            models.Index(
                fields=["kind", "missed_at"], name="deadline_missed",
                condition=Q(missed_at__isnull=False, voided_at__isnull=True),
            ),
            models.Index(
                fields=["kind", "met_at"], name="deadline_kept",
                condition=Q(missed_at__isnull=True, met_at__isnull=False, voided_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.matter_id}#{self.part}"

    def get_kind_display(self) -> str:  # type: ignore[no-redef]
        """A list shows a hundred limits. Django's own method translates every label each time to find one."""
        return str(deadline_label(self.kind))

    @property
    def limit(self) -> Limit:
        return parse_limit(self.limit_text)

    @property
    def status(self) -> str:
        """Whether it is open, met, missed or void. A miss is permanent, even if the duty is done afterwards."""
        if self.voided_at:
            return self.Status.VOID
        if self.missed_at:
            return self.Status.MISSED
        return self.Status.MET if self.met_at else self.Status.OPEN

    @property
    def name(self) -> str:
        """In forms and the ledger: `handoff#1`, `cooperation#2:YC`, `legal`, or `handoff#1/2` in its second cycle."""
        party, cycle = f":{self.party}" if self.party else "", f"/{self.cycle}" if self.cycle > 1 else ""
        return (f"{self.kind}#{self.part}" if self.part else str(self.kind)) + party + cycle

    def drop_excuse(self) -> None:
        """Remove a proposed or granted excuse."""
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
    def presses(self) -> bool:
        """Whether it can decide how urgent its matter is: not suspended, and with a due instant."""
        return self.due_at is not None and self.suspended_at is None

    @property
    def is_settled(self) -> bool:
        return self.missed_at is not None and DEADLINE_KINDS[self.kind].ends_by_miss

    @property
    def is_chased(self) -> bool:
        """Whether a step of the chase ladder is still to come."""
        return self.chase_at is not None and self.met_at is None

    @property
    def comes_at(self) -> datetime | None:
        """When something next happens to it automatically: a miss, or a step of the chase ladder."""
        if self.is_running:
            return self.due_at
        return self.chase_at if self.is_chased else None

    @property
    def waits_for_calendar(self) -> bool:
        return self.due_at is None and not self.met_at and not self.voided_at

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that the ledger records about it."""
        named = {"kind": self.kind, "part": self.part, "party": self.party, "cycle": self.cycle}
        return {key: value for key, value in named.items() if value} | {
            "due": self.due_at.isoformat() if self.due_at else None
        }


def has_waited_too_long(matter: Matter) -> bool:
    """Whether the alarm of the present waiting was raised: it waited longer than its subject's `patience`."""
    return matter.waiting_since is not None and matter.alarm_at is None
