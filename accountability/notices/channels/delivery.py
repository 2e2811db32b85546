"""Sends due messages off-screen. A separate task calls it, after the notices are in the inbox."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

from accountability.db.away import is_of_the_database
from accountability.gate import holding
from accountability.gate.isolation import pause_after
from accountability.gate.lookups import windows_at
from accountability.models import Delivery, actor_for
from accountability.notices.channels import Message, Postponed, Rejected, Way, configured, health
from accountability.notices.channels.messages import Reader, compose
from accountability.notices.channels.queue import Claim, claim_next
from accountability.notices.sending import TO_ONE_PERSON

MOST_ATTEMPTS = 8
TOO_OLD = timedelta(hours=24)
"""After a day a message is no longer worth sending."""

BUDGET = 4.0
"""After so many seconds a run starts no further message: the next one begins with new notices of the thirty minutes."""

State = Delivery.State
log = logging.getLogger(__name__)


def deliver(at: datetime, *, budget: float = BUDGET) -> int:
    """Send the messages due at this instant. Returns how many were sent.

    After a failure the channel is paused, so that a run waits only once for a dead gateway. In the held state messages
    wait whose notice was written before it.
    """
    withheld = holding.withheld_before(windows_at(at))
    old = Delivery.objects.filter(state=State.WAITING, planned_at__lt=at - TOO_OLD)
    if withheld:
        old = old.filter(notification__created_at__gte=withheld)
    old.update(state=State.FAILED, problem="too old")
    ways, sent, started = configured(), 0, monotonic()
    while monotonic() - started < budget:
        channels, waiting = health.usable_lines(ways, at)
        claim = claim_next(at, channels, withheld, waiting)
        if claim is None:
            break
        sent += _attempt(claim, ways[claim.channel], at)
    return sent


class Claimed(Protocol):
    """A message that this worker sends: how often it was tried, this time included, and how its result is saved."""

    @property
    def attempts(self) -> int: ...

    def settle(self, state: str, **columns: Any) -> None: ...


def _attempt(claim: Claim, way: Way, at: datetime) -> bool:
    message = _composed(claim, way, at)
    return message is not None and send_claimed(claim, claim.channel, way, message, at)


def send_claimed(claim: Claimed, channel: str, way: Way, message: Message, at: datetime) -> bool:
    """Send it, and save the result; whether it was sent."""
    channel = health.line_of(channel, way, message.unit)
    try:
        way.send(message)
    except Rejected as refusal:
        claim.settle(State.FAILED, problem=str(refusal)[:40])
        health.worked(channel, at)
        return False
    except Postponed as delay:
        _put_off(claim, channel, at, str(delay)[:40])
        return False
    except Exception as error:  # an error of one channel must not stop the other messages
        _put_off(claim, channel, at, _describe(error))
        health.failed(channel, at)
        return False
    claim.settle(State.SENT, sent_at=at, problem="")
    health.worked(channel, at)
    return True


def _composed(claim: Claim, way: Way, at: datetime) -> Message | None:
    """The message; None if there is no address any more, or it can't be opened, or composing it failed."""
    notices = [delivery.notification for delivery in claim.deliveries]
    try:
        address = claim.recipient.addresses.get(way.address)
        if not address:
            claim.settle(State.DROPPED, problem="no address")
            return None
        reader = Reader(claim.recipient.language, actor_for(claim.recipient.pk, at), claim.channel in TO_ONE_PERSON)
        return compose(notices, key=claim.key, address=address, reader=reader, at=at, unit=claim.unit)
    except Exception as error:  # a notice that can't be put into words must not stop the others
        if is_of_the_database(error):
            raise
        log.exception("no words for the notices of message %s", claim.key)
        claim.settle(State.FAILED, problem="no words")
        return None


def _put_off(claim: Claimed, channel: str, at: datetime, problem: str) -> None:
    """Try again after 1, 2, 4, … minutes (an hour at most); after MOST_ATTEMPTS tries give up."""
    log.warning("channel %s: %s (try %s)", channel, problem, claim.attempts)
    if claim.attempts >= MOST_ATTEMPTS:
        claim.settle(State.FAILED, problem=problem)
        return
    claim.settle(State.WAITING, next_try_at=at + pause_after(claim.attempts), problem=problem)


def _describe(error: Exception) -> str:
    """The problem, without any content of the message: our own codes, and only the class name of other exceptions."""
    own = type(error).__module__.startswith("accountability.")
    return (str(error) if own else type(error).__name__)[:40]
