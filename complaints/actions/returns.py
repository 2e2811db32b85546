"""A unit returns what isn't its duty, with reason and guidance, and the centre rules on it (R27, R28)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act
from accountability.gate.fields import InUnit, Text, YesNo
from accountability.gate.sweeper import ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Deadline, Unit
from complaints import permissions
from complaints.actions.ending import end_round
from complaints.actions.excuses import LET_GO
from complaints.actions.handover import running_round
from complaints.actions.review import lapse_review
from complaints.declarations.limits import Kind
from complaints.models import Complaint, conditions
from complaints.models.states import State


@verb(
    Complaint, _("申请退回"),
    Text(name="reason", label=_("不属本部门职责的理由")),
    Text(name="guidance", label=_("指导意见"), help=_("建议由谁处理、如何处理(四(三))。")),
    InUnit(name="suggested_unit", label=_("建议单位"), required=False),
    rule="R27",
    permission=permissions.request_return, states=[State.DISPATCHED],
    when=[conditions.returnable, conditions.return_not_yet_asked, conditions.not_a_ruling],
    icon="back", tone="back",
)  # fmt: skip
def request_return(act: Act, *, reason: str, guidance: str, suggested_unit: Unit | None = None) -> None:
    """The unit says that the matter isn't its duty; the centre rules. Until then a running hand-off is suspended."""
    current = running_round(act)
    lapse_review(act, current)
    current.request_return()
    current.return_requested_at, current.suggested_unit = act.at, suggested_unit
    window = act.latest(Kind.RETURN, part=current.number)
    current.late_return = bool(window and window.due_at and window.due_at < act.at)
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    # One that waits for its year's calendar is suspended too: it hasn't passed.
    if handoff and handoff.is_outstanding and not handoff.missed_at:
        handoff.suspended_at, handoff.warn_at = act.at, None
    agent = act.subject.agent_there(act.batch)
    act.start(
        Kind.RULING, act.batch.limits.limit("ruling"), part=current.number, unit_id=act.subject.centre_of(act.batch),
        person_id=agent.pk if agent else None,
    )  # fmt: skip
    act.note(late=current.late_return)
    if current.late_return:
        for supervisor_id in act.batch.csc_supervisor_ids:
            act.tell(supervisor_id, "to_do", verb="rule_on_return")


@verb(
    Complaint, _("裁定退回"),
    YesNo(name="accepted", label=_("裁定"), yes=_("同意退回，重新派单"), no=_("不同意，由该单位继续处理")),
    Text(name="reason", label=_("裁定理由"), rows=2),
    rule="R28",
    permission=permissions.rule_on_return,
    icon="back", tone="back",
)  # fmt: skip
def rule_on_return(act: Act, *, accepted: bool, reason: str) -> None:
    """Accepted: the round ends as 非职责退回 and the centre chooses a unit again. Not accepted: the unit goes on."""
    current = running_round(act)
    act.meet(Kind.RULING, part=current.number)
    if accepted:
        _accept_return(act)
    else:
        _deny_return(act, act.at)
    for person_id in {current.contact_id, current.handler_id, current.works_on_it, current.coordinates_it}:
        act.tell(person_id, "return_ruled", accepted=accepted)


def _accept_return(act: Act) -> None:
    current = running_round(act)
    asked = current.return_requested_at
    assert asked is not None
    # A limit that passed before the request stays missed. One missed since the request is voided.
    for kind in (Kind.HANDOFF, Kind.HANDLING):
        deadline = act.latest(kind, part=current.number)
        if deadline and (deadline.due_at is None or asked <= deadline.due_at):
            act.void(kind, part=current.number, even_missed=True)
            if deadline.missed_at:
                for follow in LET_GO:
                    follow(act, [deadline])
    act.subject.rule_on_return()
    act.subject.out_of_scope_returns += 1
    current.accept_return()
    end_round(act, current)


def _deny_return(act: Act, at: datetime) -> None:
    """Return to the former state. A suspended hand-off gets its full minutes again, from the ruling."""
    current = running_round(act)
    current.deny_return()
    handoff = act.latest(Kind.HANDOFF, part=current.number)
    if handoff and handoff.suspended_at:
        act.void(Kind.HANDOFF, part=current.number, at=at)
        act.start(
            Kind.HANDOFF, handoff.limit, start=at, part=current.number,
            unit_id=current.unit_id, person_id=current.contact_id,
        )  # fmt: skip


def ruling_missed(act: Act, deadline: Deadline) -> None:
    """The centre was silent for two hours: the return counts as not accepted, from that instant."""
    assert deadline.due_at is not None
    _deny_return(act, deadline.due_at)


ON_MISS[Kind.RULING] = ruling_missed
