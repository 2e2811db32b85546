"""Reads by whoever watches over the business leave a row each: an auditor sees everything, so it is seen what they saw.

The row is written when the page is ready and before it leaves; where it can't be written, nothing leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.http import HttpRequest, HttpResponse

from accountability import access_log
from accountability.apartness import OWN
from accountability.context import actor_of
from accountability.models import Attachment, Matter, Paper
from accountability.permissions import Actor

SHOWS = {200, 206, 304, 409, 422}
"""Answers that show a page; a redirection or a refusal shows nothing of it."""

WATCHED = {"access_log"}
"""Pages whose every reader is recorded: who looks at the log stands in it."""

NAMED_BY: dict[str, Callable[[Mapping[str, Any]], int | None]] = {}
"""The matter (primary key) that a page is about, by the name of its address, from what stands in the address; for pages
whose address doesn't hold the matter's own number. Filled in `ready()` by the app that knows.
"""


class AuditingMiddleware:
    """One row a request: who, when, from where, which page, of which matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        actor, match = actor_of(request), request.resolver_match
        if actor is None or match is None or response.status_code not in SHOWS:
            return response
        if _is_watched(actor, match.view_name):
            about = _matter_of(match.view_name, match.kwargs)
            access_log.note(request, "read", matter_id=about, detail=match.view_name)
        return response


def _is_watched(actor: Actor, name: str) -> bool:
    return name in WATCHED or (actor.is_auditor and name not in OWN)


def _matter_of(name: str, taken: Mapping[str, Any]) -> int | None:
    """What the page was about, as far as its address tells."""
    if name in NAMED_BY:
        return NAMED_BY[name](taken)
    if "number" in taken:
        return Matter.objects.filter(number=taken["number"]).values_list("pk", flat=True).first()
    if "token" in taken:
        return _of_a_file(str(taken["token"]))
    if name.startswith("admin:") and "object_id" in taken:
        return _of_a_row(name, str(taken["object_id"]))
    return None


def _of_a_file(token: str) -> int | None:
    kept: tuple[type[models.Model], ...] = (Attachment, Paper)
    rows = (model._default_manager.filter(token=token).values_list("matter_id", flat=True).first() for model in kept)
    return next((matter for matter in rows if matter is not None), None)


def _of_a_row(name: str, object_id: str) -> int | None:
    """Of a row in the administration: the matter it belongs to, or that it is itself."""
    app_label, _underscore, rest = name.removeprefix("admin:").partition("_")
    model = apps.get_model(app_label, rest.partition("_")[0])
    is_key = object_id.isascii() and object_id.isdigit()
    if not is_key or not any(field.name == "matter" for field in model._meta.get_fields()):
        return int(object_id) if model is Matter and is_key else None
    found = model._base_manager.filter(pk=int(object_id)).values_list("matter_id", flat=True).first()
    return int(found) if found is not None else None
