"""Notices to the signed-in person, and alarms for those who look after what waits too long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accountability.gate.subjects import SUBJECTS
from accountability.models import Alarm, Notification
from accountability.notices import sentences
from accountability.permissions import Actor, opens_alarms, sees_alarms
from accountability.web.navigation import pages_of_administrator, told_to
from accountability.web.request import Request, open_or_all, page_by_key


@require_safe
def inbox(request: Request) -> HttpResponse:
    """One's own notices, the newest first; `?unread=1` only those not read yet."""
    mine = told_to(request.actor).select_related("matter")
    only_unread = "unread" in request.GET
    if only_unread:
        mine = mine.filter(read_at=None)
    page = page_by_key(mine, ["-pk"], request)
    known = known_matters(page.rows, request.actor)
    context = {
        "page": page,
        "notices": [_notice(row, known, request.actor) for row in page.rows],
        "only_unread": only_unread,
    }
    return render(request, "accountability/notices/inbox.html", context)


def known_matters(rows: Iterable[Notification], actor: Actor) -> set[int]:
    """The matters of these notices that the reader may see now; a notice that they were taken off a matter has
    no link.
    """
    matters = {row.matter for row in rows if row.matter is not None}
    known: set[int] = set()
    for kind in {matter.kind for matter in matters}:
        ids = {matter.pk for matter in matters if matter.kind == kind}
        seen: Any = getattr(SUBJECTS[kind], "objects", None)
        known |= set(seen.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)) if seen else ids
    return known


def _notice(row: Notification, known: set[int], actor: Actor) -> dict[str, Any]:
    """The notice in words, with its link: for administrators, to the page if it is one of theirs, or to their desk."""
    is_known = row.matter_id is None or row.matter_id in known
    url = sentences.link(row)
    if actor.is_administrator and url not in pages_of_administrator(actor):
        url = reverse("home")
    return {
        "row": row,
        "text": sentences.notice(row),
        "url": url if is_known else "",
        "tone": sentences.tone(row.kind),
    }


@require_POST
def mark_read(request: Request) -> HttpResponse:
    """Mark one notice (`notice`: its number) or all of one's own; other people's are never touched."""
    unread = Notification.objects.filter(recipient_id=request.actor.pk, read_at=None)
    wanted = request.POST.get("notice", "")
    if wanted:
        unread = unread.filter(pk=int(wanted)) if re.fullmatch(r"[0-9]{1,18}", wanted) else unread.none()
    unread.update(read_at=request.at)
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
