"""The working calendars that come with the product: published by the State Council and carried by a package.

Only the years that the package has: marketing publishes later ones (`publish_calendar`), they are never guessed.
"""

from datetime import date

from chinese_calendar import holidays, workdays
from django.utils.translation import gettext_noop as N_

from accountability.deadlines.limits import CalendarYearRules, is_weekend


def published_years() -> dict[int, CalendarYearRules]:
    """The first version of every year the installed chinesecalendar knows (2004–2026 in release 1.11.0)."""
    return {year: _rules(year) for year in sorted({day.year for day in holidays})}


def _rules(year: int) -> CalendarYearRules:
    """The package also lists holidays that fall on weekends; only weekdays off and weekend days worked are kept."""
    return CalendarYearRules(
        year=year,
        version=1,
        days_off=frozenset(day for day in _of(year, holidays) if not is_weekend(day)),
        days_worked=frozenset(day for day in _of(year, workdays) if is_weekend(day)),
    )


NAMES = {
    "New Year's Day": N_("元旦"), "Spring Festival": N_("春节"), "Tomb-sweeping Day": N_("清明节"),
    "Labour Day": N_("劳动节"), "Dragon Boat Festival": N_("端午节"), "Mid-autumn Festival": N_("中秋节"),
    "National Day": N_("国庆节"), "Anti-Fascist 70th Day": N_("抗战胜利纪念日"),
}  # fmt: skip
"""What the package calls a holiday, in Chinese."""


def names_of(year: int) -> dict[date, str]:
    """The holiday that a day is off for or worked instead of, weekends among the days off included."""
    free = {day: holidays[day] for day in _of(year, holidays)}
    worked = {day: workdays[day] for day in _of(year, workdays) if is_weekend(day)}
    return {day: NAMES[name] for day, name in sorted((free | worked).items())}


def _of(year: int, days: dict[date, str]) -> list[date]:
    return [day for day in days if day.year == year]
