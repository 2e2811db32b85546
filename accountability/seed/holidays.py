"""The working calendars that come with the product: published by the State Council and carried by a package.

Only the years that the package has: marketing publishes later ones (`publish_calendar`), they are never guessed.
"""

from datetime import date

from chinese_calendar import holidays, workdays

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


def _of(year: int, days: dict[date, str]) -> list[date]:
    return [day for day in days if day.year == year]
