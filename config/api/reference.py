"""What everybody may look up: units with their contacts, people, categories, the limits in force, the calendar."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accountability.models import CalendarYear, Category, Employee, Unit, limits_in_force
from accountability.views.organisation import contacts_in_service
from accountability.web.versions import FIRST_YEAR, LAST_YEAR
from config.api.framework import View
from config.api.members import a
from config.api.paging import PAGED, beside, page_asked, refuse_unknown, told
from config.api.problems import Problem
from config.api.shapes import Json, instant, person, unit


class Units(View):
    """GET lists the units with their heads and the contacts in service (R17)."""

    @extend_schema(parameters=PAGED, responses={200: a("Units")})
    def get(self, request: Any) -> Response:
        refuse_unknown(self.asked, PAGED)
        page = page_asked(Unit.objects.select_related("head"), ["code"], self.asked)
        serving = contacts_in_service(self.asked.at)
        rows = [
            {
                "code": each.code, "name": str(each), "kind": each.kind, "head": person(each.head),
                "contacts": [person(one) for one in serving[each.pk]["contacts"]],
                "deputies": [person(one) for one in serving[each.pk]["deputies"]],
            }
            for each in page.rows
        ]  # fmt: skip
        return told(Response({"items": rows} | beside(self.asked, page)))


class People(View):
    """GET lists the people in service, of one unit or of all, with their leaders (R4)."""

    @extend_schema(parameters=[OpenApiParameter("unit", str), *PAGED], responses={200: a("People")})
    def get(self, request: Any) -> Response:
        refuse_unknown(self.asked, PAGED, "unit")
        people = Employee.objects.in_business(self.asked.at).select_related("unit", "supervisor")
        if "unit" in self.asked.GET:
            people = people.filter(unit=self._unit(self.asked.GET["unit"]))
        page = page_asked(people, ["username"], self.asked)
        rows = [
            {"username": each.username, "name": str(each), "unit": unit(each.unit), "leader": person(each.supervisor)}
            for each in page.rows
        ]
        return told(Response({"items": rows} | beside(self.asked, page)))

    @staticmethod
    def _unit(code: str) -> Unit:
        found = Unit.objects.filter(code=code).first()
        if found is None:
            raise Problem(400, errors={"unit": _("没有这个单位。")})
        return found


class Categories(View):
    """GET lists the categories in use, each head with its leaves (R8)."""

    @extend_schema(responses={200: a("Categories")})
    def get(self, request: Any) -> Response:
        refuse_unknown(self.asked)
        known = list(Category.objects.filter(is_active=True).select_related("parent").order_by("pk"))
        return told(Response({"items": [_head(each, known) for each in known if each.parent_id is None]}))


def _head(head: Category, known: list[Category]) -> Json:
    leaves = [{"path": each.path, "label": str(each)} for each in known if each.parent_id == head.pk]
    return {"path": head.path, "label": str(head), "has_network_limits": head.network_limits, "leaves": leaves}


class Limits(View):
    """GET tells the limits in force (R6)."""

    @extend_schema(responses={200: a("Limits")})
    def get(self, request: Any) -> Response:
        refuse_unknown(self.asked)
        found = limits_in_force(self.asked.at)
        body = {
            "version": found.version, "in_force_from": instant(found.in_force_from), "by_priority": found.by_priority,
            "others": found.others, "handoff_clock": found.handoff_clock, "unit_clocks": found.unit_clocks,
            "day_ends_at": found.day_ends_at, "returns_before_ruling": found.returns_before_ruling,
            "repeat_within_hours": found.repeat_within_hours,
            "allow_unsatisfied_archive": found.allow_unsatisfied_archive,
        }  # fmt: skip
        return told(Response(body))


class Calendar(View):
    """GET tells the working calendar of a year as it is published; a year that isn't has none (S44)."""

    @extend_schema(responses={200: a("Calendar")})
    def get(self, request: Any, year: int) -> Response:
        refuse_unknown(self.asked)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Http404
        found = CalendarYear.objects.filter(year=year).order_by("-version").first()
        if found is None:
            raise Http404
        body = {
            "year": found.year, "version": found.version, "days_off": found.days_off,
            "days_worked": found.days_worked, "names": found.names,
        }  # fmt: skip
        return told(Response(body))
