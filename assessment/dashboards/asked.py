"""The form of a dashboard: a period and filters as for every number, by preset or by dates, and a step."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.limits import day_of
from accountability.models import Region
from accountability.permissions import Actor
from assessment.figures import asking
from assessment.figures.measures import MEASURES
from assessment.figures.periods import Period, between

PRESETS = {
    "this_month": gettext_lazy("本月"),
    "last_month": gettext_lazy("上月"),
    "this_year": gettext_lazy("今年"),
}
STEPS = [
    ("", gettext_lazy("自动")),
    ("day", gettext_lazy("按日")),
    ("week", gettext_lazy("按周")),
    ("month", gettext_lazy("按月")),
]
MOST_DAYS = 5 * 366
MOST_STEPS = 100
"""Points of a trend; more can't be told apart on paper."""

DAYS = ("from", "to")
FILTERS = ("unit", "head", "category", "region")


def preset(name: str, today: date) -> tuple[date, date]:
    """First and last day. The current month or year ends today."""
    if name == "last_month":
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return (today.replace(month=1, day=1) if name == "this_year" else today.replace(day=1)), today


class Asked(asking.Asked):
    """If anything is unreadable, no number is shown. Another person's unit gives the same answer as a missing one."""

    step = forms.ChoiceField(
        label=gettext_lazy("趋势"), required=False, choices=STEPS,
        error_messages={"invalid_choice": gettext_lazy("请选择按日、按周或按月。")},
    )  # fmt: skip

    def __init__(self, data: QueryDict, actor: Actor, at: datetime) -> None:
        super().__init__(self._with_period(data, day_of(at)), actor, at, MEASURES["received"])
        self.order_fields([*DAYS, *FILTERS, "step"])
        for name in DAYS:
            if not re.fullmatch(r"(\d{4}-\d\d-\d\d)?", self.data.get(name, ""), re.ASCII):
                # A date field would show nothing of unreadable input.
                self.fields[name].widget.input_type = "text"
        self.fields["region"].widget.attrs |= {"list": "regions", "autocomplete": "off"}
        self.regions = list(Region.objects.order_by("name").values_list("name", flat=True))

    def _with_period(self, data: QueryDict, today: date) -> QueryDict:
        """Fill in the days of the preset, or of this month if nothing is given."""
        given = any(data.get(name) for name in DAYS)
        self.preset = data.get("preset", "") or ("" if given else "this_month")
        if self.preset not in PRESETS:
            return data
        filled = data.copy()
        for name, day in zip(DAYS, preset(self.preset, today), strict=True):
            filled[name] = day.isoformat()
        return filled

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.preset and self.preset not in PRESETS:
            self.add_error("from", _("没有这种期间，请选择本月、上月、今年，或填写起止日期。"))
        elif not any(name in self.errors for name in DAYS):
            if (self.period.last_day - self.period.first_day).days >= MOST_DAYS:
                self.add_error("to", _("期间最长五年，请缩短。"))
            elif "step" in self.cleaned_data and len(list(self.period.parts(self.by_step))) > MOST_STEPS:
                self.add_error("step", _("点数超过 %d 个，请缩短期间，或改按周、按月。") % MOST_STEPS)
        return given

    # What was asked, once it is valid

    @property
    def by_step(self) -> str:
        """By default days within a month, weeks within half a year, else months."""
        days = (self.period.last_day - self.period.first_day).days
        return self.cleaned_data["step"] or ("day" if days < 31 else "week" if days < 184 else "month")

    @property
    def before(self) -> Period:
        """The period before, up to the first day asked for: last year before this year, as many months before whole
        months or a month that still runs, else as many days.
        """
        first, last = self.period.first_day, self.period.last_day
        if self.preset == "this_year":
            start = first.replace(year=first.year - 1)
        elif first.day == 1 and (self.preset or (last + timedelta(days=1)).day == 1):
            months = (last.year - first.year) * 12 + last.month - first.month + 1
            year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
            start = date(year, month + 1, 1)
        else:
            start = first - (last - first) - timedelta(days=1)
        return between(start, first - timedelta(days=1))

    @property
    def unit_codes(self) -> set[str] | None:
        unit = self.cleaned_data["unit"]
        return {unit.code} if unit else None

    @property
    def is_narrowed(self) -> bool:
        """More was asked than one of the periods on offer, or something unreadable: the filters are shown open."""
        return not self.is_valid() or not self.preset or bool(self.filters or self.cleaned_data["step"])

    @property
    def narrow(self) -> dict[str, Any]:
        """On columns of the complaint."""
        return dict(self.scope.narrow)

    @property
    def filters(self) -> dict[str, str]:
        """As an address names them."""
        given = {name: self.cleaned_data[name] for name in FILTERS if self.cleaned_data[name]}
        return given | ({"unit": given["unit"].code} if "unit" in given else {})


def part_of(part: Period, whole: Period) -> tuple[date, date]:
    """The days of a step that lie in the period asked for."""
    return max(part.first_day, whole.first_day), min(part.last_day, whole.last_day)


def label_of(part: Period, step: str) -> str:
    """2026-11 for a month, else the first day."""
    first = part.first_day
    return f"{first:%Y-%m}" if step == "month" else f"{first}"
