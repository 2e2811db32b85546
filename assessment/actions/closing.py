"""Closing a case: at once if nothing was violated, otherwise once circular and penalties are complete (R51)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, Refused, refuse_unless
from accountability.gate.verbs import verb
from accountability.permissions import Actor
from assessment import permissions
from assessment.actions.notify import tell_unit
from assessment.cases.progress import missing_to_close, unrecorded
from assessment.models import Case


def _can_be_closed(case: Case, actor: Actor) -> bool:
    return not missing_to_close(case)


@verb(
    Case, _("结案"), rule="R51", offered=_can_be_closed,
    permission=permissions.close_case,
    icon="square-full", tone="neutral",
    read_by=("unit", "centre"), told_awaited=True,
)  # fmt: skip
def close_case(act: Act) -> None:
    """Close the case. Refused while an owed penalty isn't recorded, the circular isn't issued, or a penalised person is
    named in no circular (R50). The return slip may follow later.
    """
    case: Case = act.subject
    if missing := missing_to_close(case):
        raise Refused("condition", missing[0])
    case.close_case()
    case.drop_approval()
    case.closed_at = act.at
    tell_unit(act, "case_closed")


def refuse_while_owed(case: Case, *, unless: bool = False) -> None:
    """Refuse while a penalty is owed and not recorded: the circular that names people, and closing, wait for it."""
    missing = "" if unless else unrecorded(case)
    refuse_unless(not missing, missing)
