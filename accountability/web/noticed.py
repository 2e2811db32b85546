"""What notices are about, by statements whose text is kept: for the inbox, and for what rings on an open page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.lookups import In

from accountability.db.row_keys import Keys
from accountability.declarations.limits import ringing_verbs
from accountability.models import Notification
from accountability.notices.telling import Read, known_matters, seen_of
from accountability.permissions import Actor
from accountability.web.standing_statements import standing_rows


def reader(actor: Actor) -> Read:
    """Reads what this person may see of the matters of a kind."""
    return lambda kind, ids: standing_rows(_seen, actor, actor.at, kind, ids)


def _seen(actor: Actor, _at: datetime, kind: str, ids: Keys) -> list[QuerySet[Any]]:
    return [seen_of(actor, kind, ids)]


def newest_duty(actor: Actor) -> Notification | None:
    """The notice of the newest duty that can't wait, which this person hasn't read and may still see."""
    row: Notification | None = next(iter(standing_rows(_newest_unread_duty, actor, actor.at)), None)
    known = known_matters([row] if row else [], actor, reader(actor))
    return row if row and row.matter_id in known else None


def _newest_unread_duty(actor: Actor, _at: datetime) -> list[QuerySet[Any]]:
    rings = In(KT("facts__verb"), ringing_verbs())
    told = Notification.objects.filter(rings, recipient_id=actor.pk, kind="to_do").unread()
    return [told.select_related("matter").order_by("-pk")[:1]]
