"""Import complaints from another system, closed and open, with the instant they were received there (R10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless, sync_warning
from accountability.gate.fields import (
    Choice,
    Code,
    InCategory,
    Instant,
    Line,
    Phone,
    Reference,
    Text,
    YesNo,
)
from accountability.gate.verbs import verb
from accountability.models import Deadline
from complaints import permissions
from complaints.actions.intake import lies_ahead, start_network_clocks
from complaints.declarations.limits import Kind
from complaints.fields.kinds import Place
from complaints.models import ESCALATED_CHANNELS, Channel, Complaint, Ending, Origin, Priority, Tier

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""An earlier date is an error in the year: no mobile operator had customers before it."""

CHANNELS = tuple(choice for choice in Channel.choices if choice[0] != Channel.FORWARD)


@verb(
    Complaint, _("导入投诉"),
    Code(name="source", label=_("来源"), max_length=40, pattern=r"[\w .()（）·-]+"),
    Reference(name="source_key", label=_("来源编号"), max_length=64),
    Instant(name="received", label=_("受理时间")),
    Line(name="customer", label=_("客户姓名"), required=False),
    Phone(name="phone", label=_("联系电话"), required=False, as_recorded=True),
    Text(name="content", label=_("投诉内容"), rows=6),
    InCategory(name="category", label=_("投诉类别"), required=False),
    Choice(name="priority", label=_("紧急程度"), choices=tuple(Priority.choices), required=False),
    Choice(name="tier", label=_("客户级别"), choices=tuple(Tier.choices), required=False),
    Place(name="region", label=_("归属地市"), required=False),
    Choice(name="channel", label=_("受理渠道"), choices=CHANNELS, required=False),
    YesNo(name="closed", label=_("已办结")),
    Instant(name="closed_at", label=_("办结时间"), required=False),
    Text(name="note", label=_("来源备注"), required=False),
    creates=True, shell_only=True, rule="R10",
    permission=permissions.import_complaint,
    icon="inbox", tone="info",
)  # fmt: skip
def import_complaint(
    act: Act, *, source: str, source_key: str, received: datetime, closed: bool, closed_at: datetime | None = None,
    **given: Any,
) -> None:  # fmt: skip
    """Import one complaint from another system. The ledger records when it came in here, `received` when the customer
    came.

    A complaint closed there is archived as history and counts in no rate. An open one waits for its dispatch; limits
    that were over before the import are never started, and nobody is told.
    """
    check_instants(act.at, received=received, closed=closed, closed_at=closed_at)
    complaint: Complaint = act.subject
    _take(act, received, given)
    act.changes.new(Origin(complaint=complaint, source=source, source_key=source_key))
    if closed:
        complaint.import_closed()
        complaint.ended_as, complaint.archived_at = Ending.IMPORTED, closed_at
    else:
        assert act.actor is not None
        complaint.import_complaint()
        complaint.agent = act.actor.employee
        complaint.raise_priority()
        _start_what_lies_ahead(act)


def check_instants(
    at: datetime, *, received: datetime, closed: bool, closed_at: datetime | None = None, **_others: Any
) -> None:
    """Raises Refused, with the message at the field, for instants that can't be true."""
    refuse_unless(received <= at, _("受理时间晚于现在。"), "received")
    refuse_unless(received >= EARLIEST, _("受理时间早于1990年，年份可能有误。"), "received")
    refuse_unless(closed or closed_at is None, _("未办结的投诉不应有办结时间。"), "closed_at")
    refuse_unless(closed_at is None or received <= closed_at <= at, _("办结时间应在受理之后、现在之前。"), "closed_at")


def _take(act: Act, received: datetime, given: dict[str, Any]) -> None:
    complaint: Complaint = act.subject
    complaint.intake = act.entry.texts if act.entry else None
    complaint.registered_at = received
    complaint.category = given.get("category")
    complaint.priority = given.get("priority", Priority.P3)
    complaint.tier = given.get("tier", Tier.NONE)
    complaint.region = given.get("region", "")
    complaint.channel = given.get("channel", "")
    complaint.escalated = complaint.channel in ESCALATED_CHANNELS
    complaint.returns_before_ruling = act.batch.limits.returns_before_ruling


def _start_what_lies_ahead(act: Act) -> None:
    """The customer's limits count from the reception; warnings that are past already are skipped."""
    complaint: Complaint = act.subject
    agent = complaint.agent
    assert agent is not None
    for kind, person_id in ((Kind.FIRST_REPLY, agent.pk), (Kind.LEGAL, None)):
        limit = act.batch.limits_at(complaint.registered_at or act.at).limit(kind)
        if lies_ahead(act, limit):
            act.start(kind, limit, start=complaint.registered_at, unit_id=agent.unit_id, person_id=person_id)
    if complaint.category and complaint.category.is_network:
        start_network_clocks(act)
    for deadline in act.deadlines:
        _pass_over_warnings(act, deadline)


def _pass_over_warnings(act: Act, deadline: Deadline) -> None:
    while deadline.warn_at is not None and deadline.warn_at <= act.at:
        deadline.warned = 50 if deadline.warned < 50 else 80
        sync_warning(deadline, act.batch.calendar_for(deadline.limit), act.batch.limits_of(deadline))
