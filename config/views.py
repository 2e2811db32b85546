"""The pages that belong to no app: what is said where nothing else may work."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accountability.db.away import is_of_the_database
from config import later
from config.api.problems import is_of_api, problem


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400. Unlike Django's own it reads nothing of the request, whose reading is what failed."""
    if is_of_api(request):
        return problem(400)
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with what was typed where the database is away; else 500, for the same reason without reading the request."""
    if is_of_the_database(sys.exception()):
        return later.database_away(request)
    return HttpResponse(render_to_string("500.html"), status=500)
