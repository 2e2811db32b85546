"""A hand-over by telephone: recorded by the contact, confirmed or denied by the person who was told (R19, R20).

It can't excuse a late hand-over afterwards: it must be recorded within thirty minutes of the limit and confirmed within
a day, and it counts for nothing once a case has taken the miss up. Without confirmation it lapses automatically.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Instant, Person, Text
from accountability.gate.verbs import verb
from accountability.models import Deadline, Employee
from accountability.monitoring.reminders import WATCHES, over_matters
from accountability.permissions import Actor
from complaints import permissions
from complaints.actions.handover import check_handler, running_round, stamp
from complaints.declarations.limits import Kind
from complaints.fields.candidates import handlers_to_name
from complaints.models import TOLD_FOR, Complaint, HandoffMethod, Round, conditions
from complaints.models.rounds import LAPSED
from complaints.models.states import State

RECORDED_WITHIN = timedelta(minutes=30)
"""How long after the hand-over's due instant, in wall-clock time, a call may still be recorded."""

TAKEN_UP: list[Callable[[Deadline], bool]] = []
"""Whether a case has taken a miss up. The app that knows of cases registers this in `ready()`."""

TOO_LATE_TO_RECORD = _("不能登记电话交办：须在交办时限到期后30分钟内登记，每轮一次，且超时未进入后续程序。")
TOO_LATE_TO_CONFIRM = _("不能确认电话交办：须在登记后24小时内确认，且超时未进入后续程序。")
"""One message for every reason, so that a unit doesn't learn that a case is being made (R40)."""


def _was_told(complaint: Complaint) -> bool:
    return complaint.round is not None and complaint.round.told_at is not None


def _is_first(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and complaint.round.told_recorded_at is None


def _is_in_time(complaint: Complaint, actor: Actor) -> bool:
    """Whether the person named may still say whether the call was made."""
    until = complaint.round.told_until if complaint.round else None
    return until is not None and actor.at <= until


def _is_taken_up(handoff: Deadline | None) -> bool:
    return handoff is not None and any(is_taken_up(handoff) for is_taken_up in TAKEN_UP)


def _refuse_late(act: Act, current: Round, handoff: Deadline | None) -> None:
    due = handoff.due_at if handoff else None
    in_time = due is None or act.at <= due + RECORDED_WITHIN
    may = current.told_recorded_at is None and in_time and not _is_taken_up(handoff)
    refuse_unless(may, TOO_LATE_TO_RECORD)


@verb(
    Complaint, _("登记电话交办"),
    Person(name="to", label=_("首问责任人"), among=handlers_to_name),
    Instant(name="happened", label=_("交办时刻"), help=_("电话实际打通的时刻，如 2026-11-24 09:20。")),
    rule="R19", offered=_is_first,
    permission=permissions.record_told, states=[State.DISPATCHED], when=[conditions.delivered],
    icon="phone", tone="info", group="people",
)  # fmt: skip
def record_told(act: Act, *, to: Employee, happened: datetime) -> None:
    """Record a hand-over by telephone with the instant it happened: once a round, at the latest 30 minutes after the
    limit (R20). It counts when the recipient confirms it.
    """
    current = running_round(act)
    assert act.actor is not None
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    _refuse_late(act, current, handoff)
    check_handler(act, to)
    refuse_unless(to.pk != act.actor.pk, _("不能登记向本人的电话交办。"), "to")
    begun = handoff.started_at if handoff else current.delivered_at
    if happened == begun.replace(second=0, microsecond=0):
        happened = begun  # a page gives the call's instant to the minute, which must not count as before the start
    refuse_unless(begun <= happened <= act.at, _("应在交办时限起算之后、现在之前。"), "happened")
    current.told_to, current.told_at, current.told_by = to, happened, act.actor.employee
    current.told_recorded_at = act.at
    act.tell(to.pk, "to_do", verb="confirm_told")


@verb(
    Complaint, _("确认电话交办"), rule="R19", offered=_is_in_time,
    permission=permissions.confirm_told, states=[State.DISPATCHED], when=[conditions.delivered, _was_told],
    icon="phone", tone="ok", waits_for_one=True,
)  # fmt: skip
def confirm_told(act: Act) -> None:
    """The recipient confirms in their own session, within 24 hours of the record. The hand-over counts from the instant
    it happened, missed or not, unless a case has taken the miss up (R20).
    """
    current = running_round(act)
    to, happened, by = current.told_to, current.told_at, current.told_by
    assert act.actor is not None
    assert to is not None
    assert happened is not None
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    refuse_unless(_is_in_time(act.subject, act.actor) and not _is_taken_up(handoff), TOO_LATE_TO_CONFIRM)
    check_handler(act, to)
    current.hand_off()
    current.method = HandoffMethod.PHONE
    stamp(act, to, to.supervisor)
    current.handed_off_by, current.handed_off_at = by, happened
    act.note(happened=happened.isoformat())
    if handoff is not None and not handoff.voided_at:
        act.fulfil(handoff, happened)
    act.tell(by.pk if by else None, "told_confirmed", part=current.number)


@verb(
    Complaint, _("否认电话交办"), Text(name="reason", label=_("说明"), rows=2), rule="R19", offered=_is_in_time,
    permission=permissions.deny_told, states=[State.DISPATCHED], when=[conditions.delivered, _was_told],
    icon="phone", tone="danger",
)  # fmt: skip
def deny_told(act: Act, *, reason: str) -> None:
    """The person named says that the call never happened. Nothing counts, and the contact still owes the hand-over."""
    current = running_round(act)
    assert act.actor is not None
    refuse_unless(_is_in_time(act.subject, act.actor), TOO_LATE_TO_CONFIRM)
    for person_id in (current.told_by_id, current.contact_id, current.head_id):
        act.tell(person_id, "told_denied", part=current.number)
    current.lapse_told()


def lapse_unconfirmed(at: datetime) -> int:
    """Drop every record that wasn't confirmed within 24 hours. Returns how many."""
    waiting = Round.objects.filter(told_to__isnull=False, told_at__isnull=False, told_recorded_at__lt=at - TOLD_FOR)
    ids = waiting.order_by("told_recorded_at").values_list("complaint_id", flat=True)
    return over_matters("unconfirmed", ids, at, _lapse)


def _lapse(act: Act) -> int:
    """The system's entry is dated at the last instant for confirming. Both people are told."""
    current = act.subject.round
    until = current.told_until if current else None
    if current.told_at is None or until is None or act.at <= until:
        return 0
    act.record(LAPSED, act.batch.system, at=until, facts={"to": current.told_to_id}, part=current.number)
    for person_id in (current.told_to_id, current.told_by_id, current.contact_id):
        act.tell(person_id, "told_lapsed", part=current.number)
    current.lapse_told()
    return 1


WATCHES.append(lapse_unconfirmed)
