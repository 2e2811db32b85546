"""Limits, policies and the working calendar: changed by the marketing department alone, each change a version (R6,
R15).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.revision import revise
from accountability.actions.waiting_limits import release_first
from accountability.declarations.limits import DeadlineKind, kinds_by_priority, open_kinds
from accountability.gate.act import Act, Refused, refuse_unless
from accountability.gate.fields import (
    LONGEST,
    Choice,
    DayNames,
    Days,
    DutySpans,
    InUnit,
    LimitsByPriority,
    Line,
    OneLimit,
    Whole,
    YesNo,
)
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import CalendarYear, TimeLimits, Unit


def _last() -> TimeLimits:
    return TimeLimits.objects.order_by("-version")[0]


WRITTEN = {"h": _("如 48小时。"), "wd": _("如 3个工作日。"), "d": _("如 15个自然日。")}
"""How to write a limit, by its unit."""


def _by_priority(kind: DeadlineKind) -> LimitsByPriority:
    in_workdays = any(text.endswith("wd") for text in kind.by_priority.values())
    written = _("如 4小时、1个工作日。") if in_workdays else _("如 24小时。")
    label = TimeLimits.label_of(kind.column)
    return LimitsByPriority(name=kind.name, label=label, required=False, workdays=in_workdays, help=written)


def _one(kind: DeadlineKind) -> OneLimit:
    return OneLimit(name=kind.name, label=kind.label, unit=kind.unit, required=False, help=WRITTEN[kind.unit])


OTHERS = tuple(_one(kind) for kind in open_kinds())
"""The limits besides those by priority that the notice leaves to the table. Its own 30 minutes, 2 and 5 working days
can't be revised, so they have no field.
"""


@verb(
    Organisation, _("修订时限"),
    *(_by_priority(kind) for kind in kinds_by_priority()),
    *OTHERS,
    Line(name="reason", label=_("修订理由"), required=False, max_length=200),
    permission=permissions.set_limits, rule="R15",
    seen=version_of("limits", TimeLimits),
)  # fmt: skip
def set_limits(act: Act, *, reason: str = "", **revised: Any) -> None:
    """Set limits for duties that begin from now on, and those by priority for rounds dispatched from now on; running
    limits don't change (R6).
    """
    refuse_unless(any(revised.values()), _("请至少修改一项时限。"))
    last = _last()
    columns = {kind.column: last.by_priority[kind.name] | (revised.pop(kind.name, None) or {})
               for kind in kinds_by_priority()}  # fmt: skip
    revise(act, TimeLimits, reason=reason, fixed=last.fixed | revised, **columns)


GENERAL = "general"
"""The unit has no clock of its own: its hand-off counts by the general one."""


@verb(
    Organisation, _("设定单位交办计时"),
    InUnit(name="unit", label=_("单位")),
    Choice(
        name="clock", label=_("交办计时"), choices=((GENERAL, _("与规则参数一致")), *TimeLimits.Clock.choices),
        help=_("30 分钟交办时限按自然时间还是只按值守时间计算（R19）。"),
    ),
    DutySpans(
        name="hours", label=_("值守时间"), required=False,
        help=_("工作日的值守时间，如 08:30-12:00 14:00-17:30；只在选择“值守时间”时填写，不填即按此例。"),
    ),
    Line(name="reason", label=_("修订理由"), required=False, max_length=200),
    permission=permissions.set_duty_hours, rule="R15",
    seen=version_of("limits", TimeLimits),
)  # fmt: skip
def set_duty_hours(act: Act, *, unit: Unit, clock: str, hours: str = "", reason: str = "") -> None:
    """Set the clock by which a unit's hand-offs count, and its duty hours, for rounds dispatched from now on."""
    refuse_unless(not hours or clock == TimeLimits.Clock.DUTY, _("只有按值守时间计时才有值守时间。"), "hours")
    kept = {code: text for code, text in _last().unit_clocks.items() if code != unit.code}
    own = {} if clock == GENERAL else {unit.code: f"{clock} {hours}".strip()}
    revise(act, TimeLimits, reason=reason, unit_clocks=kept | own)


LADDER = (
    Whole(name="warn_first_percent", label=_("第一次预警（时限用去的 %）"), least=1, most=98, required=False),
    Whole(name="warn_second_percent", label=_("第二次预警（时限用去的 %）"), least=2, most=99, required=False),
    Whole(name="notice_hours", label=_("催办通知书（超时后小时）"), least=1, most=LONGEST, required=False),
    Whole(
        name="criticism_workdays", label=_("建议书面批评（催办通知书后工作日）"), least=1, most=100, required=False
    ),
)  # fmt: skip
"""The steps of the chase ladder that marketing may move; the one at the due instant is fixed."""


@verb(
    Organisation, _("修订规则参数"),
    Choice(name="handoff_clock", label=_("交办计时"), choices=tuple(TimeLimits.Clock.choices), required=False),
    Choice(name="day_ends_at", label=_("工作日止于"), choices=(("24:00", "24:00"), ("17:30", "17:30")), required=False),
    Whole(name="returns_before_ruling", label=_("裁定前的退回次数"), most=20, required=False),
    Whole(name="repeat_within_hours", label=_("重复投诉期限(小时)"), most=24 * 366, required=False),
    YesNo(name="allow_unsatisfied_archive", label=_("允许未满意归档"), required=False),
    YesNo(name="rank_separately", label=_("分公司与部门分开排名"), required=False),
    *LADDER,
    Line(name="reason", label=_("修订理由"), required=False, max_length=200),
    permission=permissions.set_policy, rule="R15",
    seen=version_of("limits", TimeLimits),
)  # fmt: skip
def set_policy(act: Act, *, reason: str = "", **changed: Any) -> None:
    """Set the switches that the notice leaves open, versioned like the limits."""
    refuse_unless(changed, _("请至少修改一项参数。"))
    steps = {fact.name: changed.pop(fact.name) for fact in LADDER if fact.name in changed}
    revise(act, TimeLimits, reason=reason, **changed, **_ladder(steps))


def _ladder(steps: dict[str, int]) -> dict[str, Any]:
    """The ladder with these steps changed; empty where no step is."""
    if not steps:
        return {}
    ladder = _last().ladder | steps
    in_order = ladder["warn_first_percent"] < ladder["warn_second_percent"]
    refuse_unless(in_order, _("第二次预警应晚于第一次预警。"), "warn_second_percent")
    return {"ladder": ladder}


COUNT: dict[str, Any] = {"least": 2, "most": 100_000, "required": False}
MINUTES: dict[str, Any] = {"least": 1, "most": 1440, "required": False}


@verb(
    Organisation, _("修订大面积投诉标准"),
    Whole(name="warn_count", label=_("预警件数"), **COUNT),
    Whole(name="warn_minutes", label=_("预警时段（分钟）"), **MINUTES),
    Whole(name="level3_count", label=_("三级：24小时内件数"), **COUNT),
    Whole(name="level1_count", label=_("一级：24小时内件数"), **COUNT),
    Whole(name="start1_minutes", label=_("一级启动时限（分钟）"), **MINUTES),
    Whole(name="start2_minutes", label=_("二级启动时限（分钟）"), **MINUTES),
    Whole(name="start3_minutes", label=_("三级启动时限（分钟）"), **MINUTES),
    Line(name="reason", label=_("修订理由"), required=False, max_length=200),
    permission=permissions.set_mass_limits, rule="R15",
    seen=version_of("limits", TimeLimits),
)  # fmt: skip
def set_mass_limits(act: Act, *, reason: str = "", **changed: int) -> None:
    """Set how many complaints of one region and category head make a mass event, and how soon it must be taken up."""
    refuse_unless(changed, _("请至少修改一项参数。"))
    wanted = _last().mass | changed
    in_order = wanted["warn_count"] <= wanted["level3_count"] < wanted["level1_count"]
    refuse_unless(in_order, _("件数应逐级增加：预警不多于三级，三级少于一级。"))
    revise(act, TimeLimits, reason=reason, mass=wanted)


@verb(
    Organisation, _("公布工作日历"),
    Whole(name="year", label=_("年份"), least=2004, most=2100),
    Days(name="days_off", label=_("放假的工作日"), required=False, help=_("每行一个日期，周末本来休息，不必列出。")),
    Days(name="days_worked", label=_("上班的周末"), required=False, help=_("调休上班的周六、周日。")),
    DayNames(
        name="names", label=_("节日名称"), required=False,
        help=_("每行一段，如“2027-02-05–2027-02-11 春节”，含其中的周末；调休上班日写所属节日。不填则不变。"),
    ),
    Line(name="reason", label=_("理由"), required=False, max_length=200),
    permission=permissions.publish_calendar, rule="R15",
    seen=version_of("calendar", CalendarYear, "pk"),
)  # fmt: skip
def publish_calendar(
    act: Act, *, year: int, days_off: list[date] | None = None, days_worked: list[date] | None = None,
    names: dict[date, str] | None = None, reason: str = "",
) -> None:  # fmt: skip
    """Publish a new version of a year's calendar; limits that waited for the year get their due instant (S44).

    A running limit keeps its promised instant.
    """
    _check_days(year, days_off or [], days_worked or [], names or {})
    named = {"names": {day.isoformat(): name for day, name in names.items()}} if names else {}
    published = revise(
        act, CalendarYear, series={"year": year}, reason=reason,
        days_off=[day.isoformat() for day in days_off or []],
        days_worked=[day.isoformat() for day in days_worked or []], **named,
    )  # fmt: skip
    release_first(act, published)


def _check_days(year: int, days_off: list[date], days_worked: list[date], names: Iterable[date]) -> None:
    for name, days in (("days_off", days_off), ("days_worked", days_worked), ("names", names)):
        strangers = [day.isoformat() for day in days if day.year != year]
        refuse_unless(not strangers, _("不是这一年的日期：%(days)s。") % {"days": ", ".join(strangers)}, name)
    both = sorted(set(days_off) & set(days_worked))
    if both:
        sentence = _("同一天不能既放假又上班：%(days)s。") % {"days": ", ".join(day.isoformat() for day in both)}
        raise Refused("condition", sentence, {"days_worked": sentence})
