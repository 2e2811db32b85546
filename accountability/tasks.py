"""What runs by itself. The database is the truth: the scheduler only wakes these, and running one twice does
nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from celery import shared_task

from accountability.audit import watch
from accountability.deadlines import clock
from accountability.documents import keeping
from accountability.gate import sweeper
from accountability.monitoring import reminders
from accountability.notices import sending
from accountability.notices.channels import delivery
from accountability.privacy import retention
from accountability.signin import inactivity, lockout, sessions

EXPORTS: list[Callable[[datetime], int]] = []
"""Each makes the files that were approved until an instant, and says how many. The app above registers its own."""


@shared_task
def sweep() -> int:
    """Judge what fell due, warn of what will, raise alarms of what waits. Returns the number of misses."""
    at = clock.read()
    missed = sweeper.sweep(at)
    reminders.remind(at)
    return missed


@shared_task
def send_notifications() -> int:
    """Send what is unsent: first to the inbox, then what is due off-screen. Returns how many notices."""
    at = clock.read()
    sent = sending.send(at)
    delivery.deliver(at)
    return sent


@shared_task
def make_exports() -> int:
    """Make the files of exports that were approved. Returns how many."""
    at = clock.read()
    return sum(make(at) for make in EXPORTS)


@shared_task
def make_papers() -> int:
    """Make the files of papers that were asked for, so many a run. Returns how many."""
    return keeping.make_pending(clock.read())


@shared_task
def close_sign_ins() -> int:
    """Close sign-ins that nobody uses, and forget tries and sessions that are over. Returns how many were closed."""
    at = clock.read()
    lockout.forget(at)
    sessions.forget_ended()
    return inactivity.close(at)


@shared_task
def seal() -> int:
    """Seal the record if an hour has passed since it was sealed last. Returns how many seals were written."""
    return watch.seal(clock.read())


@shared_task
def verify_record() -> int:
    """Read the whole record against its chains and seals, once a night. Returns the number of findings."""
    at = clock.read()
    return watch.verify(at) if watch.is_verifying_due(at) else 0


@shared_task
def retain() -> dict[str, int]:
    """Clear what may be kept no longer. Returns how many matters, by kind."""
    return retention.retain(clock.read())
