"""Sending what is due off-screen. Called by a task of its own, after the notices stand in the inbox."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic

from accountability.models import Delivery
from accountability.notices.channels import Message, Postponed, Rejected, Way, configured, health
from accountability.notices.channels.messages import compose
from accountability.notices.channels.queue import Claim, claim_next

MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=1)
TOO_OLD = timedelta(hours=24)
"""After a day an echo of the inbox is no news."""

BUDGET = 4.0
"""Seconds after which a run begins no further message: the worker has the sweep to do as well, every five."""

State = Delivery.State
log = logging.getLogger(__name__)


def deliver(at: datetime, *, budget: float = BUDGET) -> int:
    """Send what is due at this instant, message by message; returns how many went.

    A channel that fails is left alone from then on, so that a run waits for a dead gateway once.
    """
    old = Delivery.objects.filter(state=State.WAITING, planned_at__lt=at - TOO_OLD)
    old.update(state=State.FAILED, problem="too old")
    ways, sent, started = configured(), 0, monotonic()
    while monotonic() - started < budget:
        claim = claim_next(at, health.usable(ways, at))
        if claim is None:
            break
        sent += _attempt(claim, ways[claim.channel], at)
    return sent


def _attempt(claim: Claim, way: Way, at: datetime) -> bool:
    message = _composed(claim, way)
    if message is None:
        return False
    try:
        way.send(message)
    except Rejected as refusal:
        claim.settle(State.FAILED, problem=str(refusal)[:40])
        health.worked(claim.channel, at)
        return False
    except Postponed as delay:
        _put_off(claim, at, str(delay)[:40])
        return False
    except Exception as error:  # whatever a channel does, the others and the next notice go on
        _put_off(claim, at, _describe(error))
        health.failed(claim.channel, at)
        return False
    claim.settle(State.SENT, sent_at=at, problem="")
    health.worked(claim.channel, at)
    return True


def _composed(claim: Claim, way: Way) -> Message | None:
    """The message; None where there is no address any more, or no words can be found."""
    address = claim.recipient.addresses.get(way.address)
    if not address:
        claim.settle(State.DROPPED, problem="no address")
        return None
    notices = [delivery.notification for delivery in claim.deliveries]
    try:
        return compose(notices, key=claim.key, address=address, language=claim.recipient.language)
    except Exception:  # one notice without words must not keep the others from being sent
        log.exception("no words for the notices of message %s", claim.key)
        claim.settle(State.FAILED, problem="no words")
        return None


def _put_off(claim: Claim, at: datetime, problem: str) -> None:
    """Again after 1, 2, 4, … minutes; after the last try never."""
    log.warning("channel %s: %s (try %s)", claim.channel, problem, claim.attempts)
    if claim.attempts >= MOST_ATTEMPTS:
        claim.settle(State.FAILED, problem=problem)
        return
    wait = min(timedelta(minutes=2 ** (claim.attempts - 1)), LONGEST_WAIT)
    claim.settle(State.WAITING, next_try_at=at + wait, problem=problem)


def _describe(error: Exception) -> str:
    """What went wrong, without anything of the message: our own codes, of other exceptions the name alone."""
    own = type(error).__module__.startswith("accountability.")
    return (str(error) if own else type(error).__name__)[:40]
