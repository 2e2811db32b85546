"""Helpers of the pages of calendar and limits: months, the test of a limit, and what a new version changed."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.day_names import spans_of
from accountability.deadlines.limits import SHANGHAI, Limit, Why, WorkingCalendar, day_of, parse_limit, read_instant
from accountability.deadlines.words import time_words
from accountability.declarations.limits import deadline_label
from accountability.documents.phrases import PHRASES
from accountability.documents.template_fields import in_words
from accountability.gate.verbs import VERBS, Verb
from accountability.models import CalendarYear, Matter, PaperWording, TimeLimits, Unit

FIRST_YEAR, LAST_YEAR = 2004, 2100
"""The years that a calendar can be published for."""


@dataclass(frozen=True)
class DayCell:
    """A day of the month view. `why` is None for the places before the first and after the last day."""

    day: date | None
    why: Why | None = None
    name: str = ""

    @property
    def is_free_by_name(self) -> bool:
        """A weekend day among the days of a holiday."""
        return self.why == "weekend" and bool(self.name)


def months_of(year: int, working: WorkingCalendar, names: Mapping[date, str] | None = None) -> list[dict[str, Any]]:
    """Twelve months of weeks that begin on Monday, each day with its kind, and the number of working days; below it
    the holidays by name.
    """
    return [_month(year, month, working, names or {}) for month in range(1, 13)]


def _month(year: int, month: int, working: WorkingCalendar, names: Mapping[date, str]) -> dict[str, Any]:
    weeks = [
        [DayCell(day, working.why(day), names.get(day, "")) if day.month == month else DayCell(None) for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    days = [cell for week in weeks for cell in week if cell.day]
    worked = sum(cell.why in ("workday", "make_up") for cell in days)
    named = (
        {cell.day: cell.name for cell in days if cell.day and cell.name and (cell.why == "make_up") == is_worked}
        for is_worked in (False, True)
    )
    free, made_up = (list(spans_of(found)) for found in named)
    return {"first": date(year, month, 1), "weeks": weeks, "worked": worked, "free": free, "made_up": made_up}


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
        if not FIRST_YEAR <= day_of(start).year <= LAST_YEAR:
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
    "rank_separately",
)  # fmt: skip

PRIORITIES = ("P1", "P2", "P3")

Change = tuple[str | Promise, Any, Any]
Label = Callable[[str], str | Promise]


def changes_between(before: TimeLimits | None, after: TimeLimits) -> list[Change]:
    """(what, before, after) of every value that the later version changed; empty for the very first version."""
    if before is None:
        return []
    pairs = zip(_parts(before), _parts(after), strict=True)
    return [change for (old, label), (new, _same) in pairs for change in _differences(old, new, label)]


def values_of(limits: TimeLimits) -> list[tuple[str | Promise, Any]]:
    """(what, value) of everything a version says, with the same labels as its changes."""
    return [(label(key), value) for values, label in _parts(limits) for key, value in values.items()]


def present_of(limits: TimeLimits, verb: Verb) -> list[tuple[Any, Any]]:
    """(label, value) of each single value that the verb can change, as it is now."""
    if verb.name == "set_duty_hours":
        return [(TimeLimits.label_of("handoff_clock"), _shown(limits, "handoff_clock")), *clocks_of(limits)]
    named = _policies(limits) | limits.ladder | limits.mass | _in_words(limits.others)
    return [(fact.label, named[fact.name]) for fact in verb.facts if fact.name in named]


def _parts(limits: TimeLimits) -> list[tuple[dict[str, Any], Label]]:
    """The parts of a version, each with the labels of its keys."""
    return [
        (_in_words(limits.handling), lambda key: _("处理") + f" {key}"),
        (_in_words(limits.returning), lambda key: _("退回") + f" {key}"),
        (_in_words(limits.others), deadline_label),
        (limits.mass, _mass_label),
        (_policies(limits), TimeLimits.label_of),
        (_clocks(limits), lambda code: _("交办计时") + f" {code}"),
        (limits.ladder, _step_label),
    ]


def _in_words(table: dict[str, str]) -> dict[str, str]:
    return {key: time_words(text) for key, text in table.items()}


def note_changes(versions: Sequence[Any], tell: Callable[[Any, Any], list[Any]] | None = None) -> None:
    """Give each version its `changes` against the one before it: one query.

    `tell` computes the changes from the version before (None: there is none) and the version itself; limits, calendars
    and the words of papers have their own here.
    """
    if not versions:
        return
    model = type(versions[0])
    earlier = model.objects.filter(version__in={row.version - 1 for row in versions})
    known = {_place(row): row for row in earlier}
    ours: Any = {CalendarYear: days_changed, PaperWording: phrases_changed}.get(model, changes_between)
    for row in versions:
        row.changes = (tell or ours)(known.get(_place(row, before=1)), row)


def _place(row: Any, before: int = 0) -> tuple[int, int]:
    return getattr(row, "year", 0), row.version - before


def days_changed(before: CalendarYear | None, after: CalendarYear) -> list[str]:
    """The days added and dropped, a line for each list; for a first version how many there are."""
    if before is None:
        counts = {"off": len(after.days_off), "worked": len(after.days_worked)}
        return [_("首次公布：放假 %(off)s 天，调休上班 %(worked)s 天") % counts]
    lists = (
        (_("放假的工作日"), before.days_off, after.days_off),
        (_("上班的周末"), before.days_worked, after.days_worked),
    )
    moved = [f"{label} {_moved(old, new)}" for label, old, new in lists if old != new]
    named = [_("节日名称") + f" {_moved(*names)}"] if (names := (_spans(before), _spans(after)))[0] != names[1] else []
    return moved + named


def _spans(year: CalendarYear) -> list[str]:
    return [f"{span}" for span in spans_of(year.day_names)]


def phrases_changed(before: PaperWording | None, after: PaperWording) -> list[Change]:
    """(which, before, after) of every phrase that the version changed; a phrase it doesn't name has its default."""
    old, new = before.phrases if before else {}, after.phrases
    labels = {name: phrase.label for name, phrase in PHRASES.items()}
    names = [name for name in dict.fromkeys([*labels, *old, *new]) if old.get(name) != new.get(name)]
    return [(labels.get(name, name), _phrase(old, name), _phrase(new, name)) for name in names]


def _phrase(texts: dict[str, str], name: str) -> str:
    return in_words(texts.get(name) or (PHRASES[name].default if name in PHRASES else ""))


def _moved(old: list[str], new: list[str]) -> str:
    added, dropped = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    return " ".join([*(f"+{day}" for day in added), *(f"−{day}" for day in dropped)])


def _policies(limits: TimeLimits) -> dict[str, Any]:
    return {name: _shown(limits, name) for name in POLICIES}


def _clocks(limits: TimeLimits) -> dict[str, Any]:
    """The units with a clock of their own, by code, each in words."""
    return {code: _clock_words(text) for code, text in sorted(limits.unit_clocks.items())}


def _clock_words(text: str) -> str:
    clock, _space, hours = text.partition(" ")
    return f"{TimeLimits.Clock(clock).label} {hours}".strip()


def clocks_of(limits: TimeLimits) -> list[tuple[str, str]]:
    """(unit, its clock) of every unit whose hand-off counts by a clock of its own: one query, or none where there is no
    such unit.
    """
    own = _clocks(limits)
    names = {unit.code: str(unit) for unit in Unit.objects.filter(code__in=own)} if own else {}
    return [(names.get(code, code), words) for code, words in own.items()]


def _mass_label(key: str) -> str | Promise:
    label: str | Promise = VERBS[Matter.Kind.ORGANISATION, "set_mass_limits"].fact(key).label
    return label


def _step_label(name: str) -> str | Promise:
    label: str | Promise = VERBS[Matter.Kind.ORGANISATION, "set_policy"].fact(name).label
    return label


def _differences(before: dict[str, Any], after: dict[str, Any], label: Label) -> list[Change]:
    keys = dict.fromkeys([*before, *after])
    return [(label(key), before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def _shown(limits: TimeLimits, name: str) -> Any:
    value = getattr(limits, name)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return limits.get_handoff_clock_display() if name == "handoff_clock" else value
