"""Notices to the signed-in person, and alarms for those who look after what waits too long."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accountability.gate.subjects import SUBJECTS
from accountability.models import Alarm, Notification, Preferences
from accountability.notices import sentences
from accountability.notices.telling import Telling
from accountability.permissions import Actor, opens_alarms, sees_alarms
from accountability.web.navigation import pages_of_administrator, told_to
from accountability.web.noticed import NEWEST, earlier_told, newest_told, reader
from accountability.web.request import Request, open_or_all, page_by_key


@require_safe
def inbox(request: Request) -> HttpResponse:
    """One's own notices, one line for each matter with its newest notice, the newest first; the earlier ones are folded
    below it. `?unread=1`: only what still asks for attention.
    """
    actor, only_unread = request.actor, "unread" in request.GET
    first = partial(newest_told, actor, only_unread)
    page = page_by_key(Notification.objects.none(), NEWEST, request, first=first)
    newest = {row.matter_id: row.pk for row in page.rows if row.matter_id}
    before = earlier_told(actor, only_unread, newest)
    earlier: dict[int, list[Notification]] = {}
    for row in before:
        earlier.setdefault(newest[row.matter_id], []).append(row)
    telling = Telling.about(page.rows, actor, reader(actor))
    notices = []
    for row in page.rows:
        others_of_it = earlier.get(row.pk, [])
        is_unread = any(one.is_unread for one in (row, *others_of_it))
        told = [{"row": one, "text": sentences.notice(one)} for one in others_of_it]
        folded = ngettext("较早 %(count)s 条", "较早 %(count)s 条", len(told)) % {"count": len(told)}
        notices.append(_line(telling, row) | {"earlier": told, "folded": folded, "is_unread": is_unread})
    context = {"page": page, "notices": notices, "only_unread": only_unread}
    return render(request, "accountability/notices/inbox.html", context)


def _line(telling: Telling, row: Notification) -> dict[str, Any]:
    """The notice in words. It leads administrators only to pages of theirs, or to their desk."""
    told = telling.line(row)
    away = telling.actor.is_administrator and told["url"] not in pages_of_administrator(telling.actor)
    return told | {"url": reverse("home")} if told["is_known"] and away else told


@require_POST
def mark_read(request: Request) -> HttpResponse:
    """Mark one notice (`notice`: its number) with the others of its matter, or all of one's own; other people's are
    never touched. `alarms`: instead, fold the line of alarms until one is raised that is newer than this.
    """
    if seen := request.POST.get("alarms", ""):
        newest = int(seen) if re.fullmatch(r"[0-9]{1,18}", seen) else 0
        Preferences.objects.update_or_create(pk=request.actor.pk, defaults={"alarms_read": newest})
        return _back(request)
    unread = Notification.objects.unread().filter(recipient_id=request.actor.pk)
    wanted = request.POST.get("notice", "")
    if wanted:
        one = told_to(request.actor).filter(pk=int(wanted) if re.fullmatch(r"[0-9]{1,18}", wanted) else 0)
        unread = unread.filter(Q(pk__in=one.values("pk")) | Q(matter__in=one.exclude(matter=None).values("matter")))
    unread.update(read_at=request.at)
    return _back(request)


def _back(request: Request) -> HttpResponse:
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    # An address, never a view's name: `redirect` would look up anything that isn't a path.
    return redirect(back) if safe and back.startswith("/") else redirect("inbox")


@require_safe
def alarms(request: Request) -> HttpResponse:
    """What waits too long, the longest first; `?all=1` also what is over. For those who look after it, and heads for
    their own unit; else 403.
    """
    if not opens_alarms(request.actor):
        raise PermissionDenied
    everything = "all" in request.GET
    found = _alarms_for(request.actor).select_related("matter__holder", "matter__holder_unit", "unit")
    order = ["-pk"] if everything else ["since", "pk"]
    page = page_by_key(found if everything else found.filter(cleared_at=None), order, request)
    rows = [{"alarm": row, "text": sentences.alarm(row), "url": sentences.link(row)} for row in page.rows]
    chips = open_or_all(reverse("alarms"), _("未解除"), everything)
    return render(request, "accountability/notices/alarms.html", {"page": page, "rows": rows, "chips": chips})


def _alarms_for(actor: Actor) -> QuerySet[Alarm]:
    """A head sees the alarms of matters that they may see, and of the unit itself."""
    found = Alarm.objects.visible_to(actor)
    if sees_alarms(actor):
        return found
    known = Q(matter=None)
    for model in SUBJECTS.values():
        if model.tells_heads:
            known |= Q(matter__in=model.objects.visible_to(actor).values("pk"))
    return found.of_units(actor.heads).filter(known)
