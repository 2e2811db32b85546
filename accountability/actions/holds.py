"""Releasing a hold: marketing requests what the misses in the window are, a second person approves it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Line
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import verb
from accountability.models import Alarm, GuardedChange, Hold
from accountability.organisation import guarded_changes

REASON = Line(name="reason", label=_("理由"), max_length=200)


@verb(Organisation, _("确认停摆期间的超时"), REASON, permission=permissions.confirm_held, rule="R38")
def confirm_held(act: Act, *, reason: str) -> None:
    """Request that what fell due in the window be missed at its due instant, as if nothing had happened."""
    _ask(act)


@verb(Organisation, _("停摆期间的超时全部免责"), REASON, permission=permissions.excuse_held, rule="R38")
def excuse_held(act: Act, *, reason: str) -> None:
    """Request that what fell due in the window be recorded and excused at once, for everybody, with this reason."""
    _ask(act)


def _ask(act: Act) -> None:
    assert act.actor is not None
    hold = _awaiting()
    guarded_changes.ask(act, act.actor.employee)
    act.note(**hold.facts)


def _awaiting() -> Hold:
    hold = Hold.objects.awaiting().first()
    refuse_unless(hold is not None, _("现在没有待解除的停摆时段。"))
    assert hold is not None
    return hold


def _release(act: Act, change: GuardedChange) -> None:
    """The sweep records the misses next: there may be very many."""
    assert act.actor is not None
    hold = _awaiting()
    refuse_unless(hold.until <= change.requested_at, _("申请后停摆时段又延长了，请重新申请。"), "change")
    act.changes.watch(hold)
    hold.is_excused = change.verb == "excuse_held"
    hold.proposed_by, hold.released_by, hold.reason = change.requested_by, act.actor.employee, change.reason
    hold.released_at = act.at
    for alarm in Alarm.objects.filter(kind="held", cleared_at=None):
        act.changes.watch(alarm)
        alarm.cleared_at = act.at
    act.note(**hold.facts)


guarded_changes.CARRIES_OUT |= {"confirm_held": _release, "excuse_held": _release}
