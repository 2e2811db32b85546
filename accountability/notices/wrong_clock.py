"""A machine whose clock is wrong judges nothing and takes no act: everything would be dated, and found late or not, by
it. An alarm names the machine until its clock is right.
"""

from __future__ import annotations

import logging
import socket
from datetime import datetime

from accountability.deadlines import clock
from accountability.models import Appointment
from accountability.notices import alarms
from accountability.permissions import MARKETING_ROLES, Role

log = logging.getLogger(__name__)

ALARM = "clock"
TOLD = {Role.SYSTEM_ADMIN, *MARKETING_ROLES}

_may_stand = True
"""Whether an alarm of this machine may be open; an earlier process may have left one."""


class WrongClock(Exception):
    """This machine's clock is too far from the database's."""


def is_right(at: datetime) -> bool:
    """Whether this instant, just read, may be used. Raises the alarm if not, and clears it if so."""
    global _may_stand
    if clock.compared is None:
        return True
    skew = clock.skew(at)
    key = f"{ALARM}:{socket.gethostname()}"[:64]
    if abs(skew) <= clock.MOST_SKEW:
        if _may_stand:
            alarms.clear(key, at)
            _may_stand = False
        return True
    _may_stand = True
    _alarm(key, round(skew.total_seconds()), at - skew)
    return False


def demand_right(at: datetime) -> None:
    """Raise WrongClock, and the alarm, if this instant, just read, may not be used."""
    if not is_right(at):
        raise WrongClock(f"{clock.skew(at).total_seconds():+.0f} s against the database")


def _alarm(key: str, seconds: int, at: datetime) -> None:
    """Once while it lasts. The alarm is dated by the database's clock."""
    if alarms.standing(key):
        return
    facts = {"host": socket.gethostname(), "seconds": seconds}
    serving = Appointment.objects.serving(at).filter(role__in=TOLD, employee__is_active=True)
    people = list(serving.order_by("employee_id").values_list("employee_id", flat=True).distinct())
    if alarms.raise_once(key, ALARM, facts, at=at, notice="clock_wrong", people=people):
        log.error("the clock is %+d s off against the database: nothing is judged here", seconds)
