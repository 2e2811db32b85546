"""Appointing and ending administrators and auditors: requested by a security administrator, approved by a second
person, on the organisation's standing matter.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Day, Line, Person
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import verb
from accountability.models import Appointment, Employee, in_service
from accountability.organisation import administrators, guarded_changes
from accountability.permissions import OVERSIGHT_ROLES, Role

ROLE = Choice(
    name="role",
    label=_("角色"),
    choices=tuple((role, label) for role, label in Role.choices if role in OVERSIGHT_ROLES),
)
PERSON = Person(name="employee", label=_("员工"), administers_too=True)
REASON = Line(name="reason", label=_("理由"))


@verb(
    Organisation, _("任命管理员或审计员"), PERSON, ROLE,
    Day(name="starts_on", label=_("开始日期")),
    Day(name="ends_on", label=_("结束日期"), required=False),
    REASON,
    permission=permissions.appoint_administrator,
)  # fmt: skip
def appoint_administrator(
    act: Act, *, employee: Employee, role: str, starts_on: date, ends_on: date | None = None, reason: str
) -> None:
    """Request that one of the three administrators, or an auditor, be appointed, with dates of service like every role
    (R17): never oneself, nor anybody who holds another role. A second person approves it.
    """
    assert act.actor is not None
    refuse_unless(employee.pk != act.actor.pk, _("不能任命本人。"), "employee")
    guarded_changes.check_not_past(act, starts_on, "starts_on")
    _check(act, employee, role, starts_on, ends_on)
    guarded_changes.ask(act, employee, role=role, starts_on=starts_on, ends_on=ends_on)


def _check(act: Act, employee: Employee, role: str, starts_on: date, ends_on: date | None) -> None:
    refuse_unless(ends_on is None or ends_on >= starts_on, _("结束日期不能早于开始日期。"), "ends_on")
    same = administrators.serving_in(employee, starts_on, ends_on).filter(role=role)
    refuse_unless(not same.exists(), _("该员工在此期间已担任这一角色。"), "role")
    administrators.check_nothing_beside(employee, role, starts_on, ends_on)
    administrators.check_free(employee, act.at)


@verb(
    Organisation, _("结束管理员或审计员任职"), PERSON, ROLE,
    Day(name="ends_on", label=_("结束日期")),
    REASON,
    permission=permissions.end_administrator,
)  # fmt: skip
def end_administrator(act: Act, *, employee: Employee, role: str, ends_on: date, reason: str) -> None:
    """Request that the service end with a day, unless it is the last of the office (R17). A second person approves."""
    guarded_changes.check_not_past(act, ends_on, "ends_on")
    _serving(act, employee, role, ends_on)
    guarded_changes.ask(act, employee, role=role, ends_on=ends_on)


def _serving(act: Act, employee: Employee, role: str, ends_on: date) -> Appointment:
    """The running appointment, if it may end on this day."""
    running = Appointment.objects.filter(in_service(ends_on), employee=employee, role=role).first()
    refuse_unless(running is not None, _("该员工在此日并未担任这一角色。"), "role")
    assert running is not None
    administrators.check_office_goes_on(act, employee, role, ends_on, "employee")
    return running


guarded_changes.CARRIES_OUT |= {
    "appoint_administrator": guarded_changes.appointing(_check),
    "end_administrator": guarded_changes.ending(_serving),
}
