"""The working calendar and the table of time limits: everybody reads them, marketing changes them (R6, R15)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accountability.deadlines.limits import WorkingCalendar, day_of, explain
from accountability.declarations.limits import DEADLINE_KINDS, kinds_by_priority
from accountability.gate.verbs import VERBS
from accountability.models import CalendarYear, Deadline, TimeLimits, calendar_around, limits_in_force
from accountability.web.request import Request, page_by_key
from accountability.web.revision_forms import limit_forms, revision_form
from accountability.web.verb_forms import VerbForm
from accountability.web.versions import FIRST_YEAR, LAST_YEAR, PRIORITIES, LimitForm, clocks_of, months_of, note_changes


@require_safe
def calendar(request: Request, year: int | None = None) -> HttpResponse:
    """A year month by month, its versions, and a box that computes a limit by the calendars in force.

    An unpublished year shows no days: nothing is guessed (S44).
    """
    year = day_of(request.at).year if year is None else year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    versions = list(CalendarYear.objects.filter(year=year).select_related("author").order_by("-version"))
    note_changes(versions)
    current = versions[0] if versions else None
    test = LimitForm(request.GET if "count" in request.GET else None, at=request.at)
    context = {
        "year": year,
        "current": current,
        "versions": versions,
        "months": months_of(year, WorkingCalendar({year: current.rules}), current.day_names) if current else [],
        "years": _years(request, year),
        "test": test,
        "why": _counted(test),
        "form": _publish_form(request, year),
        "waiting": 0 if current else Deadline.objects.waiting().filter(awaits_year=year).count(),
    }
    return render(request, "accountability/deadlines/calendar.html", context)


def _years(request: Request, shown: int) -> list[dict[str, Any]]:
    """The published years around the one shown, and the next one, published or not."""
    this = day_of(request.at).year
    published = set(CalendarYear.objects.values_list("year", flat=True))
    near = sorted({year for year in published | {this, this + 1, shown} if abs(year - shown) <= 3 or year >= this})
    return [{"year": year, "is_published": year in published, "is_current": year == shown} for year in near]


def _counted(test: LimitForm) -> Any:
    """The limit of the test box, explained; None where nothing (or nothing usable) was asked."""
    if not test.is_bound or not test.is_valid():
        return None
    start, limit = test.cleaned_data["start"], test.cleaned_data["limit"]
    return explain(limit, start, calendar_around(start))


def _publish_form(request: Request, year: int) -> VerbForm | None:
    """For marketing: starts with the version in force, one day a line."""
    if not request.actor.is_marketing:
        return None
    return revision_form(VERBS["organisation", "publish_calendar"], request.actor, initial={"year": year})


@require_safe
def limits(request: Request) -> HttpResponse:
    """The table in force, every earlier version with author and reason, and for marketing the forms of a new one."""
    current = limits_in_force(request.at)
    page = page_by_key(TimeLimits.objects.select_related("author"), ["-version"], request, size=20)
    note_changes(page.rows)
    context = {
        "current": current,
        "by_priority": [(key, [current.limit(kind, key) for kind in current.by_priority]) for key in PRIORITIES],
        "columns": [(TimeLimits.label_of(kind.column), kind) for kind in kinds_by_priority()],
        "fixed": [(DEADLINE_KINDS[kind], current.limit(kind)) for kind in current.others],
        "clocks": clocks_of(current),
        "mass": [(fact.label, current.mass[fact.name]) for fact in MASS.facts if fact.name in current.mass],
        "page": page,
        "forms": limit_forms(request.actor),
    }
    return render(request, "accountability/deadlines/limits.html", context)


MASS = VERBS["organisation", "set_mass_limits"]
