"""Taking up the case of a body outside: its number and the day by which it must be answered (R9)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import Fixed, Limit
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Instant, Reference
from accountability.search.finders import reference
from complaints.declarations.limits import answer_to
from complaints.models import OUTSIDE, Channel, Complaint, OutsideCase

UNNUMBERED = Channel.SUPERIOR
"""Headquarters may also hand over by telephone, without a number; then no case of theirs is kept."""

NUMBER = Reference(name="outside_number", label=_("转办编号"))
DUE = Instant(
    name="answer_due", label=_("答复期限"), required=False,
    help=_("转办件写明的期限，如 2026-12-04 17:00；不填则按时限表计算。"),
)  # fmt: skip


def take_up_at_intake(act: Act, number: str, due: datetime | None) -> None:
    """Take up the case by which a complaint is registered. Its channel must be a body that hands cases over."""
    complaint: Complaint = act.subject
    from_outside = complaint.channel in OUTSIDE
    refuse_unless(from_outside or not number, _("只有外部转办的投诉才有转办编号。"), "outside_number")
    refuse_unless(number or not due, _("填写答复期限的，请填写转办编号。"), "outside_number")
    refuse_unless(
        number or not from_outside or complaint.channel == UNNUMBERED, _("请填写转办编号。"), "outside_number"
    )
    if number:
        take_up(act, complaint.channel, number, act.at, due)


def take_up(act: Act, body: str, number: str, received: datetime, due: datetime | None) -> None:
    """Begin the limit: by the day that the letter names, or by the table of limits."""
    complaint: Complaint = act.subject
    assert act.actor is not None
    number = reference(number)
    known = OutsideCase.objects.filter(body=body, number=number, dropped_at=None).select_related("complaint__matter")
    if (other := known.first()) is not None:
        told = {"number": other.complaint.matter.number}
        refuse_unless(False, _("该编号已登记在投诉 %(number)s。") % told, "outside_number")
    refuse_unless(due is None or due > received, _("答复期限应在收到之后。"), "answer_due")
    kind = answer_to(body)
    limit: Limit = Fixed(due) if due else act.batch.limits_at(received).limit(kind)
    deadline = act.start(kind, limit, start=received, unit_id=complaint.centre_of(act.batch))
    act.changes.new(
        OutsideCase(
            complaint=complaint, body=body, number=number, deadline=deadline, received_at=received,
            recorded_by=act.actor.employee,
        )
    )  # fmt: skip
    complaint.outside_open += 1
    complaint.escalated = True
