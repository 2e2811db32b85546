"""What an open page polls: the number of unread notices, a new round, how long the session still lasts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accountability.declarations.limits import DEADLINE_KINDS, kind_that_binds
from accountability.models import Preferences
from accountability.notices import sentences
from accountability.signin import sessions
from accountability.web.navigation import unread_of
from accountability.web.noticed import newest_duty
from accountability.web.request import Request

EVERY, EVERY_OF_A_CONTACT = 30, 10
"""Seconds between two polls: a contact's hand-over limit runs from the delivery, so they poll more often (R19)."""


@never_cache
@require_safe
def pulse(request: Request) -> HttpResponse:
    """Answer a poll with a few queries, however much data there is; references only."""
    actor = request.actor
    wanted = Preferences.objects.filter(pk=actor.pk).values_list("plays_sound", "counts_in_title").first()
    sound, title = wanted or (False, True)
    return JsonResponse({
        "unread": unread_of(actor), "round": _new_round(request), "sound": sound, "title": title,
        "every": EVERY_OF_A_CONTACT if actor.answers_for else EVERY,
    } | _session(request))  # fmt: skip


@never_cache
@require_POST
def stay(request: Request) -> HttpResponse:
    """The person is still there: the idle time starts again."""
    sessions.renew(request.session, sparing=0)
    return JsonResponse(_session(request))


def _session(request: Request) -> dict[str, Any]:
    return {"left": sessions.left(request.session), "warn": sessions.warn(request.session)}


def _new_round(request: Request) -> dict[str, Any] | None:
    """The person's newest urgent duty that they haven't read about yet."""
    row = newest_duty(request.actor)
    if row is None or row.matter is None:
        return None
    text = str(DEADLINE_KINDS[kind_that_binds(row.facts["verb"])].rings) % {"number": row.matter.number}
    return {"id": row.pk, "text": text, "url": sentences.link(row)}
