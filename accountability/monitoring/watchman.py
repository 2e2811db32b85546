"""Tells the system administrator off-screen what doesn't work. It runs in the web processes too, since the tasks that
usually find and send can be what has stopped.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accountability.declarations.own_notices import HEALTH
from accountability.models import Appointment
from accountability.monitoring import heartbeats, system_health
from accountability.notices import alarms, sending
from accountability.notices.channels import delivery
from accountability.permissions import Role

EVERY = timedelta(seconds=20)
SENDER = "accountability.tasks.send_notifications"


def look(at: datetime) -> None:
    """Raise an alarm for each check that fails and clear those that pass; one process at a time. While the task that
    sends notices is silent, send what is due from here.
    """
    if not heartbeats.take_turn("watchman", at, EVERY * 0.9):
        return
    heartbeats.expect_all(at)
    for name in HEALTH:
        _settle(name, at)
    if SENDER in heartbeats.silent(at):
        sending.send(at)
        delivery.deliver(at)


def _settle(name: str, at: datetime) -> None:
    failing = system_health.named(name)(at).tone == "danger"
    key = f"health:{name}"
    if not failing:
        alarms.clear(key, at)
    elif not alarms.standing(key):
        serving = Appointment.objects.serving(at).filter(role=Role.SYSTEM_ADMIN, employee__is_active=True)
        people = list(serving.order_by("employee_id").values_list("employee_id", flat=True).distinct())
        alarms.raise_once(key, "health", {"check": name}, at=at, notice="health", people=people)
