"""Writes events in the transaction of the acts that they tell of, and plans their way to each address later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accountability.db import writing
from accountability.declarations.events import EVENTS, STANDS
from accountability.gate.act import Act
from accountability.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

AT_A_TIME = 500
KEPT = timedelta(days=30)


def order(acts: Sequence[Act]) -> None:
    """One event for each entry of the ledger whose type is declared, as all of the act has left its matter."""
    writing.insert([event for act in acts for event in _events(act)])


def _events(act: Act) -> Iterator[WebhookEvent]:
    for entry in act.entries:
        declared = EVENTS.get(f"{act.matter.kind}.{entry.verb}")
        if declared is None:
            continue
        stands = STANDS[act.matter.kind](act.subject, entry)
        yield WebhookEvent(
            kind=declared.name, subject=str(act.matter), unit_id=stands.unit_id, at=entry.at, made_at=act.at,
            data=stands.data | {"facts": declared.safe(entry.facts)},
        )  # fmt: skip


def spread(at: datetime) -> None:
    """Plan the way of new events to each address that wants them. An address that is disabled is told nothing of what
    happens meanwhile.
    """
    with transaction.atomic():
        waiting = WebhookEvent.objects.filter(is_spread=False).order_by("pk").select_for_update(skip_locked=True)
        events = list(waiting[:AT_A_TIME])
        if not events:
            return
        endpoints = list(WebhookEndpoint.objects.filter(disabled=""))
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(event=event, endpoint=endpoint, planned_at=at, next_try_at=at)
            for event in events
            for endpoint in endpoints
            if endpoint.wants(event)
        )
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).update(is_spread=True)


def forget(at: datetime) -> None:
    """Delete events, and what is known of their way, after thirty days."""
    old = WebhookEvent.objects.filter(made_at__lt=at - KEPT).order_by("made_at").values_list("pk", flat=True)
    if keys := list(old[:AT_A_TIME]):
        WebhookEvent.objects.filter(pk__in=keys).delete()
