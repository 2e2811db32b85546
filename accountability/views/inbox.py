"""Notices to the signed-in person, and alarms for those who look after what waits too long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accountability.declarations.notices import limit_of
from accountability.gate.subjects import SUBJECTS
from accountability.models import Alarm, Deadline, Notification, Preferences
from accountability.notices import sentences
from accountability.permissions import Actor, opens_alarms, sees_alarms
from accountability.web.navigation import pages_of_administrator, told_to
from accountability.web.request import Request, open_or_all, page_by_key

MOST_EARLIER = 1000
"""Notices that one page of the inbox reads at most; a matter has a few dozen in its whole life."""


@require_safe
def inbox(request: Request) -> HttpResponse:
    """One's own notices, one line for each matter with its newest notice, the newest first; the earlier ones are folded
    below it. `?unread=1`: only what still asks for attention.
    """
    mine = told_to(request.actor)
    only_unread = "unread" in request.GET
    if only_unread:
        mine = mine.unread()
    newer = mine.filter(matter=OuterRef("matter"), pk__gt=OuterRef("pk"))
    page = page_by_key(mine.filter(~Exists(newer)).select_related("matter"), ["-pk"], request)
    newest = {row.matter_id: row.pk for row in page.rows if row.matter_id}
    earlier: dict[int, list[Notification]] = {}
    others = mine.filter(matter__in=newest).exclude(pk__in=newest.values()).select_related("matter")
    for row in others[:MOST_EARLIER]:
        earlier.setdefault(newest[row.matter_id], []).append(row)
    telling = Telling.about(page.rows, request.actor)
    notices = []
    for row in page.rows:
        others_of_it = earlier.get(row.pk, [])
        is_unread = any(one.is_unread for one in (row, *others_of_it))
        notices.append(
            telling.line(row) | {"earlier": [telling.line(one) for one in others_of_it], "is_unread": is_unread}
        )
    context = {"page": page, "notices": notices, "only_unread": only_unread}
    return render(request, "accountability/notices/inbox.html", context)


def known_matters(rows: Iterable[Notification], actor: Actor) -> dict[int, Any]:
    """What the notices are about, by matter, where the reader may see it now; a notice that they were taken off a
    matter has no link.
    """
    matters = {row.matter for row in rows if row.matter is not None}
    known: dict[int, Any] = {}
    for kind in {matter.kind for matter in matters}:
        ids = {matter.pk for matter in matters if matter.kind == kind}
        seen: Any = getattr(SUBJECTS[kind], "objects", None)
        if seen is None:
            known |= dict.fromkeys(ids)
        else:
            visible = seen.visible_to(actor).filter(pk__in=ids).select_related(*SUBJECTS[kind].named_with)
            known |= {subject.pk: subject for subject in visible}
    return known


@dataclass
class Telling:
    """What notices say to one reader: what their matters are about, and when something is due."""

    actor: Actor
    known: dict[int, Any]
    limits: list[Deadline]

    @classmethod
    def about(cls, rows: Sequence[Notification], actor: Actor) -> Telling:
        matters = [row.matter_id for row in rows if row.matter_id]
        limits = Deadline.objects.filter(matter__in=matters, voided_at=None, due_at__isnull=False)
        return cls(actor, known_matters(rows, actor), list(limits.select_related("unit").order_by("started_at", "pk")))

    def line(self, row: Notification) -> dict[str, Any]:
        """The notice in words. It leads administrators only to pages of theirs, or to their desk."""
        is_known, url = row.matter_id is None or row.matter_id in self.known, sentences.link(row)
        if self.actor.is_administrator and url not in pages_of_administrator(self.actor):
            url = reverse("home")
        subject, limit = self.known.get(row.matter_id or 0), self._limit_of(row) if is_known else None
        named = subject.named_for(self.actor) if subject else []
        if limit and limit.unit and limit.unit.name not in named:
            named.append(limit.unit.name)
        return {
            "row": row, "text": sentences.notice(row), "url": url if is_known else "", "tone": sentences.tone(row.kind),
            "named": named, "due": limit and limit.due_at,
        }  # fmt: skip

    def _limit_of(self, row: Notification) -> Deadline | None:
        """The limit that the notice is about, as it ran when the notice was written. Where several invited units have
        one of a kind, it is that of the reader's unit.
        """
        kind = limit_of(row.kind, row.facts)
        found = [
            one for one in self.limits
            if (one.matter_id, one.kind) == (row.matter_id, kind) and one.started_at <= row.created_at
            and one.part == row.facts.get("part", one.part)
        ]  # fmt: skip
        if len({one.party for one in found if one.part == found[-1].part}) > 1:
            found = [one for one in found if one.unit_id in self.actor.units]
        return found[-1] if found else None


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
