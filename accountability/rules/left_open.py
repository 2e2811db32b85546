"""What the notice leaves to other documents, with the value that the program uses at an instant.

Values are read from the settings in force, never typed twice; an app with such a value adds its maker in `ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.words import limit_words
from accountability.declarations.limits import DEADLINE_KINDS, DeadlineKind
from accountability.models import TimeLimits, limits_in_force
from accountability.web.versions import PRIORITIES, clocks_of


@dataclass(frozen=True)
class LeftOpen:
    """One thing left open: the rule that leaves it, what it is, and its values, each with its purpose."""

    rule: str
    title: Any
    values: tuple[tuple[Any, Any], ...]
    place: str = "limits"
    """The name of the page where it is shown and changed."""


MAKERS: list[Callable[[datetime], Iterable[LeftOpen]]] = []


def left_open(at: datetime) -> list[LeftOpen]:
    """Everything left open, in the order of the rules; several values of the same thing share one line."""
    lines: dict[tuple[str, str], LeftOpen] = {}
    for line in (line for make in MAKERS for line in make(at)):
        key = (line.rule, str(line.title))
        lines[key] = replace(line, values=lines[key].values + line.values) if key in lines else line
    return sorted(lines.values(), key=lambda line: int(line.rule[1:]))


def of_the_limits(at: datetime) -> Iterable[LeftOpen]:
    """The values in the table of limits: one query."""
    limits = limits_in_force(at)
    yield from _of_the_kinds(limits)
    yield LeftOpen("R7", _("未满意归档"), ((_("是否允许"), _("是") if limits.allow_unsatisfied_archive else _("否")),))
    yield LeftOpen("R12", _("重复投诉的认定"), ((_("同一号码、同一类别"), _hours(limits.repeat_within_hours)),))
    yield LeftOpen("R13", _("预警和催办"), tuple(_ladder(limits)))
    general = (_("交办计时"), limits.get_handoff_clock_display())
    yield LeftOpen("R19", _("30分钟如何计算"), (general, *clocks_of(limits)))
    returns = limits.returns_before_ruling or _("不裁定")
    yield LeftOpen("R28", _("退回的裁定"), ((_("裁定前的退回次数"), returns),))
    yield LeftOpen("R42", _("工作日何时结束"), ((_("工作日止于"), limits.day_ends_at),))


def _of_the_kinds(limits: TimeLimits) -> Iterable[LeftOpen]:
    """What the kinds of limit leave open."""
    left = (kind for kind in DEADLINE_KINDS.values() if kind.left_open)
    return (LeftOpen(kind.rule, kind.left_open, _values(limits, kind)) for kind in left)


def _values(limits: TimeLimits, kind: DeadlineKind) -> tuple[tuple[Any, Any], ...]:
    if kind.column:
        return tuple((priority, limit_words(limits.limit(kind.name, priority))) for priority in PRIORITIES)
    return ((kind.label, limit_words(limits.limit(kind.name))),)


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
