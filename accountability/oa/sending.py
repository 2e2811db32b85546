"""Hands over the papers that are due, one after the other; an OA that can't be reached is asked once a run."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Q

from accountability.audit import access_log
from accountability.db.away import is_of_the_database
from accountability.gate import holding, isolation
from accountability.gate.lookups import windows_at
from accountability.models import Appointment, Delivery, Employee, PaperHandover
from accountability.notices import alarms
from accountability.notices.channels import Rejected
from accountability.oa import receipts
from accountability.oa.adapters import Adapter, adapter
from accountability.oa.outbox import is_on
from accountability.oa.parcels import Needless, packed

MOST_A_RUN = 20
BUDGET = 20.0
"""Seconds after which a run begins with no further paper."""

LEASE = timedelta(minutes=5)
"""How long a claim is valid: far longer than the longest try."""

FILES_WITHIN = timedelta(seconds=30)
"""After this it is looked again whether a paper's files are made."""

PEACE = timedelta(minutes=1)
"""How long the OA isn't asked for any paper after it couldn't be reached."""

LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=7)
ALARM_AFTER = timedelta(hours=4)
"""A paper that was tried and is still here after this is an alarm."""

ALARM = "oa"

State = Delivery.State
log = logging.getLogger(__name__)


class Away(Exception):
    """The OA can't be reached, or doesn't answer as it should."""


def send(at: datetime, *, budget: float = BUDGET) -> int:
    """Hand over what is due. Returns how many papers. In the held state those wait that were issued before it."""
    if not is_on():
        return 0
    receipts.collect(at)
    waiting = PaperHandover.objects.filter(state=State.WAITING)
    waiting.filter(planned_at__lt=at - GIVEN_UP_AFTER).update(state=State.FAILED, problem="too old")
    if withheld := holding.withheld_before(windows_at(at)):
        waiting = waiting.filter(planned_at__gte=withheld)
    due = waiting.filter(next_try_at__lte=at).select_related("paper__content", "paper__matter")
    way, handed, started = adapter(), 0, monotonic()
    for handover in due.order_by("next_try_at", "pk")[:MOST_A_RUN]:
        if monotonic() - started > budget:
            break
        try:
            handed += handover.claim(at + LEASE) and _try(way, handover, at)
        except Away:
            waiting.filter(next_try_at__lt=at + PEACE).update(next_try_at=at + PEACE)
            break
    _watch(at)
    return handed


def _try(way: Adapter, handover: PaperHandover, at: datetime) -> bool:
    """Whether it was handed over. Raises Away if the OA can't be reached."""
    try:
        parcel = packed(handover)
    except Needless as why:
        return _settle(handover, State.DROPPED, str(why))
    except Exception as error:  # a paper that can't be packed must not stop the others
        if is_of_the_database(error):
            raise
        log.exception("paper %s can't be packed for the OA", handover.paper_id)
        return _settle(handover, State.FAILED, "content")
    if parcel is None:
        handover.settle(State.WAITING, attempts=handover.attempts - 1, next_try_at=at + FILES_WITHIN, problem="files")
        return False
    try:
        answer = way.hand_over(parcel)
    except Rejected as refusal:
        log.warning("the OA doesn't take paper %s: %s", handover.paper_id, refusal)
        return _settle(handover, State.FAILED, str(refusal)[:40])
    except Exception as error:
        own = type(error).__module__.startswith("accountability.")
        problem = (str(error) if own else type(error).__name__)[:40]
        log.warning("the OA can't be reached: %s (try %s)", problem, handover.attempts)
        pause = isolation.pause_after(handover.attempts, longest=LONGEST_PAUSE)
        handover.settle(State.WAITING, next_try_at=at + pause, problem=problem)
        raise Away from error
    said = receipts.columns(answer.number, answer.receipt, at)
    with transaction.atomic():  # what can't be recorded is handed over again, with the same id
        handover.settle(State.SENT, handed_at=at, problem="", **said)
        access_log.write(
            Employee.objects.system(), "hand_over_paper", at=at, address=None, matter_id=handover.paper.matter_id,
            detail=f"{handover.paper} {handover.key}",
        )  # fmt: skip
    return True


def _settle(handover: PaperHandover, state: str, problem: str) -> bool:
    handover.settle(state, problem=problem)
    return False


def again(key: str, at: datetime) -> bool:
    """Plan a paper anew that was given up or refused, with the same id. Whether there was one."""
    ended = PaperHandover.objects.filter(key=key, state=State.FAILED)
    return bool(ended.update(state=State.WAITING, attempts=0, planned_at=at, next_try_at=at, problem=""))


def _watch(at: datetime) -> None:
    """One alarm while any paper was given up, or has been tried for long in vain."""
    late = Q(state=State.WAITING, attempts__gt=0, planned_at__lt=at - ALARM_AFTER)
    stuck = PaperHandover.objects.filter(Q(state=State.FAILED) | late).order_by()[:100].count()
    if not stuck:
        alarms.clear(ALARM, at)
    elif not alarms.standing(ALARM):
        serving = Appointment.objects.serving(at).filter(role__in=isolation.TOLD, employee__is_active=True)
        people = serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()
        alarms.raise_once(ALARM, ALARM, {"papers": stuck}, at=at, notice="oa_failed", people=people)
