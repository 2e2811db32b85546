"""Cases and sheets are found by their numbers, by those who may see them, and by nobody else (R40)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability import finding
from accountability.web import Page, Request, page_by_key
from assessment.models import Case, Plan, Sheet
from assessment.worklists import for_lines, lines


def register() -> None:
    finding.add("cases", _("案件"), "assessment/parts/found_case.html", _cases, place=20)
    finding.add("sheets", _("互动单"), "assessment/parts/found_sheet.html", _sheets, place=30)
    finding.add("plans", _("整改"), "assessment/parts/found_plan.html", _plans, place=35)


def _cases(query: finding.Query, request: Request, size: int) -> Page | None:
    if not query.number:
        return None
    found = Case.objects.visible_to(request.actor).filter(matter__number__startswith=query.number)
    page = page_by_key(for_lines(found), ["-matter_id"], request, size=size)
    page.rows = lines(page.rows, request.actor, request.at)
    return page


def _sheets(query: finding.Query, request: Request, size: int) -> Page | None:
    if not query.number:
        return None
    found = Sheet.objects.visible_to(request.actor).filter(number__startswith=query.number)
    return page_by_key(found.select_related("unit", "case"), ["-pk"], request, size=size)


def _plans(query: finding.Query, request: Request, size: int) -> Page | None:
    if not query.number:
        return None
    found = Plan.objects.visible_to(request.actor).filter(matter__number__startswith=query.number)
    return page_by_key(found.select_related("matter", "unit"), ["-matter_id"], request, size=size)
