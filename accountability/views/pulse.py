"""What an open page polls: the number of unread notices, a new round, how long the session still lasts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.lookups import In
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accountability.db.row_keys import Key
from accountability.declarations.limits import DEADLINE_KINDS, kind_that_binds, ringing_verbs
from accountability.gate.subjects import SUBJECTS
from accountability.models import Matter, Notification, Preferences
from accountability.notices import sentences
from accountability.permissions import Actor
from accountability.signin import sessions
from accountability.web.navigation import unread_of
from accountability.web.request import Request
from accountability.web.standing_statements import fetched_again, standing_rows, standing_statements

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
    actor = request.actor
    row = next(iter(standing_rows(_newest_duty, actor, actor.at)), None)
    if row is None or row.matter is None or not _may_see(row.matter, actor):
        return None
    text = str(DEADLINE_KINDS[kind_that_binds(row.facts["verb"])].rings) % {"number": row.matter.number}
    return {"id": row.pk, "text": text, "url": sentences.link(row)}


def _newest_duty(actor: Actor, _at: datetime) -> list[QuerySet[Any]]:
    rings = In(KT("facts__verb"), ringing_verbs())
    told = Notification.objects.filter(rings, recipient_id=actor.pk, kind="to_do").unread()
    return [told.select_related("matter").order_by("-pk")[:1]]


def _may_see(matter: Matter, actor: Actor) -> bool:
    """As `known_matters` tells it of many."""
    seen = getattr(SUBJECTS[matter.kind], "objects", None)
    if seen is None:
        return True
    (asked,) = standing_statements(_seen_of, actor, actor.at, matter.kind, Key(matter.pk))
    return bool(asked[0] and fetched_again(asked))


def _seen_of(actor: Actor, _at: datetime, kind: str, key: Key) -> list[QuerySet[Any]]:
    visible: Any = SUBJECTS[kind].objects
    return [visible.visible_to(actor).filter(pk=key).order_by().values_list("pk")]
