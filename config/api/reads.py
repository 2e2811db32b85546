"""Reads: one page of the queue, and one complaint. Reading through the interface marks no notice as read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from complaints.lists.filters import Filters
from complaints.lists.queue import Queue, queue_of
from complaints.lists.worklists import for_lines, lines
from config.api.acts import Begin
from config.api.complaints import Json, line_body, version_of
from config.api.framework import View
from config.api.kinds import COMPLAINTS
from config.api.members import a
from config.api.paging import beside, page_asked, refuse_unknown, told
from config.api.problems import Problem

OF_THE_PAGE = ("list", "after", "before", "limit", "fields")
FIELDS = OpenApiParameter("fields", str)
ASKED = [OpenApiParameter(name, str) for name in (*Filters.base_fields, *OF_THE_PAGE)]


class Complaints(Begin):
    """GET lists what this reader may see, by the filters and orders of the page's list; POST begins a complaint."""

    kind = COMPLAINTS

    @extend_schema(parameters=ASKED, responses={200: a("Complaints")})
    def get(self, request: Any) -> Response:
        asked = self.asked
        queue = queue_of(asked.GET, asked.actor, asked.at)
        self._refuse_unless_understood(queue)
        page = page_asked(for_lines(queue.found), queue.filters.keys, asked)
        rows = [line_body(line) for line in lines(page.rows, asked.actor, asked.at)]
        items = [only(row, asked.GET.get("fields")) for row in rows]
        return told(Response({"items": items} | beside(asked, page)))

    def _refuse_unless_understood(self, queue: Queue) -> None:
        """A page shows an error at its field and filters nothing; a program might take that for the answer."""
        known = (*queue.filters.fields, *OF_THE_PAGE)
        errors: Json = {name: _("没有这个参数。") for name in self.asked.GET if name not in known}
        errors |= {name: " ".join(map(str, said)) for name, said in queue.filters.errors.items()}
        if "list" in self.asked.GET and queue.work is None:
            errors["list"] = _("没有这个列表。")
        if errors:
            raise Problem(400, errors=errors)


class OneComplaint(View):
    """GET tells what this reader may know of the complaint, and what they may do to it now."""

    @extend_schema(
        parameters=[FIELDS, OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={200: a("Complaint"), 304: None},
    )
    def get(self, request: Any, number: str) -> HttpResponse:
        refuse_unknown(self.asked, [FIELDS])
        found = version_of(self.asked, number)
        wanted = self.asked.headers.get("If-None-Match", "")
        if found.tag in [each.strip().removeprefix("W/") for each in wanted.split(",")]:
            return told(HttpResponse(status=304, headers={"ETag": found.tag}))
        return told(Response(only(found.body, self.asked.GET.get("fields")), headers={"ETag": found.tag}))


def only(body: Json, wanted: str | None) -> Json:
    """The members that were asked for, all if none were named."""
    if wanted is None:
        return body
    names = wanted.split(",")
    if unknown := [name for name in names if name not in body]:
        raise Problem(400, errors={"fields": _("没有：%(names)s") % {"names": ", ".join(unknown)[:100]}})
    return {name: body[name] for name in names}
