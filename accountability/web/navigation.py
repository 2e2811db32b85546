"""The frame of every page: navigation by role, unread notices, alarms that concern everybody.

Computed only where a template asks (a partial asks for nothing), with one query however much data there is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accountability.db.sql import Compiled, compiled, fetched_again, recurring, written_out
from accountability.declarations.notices import ALARMS, AlarmKind, Count
from accountability.declarations.places import PLACES, Place, place_of
from accountability.models import ActingEmployee, Alarm, Matter, Notification, NotificationQuerySet, Sight
from accountability.notices import sentences
from accountability.permissions import Actor, actor_of
from accountability.signin import sessions
from accountability.web import tour_steps
from accountability.web.request import Request
from accountability.web.standing_statements import standing_statements

MOST = 100
"""Numbers at the bell and the alarms are counted up to this: more than anybody works through, and cheap to count."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `unread_count`, `alarms`; the step of the tour that this page shows, and its offer."""
    told: Any = SimpleLazyObject(lambda: _told(request))
    alarms: Any = SimpleLazyObject(lambda: told.alarms)
    return {
        "nav": SimpleLazyObject(lambda: _nav(request, told)),
        "unread_count": SimpleLazyObject(lambda: told.unread),
        "alarms": alarms,
        "new_alarm": SimpleLazyObject(lambda: _newest(alarms)),
        "tour": SimpleLazyObject(lambda: tour_steps.under_way(request, actor_of(request))),
        "tour_offered": SimpleLazyObject(lambda: tour_steps.is_offered(_acting(request))),
    }


def _nav(request: HttpRequest, told: Told) -> list[dict[str, Any]]:
    actor = actor_of(request)
    if actor is None:
        return []
    here = _here(request)
    return [
        {
            "label": place.label, "url": reverse(place.name), "current": place.name == here,
            "aside": place.aside(actor),
        }
        for place in (_places_of_administrators() if actor.is_administrator else _places())
        if place.for_whom(actor) or place.name in told.places
    ]  # fmt: skip


def _places() -> list[Place]:
    return sorted(PLACES.values(), key=lambda place: place.order)


def _places_of_administrators() -> list[Place]:
    theirs = [place for place in PLACES.values() if place.order_apart]
    return sorted(theirs, key=lambda place: place.order_apart)


def pages_of_administrator(actor: Actor) -> set[str]:
    """The addresses in the navigation of this administrator."""
    return {reverse(place.name) for place in _places_of_administrators() if place.for_whom(actor)}


def _here(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    if match is None:
        return ""
    return "admin:index" if match.namespace == "admin" else place_of(match.view_name)


def _acting(request: HttpRequest) -> ActingEmployee | None:
    actor: Any = actor_of(request)
    return actor


def told_to(actor: Actor) -> NotificationQuerySet:
    """One's own notices; administrators get none about a matter of the business."""
    mine = Notification.objects.filter(recipient_id=actor.pk)
    if actor.is_administrator:
        return mine.filter(Q(matter=None) | Q(matter__kind=Matter.Kind.ORGANISATION))
    return mine


def unread_of(actor: Actor) -> int:
    """How many matters have unread notices, and how many such notices belong to none, among the newest ones."""
    ((unread,),) = fetched_again(_counting_unread(actor))
    return min(MOST, unread)


def _counting_unread(actor: Actor) -> Compiled:
    ((newest, values),) = standing_statements(_newest_unread, actor, actor.at)
    counting = f"SELECT COUNT(DISTINCT COALESCE(matter_id, -pk)) AS unread FROM ({newest}) AS newest"  # noqa: S608
    return recurring(counting, [newest]), values


def _newest_unread(actor: Actor, _at: datetime) -> list[QuerySet[Any]]:
    return [told_to(actor).unread().order_by("-pk").values_list("matter_id", "pk")[: 3 * MOST]]


def read_about(request: Request, number: str) -> None:
    """The signed-in person opened the page of this matter, unless a script asks for it again: mark their notices of it
    as read. One statement.
    """
    if sessions.POLL not in request.headers:
        mine = Notification.objects.unread().filter(recipient_id=request.actor.pk, matter__number=number)
        mine.update(read_at=request.at)


@dataclass(frozen=True)
class Told:
    """What the frame tells: the number at the bell, the line of alarms, and the places where something was found."""

    unread: int = 0
    alarms: Sequence[dict[str, Any]] = ()
    places: Collection[str] = ()


def _told(request: HttpRequest) -> Told:
    """One statement reads all."""
    actor = _acting(request)
    if actor is None:
        return Told()
    shown = [kind for kind in ALARMS.values() if (kind.line or kind.count) and kind.shown_to(actor)]
    counting, values = _counting_unread(actor)
    opened, kinds = _opened(Sight.of(actor), tuple(kind.name for kind in shown if not kind.floods))
    there = _looked_up(actor)
    columns = ["bell.unread", *(f"EXISTS ({sql})" for sql, _keys in there.values()), *(["alarm.*"] if opened else [])]
    alarms = f"LEFT JOIN ({opened}) AS alarm ON TRUE ORDER BY kind, pk" if opened else ""
    every = f"SELECT {', '.join(columns)} FROM ({counting}) AS bell {alarms}"  # noqa: S608
    parts = [counting, *(sql for sql, _keys in there.values()), *([opened] if opened else [])]
    keys = [key for _sql, keys in there.values() for key in keys]
    (unread, *found), *_more = read = fetched_again((recurring(every, parts), (*keys, *values, *kinds)))
    opened_ones = [row[1 + len(there) :] for row in read if opened and row[1 + len(there)] is not None]
    places = [name for name, is_there in zip(there, found, strict=False) if is_there]
    return Told(min(MOST, unread), _alarms(actor, shown, opened_ones), places)


def _looked_up(actor: Actor) -> dict[str, Compiled]:
    """By name, the places that this person sees only if there is anything for them, and what looks for it."""
    if actor.is_administrator:
        return {}
    asked = {place.name: place.found for place in _places() if place.found and not place.for_whom(actor)}
    return {name: each for name, found in asked.items() for (each,) in [standing_statements(found, actor, actor.at)]}


def _alarms(actor: ActingEmployee, shown: Sequence[AlarmKind], opened: Iterable[Any]) -> list[dict[str, Any]]:
    """What this person can act on, for the one line at the top of every page: what is new first, then the most
    pressing; kinds that have a line of their own before the counts of the others. `newest` is the newest alarm of a
    line, `is_new` whether it was raised since the person last folded the line.

    Kinds of which there may be many are counted separately, so that they don't hide a warning.
    """
    sight, read_until = Sight.of(actor), actor.alarms_read
    lines, counts = [], dict[Count, list[int]]()
    for pk, name, stored in opened:
        kind, facts = ALARMS[name], _FACTS.from_db_value(stored, None, connection)
        if kind.line:
            line = asdict(kind.line(facts, sentences.sentence_of(kind, facts), actor))
            lines.append(line | {"newest": pk, "is_new": pk > read_until})
        elif kind.count:
            counts.setdefault(kind.count, []).append(pk)
    for kind in shown:
        if kind.floods and kind.count:
            many = fetched_again(_opened(sight, (kind.name,), newest=True))
            counts.setdefault(kind.count, []).extend(pk for pk, _name, _stored in many)
    told = sorted((count for count in counts if counts[count]), key=lambda one: one.place)
    lines += [_counted(count, counts[count], read_until) for count in told]
    return sorted(lines, key=lambda line: (not line["is_new"], line["tone"] != "danger"))


@cache
def _opened(sight: Sight, kinds: tuple[str, ...], newest: bool = False) -> Compiled:
    """The open alarms of these kinds. Every page asks, and nothing in it but the kinds depends on who does: as many
    statements are kept as there are combinations of roles.
    """
    opened = Alarm.objects.within(sight).filter(cleared_at=None, kind__in=kinds)
    found = opened.order_by(*(["-pk"] if newest else ["kind", "pk"])).values_list("pk", "kind", "facts")[:MOST]
    return written_out(*compiled(found))


_FACTS: Any = Alarm._meta.get_field("facts")


def _counted(count: Count, alarms: list[int], read_until: int) -> dict[str, Any]:
    number, newest = len(alarms), max(alarms)
    said = f"{number}+" if number >= MOST else str(number)
    return {
        "text": count.says(said, number), "url": reverse(count.page), "link": _("查看"), "tone": count.tone,
        "newest": newest, "is_new": newest > read_until,
    }  # fmt: skip


def _newest(lines: Iterable[dict[str, Any]]) -> int:
    """The newest alarm of the lines, if one wasn't there when the person last folded them; else 0."""
    return max((line["newest"] for line in lines if line["is_new"]), default=0)
