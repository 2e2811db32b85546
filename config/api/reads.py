"""Reads of matters: pages of their lists, and each of them. Reading through the interface marks no notice as read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from assessment.cases.audit import note_sheet
from assessment.lists import worklists as of_cases
from assessment.models import Case
from assessment.models.cases import CaseQuerySet
from assessment.views.lists import CASES as CASE_LIST
from assessment.views.rankings import RANKINGS as RANKING_LIST
from complaints.lists.filters import Filters
from complaints.lists.queue import Queue, queue_of
from complaints.lists.worklists import for_lines, lines
from config.api import cases, rankings
from config.api.acts import Begin
from config.api.complaints import line_body
from config.api.framework import View
from config.api.kinds import CASES, COMPLAINTS, RANKINGS, Kind
from config.api.members import a
from config.api.paging import FIELDS, IF_NONE_MATCH, PAGED, listed, page_asked, refuse_unknown
from config.api.problems import Problem
from config.api.shapes import Json
from config.api.versions import Read, answered, version_of

OF_THE_PAGE = ("list", "after", "before", "limit", "fields")
ASKED = [OpenApiParameter(name, str) for name in (*Filters.base_fields, *OF_THE_PAGE)]
OF_ONE = [FIELDS, IF_NONE_MATCH]
OF_CASES = [OpenApiParameter("all", str, enum=["1"]), OpenApiParameter("asked", str), *PAGED, FIELDS]


class Complaints(Begin):
    """GET lists what this reader may see, by the filters and orders of the page's list; POST begins a complaint."""

    kind = COMPLAINTS

    @extend_schema(operation_id="complaints_list", parameters=ASKED, responses={200: a("Complaints")})
    def get(self, request: Any) -> Response:
        asked = self.asked
        queue = queue_of(asked.GET, asked.actor, asked.at)
        self._refuse_unless_understood(queue)
        page = page_asked(for_lines(queue.found), queue.filters.keys, asked)
        return listed(asked, page, (line_body(line) for line in lines(page.rows, asked.actor, asked.at)))

    def _refuse_unless_understood(self, queue: Queue) -> None:
        """A page shows an error at its field and filters nothing; a program might take that for the answer."""
        known = (*queue.filters.fields, *OF_THE_PAGE)
        errors: Json = {name: _("没有这个参数。") for name in self.asked.GET if name not in known}
        errors |= {name: " ".join(map(str, said)) for name, said in queue.filters.errors.items()}
        if "list" in self.asked.GET and queue.work is None:
            errors["list"] = _("没有这个列表。")
        if errors:
            raise Problem(400, errors=errors)


class Cases(Begin):
    """GET lists the open cases that this reader may see, `all=1` the finished ones too; or by `asked` those in which
    something is asked of them, as the page does. POST begins a case.
    """

    kind = CASES

    @extend_schema(operation_id="cases_list", parameters=OF_CASES, responses={200: a("Cases")})
    def get(self, request: Any) -> Response:
        asked = self.asked
        refuse_unknown(asked, OF_CASES)
        found = self._asked_of_them() if "asked" in asked.GET else self._in_the_list()
        page = page_asked(found, of_cases.ORDER, asked)
        seen = Case.objects.visible_to(asked.actor).filter(pk__in=[each.pk for each in page.rows])
        rows = of_cases.lines(page.rows, asked.actor, asked.at, seen=set(seen.values_list("pk", flat=True)))
        return listed(asked, page, map(cases.line_body, rows))

    def _in_the_list(self) -> CaseQuerySet:
        if self.asked.GET.get("all", "1") != "1":
            raise Problem(400, errors={"all": _("请从列出的选项中选择。")})
        found: Any = CASE_LIST.found(self.asked.GET, self.asked.actor, self.asked.at).rows
        return found

    def _asked_of_them(self) -> CaseQuerySet:
        """Who is asked for one thing only finds the case here, and nowhere else."""
        actor, name = self.asked.actor, self.asked.GET["asked"]
        if "all" in self.asked.GET or name not in dict(of_cases.labels_of(actor)):
            raise Problem(400, errors={"asked": _("请从列出的选项中选择。")})
        ids = [pk for ask in of_cases.asks_of(actor) if ask.name == name for pk in ask.ids]
        known = Case.objects.known_to(actor).filter(pk__in=ids)
        return of_cases.for_lines(of_cases.by_nearest(known, actor))


class Rankings(Begin):
    """GET lists the yearly rankings that this reader may see, the latest first; POST drafts one."""

    kind = RANKINGS

    @extend_schema(operation_id="rankings_list", parameters=[*PAGED, FIELDS], responses={200: a("Rankings")})
    def get(self, request: Any) -> Response:
        refuse_unknown(self.asked, [*PAGED, FIELDS])
        found = RANKING_LIST.found(self.asked.GET, self.asked.actor, self.asked.at)
        page = page_asked(found.rows, found.keys, self.asked)
        return listed(self.asked, page, map(rankings.line_body, page.rows))


class One(View):
    """GET tells what this reader may know of the matter, and what they may do to it now."""

    kind: Kind = COMPLAINTS

    def told(self, number: str) -> HttpResponse:
        refuse_unknown(self.asked, [FIELDS])
        found = version_of(self.asked, self.kind, number)
        self.note(found)
        return answered(self.asked, found.body, found.tag)

    def note(self, found: Read) -> None:
        """What the reading leaves in the access log, besides what it leaves of an auditor."""


class OneComplaint(One):
    @extend_schema(parameters=OF_ONE, responses={200: a("Complaint"), 304: None})
    def get(self, request: Any, number: str) -> HttpResponse:
        return self.told(number)


class OneCase(One):
    kind = CASES

    def note(self, found: Read) -> None:
        """Who is told the words of a sheet has read it, as on its page (R40)."""
        if found.body["sheet"] is not None and found.body["reads_as"] == "whole":
            note_sheet(self.asked, found.subject.pk)

    @extend_schema(parameters=OF_ONE, responses={200: a("Case"), 304: None})
    def get(self, request: Any, number: str) -> HttpResponse:
        return self.told(number)


class OneRanking(One):
    kind = RANKINGS

    @extend_schema(parameters=OF_ONE, responses={200: a("Ranking"), 304: None})
    def get(self, request: Any, number: str) -> HttpResponse:
        return self.told(number)
