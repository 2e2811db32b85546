"""Unjudged leads: after five working days an alarm to the centre's supervisors (R38).

One alarm each time a lead waits. It ends when the lead is taken up, set aside, excused or no longer a miss. Only the
published working calendar counts: in an unpublished year no alarm is raised, and the page of leads says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from accountability.gate.act import Act, Batch
from accountability.models import Alarm, Deadline, Notification
from accountability.monitoring.reminders import WATCHES
from assessment.cases.leads import Patience, since
from assessment.models import open_leads

KIND = "lead"

LOOKS_BACK = timedelta(days=400)
"""Longer than any outage, and than any delay in publishing a calendar."""


def watch_leads(at: datetime) -> int:
    """End the alarms of what is no longer an open lead, and raise those that are due. Returns how many were raised."""
    _end_alarms(at)
    ended = Patience.at(at).ended_for(at)
    late = list(_unalarmed(ended)) if ended is not None else []
    if late:
        _raise(late, at)
    return len(late)


def _unalarmed(ended: datetime) -> QuerySet[Deadline]:
    """Open leads that have waited since then or longer, with no alarm since they began to wait.

    It runs at every sweep, so it looks back only a limited time.
    """
    raised = Alarm.objects.filter(matter=OuterRef("matter"), key=_key_of(OuterRef("pk")))
    stands = Exists(raised.filter(cleared_at=None))
    last = Subquery(raised.order_by("-since").values("since")[:1])
    missed = open_leads(to_centre=True, missed_at__range=(ended - LOOKS_BACK, ended))
    waiting = missed.annotate(since=since(), alarmed=last).filter(since__lte=ended)
    return waiting.filter(Q(alarmed=None) | Q(alarmed__lt=F("since")) & ~stands).order_by("pk")


def _end_alarms(at: datetime) -> None:
    of_it = open_leads(to_centre=True, matter=OuterRef("matter")).annotate(alarm=_key_of(F("pk")))
    standing = Alarm.objects.filter(kind=KIND, cleared_at=None)
    over = list(standing.filter(~Exists(of_it.filter(alarm=OuterRef("key")))).values_list("pk", flat=True))
    if over:
        standing.filter(pk__in=over).update(cleared_at=at)


def _key_of(pk: Any) -> Concat:
    """`_key`, for a query."""
    return Concat(Value(f"{KIND}:"), Cast(pk, CharField()))


def _raise(late: list[Deadline], at: datetime) -> None:
    """Raise an alarm for each lead, and send each supervisor one notice with the number."""
    alarms = [
        Alarm(
            key=_key(lead), kind=KIND, matter_id=lead.matter_id, unit_id=lead.unit_id,
            facts={"kind": lead.kind, "part": lead.part},
            since=lead.since, raised_at=at,  # type: ignore[attr-defined]
        )
        for lead in late
    ]  # fmt: skip
    facts = {"leads": len(late)}
    with transaction.atomic():
        Alarm.objects.bulk_create(alarms, ignore_conflicts=True)
        Notification.objects.bulk_create(
            Notification(recipient_id=pk, kind="leads_wait", facts=facts, created_at=at)
            for pk in sorted(Batch(at).csc_supervisor_ids)
        )


def _key(lead: Deadline) -> str:
    return f"{KIND}:{lead.pk}"


def settle_alarms(act: Act, judged: Iterable[Deadline]) -> None:
    """End the alarms of these leads: they have been judged."""
    keys = [_key(lead) for lead in judged]
    for alarm in Alarm.objects.filter(key__in=keys, cleared_at=None) if keys else ():
        act.changes.watch(alarm)
        alarm.cleared_at = act.at


WATCHES.append(watch_leads)
