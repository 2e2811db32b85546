"""The desk: exports for this person to decide on, and their own files to fetch before they expire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.permissions import Actor, may_look_beyond
from accountability.web.combined_queries import bounded, counted
from accountability.web.desk import Block, Clock, Waiting
from accountability.web.standing_statements import standing_statements
from assessment.models import Export, ExportState
from assessment.models.exports import DECIDED_BY_THE_CENTRE, ExportQuerySet

MOST = 100


def to_decide(actor: Actor) -> ExportQuerySet:
    """What waits for this person's decision: `approve_export`, as a query."""
    waiting = Export.objects.filter(state=ExportState.REQUESTED).exclude(requested_by_id=actor.pk)
    if actor.leads_marketing:
        return waiting
    if actor.is_csc_supervisor or actor.heads_centre:
        return waiting.filter(what__in=DECIDED_BY_THE_CENTRE)
    return waiting.none()


def export_block(actor: Actor, at: datetime) -> Block | None:
    """None if nothing waits. One statement; none for people who have nothing to do with exports."""
    if not may_look_beyond(actor):
        return None
    asked, mine = counted(standing_statements(_asked_and_made, actor, at, MOST))
    where = reverse("exports")
    waiting = [
        Waiting("exports-asked", _("待批准的导出"), f"{where}?asked=decide", {Clock.OK: asked}, is_timed=False),
        Waiting("exports-made", _("待下载的导出"), f"{where}?asked=mine", {Clock.OK: mine}, is_timed=False),
    ]
    there = [each for each in waiting if each.total]
    return Block(_("数据导出"), where, there) if there else None


def _asked_and_made(actor: Actor, _at: datetime, at_most: int) -> list[QuerySet[Any]]:
    ready = Export.objects.filter(requested_by_id=actor.pk, state__in=[ExportState.MADE, ExportState.FAILED])
    return [bounded(to_decide(actor), at_most), bounded(ready, at_most)]
