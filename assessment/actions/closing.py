"""A case ends: at once where nothing was violated, else when circular and penalties are there (R51)."""

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
    """Not while an owed penalty is unrecorded, the circular isn't issued, or somebody penalised is named in none (R50);
    the return slip may follow.
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
    """A penalty that is owed and not recorded holds up what names the people, and the end."""
    missing = [] if unless else list(dict.fromkeys(str(Ground(owed["ground"]).label) for owed in case.unpaid))
    refuse_unless(not missing, _("尚未记录对以下人员的处理：%(who)s。") % {"who": "、".join(missing)})
