"""A lead that the centre leaves unjudged: after five working days an alarm to its supervisors (R38).

Once for each time it waits; over when it is taken up, set aside, excused or no miss any more. Counted by the published
working calendar alone: by a year that isn't published nobody is judged, and the page of leads says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from accountability.acts import Act, Batch
from accountability.models import Alarm, Deadline, Notification
from accountability.reminders import WATCHES
from assessment.leads import Patience, since
from assessment.models import open_leads

KIND = "lead"


def watch_leads(at: datetime) -> int:
    """End the alarms of what is no open lead any more, and raise those that are due; returns how many were raised."""
    _end_alarms(at)
    ended = Patience.at(at).ended_for(at)
    late = list(_unalarmed(ended)) if ended is not None else []
    if late:
        _raise(late, at)
    return len(late)


def _unalarmed(ended: datetime) -> QuerySet[Deadline]:
    """Open leads that have waited since then or longer, of which no alarm was raised since they wait."""
    key = Concat(Value(f"{KIND}:"), Cast(OuterRef("pk"), CharField()))
    raised = Alarm.objects.filter(matter=OuterRef("matter"), key=key)
    last = Subquery(raised.order_by("-since").values("since")[:1])
    waiting = open_leads(to_centre=True).annotate(since=since(), alarmed=last).filter(since__lte=ended)
    return waiting.filter(Q(alarmed=None) | Q(alarmed__lt=F("since"))).order_by("pk")


def _end_alarms(at: datetime) -> None:
    standing = Alarm.objects.filter(kind=KIND, cleared_at=None)
    leads = {alarm.pk: alarm.facts["deadline"] for alarm in standing}
    open_ones = set(open_leads(to_centre=True, pk__in=leads.values()).values_list("pk", flat=True)) if leads else set()
    over = [pk for pk, deadline in leads.items() if deadline not in open_ones]
    if over:
        standing.filter(pk__in=over).update(cleared_at=at)


def _raise(late: list[Deadline], at: datetime) -> None:
    """An alarm of each; to each supervisor one notice of how many."""
    alarms = [
        Alarm(
            key=_key(lead), kind=KIND, matter_id=lead.matter_id, unit_id=lead.unit_id,
            facts={"deadline": lead.pk, "kind": lead.kind, "part": lead.part},
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
    """Judged: the alarms that were raised of these leads end."""
    keys = [_key(lead) for lead in judged]
    for alarm in Alarm.objects.filter(key__in=keys, cleared_at=None) if keys else ():
        act.changes.watch(alarm)
        alarm.cleared_at = act.at


WATCHES.append(watch_leads)
