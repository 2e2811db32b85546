"""What the notice leaves to other documents, with the value that the program keeps to at an instant.

Values are read from the settings in force, never typed twice; an app that holds one adds its maker in `ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accountability.almanac import PRIORITIES, clocks_of
from accountability.models import Deadline, TimeLimits, limits_in_force
from accountability.templatetags.shouwen import limit_words

Kind = Deadline.Kind


@dataclass(frozen=True)
class LeftOpen:
    """One thing left open: the rule that leaves it, what it is, and its values, each with what it is for."""

    rule: str
    title: Any
    values: tuple[tuple[Any, Any], ...]
    place: str = "limits"
    """The page where it stands and is changed, by name."""


MAKERS: list[Callable[[datetime], Iterable[LeftOpen]]] = []


def left_open(at: datetime) -> list[LeftOpen]:
    """Everything left open, in the order of the rules."""
    found = [line for make in MAKERS for line in make(at)]
    return sorted(found, key=lambda line: int(line.rule[1:]))


def of_the_limits(at: datetime) -> Iterable[LeftOpen]:
    """What stands in the table of limits: one query."""
    limits = limits_in_force(at)
    yield LeftOpen("R6", _("对客户的时限"), _fixed(limits, Kind.FIRST_REPLY, Kind.LEGAL))
    yield LeftOpen("R6", _("网络质量类投诉"), _fixed(limits, Kind.CONTACT_ON_SITE, Kind.NETWORK_SOLUTION))
    yield LeftOpen("R7", _("未满意归档"), ((_("是否允许"), _("是") if limits.allow_unsatisfied_archive else _("否")),))
    yield LeftOpen("R12", _("重复投诉的认定"), ((_("同一号码、同一类别"), _hours(limits.repeat_within_hours)),))
    yield LeftOpen("R13", _("预警和催办"), tuple(_ladder(limits)))
    general = (_("交办计时"), limits.get_handoff_clock_display())
    yield LeftOpen("R19", _("30分钟如何计算"), (general, *clocks_of(limits)))
    yield LeftOpen("R22", _("单位提出处理意见的期限"), _fixed(limits, Kind.OPINION))
    yield LeftOpen("R24", _("处理时限"), _by_priority(limits, Kind.HANDLING))
    yield LeftOpen("R27", _("退回时限"), _by_priority(limits, Kind.RETURN))
    yield LeftOpen("R28", _("退回的裁定"), _ruling(limits))
    yield LeftOpen("R30", _("确认协调记录的期限"), _fixed(limits, Kind.CONFIRMATION))
    yield LeftOpen("R42", _("工作日何时结束"), ((_("工作日止于"), limits.day_ends_at),))
    yield LeftOpen("R49", _("责成处理的期限"), _fixed(limits, Kind.DISCIPLINE))
    yield LeftOpen("R54", _("执行回执的期限"), _fixed(limits, Kind.SLIP))


def _fixed(limits: TimeLimits, *kinds: Kind) -> tuple[tuple[Any, Any], ...]:
    return tuple((kind.label, limit_words(limits.limit(kind))) for kind in kinds)


def _by_priority(limits: TimeLimits, kind: Kind) -> tuple[tuple[Any, Any], ...]:
    return tuple((priority, limit_words(limits.limit(kind, priority))) for priority in PRIORITIES)


def _ruling(limits: TimeLimits) -> tuple[tuple[Any, Any], ...]:
    returns = limits.returns_before_ruling
    return (*_fixed(limits, Kind.RULING), (_("裁定前的退回次数"), returns or _("不裁定")))


def _hours(hours: int) -> str:
    return _("%(hours)s 小时内") % {"hours": hours} if hours else _("不认定重复")


def _ladder(limits: TimeLimits) -> Iterable[tuple[Any, Any]]:
    steps = limits.ladder
    yield _("预警"), _("时限用去 %(first)s%% 和 %(second)s%%") % {
        "first": steps["warn_first_percent"], "second": steps["warn_second_percent"],
    }  # fmt: skip
    yield _("催办通知书"), _("超时 %(hours)s 小时") % {"hours": steps["notice_hours"]}
    yield _("书面批评"), _("催办通知书后 %(days)s 个工作日") % {"days": steps["criticism_workdays"]}


MAKERS.append(of_the_limits)
