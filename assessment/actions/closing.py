"""Closing a case: at once if nothing was violated, otherwise once circular and penalties are complete (R51)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.verbs import verb
from assessment import permissions
from assessment.actions.notify import tell_unit
from assessment.models import Case, CaseState, Ground


@verb(
    Case, _("结案"), rule="R51",
    permission=permissions.close_case,
    icon="square-full", tone="neutral",
    read_by=("unit", "centre"), told_awaited=True,
)  # fmt: skip
def close_case(act: Act) -> None:
    """Close the case. Refused while an owed penalty isn't recorded, the circular isn't issued, or a penalised person is
    named in no circular (R50). The return slip may follow later.
    """
    case: Case = act.subject
    if case.state != CaseState.NO_VIOLATION:
        refuse_while_owed(case)
        refuse_unless(case.circular_in_force, _("通报批评尚未签发。"))
        unnamed = "、".join(str(p.person) for p in case.penalty_rows if p.person_id in case.people_to_name)
        refuse_unless(not unnamed, _("通报批评尚未点名以下受处理人：%(who)s。") % {"who": unnamed})
    case.close_case()
    case.drop_approval()
    case.closed_at = act.at
    tell_unit(act, "case_closed")


def refuse_while_owed(case: Case, *, unless: bool = False) -> None:
    """Refuse while a penalty is owed and not recorded: the circular that names people, and closing, wait for it."""
    missing = [] if unless else list(dict.fromkeys(str(Ground(owed["ground"]).label) for owed in case.unpaid))
    refuse_unless(not missing, _("尚未记录对以下人员的处理：%(who)s。") % {"who": "、".join(missing)})
