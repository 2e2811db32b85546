"""What the pages of calendar and limits are made of: months, the test of a limit, and what a new version changed."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines import SHANGHAI, Limit, Why, WorkingCalendar, parse_limit, read_instant
from accountability.models import Deadline, TimeLimits

FIRST_YEAR, LAST_YEAR = 2004, 2100
"""The years a calendar can be published for."""


@dataclass(frozen=True)
class DayCell:
    """A day as the month shows it. `why` is None for the places before the first and after the last day."""

    day: date | None
    why: Why | None = None

    @property
    def is_special(self) -> bool:
        return self.why in ("holiday", "make_up")


def months_of(year: int, working: WorkingCalendar) -> list[dict[str, Any]]:
    """Twelve months of weeks that begin on Monday, each day with its kind, and the number of working days."""
    return [_month(year, month, working) for month in range(1, 13)]


def _month(year: int, month: int, working: WorkingCalendar) -> dict[str, Any]:
    weeks = [
        [DayCell(day, working.why(day)) if day.month == month else DayCell(None) for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    worked = sum(cell.why in ("workday", "make_up") for week in weeks for cell in week)
    return {"first": date(year, month, 1), "weeks": weeks, "worked": worked}


UNITS: tuple[tuple[str, Any], ...] = (
    ("wd", gettext_lazy("个工作日")),
    ("wd 17:30", gettext_lazy("个工作日（截至 17:30）")),
    ("h", gettext_lazy("小时")),
    ("m", gettext_lazy("分钟")),
    ("m duty", gettext_lazy("分钟（只计值守时间）")),
    ("d", gettext_lazy("个自然日")),
)


class LimitForm(forms.Form):
    """Any limit from any start, to see when it ends and how its days are counted. Nothing is stored."""

    start = forms.CharField(label=gettext_lazy("起算"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    count = forms.IntegerField(label=gettext_lazy("期限"), min_value=1, max_value=1000, initial=5)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=UNITS)

    def __init__(self, data: Any = None, *, at: datetime) -> None:
        local = at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        super().__init__(data=data, initial={"start": local}, auto_id="id_test_%s")

    def clean_start(self) -> datetime:
        try:
            start = read_instant(self.cleaned_data["start"])
        except ValueError:
            raise forms.ValidationError(_("时间格式应为 2026-11-24 15:00。")) from None
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise forms.ValidationError(
                _("年份应在 %(first)d 至 %(last)d 之间。") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        return start

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "count" in cleaned and "unit" in cleaned:
            cleaned["limit"] = self._limit(cleaned["count"], cleaned["unit"])
        return cleaned

    @staticmethod
    def _limit(count: int, unit: str) -> Limit:
        return parse_limit(f"{count}{unit}")


POLICIES = (
    "handoff_clock", "day_ends_at", "returns_before_ruling", "repeat_within_hours", "allow_unsatisfied_archive",
)  # fmt: skip

Change = tuple[str | Promise, Any, Any]


def changes_between(before: TimeLimits | None, after: TimeLimits) -> list[Change]:
    """(what, before, after) of every value that the later version changed; nothing for the very first version."""
    if before is None:
        return []
    found = _differences(before.handling, after.handling, lambda key: f"{_('处理')} {key}")
    found += _differences(before.returning, after.returning, lambda key: f"{_('退回')} {key}")
    found += _differences(before.fixed, after.fixed, lambda key: Deadline.Kind(key).label)
    return found + _differences(_policies(before), _policies(after), _policy_label)


def _policies(limits: TimeLimits) -> dict[str, Any]:
    return {name: _shown(limits, name) for name in POLICIES}


def _policy_label(name: str) -> str | Promise:
    field: Any = TimeLimits._meta.get_field(name)
    label: str | Promise = field.verbose_name
    return label


def _differences(before: dict[str, Any], after: dict[str, Any], label: Callable[[str], str | Promise]) -> list[Change]:
    keys = dict.fromkeys([*before, *after])
    return [(label(key), before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _shown(limits: TimeLimits, name: str) -> Any:
    value = getattr(limits, name)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return limits.get_handoff_clock_display() if name == "handoff_clock" else value
