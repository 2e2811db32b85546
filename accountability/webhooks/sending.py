"""Sends events that are due: one address after the other in turn, so that a dead one delays no other."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accountability.db.away import is_of_the_database
from accountability.gate import holding
from accountability.gate.act import Batch
from accountability.gate.changes import flush
from accountability.gate.lookups import windows_at
from accountability.gate.subjects import Organisation
from accountability.models import Appointment, Delivery, WebhookDelivery, WebhookEndpoint
from accountability.notices import alarms
from accountability.permissions import Role
from accountability.webhooks import line, messages, outbox

BUDGET = 4.0
"""Seconds after which a run starts no further try."""

LEASE = timedelta(minutes=5)
"""How long a claim is valid: far longer than the longest try."""

AGAIN_AFTER = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""How long to wait after each try that failed: three days in all, then it is given up."""

TOO_OLD = timedelta(days=4)
"""What was planned earlier is given up, though tried less often where its address was left in peace."""

DISABLED_AFTER = timedelta(days=3)
LONGEST_PAUSE = timedelta(minutes=5)
"""An address that fails is left in peace, longer each time, so that many events don't each wait for it."""

GONE = 410
"""The receiver says that it wants no more."""

ALARM = "webhook"
TOLD = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)

State, Why = Delivery.State, WebhookEndpoint.Why
log = logging.getLogger(__name__)


def send(at: datetime, *, budget: float = BUDGET) -> int:
    """Send what is due. Returns how many were taken. In the held state those wait whose event was written before it."""
    if not settings.EVENTS_OUT:
        return 0
    outbox.forget(at)
    outbox.spread(at)
    waiting = WebhookDelivery.objects.filter(state=State.WAITING)
    waiting.filter(planned_at__lt=at - TOO_OLD).update(state=State.FAILED, problem="too old")
    if withheld := holding.withheld_before(windows_at(at)):
        waiting = waiting.filter(event__made_at__gte=withheld)
    turns, sent, started = _usable(at), 0, monotonic()
    while turns and monotonic() - started < budget:
        endpoint = turns.pop(0)
        due = waiting.filter(endpoint=endpoint, next_try_at__lte=at).select_related("event__unit")
        delivery = due.order_by("next_try_at", "pk").first()
        if delivery is not None and delivery.claim(at + LEASE, tried_at=at) and _try(endpoint, delivery, at):
            turns.append(endpoint)
            sent += 1
    return sent


def _usable(at: datetime) -> list[WebhookEndpoint]:
    """The addresses that aren't left in peace, first the one that was tried longest ago."""
    usable = WebhookEndpoint.objects.filter(Q(resume_at=None) | Q(resume_at__lte=at), disabled="")
    return list(usable.order_by(F("tried_at").asc(nulls_first=True), "pk"))


def _try(endpoint: WebhookEndpoint, delivery: WebhookDelivery, at: datetime) -> bool:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(tried_at=at)
    if problem := _post(endpoint, delivery, at):
        _failed(endpoint, delivery, problem, at)
        return False
    delivery.settle(State.SENT, problem="")
    if endpoint.failures:
        _note(endpoint, failures=0, failing_since=None, resume_at=None)
    return True


def _post(endpoint: WebhookEndpoint, delivery: WebhookDelivery, at: datetime) -> str:
    """Why it wasn't taken, in a word without any content; empty where it was."""
    try:
        body = messages.envelope(delivery.event)
        signed = messages.headers(delivery.event, body, endpoint.secrets_at(at), at)
        status = line.post(endpoint.opened["url"], body, signed)
    except Exception as error:  # an address that can't be reached must not stop the others
        if is_of_the_database(error):
            raise
        return str(error) if isinstance(error, line.NotAllowed) else type(error).__name__[:40]
    return "" if 200 <= status < 300 else f"HTTP {status}"


def _failed(endpoint: WebhookEndpoint, delivery: WebhookDelivery, problem: str, at: datetime) -> None:
    """Plan the next try, leave the address in peace for a while, and disable it where nothing came through for long."""
    log.warning("%s: %s (try %s)", endpoint, problem, delivery.attempts)
    if delivery.attempts > len(AGAIN_AFTER):
        delivery.settle(State.FAILED, problem=problem)
    else:
        delivery.settle(State.WAITING, problem=problem, next_try_at=at + AGAIN_AFTER[delivery.attempts - 1])
    failures, since = min(endpoint.failures + 1, 1000), endpoint.failing_since or at
    pause = min(AGAIN_AFTER[0] * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    _note(endpoint, failures=failures, failing_since=since, resume_at=at + pause)
    if problem == f"HTTP {GONE}":
        _disable(endpoint, Why.GONE, at)
    elif at - since >= DISABLED_AFTER:
        _disable(endpoint, Why.FAILING, at)


def _note(endpoint: WebhookEndpoint, **columns: Any) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**columns)
    for name, value in columns.items():
        setattr(endpoint, name, value)


def _disable(endpoint: WebhookEndpoint, why: str, at: datetime) -> None:
    """By the system, in the ledger; an alarm tells those who can put it right. What waits is sent once it is enabled
    again, unless it has become too old by then.
    """
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        present = WebhookEndpoint.objects.get(pk=endpoint.pk)
        if present.disabled:
            return
        act.changes.watch(present)
        present.disabled = why
        act.record("disable_webhook", batch.system, facts={"webhook": present.token, "why": why})
        flush(batch)
        serving = Appointment.objects.serving(at).filter(role__in=TOLD, employee__is_active=True)
        people = list(serving.order_by("employee_id").values_list("employee_id", flat=True).distinct())
        facts = {"webhook": present.token, "host": line.host_of(present.opened["url"])}
        alarms.raise_once(alarm_of(present), ALARM, facts, at=at, notice="webhook_disabled", people=people)


def alarm_of(endpoint: WebhookEndpoint) -> str:
    return f"{ALARM}:{endpoint.token}"
