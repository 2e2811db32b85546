"""What notices are about, by statements whose text is kept: for the inbox, and for what rings on an open page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.lookups import In

from accountability.db.row_keys import Keys
from accountability.declarations.limits import ringing_verbs
from accountability.gate.subjects import SUBJECTS
from accountability.models import Matter, Notification
from accountability.notices.telling import Read, seen_of
from accountability.permissions import Actor
from accountability.web.standing_statements import fetched_again, standing_rows, standing_statements


def reader(actor: Actor) -> Read:
    """Reads what this person may see of the matters of a kind."""
    return lambda kind, ids: standing_rows(_seen, actor, actor.at, kind, ids)


def _seen(actor: Actor, _at: datetime, kind: str, ids: Keys) -> list[QuerySet[Any]]:
    return [seen_of(actor, kind, ids)]


def newest_duty(actor: Actor) -> Notification | None:
    """The notice of the newest duty that can't wait, which this person hasn't read and may still see."""
    row: Notification | None = next(iter(standing_rows(_newest_unread_duty, actor, actor.at)), None)
    return row if row is not None and (row.matter is None or _may_see(row.matter, actor)) else None


def _newest_unread_duty(actor: Actor, _at: datetime) -> list[QuerySet[Any]]:
    rings = In(KT("facts__verb"), ringing_verbs())
    told = Notification.objects.filter(rings, recipient_id=actor.pk, kind="to_do").unread()
    return [told.select_related("matter").order_by("-pk")[:1]]


def _may_see(matter: Matter, actor: Actor) -> bool:
    """As `known_matters` tells it of many."""
    seen = getattr(SUBJECTS[matter.kind], "objects", None)
    if seen is None:
        return True
    (asked,) = standing_statements(_keys_seen, actor, actor.at, matter.kind, Keys((matter.pk,)))
    return bool(asked[0] and fetched_again(asked))


def _keys_seen(actor: Actor, _at: datetime, kind: str, ids: Keys) -> list[QuerySet[Any]]:
    return [seen_of(actor, kind, ids).order_by().select_related(None).values_list("pk")]
