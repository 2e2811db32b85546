"""What the frame of every page shows: navigation by role, unread notices, alarms that concern everybody.

Worked out only where a template asks (a partial asks for nothing), with two queries whatever is in the database.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accountability.models import Alarm, Notification
from accountability.permissions import Actor

MOST = 100
"""Numbers at the bell and the alarms are counted up to here: more than anybody works through, and cheap to count."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `unread_count`, `alarms`."""
    return {
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "unread_count": SimpleLazyObject(lambda: _unread(request)),
        "alarms": SimpleLazyObject(lambda: _alarms(request)),
    }


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in person; None for a stranger and where a request failed before the middleware."""
    actor = getattr(request, "actor", None)
    return actor if actor else None


def sees_alarms(actor: Actor) -> bool:
    """Marketing, the centre's supervisors and the auditors look after what waits too long."""
    return actor.is_marketing or actor.is_csc_supervisor or actor.is_auditor


def keeps_the_books(actor: Actor) -> bool:
    """Marketing and the auditors may enter the administration; there is no superuser."""
    return actor.is_marketing or actor.is_auditor


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of(request)
    if actor is None:
        return []
    places = [
        ("home", _("工作台"), True),
        ("complaints", _("投诉"), True),
        ("register", _("登记受理"), actor.is_agent),
        ("forward", _("转交投诉"), not actor.is_agent),
        ("units", _("单位与接口人"), True),
        ("calendar", _("工作日历"), True),
        ("limits", _("时限"), True),
        ("alarms", _("预警"), sees_alarms(actor)),
        ("admin:index", _("台账"), keeps_the_books(actor)),
    ]
    here = _here(request)
    return [
        {"label": label, "url": reverse(name), "current": name == here}
        for name, label, is_theirs in places
        if is_theirs
    ]


PARTS_OF = {"unit": "units", "calendar_year": "calendar", "complaint": "complaints"}


def _here(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    if match is None:
        return ""
    return PARTS_OF.get(match.url_name or "", match.view_name or "")


def _unread(request: HttpRequest) -> int:
    actor = actor_of(request)
    if actor is None:
        return 0
    return Notification.objects.filter(recipient_id=actor.pk, read_at=None).order_by()[:MOST].count()


def _alarms(request: HttpRequest) -> list[dict[str, Any]]:
    """A year without a calendar concerns everybody; matters that wait too long those who look after them."""
    actor = actor_of(request)
    if actor is None:
        return []
    opened = Alarm.objects.filter(cleared_at=None)
    if not sees_alarms(actor):
        opened = opened.filter(kind="calendar")
    # "calendar" sorts before "waiting", so a flood of waiting matters never hides it.
    rows = list(opened.order_by("kind", "pk").values_list("kind", "facts")[:MOST])
    told = [_no_calendar(facts["year"], actor) for kind, facts in rows if kind == "calendar"]
    waiting = len(rows) - len(told)
    return [*told, _waiting(waiting)] if waiting else told


def _no_calendar(year: int, actor: Actor) -> dict[str, Any]:
    text = _("%(year)s 年工作日历尚未公布，按工作日计算的时限暂无到期时刻，系统不作推测。") % {"year": year}
    link = _("去公布") if actor.is_marketing else _("查看")
    return {"text": text, "url": reverse("calendar_year", args=[year]), "link": link, "tone": "danger"}


def _waiting(count: int) -> dict[str, Any]:
    number = f"{count}+" if count >= MOST else str(count)
    text = _("%(count)s 件投诉等待过久。") % {"count": number}
    return {"text": text, "url": reverse("alarms"), "link": _("查看"), "tone": "warn"}
