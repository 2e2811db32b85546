"""Acts that need two people: one asks and gives a reason, a marketing leader approves in their own session."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Text
from accountability.gate.verbs import verb
from accountability.models import Employee
from assessment import permissions
from assessment.models import Case
from assessment.models.states import BEFORE_NOTICE, DETERMINED, OF_A_FAULT, CaseState

ON_APPROVAL: dict[str, Callable[[Act], None]] = {}
"""What runs on approval, by the verb that asked."""


def refuse_as_leader(act: Act, person: Employee, field_name: str) -> None:
    """Refuse an approver or signer who doesn't lead the marketing department, or who is the person asking."""
    assert act.actor is not None
    leads = person.pk in act.batch.marketing_leader_ids
    refuse_unless(leads, _("应是市场部在任领导。"), field_name)
    refuse_unless(person.pk != act.actor.pk, _("不能请本人批准或签发，须由另一人。"), field_name)


def ask_approval(act: Act, asked: str, approver: Employee) -> None:
    """Submit the request to the named leader. It replaces a pending request and its reason."""
    refuse_as_leader(act, approver, "approved_by")
    case: Case = act.subject
    assert act.actor is not None
    assert act.entry is not None
    case.approval, case.approver = asked, approver
    case.approval_by, case.approval_at, case.approval_texts = act.actor.employee, act.at, act.entry.texts
    act.tell(approver.pk, "approval_asked", verb=asked)


@verb(
    Case, _("批准"), rule="R42",
    permission=permissions.approve, states=[*BEFORE_NOTICE, *OF_A_FAULT, *DETERMINED, CaseState.CLOSED],
    when=[permissions.approval_waits],
    icon="check", tone="ok",
    seen=lambda case: [case.approval_texts_id], in_session=True,
)  # fmt: skip
def approve(act: Act) -> None:
    """The leader's own act, bound to the reason they read."""
    case: Case = act.subject
    asked, by = case.approval, case.approval_by_id
    act.note(verb=asked)
    ON_APPROVAL[asked](act)
    case.drop_approval()
    act.tell(by, "approved", verb=asked)


@verb(
    Case, _("不批准"), Text(name="reason", label=_("理由"), rows=2), rule="R42",
    permission=permissions.disapprove, states=[*BEFORE_NOTICE, *OF_A_FAULT, *DETERMINED, CaseState.CLOSED],
    when=[permissions.approval_waits],
    icon="cross", tone="danger",
    seen=lambda case: [case.approval_texts_id],
)  # fmt: skip
def disapprove(act: Act, *, reason: str) -> None:
    """The case goes on as if nobody had asked."""
    case: Case = act.subject
    act.note(verb=case.approval)
    act.tell(case.approval_by_id, "disapproved", verb=case.approval)
    case.drop_approval()
