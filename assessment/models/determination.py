"""Who owes a penalty, by what is recorded when a violation is determined (R22, R47, R50, R51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from assessment.models.cases import Case
from assessment.models.owing import BY_REPORT, BY_TASK, Owed, owed_on
from assessment.models.parts import Part, Recorded, Taken, anybody, parts_in, people_of_task, taken_by, task_of
from assessment.models.states import Conclusion, Ground


def determined_in(case: Case, at: datetime, read: Recorded | None = None) -> tuple[list[Part], list[Owed]]:
    """Parts and what is owed as recorded now, for a violation that dates from `at`: who was named later has none.
    `read`: with other cases.
    """
    if case.is_fault:
        parts = parts_in(case, at)
        return parts, _once(owed_on(each["ground"], each["person"]) for each in parts)
    read = read or Recorded([case])
    taken = taken_by(case, at, read)
    parts = parts_in(case, at, taken)
    return parts, _once(_owed(case, parts, taken, read))


def people_of_the_round(parts: Iterable[Part]) -> set[int]:
    """Those with a part by what they were when it happened, who therefore judge nothing of it; not those whom only a
    report names.
    """
    return {each["person"] for each in parts if each["why"] not in (BY_REPORT, BY_TASK)}


def _one_of(ground: str, among: Iterable[int], leads: Iterable[tuple[int, int | None]] = ()) -> Owed:
    return Owed(ground=str(ground), person=None, among=list(among), leads=list(leads))


def _once(found: Iterable[Owed]) -> list[Owed]:
    """Each once, in the order of the grounds."""
    order = {str(ground): place for place, ground in enumerate(Ground)}
    each: list[Owed] = []
    for owed in found:
        if owed not in each:
            each.append(owed)
    return sorted(each, key=lambda owed: order[owed["ground"]])


def _owed(case: Case, parts: list[Part], taken: Taken, read: Recorded) -> Iterator[Owed]:
    yield from (owed_on(each["ground"], each["person"]) for each in parts if each["ground"] == Ground.UNIT_HEAD)
    report = case.report
    if report is not None and not report.late and report.conclusion == Conclusion.ADMITTED:
        yield from _admitted(parts, set(report.named))
    else:
        yield from _found(case, parts, taken, read)


def _admitted(parts: list[Part], named: set[int]) -> Iterator[Owed]:
    """The parts of the people the report names, and with each handler the leader of the same round or person (R47)."""
    for each in parts:
        if each["person"] in named:
            yield owed_on(each["ground"], each["person"])
            if each["ground"] == Ground.HANDLER and each["leader"]:
                yield owed_on(Ground.LEADER, each["leader"])


def _found(case: Case, parts: list[Part], taken: Taken, read: Recorded) -> Iterator[Owed]:
    """By what the case took up: for a late hand-over the contact, for late handling the first and the joint person, for
    a missed task one who had it; if it took up nothing, those of the case's rounds (R22, R32, R50).
    """
    yield from (owed_on(Ground.CONTACT, each["person"]) for each in parts if each["ground"] == Ground.CONTACT)
    for deadline in taken.cooperation:
        task = task_of(deadline, taken.tasks)
        people = people_of_task(task) if task else []
        if people:
            yield owed_on(Ground.COOPERATING, people[0]) if len(people) == 1 else _one_of(Ground.COOPERATING, people)
    rounds = taken.rounds if taken.is_nothing else [found for _deadline, found in taken.handling]
    for found in rounds:
        if found.handler_id:
            yield owed_on(Ground.HANDLER, found.handler_id)
            if found.leader_id:
                yield owed_on(Ground.LEADER, found.leader_id)
    unhandled = any(found.handler_id is None for found in rounds)
    if unhandled or (taken.is_nothing and not rounds):
        yield from _some_handler(case, parts, read)


def _some_handler(case: Case, parts: list[Part], read: Recorded) -> Iterator[Owed]:
    """One person who has `handler`, and their leader; if nobody has it, any person of the unit except its head."""
    have = [(each["person"], each["leader"]) for each in parts if each["ground"] == Ground.HANDLER]
    have = have or anybody(case, read)
    leaders = [leader for _person, leader in have if leader]
    if len(have) <= 1:
        yield from (owed_on(Ground.HANDLER, person) for person, _leader in have)
        yield from (owed_on(Ground.LEADER, leader) for leader in leaders)
        return
    yield _one_of(Ground.HANDLER, dict.fromkeys(person for person, _leader in have))
    if leaders:
        yield _one_of(Ground.LEADER, [], have)
