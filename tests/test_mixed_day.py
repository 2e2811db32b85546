"""The judge of a mixed day, without servers: what is taken out of the record, it must see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.client import Answer, Sent
from tests.faults.day import sizes
from tests.faults.day.course import Course, Try
from tests.faults.day.figures import in_milliseconds, quantile
from tests.faults.day.limits import HANDLING, HANDOFF, table_of
from tests.faults.day.model import Clock, Complaint, Row, is_missed, unlike
from tests.faults.day.people import Staff, staff_of
from tests.faults.day.record import Record, differences, modelled
from tests.faults.day.script import BOTH, EMPTY, OUTSIDER, STALE, TWICE, Author, Plan, Step
from tests.faults.day.tricks import Hands

BEGINS = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SIZE = sizes.SHORT
STAFF = staff_of(SIZE)
TABLE = table_of(SIZE, BEGINS)
CONTACTS = {unit.code: unit.contact for unit in STAFF.units}
ASKED = BEGINS + timedelta(minutes=10)


def plans(size: sizes.Size = SIZE, staff: Staff = STAFF, seed: int = 7) -> list[Plan]:
    return Author(size, staff, seed).plans()


# The script


def test_the_same_seed_gives_the_same_day() -> None:
    assert plans() == plans()
    assert plans() != plans(seed=8)


@pytest.mark.parametrize(("size", "people", "complaints", "dispatched"), [
    (SIZE, 60, 150, 60), (sizes.of_minutes(30), 300, 5000, 1500), (sizes.of_minutes(10), 300, 1666, 500),
])  # fmt: skip
def test_the_day_is_as_large_as_it_says(size: sizes.Size, people: int, complaints: int, dispatched: int) -> None:
    staff = staff_of(size)
    found = plans(size, staff)
    steps = [step for plan in found for step in plan.steps]
    assert len(set(staff.everybody)) == size.people == people
    assert (len(found), sum(any(s.verb == "dispatch" for s in p.steps) for p in found)) == (complaints, dispatched)
    assert {step.trick for step in steps} >= {TWICE, STALE, BOTH, OUTSIDER, EMPTY}
    assert {step.past for step in steps} == {"", HANDOFF, HANDLING}
    assert {step.verb for step in steps} >= {"rule_on_return", "name_handler", "handle_directly", "record_satisfaction"}


# The limits


def test_a_limit_ends_at_the_instant_of_the_step_in_which_it_began() -> None:
    at = BEGINS + 2.5 * SECOND
    assert TABLE.due(HANDOFF, at) == BEGINS + 2 * SECOND + SIZE.handoff * SECOND
    assert TABLE.due(HANDOFF, BEGINS - SECOND) is TABLE.due(HANDOFF, BEGINS + 2 * SIZE.seconds * SECOND) is None
    assert TABLE.possible(HANDOFF, at, at + SECOND) == {TABLE.due(HANDOFF, at), TABLE.due(HANDOFF, at + SECOND)}
    assert TABLE.possible(HANDOFF, at, at) == {TABLE.due(HANDOFF, at)}


# The model and the record


@dataclass
class Perfect:
    """A day in which everything came as planned, and the record of it as the system should have written it."""

    courses: list[Course] = field(default_factory=list)
    record: Record = field(default_factory=Record)

    def play(self, plan: Plan) -> None:
        course, at = Course(plan, f"TS{plan.place:05}"), BEGINS + plan.starts * SECOND
        self.courses.append(course)
        for step in plan.steps:
            at += max(0.1, course.waits(step, TABLE, at)) * SECOND
            form = Sent(course.who_does(step), course.number, step.verb, "key", [302], [0.0])
            course.tries.append(Try(form, step.facts, (302,), at, at + 0.01 * SECOND))
        self.write(course)

    def write(self, course: Course) -> None:
        """As the model has it, each act dated within its span, and each miss at its due instant."""
        model = modelled(course, TABLE, CONTACTS)
        self.record.stands[course.number] = model.state, model.round_state, model.holder, model.unit
        self.record.done[course.number] = list(model.verbs)
        for key, clock in model.clocks.items():
            self.record.limits[course.number][key] = row_of(clock)

    def found(self) -> list[str]:
        return differences(self.record, self.courses, TABLE, CONTACTS, ASKED)

    def first(self, holds: Callable[[Row], object]) -> tuple[str, tuple[str, int], Row]:
        """The first limit in the record for which this holds."""
        return next(
            (number, key, row) for number, of in self.record.limits.items() for key, row in of.items() if holds(row)
        )


def row_of(clock: Clock) -> Row:
    due = min((instant for instant in clock.due if instant), default=None)
    met = clock.met.sent + 0.005 * SECOND if clock.met else None
    return Row(due, met, due if is_missed(clock, due, ASKED) else None, ASKED if clock.void else None)


@pytest.fixture
def day() -> Perfect:
    perfect = Perfect()
    for plan in plans():
        perfect.play(plan)
    assert perfect.found() == []
    return perfect


def test_late_acts_and_missing_ones_are_missed_and_others_not(day: Perfect) -> None:
    limits = [(key[0], row) for of in day.record.limits.values() for key, row in of.items()]
    missed = [(kind, bool(row.met)) for kind, row in limits if row.missed]
    assert {(kind, done) for kind, done in missed} == {
        (HANDOFF, True), (HANDOFF, False), (HANDLING, True), (HANDLING, False),
    }  # fmt: skip
    assert len(missed) < sum(1 for kind, row in limits if kind in (HANDOFF, HANDLING) and row.met)


def test_an_act_that_is_not_in_the_record_is_seen(day: Perfect) -> None:
    number = next(number for number, done in day.record.done.items() if len(done) > 3)
    del day.record.done[number][2]
    (told,) = day.found()
    assert told.startswith(f"{number}: the record has ")


def test_an_act_by_somebody_else_or_twice_is_seen(day: Perfect) -> None:
    one, other = list(day.record.done)[:2]
    day.record.done[one][0] = ("register", "kf.head")
    day.record.done[other] *= 2
    assert len(day.found()) == 2


@pytest.mark.parametrize("place", range(4))
def test_another_state_or_holder_is_seen(day: Perfect, place: int) -> None:
    number, stands = next(iter(day.record.stands.items()))
    day.record.stands[number] = tuple("other" if n == place else told for n, told in enumerate(stands))
    assert len(day.found()) == 1


def test_a_complaint_too_many_or_too_few_is_seen(day: Perfect) -> None:
    day.record.stands["TS99999"] = ("registered", "", "kf.a00", "KF")
    assert day.found() == ["TS99999 was registered by nobody"]
    gone = next(iter(day.record.stands))
    del day.record.stands[gone]
    assert f"{gone}: None instead of" in " ".join(day.found())


def test_a_sweep_that_stopped_is_seen(day: Perfect) -> None:
    number, key, row = day.first(lambda row: row.missed and not row.met)
    day.record.limits[number][key] = replace(row, missed=None)
    (told,) = day.found()
    assert told.startswith(f"{number}: {key[0]} of round {key[1]}: missed None, due ")


def test_a_miss_of_what_was_done_in_time_is_seen(day: Perfect) -> None:
    number, key, row = day.first(lambda row: row.met and row.due and not row.missed)
    day.record.limits[number][key] = replace(row, missed=row.due)
    assert len(day.found()) == 1


@pytest.mark.parametrize("changed", [
    {"due": BEGINS}, {"met": None}, {"voided": ASKED}, {"met": ASKED},
])  # fmt: skip
def test_an_instant_that_is_not_the_acts_is_seen(day: Perfect, changed: dict[str, Any]) -> None:
    number, key, row = day.first(lambda row: row.met and row.due and not row.missed)
    day.record.limits[number][key] = replace(row, **changed)
    assert len(day.found()) == 1


def test_a_limit_that_is_gone_is_seen(day: Perfect) -> None:
    number, key, _row = day.first(lambda row: row.due)
    del day.record.limits[number][key]
    assert len(day.found()) == 1


def test_an_act_whose_span_contains_the_due_instant_may_be_either() -> None:
    """The model knows when it was sent and answered, not when it arrived between them."""
    complaint = Complaint(TABLE)
    course = Course(Plan(0, 0, ()), "TS1")
    due = BEGINS + SECOND
    course.tries.append(Try(Sent("a", "TS1", "hand_off", "k", [302]), {"to": "b"}, (302,), due - SECOND, due + SECOND))
    (act,) = course.acts()
    clock = Clock(frozenset({due}), act)
    assert complaint.table is TABLE
    assert [unlike(clock, Row(due, due, missed, None), ASKED) for missed in (None, due)] == ["", ""]


# What was answered


def test_another_answer_than_expected_is_told() -> None:
    course = Course(Plan(0, 0, (Step("accept", "d00.h00", 0),)), "TS1")
    course.tries.append(Try(Sent("d00.h00", "TS1", "accept", "k", [302, 500]), {}, (302,)))
    assert course.judged() == ["accept of TS1 by d00.h00: [302, 500]"]


def test_a_plan_that_was_not_done_to_the_end_is_told() -> None:
    assert Course(Plan(0, 0, (Step("accept", "d00.h00", 0),)), "TS1").judged() == ["TS1 was not done to the end"]


class Served:
    """Instead of a browser: answers the forms with these statuses, one after the other."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)

    def open(self, method: str, path: str) -> Answer:
        return Answer(200, 0.0, "", b'<input name="_seen" value="delivered 1">')

    def post(self, path: str, sent: Sent, **facts: Any) -> Answer:
        sent.answers.append(status := self.statuses.pop(0))
        return Answer(status, 0.0, "/complaints/TS1/")


@pytest.mark.parametrize(("trick", "mine", "others", "is_right"), [
    ("", (302,), (), True), ("", (409,), (), False), ("", (503,), (), False), ("", (0, 302), (), False),
    (TWICE, (302, 302), (), True), (TWICE, (302, 409), (), False),
    (STALE, (302,), (409,), True), (STALE, (302,), (302,), False),
    (BOTH, (302,), (409,), True), (BOTH, (409,), (302,), True), (BOTH, (302,), (302,), False),
    (BOTH, (409,), (409,), False),
    (EMPTY, (422, 302), (), True), (EMPTY, (302, 302), (), False),
    (OUTSIDER, (302,), (404,), True), (OUTSIDER, (302,), (403,), False), (OUTSIDER, (302,), (302,), False),
])  # fmt: skip
def test_each_trick_has_its_own_right_answers(
    trick: str, mine: tuple[int, ...], others: tuple[int, ...], is_right: bool
) -> None:
    step = Step("hand_off", "d00.contact", 0, {"to": "d00.h00"}, trick=trick, other="d00.deputy")
    course = Course(Plan(0, 0, (step,)), "TS1")
    browsers: Any = {"d00.contact": Served(*mine), "d00.deputy": Served(*others)}
    Hands(course, step, browsers).do()
    assert (course.judged() == []) is is_right


# Figures


def test_quantiles_are_values_that_occurred() -> None:
    assert [quantile(range(1, 101), part) for part in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert (quantile([3.0], 0.99), quantile([], 0.99)) == (3.0, 0.0)
    assert in_milliseconds([0.1, 0.2]) == "100/200/200 ms"
