"""The contact's thirty minutes: hand over to the first-inquiry person, or report to that person's leader (R19–R21)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import rows
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Person, Text
from accountability.gate.verbs import verb
from accountability.models import Employee
from complaints import permissions
from complaints.declarations.limits import Kind
from complaints.fields.candidates import handlers_to_name, leaders_of
from complaints.models import Complaint, HandoffMethod, Round, conditions
from complaints.models.states import State


def running_round(act: Act) -> Round:
    """The round the act works on. The transition's conditions guarantee that there is one."""
    found = act.subject.round
    assert found is not None
    return found


def meet_of_round(act: Act, kind: str) -> None:
    act.meet(kind, part=running_round(act).number)


def check_handler(act: Act, to: Employee) -> None:
    refuse_unless(to.unit_id == running_round(act).unit_id, _("首问责任人应是本单位员工。"), "to")
    refuse_unless(to.supervisor_id, _("该员工没有登记分管领导，不能交办(R4)。"), "to")


def leads_in(act: Act, current: Round, person: Employee) -> bool:
    """Whether the person leads somebody in the round's unit, or is its head."""
    unit = act.batch.unit_by_id(current.unit_id)
    is_head = unit is not None and person.pk == unit.head_id
    return is_head or bool(rows(Employee, unit_id=[current.unit_id], supervisor_id=[person.pk]))


def stamp(act: Act, to: Employee, leader: Employee | None) -> None:
    """Write first-inquiry person and joint person together; they are never overwritten (R3, R4)."""
    current = running_round(act)
    assert act.actor is not None
    current.handler, current.leader = to, leader
    current.handed_off_by, current.handed_off_at = act.actor.employee, act.at
    act.note(joint=leader.pk if leader else None)
    if leader:
        act.tell(leader.pk, "joint")


@verb(
    Complaint, _("交办"),
    Person(name="to", label=_("首问责任人"), among=handlers_to_name),
    Choice(name="method", label=_("交办方式"), choices=tuple(HandoffMethod.choices)),
    rule="R19",
    permission=permissions.hand_off, states=[State.DISPATCHED], when=[conditions.delivered],
    icon="person",
    in_bulk=("contact",), undone_by="reassign",
)  # fmt: skip
def hand_off(act: Act, *, to: Employee, method: str) -> None:
    """The contact hands the round to the person who answers it. Within thirty minutes of delivery it is in time."""
    check_handler(act, to)
    current = running_round(act)
    current.hand_off()
    current.method = method
    stamp(act, to, to.supervisor)
    meet_of_round(act, Kind.HANDOFF)


@verb(
    Complaint, _("报告分管领导"),
    Person(name="leader", label=_("分管领导"), among=leaders_of),
    Text(name="reason", label=_("无法按时交办的原因"), rows=2),
    rule="R20",
    permission=permissions.report_to_leader, states=[State.DISPATCHED], when=[conditions.delivered],
    icon="up", tone="warn",
)  # fmt: skip
def report_to_leader(act: Act, *, leader: Employee, reason: str) -> None:
    """If a timely hand-over isn't possible, a report to the leader within the same thirty minutes meets the duty."""
    current = running_round(act)
    assert act.actor is not None
    refuse_unless(leader.pk != act.actor.pk, _("不能向本人报告。"), "leader")
    refuse_unless(leads_in(act, current, leader), _("报告对象应是本单位员工的分管领导或本单位负责人。"), "leader")
    current.report_to_leader()
    current.reported_to, current.reported_at = leader, act.at
    meet_of_round(act, Kind.HANDOFF)


@verb(
    Complaint, _("指定首问责任人"),
    Person(name="to", label=_("首问责任人"), among=handlers_to_name),
    rule="R21",
    permission=permissions.name_handler, states=[State.DISPATCHED], when=[conditions.reported],
    icon="person",
)  # fmt: skip
def name_handler(act: Act, *, to: Employee) -> None:
    """The leader names the handler or takes the round over. The handling clock has been running all the time."""
    current = running_round(act)
    assert act.actor is not None
    if to.pk == act.actor.pk:
        leader = to.supervisor or current.unit.head
    else:
        check_handler(act, to)
        leader = to.supervisor
    current.name_handler()
    stamp(act, to, leader)


@verb(
    Complaint, _("接单"), rule="R24",
    permission=permissions.accept, states=[State.DISPATCHED], when=[conditions.handed_off],
)  # fmt: skip
def accept(act: Act) -> None:
    """The handler takes the round up: the unit's own handling begins."""
    begin_handling(act)


def begin_handling(act: Act) -> None:
    """Accept the round unless it is accepted already."""
    current = running_round(act)
    if current.accepted_at is None:
        current.accept()
        current.accepted_at = act.at
