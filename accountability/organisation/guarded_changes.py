"""Guarded changes: resetting a second factor, a code for an account in use, and the offices of marketing's leaders,
administrators and auditors take two people, each in their own session.

One requests, another who holds the same right decides: never the requester, never the person concerned. Where nobody
else holds the right the audit administrator decides. What is approved takes effect at that instant and not before. The
person concerned hears of it by e-mail and text message, because whoever signs in as them reads their inbox; their head
and the audit administrator hear of it in theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.models import ActivationCode, Appointment, Employee, GuardedChange
from accountability.models.guarded_changes import OF_MARKETING, TO_DECIDE
from accountability.permissions import GUARDED_ROLES, Role

CARRIES_OUT: dict[str, Callable[[Act, GuardedChange], None]] = {}
"""What an approval does, by the verb that requested it. It checks everything again, since days may have passed."""

BEFORE_ASKING: dict[str, Any] = {
    **dict.fromkeys(
        ("reset_second_factor", "appoint_administrator", "end_administrator"),
        _("提交的是申请：由第二人在“重要变更”中审批，批准后才生效。"),
    ),
    **dict.fromkeys(
        OF_MARKETING, _("角色为市场部领导时，提交的是申请：由第二人在“重要变更”中审批，批准后才生效。"),
    ),
    "issue_activation_code": _(
        "账号已在使用的，提交的是申请：由第二人在“重要变更”中审批，激活码只显示给审批人，由其告诉本人。"
    ),
}  # fmt: skip
"""What a person reads next to the button, by the verb that requests a change."""

OF_THE_LEADERS = (Role.MARKETING_LEADER, Role.MARKETING, Role.AUDIT_ADMIN)
OF_THE_ADMINISTRATORS = (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)

APPOINTING = ("appoint", "appoint_administrator")
"""The verbs that request an office for somebody."""


class Deciders:
    """Who may decide on guarded changes at an instant, read once for all of them."""

    def __init__(self, at: datetime) -> None:
        roles = {*OF_THE_LEADERS, *OF_THE_ADMINISTRATORS}
        serving = Appointment.objects.serving(at).filter(role__in=roles, employee__is_active=True)
        self.serving: dict[str, set[int]] = defaultdict(set)
        for role, person_id in serving.values_list("role", "employee_id"):
            self.serving[role].add(person_id)

    def of(self, change: GuardedChange) -> list[int]:
        """The people of the first office that has anybody besides the requester and the person concerned."""
        offices = OF_THE_LEADERS if change.verb in OF_MARKETING else OF_THE_ADMINISTRATORS
        concerned = {change.requested_by_id, change.employee_id}
        return next((sorted(able) for role in offices if (able := self.serving[role] - concerned)), [])


def ask(
    act: Act, employee: Employee, *, role: str = "", starts_on: date | None = None, ends_on: date | None = None
) -> None:
    """Turn the act into a request that a second person decides on."""
    assert act.actor is not None
    assert act.entry is not None
    change = GuardedChange(
        verb=act.entry.verb, employee=employee, role=role, starts_on=starts_on, ends_on=ends_on,
        reason=act.entry.texts, requested_by=act.actor.employee, requested_at=act.at, expires_at=act.at + TO_DECIDE,
    )  # fmt: skip
    same = GuardedChange.objects.waiting().filter(verb=change.verb, employee=employee, role=role)
    refuse_unless(not same.exists(), _("已有同样的申请待审批。"), "employee")
    deciders = Deciders(act.at)
    able = deciders.of(change)
    refuse_unless(able, _("这项变更须由第二人审批，现在没有其他人可以审批，请先任命审计管理员。"))
    act.changes.new(change)
    act.note(needs_approval=True)
    for person_id in able:
        act.announce(person_id, "change_to_decide", **change.facts)
    tell_about(act, change, deciders, "change_requested")
    act.announce(employee.pk, "own_change_requested", **change.facts)


def has_or_awaits_office(employee: Employee, at: datetime) -> bool:
    """Whether the person has a guarded office, now or from a later day on, or somebody requested it for them."""
    offices = Appointment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day_of(at)), role__in=GUARDED_ROLES)
    return (
        offices.filter(employee=employee).exists()
        or GuardedChange.objects.waiting().filter(employee=employee, verb__in=APPOINTING).exists()
    )


def tell_about(act: Act, change: GuardedChange, deciders: Deciders, notice: str) -> None:
    """Notify the head of the person concerned, and the audit administrator. A head's own head is their supervisor."""
    person = change.employee
    head_id = person.unit.head_id if person.unit else None
    if head_id in (None, person.pk):
        head_id = person.supervisor_id
    for person_id in {head_id, *deciders.serving[Role.AUDIT_ADMIN]} - {person.pk}:
        act.announce(person_id, notice, **change.facts)


def check_not_past(act: Act, day: date, field_name: str) -> None:
    """Refuse a day before today: such an office begins and ends no earlier than its approval."""
    refuse_unless(day >= day_of(act.at), _("不能早于今天：自第二人批准之日起生效。"), field_name)


CheckBeginning = Callable[[Act, Employee, str, date, date | None], None]
FindRunning = Callable[[Act, Employee, str, date], Appointment]


def appointing(check: CheckBeginning) -> Callable[[Act, GuardedChange], None]:
    """What approves an appointment: it begins on the day named, or where that is over on the day of the approval."""

    def appoint(act: Act, change: GuardedChange) -> None:
        assert change.starts_on is not None
        starts_on = max(change.starts_on, day_of(act.at))
        check(act, change.employee, change.role, starts_on, change.ends_on)
        # One person alone may have issued it, and would sign in with it as whoever now has an office.
        ActivationCode.end_all(change.employee, act.at)
        act.changes.new(
            Appointment(employee=change.employee, role=change.role, starts_on=starts_on, ends_on=change.ends_on)
        )

    return appoint


def ending(find: FindRunning) -> Callable[[Act, GuardedChange], None]:
    """What approves the end of a service: it ends on the day named, or if that is over on the day of the approval."""

    def end(act: Act, change: GuardedChange) -> None:
        assert change.ends_on is not None
        last_day = max(change.ends_on, day_of(act.at))
        running = find(act, change.employee, change.role, last_day)
        act.changes.watch(running)
        running.ends_on = last_day

    return end
