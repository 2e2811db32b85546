"""The pages that belong to no app: whether the system is alive, and what is said where nothing else may work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe


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
    """500, for the same reason without reading the request."""
    return HttpResponse(render_to_string("500.html"), status=500)
