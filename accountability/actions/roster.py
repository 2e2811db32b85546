"""Turns of duty and absences: recorded by the contacts themselves, the unit's head or marketing (R17, S12)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.deadlines.limits import show_instant
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Instant, InUnit, Line, Person, Text
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import verb
from accountability.models import Absence, DutyRoster, Employee, Unit
from accountability.organisation import succession

INSTANT_HELP = _("如 2026-11-24 17:30；当日结束写 24:00。")
UNIT = InUnit(name="unit", label=_("单位"))
ON_DUTY = Person(name="employee", label=_("值班人"))
BEGINS = Instant(name="starts_at", label=_("值班开始"), help=INSTANT_HELP)


def _check_unit(act: Act, unit: Unit) -> None:
    """Marketing may act for every unit; contacts and heads for their own."""
    actor = act.actor
    assert actor is not None
    own = actor.heads | actor.contact_by_office
    refuse_unless(actor.is_marketing or unit.pk in own, _("只能安排本单位的值班。"), "unit")


@verb(
    Organisation, _("安排值班"), UNIT, ON_DUTY, BEGINS,
    Instant(name="ends_at", label=_("值班结束"), help=INSTANT_HELP),
    Line(name="note", label=_("班次"), required=False, max_length=30),
    permission=permissions.roster, rule="R17",
)  # fmt: skip
def roster(act: Act, *, unit: Unit, employee: Employee, starts_at: datetime, ends_at: datetime, note: str = "") -> None:
    """Record one turn of duty: for its length rounds are delivered to this person, who has the contact's duties (R19).

    A turn of the same person with the same beginning is changed; one that is over can't be.
    """
    _check_unit(act, unit)
    refuse_unless(employee.unit_id == unit.pk, _("值班人应是本单位员工。"), "employee")
    refuse_unless(ends_at > starts_at, _("值班结束应晚于开始。"), "ends_at")
    refuse_unless(ends_at > act.at, _("不能安排已经过去的值班。"), "ends_at")
    mine = DutyRoster.objects.standing().filter(unit=unit, employee=employee)
    same = mine.filter(starts_at=starts_at).first()
    others = mine.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exclude(starts_at=starts_at)
    refuse_unless(not others.exists(), _("该员工在此期间已有值班。"), "starts_at")
    assert act.entry is not None
    kept = act.entry.texts
    if same is None:
        act.changes.new(DutyRoster(unit=unit, employee=employee, starts_at=starts_at, ends_at=ends_at, note=kept))
        return
    refuse_unless(same.ends_at > act.at, _("该次值班已经结束，不能再改。"), "starts_at")
    act.note(ended_before=show_instant(same.ends_at))
    act.changes.watch(same)
    same.ends_at, same.note = ends_at, kept


@verb(Organisation, _("取消值班"), UNIT, ON_DUTY, BEGINS, permission=permissions.cancel_roster, rule="R17")
def cancel_roster(act: Act, *, unit: Unit, employee: Employee, starts_at: datetime) -> None:
    """Call off a turn of duty that isn't over; rounds delivered during it pass on (R19)."""
    _check_unit(act, unit)
    turn = DutyRoster.objects.standing().filter(unit=unit, employee=employee, starts_at=starts_at).first()
    refuse_unless(turn is not None, _("没有这次值班。"), "starts_at")
    assert turn is not None
    refuse_unless(turn.ends_at > act.at, _("该次值班已经结束，不能再改。"), "starts_at")
    act.changes.watch(turn)
    turn.cancelled_at = act.at
    if turn.starts_at <= act.at:
        succession.away(act, employee)


def _check_person(act: Act, employee: Employee) -> None:
    """People may act for themselves, heads for the people of their unit, marketing for everybody."""
    actor = act.actor
    assert actor is not None
    may = actor.is_marketing or employee.pk == actor.pk or employee.unit_id in actor.heads
    refuse_unless(may, _("只能登记本人或本单位员工的离岗。"), "employee")


@verb(
    Organisation, _("登记离岗"),
    Person(name="employee", label=_("员工"), administers_too=True),
    Instant(name="starts_at", label=_("离岗开始"), help=INSTANT_HELP),
    Instant(name="ends_at", label=_("离岗结束"), required=False, help=_("不填：另行通知。")),
    Text(name="reason", label=_("原因"), rows=2, max_length=200),
    permission=permissions.record_absence, rule="R17",
)  # fmt: skip
def record_absence(
    act: Act, *, employee: Employee, starts_at: datetime, reason: str, ends_at: datetime | None = None
) -> None:
    """Record an absence: rounds go to the next contact, then the deputy, then the head, with the same thirty minutes
    (S12, R19).

    Rounds delivered to the absent person and not handed over pass on at once, or when the absence begins.
    """
    _check_person(act, employee)
    refuse_unless(ends_at is None or ends_at > starts_at, _("离岗结束应晚于开始。"), "ends_at")
    refuse_unless(ends_at is None or ends_at > act.at, _("不能登记已经结束的离岗。"), "ends_at")
    running = Absence.objects.filter(employee=employee, ended_at=None)
    until = running if ends_at is None else running.filter(starts_at__lte=ends_at)
    overlapping = until.filter(Q(ends_at=None) | Q(ends_at__gte=starts_at))
    refuse_unless(not overlapping.exists(), _("该员工在此期间已登记离岗。"), "starts_at")
    assert act.entry is not None
    act.changes.new(Absence(employee=employee, starts_at=starts_at, ends_at=ends_at, reason=act.entry.texts))
    if starts_at <= act.at:
        succession.away(act, employee)


@verb(
    Organisation, _("提前返岗"), Person(name="employee", label=_("员工"), administers_too=True),
    permission=permissions.end_absence, rule="R17",
)  # fmt: skip
def end_absence(act: Act, *, employee: Employee) -> None:
    """End the running absence, or the next one, now: the person is back early or isn't going (R17)."""
    _check_person(act, employee)
    absence = (
        Absence.objects.filter(Q(ends_at=None) | Q(ends_at__gte=act.at), employee=employee, ended_at=None)
        .order_by("starts_at")
        .first()
    )
    refuse_unless(absence is not None, _("该员工没有登记离岗。"), "employee")
    assert absence is not None
    act.changes.watch(absence)
    absence.ended_at = act.at
