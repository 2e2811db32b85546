"""Notices to the signed-in person, and the alarms of those who look after what waits too long."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accountability import wording
from accountability.context import sees_alarms
from accountability.models import Alarm, Notification
from accountability.web import Request, page_by_key


@require_safe
def inbox(request: Request) -> HttpResponse:
    """One's own notices, the newest first; `?unread=1` only those not read yet."""
    mine = Notification.objects.filter(recipient_id=request.actor.pk).select_related("matter")
    only_unread = "unread" in request.GET
    if only_unread:
        mine = mine.filter(read_at=None)
    page = page_by_key(mine, ["-pk"], request)
    context = {"page": page, "notices": [_notice(row) for row in page.rows], "only_unread": only_unread}
    return render(request, "accountability/inbox.html", context)


def _notice(row: Notification) -> dict[str, Any]:
    return {
        "row": row,
        "text": wording.notice(row),
        "url": wording.link(row.matter, row.facts),
        "tone": wording.tone(row.kind),
    }


@require_POST
def mark_read(request: Request) -> HttpResponse:
    """One notice (`notice`: its number) or all of them; those of other people are left alone whatever is asked."""
    unread = Notification.objects.filter(recipient_id=request.actor.pk, read_at=None)
    wanted = request.POST.get("notice", "")
    if wanted:
        unread = unread.filter(pk=int(wanted)) if re.fullmatch(r"[0-9]{1,18}", wanted) else unread.none()
    unread.update(read_at=request.at)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    # An address, never a view's name: what is no path here would be looked up as one.
    return redirect(back) if safe and back.startswith("/") else redirect("inbox")


@require_safe
def alarms(request: Request) -> HttpResponse:
    """What waits too long, the longest first; `?all=1` also what is over. For those who look after it, else 403."""
    if not sees_alarms(request.actor):
        raise PermissionDenied
    everything = "all" in request.GET
    found = Alarm.objects.select_related("matter__holder", "matter__holder_unit", "unit")
    order = ["-pk"] if everything else ["since", "pk"]
    page = page_by_key(found if everything else found.filter(cleared_at=None), order, request)
    rows = [{"alarm": row, "text": wording.alarm(row), "url": wording.link(row.matter, row.facts)} for row in page.rows]
    return render(request, "accountability/alarms.html", {"page": page, "rows": rows, "everything": everything})
