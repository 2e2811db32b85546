"""A case ends: at once where nothing was violated, else when circular and penalties are there (R51)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.acts import Act, refuse_unless
from accountability.verbs import verb
from assessment.actions.telling import tell_unit
from assessment.models import Case, CaseState, Ground


@verb(Case, _("结案"), rule="R51")
def close_case(act: Act) -> None:
    """Not while an owed penalty is unrecorded or the circular isn't issued; the return slip may follow."""
    case: Case = act.subject
    if case.state != CaseState.NO_VIOLATION:
        missing = [str(Ground(owed["ground"]).label) if owed["ground"] else str(_("责任人")) for owed in case.unpaid]
        refuse_unless(not missing, _("尚未记录对以下人员的处理：%(who)s。") % {"who": "、".join(missing)})
        refuse_unless(case.circular_in_force, _("通报批评尚未签发。"))
    case.close_case()
    case.drop_approval()
    case.closed_at = act.at
    tell_unit(act, "case_closed")
