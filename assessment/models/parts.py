"""Who has a part in a case, on which ground, by which round and which limit (R22, R32, R44, R50, R51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import datetime
from typing import NamedTuple, TypedDict

from django.db.models import QuerySet
from django.utils.functional import cached_property

from accountability.db.sql import Through, Together, rows
from accountability.models import Deadline, Employee, Unit
from assessment.models.cases import Case
from assessment.models.owing import BY_NOTICE, BY_REPORT, BY_ROUND, BY_TASK, owed_handoff
from assessment.models.sheets import LeadMark
from assessment.models.states import Ground
from complaints.declarations.limits import Kind
from complaints.models import Cooperation, Coordination, Round, RoundState

STANDING = {"recorded_at": True, "called_off_at": False}
"""Tasks count if their coordination is recorded and not called off (R32): by instant, whether it has it."""


class Part(TypedDict):
    """One person's part on one ground. `leader` is the joint person of a handler; `round` and `deadline` are the
    primary keys of what it is based on.
    """

    person: int
    ground: str
    why: str
    round: int | None
    deadline: int | None
    leader: int | None


class Taken(NamedTuple):
    """What the case rests on: the rounds it is judged by and the misses that it took up, by kind."""

    rounds: list[Round]
    handling: list[tuple[Deadline, Round]]
    handoffs: list[tuple[Deadline, Round]]
    cooperation: list[Deadline]
    tasks: list[Cooperation]

    @property
    def is_nothing(self) -> bool:
        return not (self.handling or self.handoffs or self.cooperation)


def part(
    person: int, ground: str, why: str, *, round: Round | None = None, deadline: Deadline | None = None,
    leader: int | None = None,
) -> Part:  # fmt: skip
    return Part(
        person=person, ground=str(ground), why=why, round=round.pk if round else None,
        deadline=deadline.pk if deadline else None, leader=leader,
    )  # fmt: skip


class Recorded:
    """What is recorded now about several cases, read for all of them when something of it is first asked for."""

    def __init__(self, cases: Iterable[Case], together: Together | None = None) -> None:
        """`together`: it is read with what else is asked for there."""
        self.cases = list(cases)
        self.complaints = {pk for case in self.cases for pk in case.complaint_ids}
        self._together = together = together or Together()
        keys = {case.pk for case in self.cases}
        self._marks = together.rows(LeadMark, case_id=keys)
        self._marked = together.rows(Deadline, id=Through(LeadMark, "deadline", "case_id", keys))
        self._rounds = together.rows(Round, complaint_id=self.complaints)
        of_rounds = Through(Round, "id", "complaint_id", self.complaints)
        self._tables = together.rows(Coordination, round_id=of_rounds)

    @cached_property
    def missed(self) -> dict[int, list[Deadline]]:
        """By case, the misses that it took up."""
        found: dict[int, list[Deadline]] = {}
        deadlines = self._marked.by_key()
        for mark in self._marks():
            if mark.case_id is not None and mark.restored_at is None:
                found.setdefault(mark.case_id, []).append(deadlines[mark.deadline_id])
        return found

    @cached_property
    def rounds(self) -> list[Round]:
        """Of the linked complaints, and of others of which a miss was taken up."""
        missed = {deadline.matter_id for several in self.missed.values() for deadline in several}
        found = [*self._rounds(), *rows(Round, complaint_id=missed - self.complaints)]
        return sorted(found, key=lambda each: (each.complaint_id, each.number))

    @cached_property
    def tasks(self) -> list[Cooperation]:
        """Those of `standing_tasks`; nothing more is read where the units never sat together."""
        standing = (each for each in self._tables() if stands(each))
        tables, rounds = {each.pk: each for each in standing}, self._rounds.by_key()
        together = Together()
        found = together.rows(Cooperation, coordination_id=tables)
        units = together.rows(Unit, id=Through(Cooperation, "unit", "coordination_id", tables)).by_key()
        for task in found():
            task.coordination, task.unit = tables[task.coordination_id], units[task.unit_id]
            task.coordination.round = rounds[task.coordination.round_id]
        return found()

    @cached_property
    def staff(self) -> list[Employee]:
        """Everybody who is or was in these units."""
        return list(Employee.objects.filter(unit_id__in={case.unit_id for case in self.cases}).order_by("pk"))


def taken_by(case: Case, at: datetime, read: Recorded | None = None) -> Taken:
    """What the case took up, as recorded now, for a violation that dates from `at`."""
    read, ids = read or Recorded([case]), case.complaint_ids
    missed = read.missed.get(case.pk, [])
    theirs = {*ids, *(deadline.matter_id for deadline in missed)}
    rounds = [each for each in read.rounds if each.complaint_id in theirs]
    found = {(each.complaint_id, each.number): _as_of(each, at) for each in rounds}
    of_kind = {
        kind: [(d, found[d.matter_id, d.part]) for d in missed if d.kind == kind and (d.matter_id, d.part) in found]
        for kind in (Kind.HANDLING, Kind.HANDOFF)
    }
    handed = [each for each in rounds if _counts(each, case, at)]
    last = {each.complaint_id: each for each in sorted(handed, key=_handed_over)}
    return Taken(
        sorted(last.values(), key=_handed_over), of_kind[Kind.HANDLING], of_kind[Kind.HANDOFF],
        [deadline for deadline in missed if deadline.kind == Kind.COOPERATION],
        [task for task in read.tasks if task.coordination.round.complaint_id in ids],
    )  # fmt: skip


def standing_tasks(complaint_ids: Iterable[int]) -> QuerySet[Cooperation]:
    """The units' tasks in the rounds of these complaints, from coordinations that are recorded and not called off."""
    stand = {f"coordination__{instant}__isnull": not has for instant, has in STANDING.items()}
    return Cooperation.objects.filter(coordination__round__complaint_id__in=list(complaint_ids), **stand)


def stands(table: Coordination) -> bool:
    """The same of one coordination."""
    return all((getattr(table, instant) is not None) == has for instant, has in STANDING.items())


def _counts(found: Round, case: Case, at: datetime) -> bool:
    """The unit's rounds of the linked complaints that were handed over and not returned."""
    mine = found.unit_id == case.unit_id and found.complaint_id in case.complaint_ids
    handed = found.handed_off_at is not None and found.handed_off_at <= at
    return mine and handed and found.state != RoundState.RETURNED


def _as_of(found: Round, at: datetime) -> Round:
    """The round without the people who were named in it only afterwards."""
    if found.handed_off_at is None or found.handed_off_at <= at:
        return found
    then = copy(found)
    then.handler = then.leader = None
    return then


def _handed_over(found: Round) -> tuple[datetime, int]:
    return found.handed_off_at or found.delivered_at, found.pk


def parts_in(case: Case, at: datetime, taken: Taken | None = None) -> list[Part]:
    """Everybody's parts, each ground of each round once; without the last rule, by which any person of the unit may be
    the handler. In a fault case only the contact's.
    """
    if case.is_fault:
        return list(_at_fault(case))
    taken = taken or taken_by(case, at)
    found = [*_of_rounds(taken), *_of_the_head(case, taken), *_of_contacts(taken), *_of_tasks(taken)]
    return [*found, *_of_the_report(case, {each["person"] for each in found})]


def _at_fault(case: Case) -> Iterator[Part]:
    """The person who owed the hand-off of the round, even if the round has passed on since the miss."""
    if case.at_fault:
        yield part(case.at_fault, Ground.CONTACT, BY_ROUND, round=case.round, deadline=case.handoff)


def _of_rounds(taken: Taken) -> Iterator[Part]:
    """First and joint person, of the case's rounds and of each whose missed handling it took up."""
    missed = {found.pk: deadline for deadline, found in taken.handling}
    rounds = {found.pk: found for found in (*taken.rounds, *(found for _deadline, found in taken.handling))}
    for found in rounds.values():
        deadline = missed.get(found.pk)
        if found.handler_id:
            yield part(
                found.handler_id, Ground.HANDLER, BY_ROUND, round=found, deadline=deadline, leader=found.leader_id
            )
        if found.leader_id:
            yield part(found.leader_id, Ground.LEADER, BY_ROUND, round=found, deadline=deadline)


def _of_the_head(case: Case, taken: Taken) -> Iterator[Part]:
    """The head stamped at the dispatch of the latest of these rounds, else the head at the time of the notice."""
    rounds = (*taken.rounds, *(found for _deadline, found in taken.handling))
    latest = max(rounds, key=_handed_over, default=None)
    if latest is not None and latest.head_id:
        yield part(latest.head_id, Ground.UNIT_HEAD, BY_ROUND, round=latest)
    elif head := case.notified_head_id or case.unit.head_id:
        yield part(head, Ground.UNIT_HEAD, BY_NOTICE)


def _of_contacts(taken: Taken) -> Iterator[Part]:
    for deadline, found in taken.handoffs:
        if person := owed_handoff(found, deadline):
            yield part(person, Ground.CONTACT, BY_ROUND, round=found, deadline=deadline)


def people_of_task(task: Cooperation) -> list[int]:
    """Those who confirmed and finished it, and the person the confirmation named; if there are none, that
    unit's head.
    """
    did = (task.confirmed_by_id, task.handler_id, task.finished_by_id)
    return list(dict.fromkeys(pk for pk in did if pk)) or [pk for pk in (task.unit.head_id,) if pk]


def task_of(deadline: Deadline, tasks: Iterable[Cooperation]) -> Cooperation | None:
    """The task whose limit this is: the unit's newest of that round with this limit."""
    mine = [
        task for task in tasks
        if task.unit_id == deadline.unit_id and task.coordination.round.complaint_id == deadline.matter_id
        and task.coordination.round.number == deadline.part
    ]  # fmt: skip
    agreed = [task for task in mine if task.due_at == deadline.due_at]
    return next(iter((agreed or mine)[-1:]), None)


def _of_tasks(taken: Taken) -> Iterator[Part]:
    missed = {task.pk: deadline for deadline in taken.cooperation if (task := task_of(deadline, taken.tasks))}
    for task in taken.tasks:
        for person in people_of_task(task):
            round = task.coordination.round
            yield part(person, Ground.COOPERATING, BY_TASK, round=round, deadline=missed.get(task.pk))


def _of_the_report(case: Case, have: set[int]) -> Iterator[Part]:
    """A person whom only the unit's report names: handler, with their supervisor (or else the head) as leader. A named
    person who supervises another named one is only a leader.
    """
    report = case.report
    if report is None or report.late or not set(report.named) - have:
        return
    people = {person.pk: person for person in Employee.objects.filter(pk__in=report.named)}
    leading = {person.supervisor_id for person in people.values()}
    for pk in report.named:
        if pk in have:
            continue
        if pk in leading:
            yield part(pk, Ground.LEADER, BY_REPORT)
            continue
        leader = _leader_of(people[pk], case)
        yield part(pk, Ground.HANDLER, BY_REPORT, leader=leader)
        if leader:
            yield part(leader, Ground.LEADER, BY_REPORT)


def _leader_of(person: Employee, case: Case) -> int | None:
    """Their supervisor, or else the unit's head; never themselves."""
    leader = person.supervisor_id or case.unit.head_id
    return leader if leader != person.pk else None


def anybody(case: Case, read: Recorded) -> list[tuple[int, int | None]]:
    """The last rule: any person of the unit except its head, each with the leader who would answer with them."""
    people = (each for each in read.staff if each.unit_id == case.unit_id and each.pk != case.unit.head_id)
    return [(person.pk, _leader_of(person, case)) for person in people]
