"""Two people annul a wrong determination; a further circular withdraws the issued one (R52)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.documents.issuing import issue
from accountability.gate.act import Act
from accountability.gate.fields import Text
from accountability.gate.verbs import verb
from accountability.models import Employee
from assessment import permissions
from assessment.actions.approving import ON_APPROVAL, ask_approval
from assessment.actions.misses import release
from assessment.actions.notify import tell_unit
from assessment.actions.opening import APPROVER
from assessment.actions.refunds import owe_refunds
from assessment.declarations.limits import Kind
from assessment.models import Case, Source
from assessment.models.states import DETERMINED, CaseState


@verb(
    Case, _("撤销认定"), Text(name="reason", label=_("理由"), rows=3), APPROVER, rule="R52",
    permission=permissions.annul_case, states=[*DETERMINED, CaseState.CLOSED], when=[permissions.was_violated],
    icon="back", tone="warn", grave=True,
)  # fmt: skip
def annul_case(act: Act, *, reason: str, approved_by: Employee) -> None:
    """Ask to annul a finding that was wrong. Nothing changes until the named marketing leader approves."""
    ask_approval(act, "annul_case", approved_by)


def _annul(act: Act) -> None:
    """Annul the penalties and all that is owed with the case; what was carried out is given back. An issued circular
    waits to be withdrawn, an unsigned one is dropped, and the case's missed duties are voided. The misses that it took
    up are another standing case's, or leads again (R38): then each is judged anew or set aside.
    """
    case: Case = act.subject
    case.annul()
    case.annulled_at = act.at
    for penalty in case.penalty_rows:
        penalty.annulled_at = act.at
    for circular in case.circular_rows:
        if circular.signed_at is None and not circular.withdraws_id:
            circular.withdrawn_at, circular.signer = act.at, None
    for kind in (Kind.DISCIPLINE, Kind.SLIP):
        act.void(kind, even_missed=True)
    release(act)
    tell_unit(act, "annulled")
    owe_refunds(act)


def _decline(act: Act) -> None:
    """Decline the case. The unit hears of it only for a contact's fault, which it knew of from the start."""
    case: Case = act.subject
    case.decline()
    act.void(Kind.NOTICE)
    act.void(Kind.OPINION)
    if case.source == Source.SHEET:
        issue(act, "sheet", said="sheet_declined")
    if case.is_fault:
        tell_unit(act, "fault_declined")


ON_APPROVAL |= {"annul_case": _annul, "decline_case": _decline}
