"""The background tasks. The state is in the database: the scheduler only wakes the tasks, and running one twice does no
harm.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from celery import current_task, shared_task
from django.db import connection

from accountability.audit import watch
from accountability.deadlines import clock
from accountability.documents import keeping
from accountability.gate import holding, isolation, sweeper
from accountability.monitoring import heartbeats, releasing, reminders
from accountability.notices import sending, wrong_clock
from accountability.notices.channels import delivery
from accountability.oa import sending as oa
from accountability.privacy import retention
from accountability.signin import calendar_feeds, inactivity, leavers, lockout, sessions, tokens
from accountability.webhooks import sending as webhooks


def present() -> datetime:
    """The instant of a task. Raises WrongClock where this machine's clock can't be gone by."""
    if current_task:
        current_task.request.__dict__["noted"] = monotonic()
    clock.compare(connection)
    at = clock.read()
    wrong_clock.demand_right(at)
    return at


def note_success(name: str) -> None:
    """Note when the task of this name last succeeded, or got further."""
    heartbeats.note(name, clock.read())


NOTED_EVERY = 20.0
"""Seconds of work after which a task that isn't done says that it lives."""


def note_work() -> None:
    """A task that has worked for long and got further isn't silent. One that fails soon says nothing."""
    if not current_task:
        return
    run, now = current_task.request.__dict__, monotonic()
    if now - run.setdefault("noted", now) >= NOTED_EVERY:
        run["noted"] = now
        note_success(current_task.name)


isolation.AFTER_A_BATCH.append(note_work)


def note_served() -> None:
    """Write the mark of life: this web process can serve people now. One whose clock is wrong serves nobody."""
    clock.compare(connection)
    at = clock.read()
    if abs(clock.skew(at)) <= clock.MOST_SKEW:
        holding.note_served(at)


EXPORTS: list[Callable[[datetime], int]] = []
"""Each makes the files approved until an instant, and returns how many. The app above registers its own."""


SENDERS: list[Callable[[datetime], int]] = []
"""Each sends what goes to others than the staff, and returns how much. The app above registers its own."""


@shared_task
def sweep() -> int:
    """Judge what fell due, warn of what will, raise alarms of what waits. Return the number of misses."""
    at = present()
    missed = releasing.carry_on(at) + sweeper.sweep(at)
    reminders.remind(at)
    return missed


@shared_task
def send_notifications() -> int:
    """Send what is unsent: first to the inbox, then what is due off-screen, at last what others than the staff get.
    Return how many notices.
    """
    at = present()
    sent = sending.send(at)
    delivery.deliver(at)
    for send_others in SENDERS:
        send_others(at)
    return sent


@shared_task
def send_events() -> int:
    """Send other systems the events that are due, where EVENTS_OUT says so. Return how many."""
    return webhooks.send(present())


@shared_task
def hand_over_papers() -> int:
    """Hand issued papers over to the OA, where there is one. Return how many."""
    return oa.send(present())


@shared_task
def make_exports() -> int:
    """Make the files of approved exports. Return how many."""
    at = present()
    return sum(make(at) for make in EXPORTS)


@shared_task
def make_papers() -> int:
    """Make the files of requested papers, a limited number per run. Return how many."""
    return keeping.make_pending(present())


@shared_task
def close_sign_ins() -> int:
    """Close unused sign-ins, and delete old tries, ended sessions, tokens and addresses of calendars. Return how many
    sign-ins were closed.
    """
    at = present()
    lockout.forget(at)
    sessions.forget_ended()
    tokens.forget(at)
    calendar_feeds.forget(at)
    return inactivity.close(at)


@shared_task
def close_left_sign_ins() -> int:
    """Close the sign-ins of those who are gone from the directory that LDAP_URI names. Return how many."""
    return leavers.close(present())


@shared_task
def seal() -> int:
    """Seal the record if an hour has passed since the last seal. Return how many seals were written."""
    return watch.seal(present())


@shared_task
def verify_record() -> int:
    """Verify the whole record against its chains and seals, once a night. Return the number of findings."""
    at = present()
    return watch.verify(at) if watch.is_verifying_due(at) else 0


@shared_task
def retain() -> dict[str, int]:
    """Clear data whose retention time is over. Return how many matters, by kind."""
    return retention.retain(present())
