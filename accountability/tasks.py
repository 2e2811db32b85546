"""What runs by itself. The database is the truth: the scheduler only wakes these, and running one twice does
nothing twice.
"""

from __future__ import annotations

from celery import shared_task

from accountability import clock, notifications, reminders, sweeping


@shared_task
def sweep() -> int:
    """Judge what fell due, warn of what will, raise alarms of what waits. Returns the number of misses."""
    at = clock.read()
    missed = sweeping.sweep(at)
    reminders.remind(at)
    return missed


@shared_task
def send_notifications() -> int:
    """Send what is unsent. Returns how many."""
    return notifications.send(clock.read())
