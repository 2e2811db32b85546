"""The duty that rings on an open page: the newest one that can't wait until morning."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.lookups import In

from accountability.db.row_keys import Key
from accountability.declarations.limits import ringing_verbs
from accountability.gate.subjects import SUBJECTS
from accountability.models import Matter, Notification
from accountability.permissions import Actor
from accountability.web.standing_statements import fetched_again, standing_rows, standing_statements


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
    (asked,) = standing_statements(_seen_of, actor, actor.at, matter.kind, Key(matter.pk))
    return bool(asked[0] and fetched_again(asked))


def _seen_of(actor: Actor, _at: datetime, kind: str, key: Key) -> list[QuerySet[Any]]:
    visible: Any = SUBJECTS[kind].objects
    return [visible.visible_to(actor).filter(pk=key).order_by().values_list("pk")]
