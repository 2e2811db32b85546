"""Coordination: convened by the first-inquiry unit, put in writing, confirmed by each unit, then carried out (R29–R32).

An invited unit can't decline; an objection is recorded and changes nothing. Whatever the units agree on, the
first-inquiry unit answers for the result, even where an outside party takes part (R26).
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import rows
from accountability.deadlines.limits import Fixed, show_instant
from accountability.documents.issuing import issue
from accountability.gate.act import ON_TAKEN_BACK, Act, refuse_unless
from accountability.gate.fields import InUnit, Line, Person, Text
from accountability.gate.sweeper import ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Deadline, Employee, Unit
from accountability.permissions import Actor
from complaints import permissions
from complaints.actions.handover import running_round
from complaints.actions.notify import tell_invited, tell_unit
from complaints.declarations.limits import Kind
from complaints.fields.candidates import own_people
from complaints.fields.kinds import People, Task, Tasks, Units
from complaints.models import Complaint, Cooperation, Coordination, conditions
from complaints.models.states import ONCE_DISPATCHED, State

# What a page offers


def _nothing_open(complaint: Complaint, actor: Actor) -> bool:
    return not complaint.open_parts


def _not_concluded(complaint: Complaint, actor: Actor) -> bool:
    return any(part.coordination.concluded_at is None for part in complaint.open_parts)


def _all_confirmed(complaint: Complaint, actor: Actor) -> bool:
    return _not_concluded(complaint, actor) and all(part.is_confirmed for part in complaint.open_parts)


def _own_to_confirm(complaint: Complaint, actor: Actor) -> bool:
    return any(part.is_to_confirm and part.unit_id in actor.units for part in complaint.open_parts)


def _own_to_finish(complaint: Complaint, actor: Actor) -> bool:
    return any(part.is_to_finish and part.unit_id in actor.units for part in complaint.parts)


# What an act finds


def _table(act: Act) -> tuple[Coordination, list[Cooperation]]:
    """The running round's coordination and its parts, if it isn't concluded yet. Refused otherwise."""
    parts = act.subject.open_parts
    refuse_unless(parts, _("本轮没有进行中的协调。"))
    table: Coordination = parts[0].coordination
    refuse_unless(table.concluded_at is None, _("协调已议定，不能再改。"))
    for row in (table, *parts):
        act.changes.watch(row)
    return table, parts


def _own_part(act: Act, unit: Unit, among: list[Cooperation]) -> Cooperation | None:
    """The newest part of the actor's own unit. Refused for another unit."""
    assert act.actor is not None
    refuse_unless(unit.pk in act.actor.units, _("只能办理本单位的任务。"), "unit")
    return next((part for part in among if part.unit_id == unit.pk), None)


def _tell_conveners(act: Act, table: Coordination, notice: str, unit: Unit) -> None:
    """Tell the convener and the person who works on the round now."""
    running = act.subject.round
    working = running.works_on_it if running is not None and running.pk == table.round_id else None
    for person_id in {table.convener_id(act.batch), working}:
        act.tell(person_id, notice, unit=unit.name)


def _tell_own_unit(act: Act, table: Coordination, notice: str) -> None:
    """If marketing coordinates, tell the round's own people what it did (R14)."""
    current = running_round(act)
    people = (current.contact_id, current.coordinates_it, current.works_on_it, current.leader_id)
    for person_id in people if table.by_coordinator else ():
        act.tell(person_id, notice)


# The verbs


@verb(
    Complaint, _("召集协调"),
    Units(name="units", label=_("邀请单位")),
    Text(name="problem", label=_("需要协调的问题")),
    rule="R29", offered=_nothing_open,
    permission=permissions.convene, states=[State.DISPATCHED], when=[conditions.before_answer],
    icon="unit", tone="info", timeline="table", group="coordination",
)  # fmt: skip
def convene(act: Act, *, units: list[Unit], problem: str) -> None:
    """The first-inquiry unit, or marketing where it coordinates (R14), invites other units. A round has one
    coordination at a time, until every task is finished. A coordination left open by an earlier round doesn't prevent a
    new one.
    """
    current = running_round(act)
    refuse_unless(all(unit.pk != current.unit_id for unit in units), _("不能邀请首问责任部门自己。"), "units")
    refuse_unless(not act.subject.open_parts, _("已有进行中的协调，各项任务完成后方可再次召集。"))
    assert act.actor is not None
    assert act.entry is not None
    table = Coordination(
        round=current, convened_by=act.actor.employee, convened_at=act.at, problem=act.entry.texts,
        by_coordinator=act.actor.pk not in (current.works_on_it, current.leader_id),
    )  # fmt: skip
    act.changes.new(table)
    _tell_own_unit(act, table, "coordinator_convened")
    act.subject.coordinated = current.coordinated = True
    for unit in units:
        act.changes.new(Cooperation(coordination=table, complaint=act.subject, unit=unit))
        tell_unit(act, unit, "convened")
    act.subject.__dict__.pop("parts", None)


def _record(complaint: Complaint) -> list[Any]:
    """The written record that a page showed."""
    return [part.coordination.record_id for part in complaint.open_parts[:1]]


@verb(
    Complaint, _("书面明确责任"),
    Tasks(name="tasks", label=_("责任与任务")),
    People(name="attendees", label=_("参加人")),
    Line(
        name="third_parties", label=_("第三方单位"), required=False, max_length=200,
        help=_("参与处理的外部单位；只作记录，不考核，结果由首问责任部门承担（R26）。"),
    ),
    rule="R30", offered=_not_concluded,
    permission=permissions.record_tasks, states=[State.DISPATCHED], when=[conditions.before_answer],
    icon="edit", tone="info", timeline="table", group="coordination",
    seen=_record,
)  # fmt: skip
def record_tasks(act: Act, *, tasks: list[Task], attendees: list[Any], third_parties: str = "") -> None:
    """The written record: one task for each invited unit, due in the future, to be confirmed within two hours. It
    replaces an earlier record that isn't concluded.
    """
    table, parts = _table(act)
    named = {task.unit.pk: task for task in tasks}
    complete = len(tasks) == len(parts) and set(named) == {part.unit_id for part in parts}
    refuse_unless(complete, _("应为每个受邀单位各明确一项任务。"), "tasks")
    refuse_unless(all(task.due > act.at for task in tasks), _("完成期限应晚于现在。"), "tasks")
    assert act.entry is not None
    _void_confirmations(act, parts)
    table.record, table.recorded_at = act.entry.texts, act.at
    for part in parts:
        part.due_at, part.objected = named[part.unit_id].due, False
        part.confirmed_at = part.deemed_at = part.confirmed_by = part.handler = part.leader = None
        _ask_to_confirm(act, part)
        tell_unit(act, part.unit, "to_confirm")


def _ask_to_confirm(act: Act, part: Cooperation) -> None:
    contacts: list[int | None] = [person.pk for person in act.batch.contacts_of(part.unit)]
    act.start(
        Kind.CONFIRMATION, act.batch.limits.limit("confirmation"), part=part.coordination.round.number,
        party=part.unit.code, unit_id=part.unit_id, person_id=(contacts or [part.unit.head_id])[0],
    )  # fmt: skip


def _void_confirmations(act: Act, parts: list[Cooperation]) -> None:
    """Nobody has to confirm a replaced record. A limit that had already passed stays missed."""
    for part in parts:
        act.void(Kind.CONFIRMATION, part=part.coordination.round.number, party=part.unit.code)


@verb(
    Complaint, _("确认任务"),
    InUnit(name="unit", label=_("单位")),
    Person(
        name="handler", label=_("配合处理人"), required=False, among=own_people, help=_("不填则为确认人本人。"),
    ),
    Text(
        name="objection", label=_("异议"), required=False, rows=2, help=_("异议记录在案，不影响任务（R31）。"),
    ),
    rule="R30", offered=_own_to_confirm,
    permission=permissions.confirm_task, states=[State.DISPATCHED], when=[conditions.before_answer],
    icon="check", tone="info", timeline="table", waits_for_one=True,
    seen=_record,
)  # fmt: skip
def confirm_task(act: Act, *, unit: Unit, handler: Employee | None = None, objection: str = "") -> None:
    """An employee of the invited unit confirms in their own session; handler and leader are stamped (R32). Possible
    once, even if the unit's silence already counts as a confirmation.
    """
    part = _own_part(act, unit, act.subject.open_parts)
    refuse_unless(part and part.coordination.recorded_at, _("没有待本单位确认的任务。"))
    assert part is not None
    refuse_unless(part.confirmed_at is None, _("本单位已确认。"))
    assert act.actor is not None
    person = handler or act.actor.employee
    refuse_unless(person.unit_id == unit.pk or not handler, _("配合处理人应是本单位员工。"), "handler")
    act.changes.watch(part)
    number = part.coordination.round.number
    act.meet(Kind.CONFIRMATION, part=number, party=unit.code)
    part.confirmed_at, part.confirmed_by, part.objected = act.at, act.actor.employee, bool(objection)
    part.handler, part.leader = person, person.supervisor or unit.head
    duty = act.latest(Kind.COOPERATION, part=number, party=unit.code) if part.coordination.concluded_at else None
    if duty is not None and duty.person_id is None:
        duty.person_id = person.pk
    _tell_conveners(act, part.coordination, "objected" if objection else "task_confirmed", unit)


@verb(
    Complaint, _("议定协调"), rule="R30", offered=_all_confirmed,
    permission=permissions.conclude_coordination, states=[State.DISPATCHED], when=[conditions.before_answer],
    icon="check", tone="ok", timeline="table", group="coordination",
    seen=_record,
)  # fmt: skip
def conclude_coordination(act: Act) -> None:
    """Every unit has confirmed the record, or counts as having done so. The record is now binding, and each task is due
    at the instant written in it.
    """
    table, parts = _table(act)
    refuse_unless(table.recorded_at, _("尚未书面明确任务。"))
    silent = "、".join(part.unit.name for part in parts if not part.is_confirmed)
    refuse_unless(not silent, _("尚未确认的单位：%(units)s。") % {"units": silent})
    late = "、".join(show_instant(part.due_at) for part in parts if part.due_at and part.due_at < act.at)
    refuse_unless(not late, _("有任务的期限已过：%(due)s，请重新明确。") % {"due": late})
    table.concluded_at = act.at
    _tell_own_unit(act, table, "coordinator_concluded")
    issue(act, "minutes", part=table.pk, table=table, parts=parts, round=running_round(act))
    for part in parts:
        assert part.due_at is not None
        act.start(
            Kind.COOPERATION, Fixed(part.due_at), part=running_round(act).number, party=part.unit.code,
            unit_id=part.unit_id, person_id=part.handler_id,
        )  # fmt: skip
        tell_invited(act, part, "to_finish")


@verb(
    Complaint, _("取消协调"),
    Text(name="reason", label=_("理由"), rows=2),
    rule="R29", offered=_not_concluded,
    permission=permissions.call_off_coordination, states=[State.DISPATCHED], when=[conditions.before_answer],
    icon="cross", tone="back", timeline="table", group="coordination", grave=True,
)  # fmt: skip
def call_off_coordination(act: Act, *, reason: str) -> None:
    """The convener's side no longer needs the coordination. Only before its conclusion, when it binds no unit yet."""
    table, parts = _table(act)
    _void_confirmations(act, parts)
    table.called_off_at = table.finished_at = act.at
    for part in parts:
        tell_invited(act, part, "coordination_called_off")


@verb(
    Complaint, _("完成任务"),
    InUnit(name="unit", label=_("单位")),
    Text(name="result", label=_("完成情况")),
    rule="R32", offered=_own_to_finish,
    permission=permissions.finish_task, states=ONCE_DISPATCHED,
    icon="square", tone="ok", timeline="table", waits_for_one=True,
)  # fmt: skip
def finish_task(act: Act, *, unit: Unit, result: str) -> None:
    """The invited unit's task is done. Possible whatever has become of the round."""
    refuse_unless(any(part.coordination.concluded_at for part in act.subject.parts), _("协调尚未议定。"))
    part = _own_part(act, unit, [part for part in act.subject.parts if part.is_to_finish])
    refuse_unless(part, _("本单位没有待完成的任务。"))
    assert part is not None
    assert act.actor is not None
    assert act.entry is not None
    table, number = part.coordination, part.coordination.round.number
    act.changes.watch(part)
    act.changes.watch(table)
    part.finished_at, part.finished_by = act.at, act.actor.employee
    act.entry.part = number
    _bring_deadlines(act, number)
    act.meet(Kind.COOPERATION, part=number, party=unit.code)
    if all(other.finished_at for other in act.subject.parts if other.coordination is table):
        table.finished_at = act.at
    _tell_conveners(act, table, "task_finished", unit)


def _bring_deadlines(act: Act, number: int) -> None:
    """An act has only the running round's limits loaded, but a task may be finished after its round is over."""
    if number == act.matter.part:
        return
    known = {deadline.pk for deadline in act.deadlines}
    for deadline in rows(Deadline, matter_id={act.matter.pk}, part={number}):
        if deadline.pk not in known:
            act.changes.watch(deadline)
            act.deadlines.append(deadline)


def count_as_confirmed(act: Act, deadline: Deadline) -> None:
    """A unit that stayed silent counts as having confirmed the record. It may still confirm once, late (R30)."""
    mine = [part for part in act.subject.open_parts if part.unit_id == deadline.unit_id and part.confirmed_at is None]
    for part in mine:
        act.changes.watch(part)
        part.deemed_at = deadline.due_at
        tell_unit(act, part.unit, "deemed_confirmed")
        _tell_conveners(act, part.coordination, "deemed_confirmed", part.unit)


def count_no_silence(act: Act, deadline: Deadline) -> None:
    """The unit confirmed in time after all."""
    if deadline.kind == Kind.CONFIRMATION:
        for part in act.subject.open_parts:
            if part.unit_id == deadline.unit_id and part.deemed_at == deadline.due_at:
                act.changes.watch(part)
                part.deemed_at = None


ON_MISS[Kind.CONFIRMATION] = count_as_confirmed
ON_TAKEN_BACK.append(count_no_silence)
