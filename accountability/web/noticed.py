"""What notices are about, by statements whose text is kept: for the inbox, and for what rings on an open page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.db.models.lookups import In

from accountability.db.row_keys import Keys, OneOf
from accountability.declarations.limits import ringing_verbs
from accountability.models import Notification
from accountability.notices.telling import Read, known_matters, seen_of
from accountability.permissions import Actor
from accountability.web.navigation import told_to
from accountability.web.request import beyond
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


NEWEST = ("-pk",)

MOST_EARLIER = 1000
"""Notices that one page of the inbox reads at most; a matter has a few dozen in its whole life."""


def newest_told(
    actor: Actor, only_unread: bool, order: Sequence[str], edge: Sequence[Any] | None, how_many: int
) -> list[Notification]:
    """The first so many of what this person was told, in this order after the edge if there is one: the newest notice
    about each matter, and each that is about none.
    """
    if edge is None:
        return standing_rows(_newest, actor, actor.at, only_unread, how_many)
    return list(_newest_of_each(actor, only_unread).filter(beyond(order, edge)).order_by(*order)[:how_many])


def earlier_told(actor: Actor, only_unread: bool, newest: Mapping[int, int]) -> list[Notification]:
    """The other notices about these matters, of which the newest one is known."""
    return standing_rows(_earlier, actor, actor.at, only_unread, Keys.of(newest), Keys.of(newest.values()))


def _told(actor: Actor, only_unread: bool) -> QuerySet[Notification]:
    mine = told_to(actor)
    return mine.unread() if only_unread else mine


def _newest_of_each(actor: Actor, only_unread: bool) -> QuerySet[Notification]:
    mine = _told(actor, only_unread)
    newer = mine.filter(matter=OuterRef("matter"), pk__gt=OuterRef("pk"))
    return mine.filter(~Exists(newer)).select_related("matter")


def _newest(actor: Actor, _at: datetime, only_unread: bool, how_many: int) -> list[QuerySet[Notification]]:
    return [_newest_of_each(actor, only_unread).order_by(*NEWEST)[:how_many]]


def _earlier(
    actor: Actor, _at: datetime, only_unread: bool, matters: Keys, newest: Keys
) -> list[QuerySet[Notification]]:
    others = _told(actor, only_unread).filter(OneOf("matter", matters)).exclude(OneOf("pk", newest))
    return [others.order_by(*NEWEST)[:MOST_EARLIER]]
