"""Who owes a penalty, from the moment a violation is determined (R22, R47, R50, R51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import models

from assessment.models.parts import (
    BY_REPORT,
    BY_TASK,
    Part,
    Taken,
    anybody,
    parts_in,
    people_of_task,
    taken_by,
    task_of,
)
from assessment.models.states import Conclusion, Ground

if TYPE_CHECKING:
    from assessment.models.cases import Case


class Owed(TypedDict):
    """A ground and who owes on it. If `person` is None, one of `among` does. For a leader who answers for one of
    several possible handlers, `leads` has the pairs of handler and leader.
    """

    ground: str
    person: int | None
    among: list[int]
    leads: list[list[int]]


class CaseOwes(models.Model):
    """What is owed in a case, and people's parts in it, both stamped when the violation is determined."""

    owed: Any
    parts: Any

    class Meta:
        abstract = True

    @property
    def unpaid(self: Any) -> list[Owed]:
        """What no penalty is recorded for yet. A person pays a ground with the row that has it."""
        return self.unpaid_after({})

    def unpaid_after(self: Any, more: Mapping[int, Iterable[str]]) -> list[Owed]:
        """What would still be owed once these grounds, by person, are recorded too."""
        standing = {row.person_id: set(row.grounds) for row in self.penalty_rows if not row.annulled_at}
        for person, grounds in more.items():
            standing[person] = standing.get(person, set()) | set(grounds)
        chosen = {pk for pk, grounds in standing.items() if Ground.HANDLER in grounds}
        return [_of_the_chosen(owed, chosen) for owed in self.owed if not _is_paid(owed, standing)]

    def has_part(self, person: int, ground: str) -> bool:
        """By the recorded parts, or by the last rule: as one of those who may be the handler, or as their leader."""
        if any((each["person"], each["ground"]) == (person, ground) for each in self.parts):
            return True
        choices = (each for each in self.owed if each["person"] is None and each["ground"] == ground)
        return any(person in (each["among"] or [pair[1] for pair in each["leads"]]) for each in choices)

    @property
    def owing_people(self) -> set[int]:
        """Everybody who owes a penalty, or is one of several of whom one owes it."""
        return {pk for owed in self.owed for pk in payers(owed)}

    @property
    def people_with_a_part(self) -> set[int]:
        return {each["person"] for each in self.parts} | self.owing_people

    @property
    def stamped_people(self) -> set[int]:
        """Those who answer for what they were when it happened, wherever they work now; not those whom only a report
        names, nor those with a task by which nothing is owed.
        """
        named = {each["person"] for each in self.parts if each["why"] == BY_REPORT}
        by_rounds = {each["person"] for each in self.parts if each["why"] not in (BY_REPORT, BY_TASK)}
        return by_rounds | ({owed["person"] for owed in self.owed if owed["person"]} - named)


def payers(owed: Owed) -> list[int]:
    """Who may pay it."""
    return [owed["person"]] if owed["person"] else owed["among"] or [pair[1] for pair in owed["leads"]]


def _of_the_chosen(owed: Owed, handlers: set[int]) -> Owed:
    """Once one of several pays as the handler, only that person's leader answers with them."""
    leads = [pair for pair in owed["leads"] if pair[0] in handlers]
    leaders = list(dict.fromkeys(leader for _handler, leader in leads))
    if len(leaders) == 1:
        return _known(owed["ground"], leaders[0])
    return Owed(ground=owed["ground"], person=None, among=[], leads=leads) if leads else owed


def _is_paid(owed: Owed, standing: dict[int, set[str]]) -> bool:
    if owed["leads"]:
        return any(
            Ground.HANDLER in standing.get(handler, ()) and owed["ground"] in standing.get(leader, ())
            for handler, leader in owed["leads"]
        )
    return any(owed["ground"] in standing.get(person, ()) for person in payers(owed))


def determined_in(case: Case, at: datetime) -> tuple[list[Part], list[Owed]]:
    """Parts and what is owed as recorded now, for a violation that dates from `at`."""
    taken = taken_by(case, at)
    parts = parts_in(case, at, taken)
    return parts, _once(_owed(case, parts, taken))


def owed_in(case: Case, at: datetime) -> list[Owed]:
    return determined_in(case, at)[1]


def people_of_the_round(case: Case, at: datetime) -> set[int]:
    """Those with a part by what they were when it happened, who therefore judge nothing of it; not those whom only a
    report names.
    """
    return {each["person"] for each in parts_in(case, at) if each["why"] not in (BY_REPORT, BY_TASK)}


def _known(ground: str, person: int) -> Owed:
    return Owed(ground=str(ground), person=person, among=[], leads=[])


def _one_of(ground: str, among: Iterable[int], leads: Iterable[tuple[int, int]] = ()) -> Owed:
    return Owed(ground=str(ground), person=None, among=list(among), leads=[list(pair) for pair in leads])


def _once(found: Iterable[Owed]) -> list[Owed]:
    """Each once, in the order of the grounds."""
    order = {str(ground): place for place, ground in enumerate(Ground)}
    each: list[Owed] = []
    for owed in found:
        if owed not in each:
            each.append(owed)
    return sorted(each, key=lambda owed: order[owed["ground"]])


def _owed(case: Case, parts: list[Part], taken: Taken) -> Iterator[Owed]:
    if case.is_fault:
        yield from (_known(each["ground"], each["person"]) for each in parts)
        return
    yield from (_known(each["ground"], each["person"]) for each in parts if each["ground"] == Ground.UNIT_HEAD)
    report = case.report
    if report is not None and not report.late and report.conclusion == Conclusion.ADMITTED:
        yield from _admitted(parts, set(report.named))
    else:
        yield from _found(case, parts, taken)


def _admitted(parts: list[Part], named: set[int]) -> Iterator[Owed]:
    """The parts of the people the report names, and with each handler the leader of the same round or person (R47)."""
    for each in parts:
        if each["person"] in named:
            yield _known(each["ground"], each["person"])
            if each["ground"] == Ground.HANDLER and each["leader"]:
                yield _known(Ground.LEADER, each["leader"])


def _found(case: Case, parts: list[Part], taken: Taken) -> Iterator[Owed]:
    """By what the case took up: for a late hand-over the contact, for late handling the first and the joint person, for
    a missed task one who had it; if it took up nothing, those of the case's rounds (R22, R32, R50).
    """
    yield from (_known(Ground.CONTACT, each["person"]) for each in parts if each["ground"] == Ground.CONTACT)
    for deadline in taken.cooperation:
        task = task_of(deadline, taken.tasks)
        people = people_of_task(task) if task else []
        if people:
            yield _known(Ground.COOPERATING, people[0]) if len(people) == 1 else _one_of(Ground.COOPERATING, people)
    rounds = taken.rounds if taken.is_nothing else [found for _deadline, found in taken.handling]
    for found in rounds:
        if found.handler_id:
            yield _known(Ground.HANDLER, found.handler_id)
            if found.leader_id:
                yield _known(Ground.LEADER, found.leader_id)
    unhandled = any(found.handler_id is None for found in rounds)
    if unhandled or (taken.is_nothing and not rounds):
        yield from _some_handler(case, parts)


def _some_handler(case: Case, parts: list[Part]) -> Iterator[Owed]:
    """One person who has `handler`, and their leader; if nobody has it, any person of the unit except its head."""
    have = [(each["person"], each["leader"]) for each in parts if each["ground"] == Ground.HANDLER] or anybody(case)
    leads = [(person, leader) for person, leader in have if leader]
    if len(have) <= 1:
        yield from (_known(Ground.HANDLER, person) for person, _leader in have)
        yield from (_known(Ground.LEADER, leader) for _person, leader in leads)
        return
    yield _one_of(Ground.HANDLER, dict.fromkeys(person for person, _leader in have))
    if leads:
        yield _one_of(Ground.LEADER, [], leads)
