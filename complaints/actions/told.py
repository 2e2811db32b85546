"""A hand-over by telephone: written down by the contact, confirmed or denied by the person who was told (R19)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accountability.acts import Act, refuse_unless
from accountability.facts import Instant, Person, Text
from accountability.models import Deadline, Employee
from accountability.verbs import verb
from complaints.actions.handover import check_handler, running_round, stamp
from complaints.ladder import drop_proposals
from complaints.models import Complaint, HandoffMethod
from complaints.people import handlers_to_name

Kind = Deadline.Kind


@verb(
    Complaint, _("登记电话交办"),
    Person(name="to", label=_("首问责任人"), among=handlers_to_name),
    Instant(name="happened", label=_("交办时刻"), help=_("电话实际打通的时刻，如 2026-11-24 09:20。")),
    rule="R19",
)  # fmt: skip
def record_told(act: Act, *, to: Employee, happened: datetime) -> None:
    """A hand-over by telephone, written down with the instant it happened; it counts when the recipient confirms it."""
    current = running_round(act)
    assert act.actor is not None
    check_handler(act, to)
    refuse_unless(to.pk != act.actor.pk, _("不能登记向本人的电话交办。"), "to")
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    begun = handoff.started_at if handoff else current.delivered_at
    if happened == begun.replace(second=0, microsecond=0):
        happened = begun  # a page takes the call's instant to the minute: that minute is no time before the beginning
    refuse_unless(begun <= happened <= act.at, _("应在交办时限起算之后、现在之前。"), "happened")
    act.subject.record_told()
    if current.told_to_id != to.pk:
        act.tell(current.told_to_id, "told_lapsed")
    current.told_to, current.told_at, current.told_by = to, happened, act.actor.employee
    act.tell(to.pk, "to_do", verb="confirm_told")


@verb(Complaint, _("确认电话交办"), rule="R19")
def confirm_told(act: Act) -> None:
    """The recipient confirms in their own session; the hand-over counts from the instant it happened, missed or not."""
    current = running_round(act)
    to, happened, by = current.told_to, current.told_at, current.told_by
    assert to is not None
    assert happened is not None
    check_handler(act, to)
    act.subject.confirm_told()
    current.hand_off()
    current.method = HandoffMethod.PHONE
    stamp(act, to, to.supervisor)
    current.handed_off_by, current.handed_off_at = by, happened
    act.note(happened=happened.isoformat())
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    if handoff is not None and not handoff.voided_at:
        _meet_at(act, handoff, happened)
    act.tell(by.pk if by else None, "told_confirmed", part=current.number)


def _meet_at(act: Act, handoff: Deadline, happened: datetime) -> None:
    """Done at that instant: a miss noted meanwhile is taken back where the talk had been in time."""
    handoff.met_at, handoff.suspended_at, handoff.warn_at = happened, None, None
    if handoff.missed_at and handoff.due_at and happened <= handoff.due_at:
        act.note(taken_back=handoff.facts)
        drop_proposals(act, [handoff])
        handoff.missed_at = handoff.noticed_at = None
        handoff.drop_excuse()


@verb(Complaint, _("否认电话交办"), Text(name="reason", label=_("说明"), rows=2), rule="R19")
def deny_told(act: Act, *, reason: str) -> None:
    """The person named says that it never happened: nothing counts, the contact still owes the hand-over."""
    current = running_round(act)
    act.subject.deny_told()
    for person_id in (current.told_by_id, current.contact_id, current.head_id):
        act.tell(person_id, "told_denied", part=current.number)
    current.lapse_told()
