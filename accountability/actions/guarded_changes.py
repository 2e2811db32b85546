"""Deciding on guarded changes: approved or refused by a second person, withdrawn by the requester, or expired."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.gate.act import Act, Batch, Refused, refuse_unless
from accountability.gate.changes import flush
from accountability.gate.fields import Line, Whole
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, verb
from accountability.models import GuardedChange, actor_for
from accountability.organisation.guarded_changes import CARRIES_OUT, Deciders, tell_about

State = GuardedChange.State
CHANGE = Whole(name="change", label=_("申请编号"), least=1, most=999_999_999)


@verb(
    Organisation, _("批准变更"), CHANGE, Line(name="remark", label=_("审批意见"), required=False, max_length=200),
    permission=permissions.approve_change, rule="R17", in_session=True,
)  # fmt: skip
def approve_change(act: Act, *, change: int, remark: str = "") -> None:
    """A second person approves in their own session. The change takes effect now, or from a later day that it names; a
    day that has passed meanwhile counts as today.
    """
    found, deciders = _to_decide(act, change)
    requester = actor_for(found.requested_by_id, act.at)
    may = requester is not None and VERBS[Organisation.matter_kind, found.verb].permits(act.subject, requester)
    refuse_unless(may, _("申请人已无权提出这项变更，请重新申请。"), "change")
    refuse_unless(found.employee.is_active, _("该员工已离职。"), "change")
    _decide(act, found, State.APPROVED)
    CARRIES_OUT[found.verb](act, found)
    act.announce(found.requested_by_id, "change_made", **found.facts)
    tell_about(act, found, deciders, "change_made")
    act.announce(found.employee_id, "own_change_made", **found.facts)


@verb(
    Organisation, _("不批准变更"), CHANGE, Line(name="remark", label=_("理由"), max_length=200),
    permission=permissions.refuse_change, rule="R17", in_session=True,
)  # fmt: skip
def refuse_change(act: Act, *, change: int, remark: str) -> None:
    """A second person refuses; nothing changes, and the requester reads why."""
    found, _deciders = _to_decide(act, change)
    _decide(act, found, State.REFUSED)
    act.announce(found.requested_by_id, "change_refused", **found.facts)


@verb(
    Organisation, _("撤回变更申请"), CHANGE, permission=permissions.withdraw_change, rule="R17",
)  # fmt: skip
def withdraw_change(act: Act, *, change: int) -> None:
    """The requester takes the request back; nothing changes."""
    assert act.actor is not None
    found = _waiting(act, change)
    if found.requested_by_id != act.actor.pk:
        raise Refused("forbidden", _("只有申请人可以撤回。"))
    _close(act, found, State.WITHDRAWN)


def _waiting(act: Act, number: int) -> GuardedChange:
    """The request, if this person may know of it and it is still waiting."""
    assert act.actor is not None
    known = GuardedChange.objects.visible_to(act.actor).with_everything()
    found = known.filter(pk=number).first()
    refuse_unless(found is not None, _("没有这项申请。"), "change")
    assert found is not None
    refuse_unless(found.state == State.WAITING, _("这项申请已有结论：%(state)s。") % {
        "state": found.get_state_display()
    }, "change")  # fmt: skip
    refuse_unless(act.at < found.expires_at, _("这项申请已逾期，请重新申请。"), "change")
    return found


def _to_decide(act: Act, number: int) -> tuple[GuardedChange, Deciders]:
    """The request, if this person is a second person for it: neither who requested it nor whom it concerns."""
    assert act.actor is not None
    found, deciders = _waiting(act, number), Deciders(act.at)
    if act.actor.pk not in deciders.of(found):
        raise Refused("forbidden", _("这项变更须由另一名有权的人审批。"))
    return found, deciders


def _decide(act: Act, found: GuardedChange, state: str) -> None:
    assert act.actor is not None
    assert act.entry is not None
    _close(act, found, state)
    found.decided_by, found.remark = act.actor.employee, act.entry.texts
    act.note(of=found.verb, employee=found.employee_id, role=found.role)


def _close(act: Act, found: GuardedChange, state: str) -> None:
    act.changes.watch(found)
    found.state, found.decided_at = state, act.at


def expire_due(at: datetime) -> int:
    """A watch of the sweep: close requests that nobody decided on in time, and tell who requested them. Return how
    many.
    """
    due = GuardedChange.objects.waiting().filter(expires_at__lte=at)
    if not due.exists():
        return 0
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        found, deciders = list(due.with_everything().order_by("pk")), Deciders(at)
        for change in found:
            _close(act, change, State.EXPIRED)
            act.announce(change.requested_by_id, "change_expired", **change.facts)
            tell_about(act, change, deciders, "change_expired")
        act.record("expire_changes", batch.system, facts={"changes": [change.pk for change in found]})
        flush(batch)
    return len(found)
