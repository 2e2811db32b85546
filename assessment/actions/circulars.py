"""The circular: submitted to a marketing leader, numbered when signed, withdrawn only by another (R47, R49, R52)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.documents.issuing import issue
from accountability.documents.phrases import wording_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Person, Text
from accountability.gate.verbs import verb
from accountability.models import Employee
from accountability.permissions import Actor
from assessment import permissions
from assessment.actions.approving import refuse_as_leader
from assessment.actions.closing import refuse_while_owed
from assessment.actions.notify import tell_everybody
from assessment.actions.quoting import NOT_CUSTOMER, refuse_identity
from assessment.cases import candidates
from assessment.documents import circular_text, withdrawal_text
from assessment.documents.numbering import number_by
from assessment.models import Case, Circular
from assessment.models.states import DETERMINED, CaseState

SUSPECTED = "涉嫌"
SIGNER = Person(name="signed_by", label=_("请其签发"), among=candidates.leaders_to_ask)


def _is_due(case: Case, actor: Actor) -> bool:
    """True once no penalty is owed; the first circular of a deemed violation may go at once (R45, R50)."""
    return not case.unpaid or (case.was_deemed and case.circular_in_force is None)


@verb(
    Case, _("送签通报批评"),
    Text(name="body", label=_("通报正文"), required=False, rows=12, max_length=8000,
         help=_("写明基本情况和性质认定，不填则按记录生成；处理决定和有关要求由系统按记录附上。不得出现客户身份。")),
    SIGNER, NOT_CUSTOMER, rule="R52", offered=_is_due,
    permission=permissions.issue_circular, states=[*DETERMINED, CaseState.CLOSED], when=[permissions.lacks_circular],
    icon="edit", tone="info",
    told_awaited=True,
)  # fmt: skip
def issue_circular(act: Act, *, signed_by: Employee, body: str = "", not_customer: bool = False) -> None:
    """Submit the circular's text to the leader who signs it in their own session; until then it may be submitted again.
    It names the unit and every penalised person not yet named, so no penalty may still be owed. A deemed violation
    already has a draft, which may be issued earlier and names the unit alone (R45, R50).
    """
    case: Case = act.subject
    refuse_while_owed(case, unless=case.was_deemed and case.circular_in_force is None)
    _refuse_beside(case, withdrawal=False)
    refuse_as_leader(act, signed_by, "signed_by")
    text = body or circular_text(case, wording_of(act.batch))
    refuse_identity(act, text, "body", not_customer=not_customer)
    refuse_unless(SUSPECTED not in text, _("认定之后的通报不得再写“涉嫌”。"), "body")
    _lay_before(act, case.draft, text, signed_by, named=case.people_to_name)


def _refuse_beside(case: Case, *, withdrawal: bool) -> None:
    """Only one paper at a time may wait for a signature: a circular, or the withdrawal of one."""
    other = case.draft if withdrawal else case.withdrawal
    waits = other is not None and other.waits_for_signer
    refuse_unless(not waits, _("另有一份通报待签发，请先办结。"))


@verb(
    Case, _("撤回通报"), Text(name="reason", label=_("撤回理由"), rows=3), SIGNER, NOT_CUSTOMER, rule="R52",
    permission=permissions.withdraw_circular, states=[*DETERMINED, CaseState.CLOSED, CaseState.ANNULLED],
    when=[permissions.has_circular],
    icon="back", tone="warn", grave=True,
)  # fmt: skip
def withdraw_circular(act: Act, *, reason: str, signed_by: Employee, not_customer: bool = False) -> None:
    """Withdraw a circular by a further circular, which is signed in the same way."""
    case: Case = act.subject
    refuse_as_leader(act, signed_by, "signed_by")
    refuse_identity(act, reason, "reason", not_customer=not_customer)
    _refuse_beside(case, withdrawal=True)
    in_force = case.circular_in_force
    assert in_force is not None
    text = withdrawal_text(in_force, reason)
    _lay_before(act, case.withdrawal, text, signed_by, withdraws=in_force)


def _lay_before(
    act: Act, draft: Circular | None, text: str, signer: Employee, *, withdraws: Circular | None = None,
    named: Sequence[int] = (),
) -> None:  # fmt: skip
    case: Case = act.subject
    assert act.actor is not None
    if draft is None:
        draft = Circular(case=case, unit=case.unit, withdraws=withdraws, drafted_at=act.at)
        act.changes.new(draft)
        case.circular_rows.append(draft)
    draft.drafted_by, draft.drafted_at, draft.signer = act.actor.employee, act.at, signer
    draft.withdraws = withdraws
    draft.texts, draft.named = act.sealed("circular", {"body": text}), list(named)
    act.tell(signer.pk, "to_do", verb="sign_circular")


def _draft_to_sign(case: Case) -> list[Any]:
    """The draft as the page showed it."""
    return [case.circular_to_sign and case.circular_to_sign.texts_id]


@verb(
    Case, _("退回通报"), Text(name="remarks", label=_("退回意见"), rows=4), rule="R52",
    permission=permissions.return_circular, states=[*DETERMINED, CaseState.CLOSED, CaseState.ANNULLED],
    when=[permissions.circular_waits],
    icon="back", tone="warn",
    seen=_draft_to_sign,
)  # fmt: skip
def return_circular(act: Act, *, remarks: str) -> None:
    """The leader doesn't sign: the draft goes back to its author and may be submitted again. A circular that was to be
    withdrawn stays in force.
    """
    case: Case = act.subject
    circular = case.circular_to_sign
    assert circular is not None
    assert act.actor is not None
    assert act.entry is not None
    circular.signer, circular.named, circular.remarks = None, [], act.entry.texts
    circular.returned_by, circular.returned_at = act.actor.employee, act.at
    act.tell(circular.drafted_by_id, "circular_returned")


@verb(
    Case, _("签发通报批评"), rule="R52",
    permission=permissions.sign_circular, states=[*DETERMINED, CaseState.CLOSED, CaseState.ANNULLED],
    when=[permissions.circular_waits],
    icon="paper", tone="danger",
    seen=_draft_to_sign,
    read_by=("unit",),
)  # fmt: skip
def sign_circular(act: Act) -> None:
    """The leader signs the text they read. Only now does it get a number, and all units are notified."""
    case: Case = act.subject
    circular = case.circular_to_sign
    assert circular is not None
    circular.number, circular.signed_at = number_by(act, "circular_prefix"), act.at
    act.note(number=circular.number)
    issue(act, "circular", part=circular.pk, number=circular.number)
    if circular.withdraws_id:
        withdrawn = next(each for each in case.circular_rows if each.pk == circular.withdraws_id)
        withdrawn.withdrawn_at = act.at
    tell_everybody(act, "circular_issued", number=circular.number, circular=circular.pk)
