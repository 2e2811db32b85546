"""The pages that belong to no app: whether the system is alive, and what is said where nothing else may work."""

import sys

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from config import later


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """For the load balancer: 200 where the database answers, else 503. It reveals nothing that a stranger may
    not know.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400. Unlike Django's own it reads nothing of the request, whose reading is what failed."""
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with what was typed where the database is away; else 500, for the same reason without reading the request."""
    if later.is_of_the_database(sys.exception()):
        return later.database_away(request)
    return HttpResponse(render_to_string("500.html"), status=500)
