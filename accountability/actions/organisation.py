"""Supervisors, appointments and heads: changed by the marketing department, on the organisation's standing matter."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Day, InUnit, Line, Person
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import verb
from accountability.models import Appointment, Employee, Unit, in_service
from accountability.organisation import administrators, guarded_changes, succession
from accountability.permissions import BUSINESS_ROLES, CONTACT_ROLES, GUARDED_ROLES, MARKETING_ROLES, Role

DEPARTMENT_OF: dict[str, str] = {
    Role.AGENT: Unit.Kind.SERVICE_CENTRE,
    Role.CSC_SUPERVISOR: Unit.Kind.SERVICE_CENTRE,
    Role.MARKETING: Unit.Kind.MARKETING,
    Role.MARKETING_LEADER: Unit.Kind.MARKETING,
}
"""The roles that belong to one kind of department."""


ROLE = Choice(
    name="role", label=_("角色"), choices=tuple((role, label) for role, label in Role.choices if role in BUSINESS_ROLES)
)
"""The roles that marketing appoints to; administrators and auditors are appointed in `actions/administrators.py`."""


@verb(
    Organisation, _("指定分管领导"),
    Person(name="employee", label=_("员工"), administers_too=True),
    Person(name="supervisor", label=_("分管领导")),
    permission=permissions.set_supervisor, rule="R4",
)  # fmt: skip
def set_supervisor(act: Act, *, employee: Employee, supervisor: Employee) -> None:
    """Set the leader who becomes joint first-inquiry person at the next hand-over; rounds already stamped keep theirs
    (R3, R4).
    """
    refuse_unless(employee.pk != supervisor.pk, _("分管领导不能是本人。"), "supervisor")
    act.changes.watch(employee)
    employee.supervisor = supervisor


@verb(
    Organisation, _("任命"),
    Person(name="employee", label=_("员工")),
    ROLE,
    Day(name="starts_on", label=_("开始日期")),
    Day(name="ends_on", label=_("结束日期"), required=False),
    Line(name="reason", label=_("理由"), required=False),
    permission=permissions.appoint, rule="R17",
)  # fmt: skip
def appoint(
    act: Act, *, employee: Employee, role: str, starts_on: date, ends_on: date | None = None, reason: str = ""
) -> None:
    """Appoint somebody to a role, with dates of service (R17): never oneself, nor anybody outside the role's
    department. Of a marketing leader this is a request that a second person approves.
    """
    assert act.actor is not None
    refuse_unless(employee.pk != act.actor.pk, _("不能任命本人。"), "employee")
    if role in GUARDED_ROLES:
        guarded_changes.check_not_past(act, starts_on, "starts_on")
    _check_appointment(act, employee, role, starts_on, ends_on)
    if role in GUARDED_ROLES:
        guarded_changes.ask(act, employee, role=role, starts_on=starts_on, ends_on=ends_on)
    else:
        act.changes.new(Appointment(employee=employee, role=role, starts_on=starts_on, ends_on=ends_on))


def _check_appointment(act: Act, employee: Employee, role: str, starts_on: date, ends_on: date | None) -> None:
    _check_department(employee, role)
    refuse_unless(ends_on is None or ends_on >= starts_on, _("结束日期不能早于开始日期。"), "ends_on")
    overlapping = administrators.serving_in(employee, starts_on, ends_on).filter(role=role)
    refuse_unless(not overlapping.exists(), _("该员工在此期间已担任这一角色。"), "role")
    administrators.check_nothing_beside(employee, role, starts_on, ends_on)


def _check_department(employee: Employee, role: str) -> None:
    """The department that judges isn't the one that determines: the centre's roles are for its own people, marketing's
    for theirs.
    """
    department = DEPARTMENT_OF.get(role)
    fits = department is None or (employee.unit is not None and employee.unit.kind == department)
    refuse_unless(fits, _("该角色只能由相应部门的员工担任。"), "role")


@verb(
    Organisation, _("结束任职"),
    Person(name="employee", label=_("员工")),
    ROLE,
    Day(name="ends_on", label=_("结束日期")),
    Line(name="reason", label=_("理由"), required=False),
    permission=permissions.end_appointment, rule="R17",
)  # fmt: skip
def end_appointment(act: Act, *, employee: Employee, role: str, ends_on: date, reason: str = "") -> None:
    """Set the last day of a running appointment. Of a marketing leader this is a request that a second person
    approves, unless nobody else would lead marketing.
    """
    if role in GUARDED_ROLES:
        guarded_changes.check_not_past(act, ends_on, "ends_on")
    running = _running(act, employee, role, ends_on)
    if role in GUARDED_ROLES:
        guarded_changes.ask(act, employee, role=role, ends_on=ends_on)
        return
    act.changes.watch(running)
    running.ends_on = ends_on
    if role in CONTACT_ROLES and ends_on < day_of(act.at):
        succession.away(act, employee)


def _running(act: Act, employee: Employee, role: str, ends_on: date) -> Appointment:
    """The running appointment, if it may end on this day."""
    running = Appointment.objects.filter(employee=employee, role=role).filter(in_service(ends_on)).first()
    refuse_unless(running is not None, _("该员工在此日并未担任这一角色。"), "role")
    assert running is not None
    if role in MARKETING_ROLES:
        check_marketing_goes_on(act, employee, ends_on, "employee")
    if role in GUARDED_ROLES:
        administrators.check_office_goes_on(act, employee, role, ends_on, "employee")
    return running


guarded_changes.CARRIES_OUT |= {
    "appoint": guarded_changes.appointing(_check_appointment),
    "end_appointment": guarded_changes.ending(_running),
}


def check_marketing_goes_on(act: Act, employee: Employee, last_day: date, field_name: str) -> None:
    """Refuse to end the last service in marketing: only marketing appoints, so somebody else must serve the day
    after.
    """
    next_day = max(last_day + timedelta(days=1), day_of(act.at))
    serving = Appointment.objects.filter(in_service(next_day), role__in=MARKETING_ROLES, employee__is_active=True)
    others = serving.exclude(employee=employee)
    refuse_unless(others.exists(), _("此后市场部再无他人任职，请先任命他人。"), field_name)


@verb(
    Organisation, _("指定负责人"),
    InUnit(name="unit", label=_("单位")),
    Person(name="head", label=_("负责人")),
    permission=permissions.set_head,
)  # fmt: skip
def set_head(act: Act, *, unit: Unit, head: Employee) -> None:
    """Set the unit's head, who is stamped on rounds dispatched from now on (R51)."""
    refuse_unless(head.unit_id == unit.pk, _("负责人应是本单位员工。"), "head")
    act.changes.watch(unit)
    unit.head = head
