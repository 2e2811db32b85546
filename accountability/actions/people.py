"""Adding, changing and removing units and people: by marketing alone, each change an entry of the organisation's
ledger.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.organisation import check_marketing_goes_on
from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Code, InUnit, Line, Person, Phone
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import verb
from accountability.models import Appointment, DutyRoster, Employee, Preferences, Unit
from accountability.organisation import administrators, succession
from accountability.permissions import GUARDED_ROLES, OVERSIGHT_ROLES, Role
from accountability.signin import tokens

REASON = Line(name="reason", label=_("理由"), required=False)
NAME = Line(name="name", label=_("姓名"), max_length=60)
UNIT_CODE = r"[A-Za-z0-9_-]{1,16}"
USERNAME = r"[\w.@+-]{1,64}"


@verb(
    Organisation, _("登记单位"),
    Code(name="code", label=_("单位代码"), max_length=16, pattern=UNIT_CODE),
    Line(name="name", label=_("单位名称"), max_length=60),
    Choice(name="kind", label=_("单位类别"), choices=tuple(Unit.Kind.choices)),
    Line(name="name_en", label=_("英文名称"), max_length=60, required=False),
    permission=permissions.set_unit, rule="R17",
)  # fmt: skip
def set_unit(act: Act, *, code: str, name: str, kind: str, name_en: str | None = None) -> None:
    """Add a unit, or change the names and kind of an existing one; its head is set by another verb (R17, R51)."""
    unit = act.batch.unit(code)
    if unit is None:
        act.changes.new(Unit(code=code, name=name, kind=kind, name_en=name_en or ""))
        return
    named = (name, kind, unit.name_en if name_en is None else name_en)
    refuse_unless((unit.name, unit.kind, unit.name_en) != named, _("没有变更。"))
    act.note(before={"kind": unit.kind})
    act.changes.watch(unit)
    unit.name, unit.kind, unit.name_en = named


@verb(
    Organisation, _("登记入职"),
    Code(name="username", label=_("工号"), max_length=64, pattern=USERNAME),
    NAME,
    InUnit(name="unit", label=_("单位")),
    permission=permissions.admit, rule="R1",
)  # fmt: skip
def admit(act: Act, *, username: str, name: str, unit: Unit) -> None:
    """Add a new employee, or one who returns: every employee may be the first to be handed a complaint (R1).

    They can't sign in until they get a password.
    """
    person = act.batch.employee(username)
    refuse_unless(person is None or not person.is_active, _("已有这一工号的在职员工。"), "username")
    if person is None:
        act.changes.new(Employee(username=username, name=name, unit=unit, password=make_password(None)))
        return
    refuse_unless(username != Employee.objects.system().username, _("这一工号由系统保留。"), "username")
    _check_roles_are_over(act, person, unit)
    act.note(returned=person.pk)
    act.changes.watch(person)
    person.name, person.unit, person.supervisor, person.is_active = name, unit, None, True
    person.password = make_password(None)


def _check_roles_are_over(act: Act, person: Employee, unit: Unit) -> None:
    """Refuse to take a returner into another unit while a role in the old one has a day left: it would serve there."""
    left = Appointment.objects.filter(employee=person, ends_on__gte=day_of(act.at)).exclude(role__in=OVERSIGHT_ROLES)
    last = None if unit.pk == person.unit_id else left.order_by("-ends_on").first()
    refuse_unless(last is None, _("该员工在原单位的任职到%(day)s为止，次日起方可在其他单位登记入职。") % {
        "day": last and last.ends_on
    }, "unit")  # fmt: skip


@verb(
    Organisation, _("更正员工"),
    Person(name="employee", label=_("员工"), administers_too=True),
    Line(name="name", label=_("姓名"), max_length=60, required=False),
    InUnit(name="unit", label=_("单位"), required=False),
    Phone(name="office", label=_("办公电话"), required=False, as_recorded=True),
    REASON,
    permission=permissions.update_employee, rule="R3",
)  # fmt: skip
def update_employee(
    act: Act, *, employee: Employee, name: str = "", unit: Unit | None = None, office: str = "", reason: str = ""
) -> None:
    """Change a name, a unit or an office telephone. A move ends the roles in the old unit; rounds already stamped keep
    their stamps (R3, R4).
    """
    renamed = bool(name) and name != employee.name
    moved = unit is not None and unit.pk != employee.unit_id
    called = _call_at(act, employee, office)
    refuse_unless(renamed or moved or called, _("没有变更。"))
    act.changes.watch(employee)
    if renamed:
        employee.name = name
    if moved and unit is not None:
        last_day = day_of(act.at) - timedelta(days=1)
        check_marketing_goes_on(act, employee, last_day, "unit")
        _leave_unit(act, employee, last_day=last_day, moving=True)
        employee.unit = unit


@verb(
    Organisation, _("登记离职"), Person(name="employee", label=_("员工"), administers_too=True), REASON,
    permission=permissions.dismiss, rule="R4",
)  # fmt: skip
def dismiss(act: Act, *, employee: Employee, reason: str = "") -> None:
    """Remove a leaver: their access ends at once and their contact addresses are deleted. The people they led have no
    leader on file and need a new one (R4).

    Their open rounds keep their stamps (R3), and those who can reassign the rounds are notified.
    """
    assert act.actor is not None
    refuse_unless(employee.pk != act.actor.pk, _("不能登记本人离职。"), "employee")
    administrators.check_office_goes_on(act, employee, Role.SECURITY_ADMIN, day_of(act.at), "employee")
    act.changes.watch(employee)
    _leave_unit(act, employee, last_day=day_of(act.at), moving=False)
    employee.is_active = False
    _forget_addresses(act, employee)


def _call_at(act: Act, person: Employee, number: str) -> bool:
    """Set the person's office telephone, if it is another one. Their own addresses stay as they are."""
    known = Preferences.objects.select_for_update().filter(employee=person).first() if number else None
    if not number or (known is not None and known.addresses.get("office") == number):
        return False
    if known is None:
        known = Preferences(employee=person)
        act.changes.new(known)
    else:
        act.changes.watch(known)
    known.addresses = known.addresses | {"office": number}
    known.changed_at = act.at
    return True


def _forget_addresses(act: Act, person: Employee) -> None:
    """Delete the addresses of somebody who has left: nothing is sent to them any more."""
    for known in Preferences.objects.select_for_update().filter(employee=person).exclude(sealed=None):
        act.changes.watch(known)
        known.addresses, known.changed_at = {}, act.at


def _leave_unit(act: Act, person: Employee, *, last_day: date, moving: bool) -> None:
    """End the person's roles, turns of duty and headship in the unit, their ties to leader and led, and the tokens that
    they gave to programs there; work that waits for them there passes on.
    """
    running = Appointment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=last_day), employee=person)
    if moving:  # administrators and auditors serve no unit; marketing can't end their roles
        running = running.exclude(role__in=OVERSIGHT_ROLES)
    for appointment in running:
        is_guarded = appointment.role in GUARDED_ROLES
        refuse_unless(not is_guarded, _("该员工任%(role)s，须先经第二人批准结束任职。") % {
            "role": appointment.get_role_display()
        }, "employee")  # fmt: skip
        begun = appointment.starts_on <= last_day
        refuse_unless(begun or not moving, _("该员工有今日起的任职，请先结束其任职。"), "employee")
        act.changes.watch(appointment)
        appointment.ends_on = max(last_day, appointment.starts_on)
    for turn in DutyRoster.objects.standing().filter(employee=person, ends_at__gt=act.at):
        act.changes.watch(turn)
        turn.cancelled_at = act.at
    headed = list(Unit.objects.filter(head=person))
    for unit in headed:
        act.changes.watch(unit)
        unit.head = None
    act.note(without_head=[unit.code for unit in headed], without_leader=_untie(act, person, moving))
    succession.away(act, person)
    succession.left(act, person)
    tokens.end_all(person.pk)


def _untie(act: Act, person: Employee, moving: bool) -> list[int]:
    """Take the people whom they led off them, and them off their leader; return who needs another leader now (R4). A
    move unties them from the old unit only: who leads them from elsewhere goes on.
    """
    led = Employee.objects.filter(supervisor=person, is_active=True)
    untied = list((led.filter(unit=person.unit_id) if moving else led).order_by("pk"))
    if person.supervisor is not None and not (moving and person.supervisor.unit_id != person.unit_id):
        untied.append(person)
    for one in untied:
        act.changes.watch(one)
        one.supervisor = None
    return [one.pk for one in untied if one is not person or moving]
