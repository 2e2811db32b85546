"""Whatever people do, and whenever: a machine of rules plays the desks, and after each step the same things hold."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accountability.gate.verbs import verbs_of
from accountability.models import AccessLog
from complaints.models import Complaint
from tests.complaints.office import PAUSES, Office
from tests.complaints.soundness import unlike_the_record, wrong_with
from tests.factories import Play

HAND = st.randoms(use_true_random=False)


class Desks(RuleBasedStateMachine):
    """Registers, acts, waits and lets the sweep run, each run from the same empty desk, undone at its end."""

    play: Play

    def __init__(self) -> None:
        super().__init__()
        self.begun = self.play.now.at
        self.world = transaction.atomic()
        self.world.__enter__()
        self.office = Office(self.play)

    def has_complaints(self) -> bool:
        return bool(self.office.complaints)

    @rule(hand=HAND)
    def begin(self, hand: random.Random) -> None:
        self.office.begin(hand)

    @rule(pause=st.sampled_from(PAUSES), hand=HAND)
    @precondition(has_complaints)
    def go_on(self, pause: timedelta, hand: random.Random) -> None:
        self.office.wait(pause)
        self.office.go_on(hand)

    @rule(hand=HAND)
    @precondition(has_complaints)
    def go_on_at_once(self, hand: random.Random) -> None:
        self.office.go_on(hand)

    @rule(pause=st.sampled_from(PAUSES), hand=HAND)
    @precondition(has_complaints)
    def try_anything(self, pause: timedelta, hand: random.Random) -> None:
        self.office.wait(pause)
        self.office.try_anything(hand)

    @rule(pause=st.sampled_from(PAUSES))
    @precondition(has_complaints)
    def sweep(self, pause: timedelta) -> None:
        self.office.wait(pause)
        self.office.sweep()

    @invariant()
    def every_complaint_touched_is_sound(self) -> None:
        touched = [Complaint.of_matter(pk) for pk in self.office.touched]
        assert [wrong for complaint in touched for wrong in wrong_with(complaint)] == [], self.office.done

    def teardown(self) -> None:
        try:
            self._judge_the_end()
        finally:
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)
            self.play.now.set(self.begun)

    def _judge_the_end(self) -> None:
        """The record of each complaint tells what its rows tell; every refusal was noted, once."""
        complaints = [Complaint.of_matter(pk) for pk in self.office.complaints]
        found = [wrong for one in complaints for judge in (wrong_with, unlike_the_record) for wrong in judge(one)]
        assert found == [], self.office.done
        assert AccessLog.objects.count() == sum(":" in done for done in self.office.done)


def run(play: Play, number: int, examples: int, steps: int) -> None:
    """So many runs of so many steps, drawn from the numbered seed. A fault tells all that was done; shrinking it to
    fewer steps would take minutes.
    """

    @seed(number)
    class TheseDesks(Desks):
        pass

    TheseDesks.play = play
    how = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(TheseDesks, settings=how)


def test_some_runs(play: Play) -> None:
    run(play, 1, 6, 40)


def _runs() -> int:
    """On PostgreSQL, where the row locks and constraints of production stand, ten times as many."""
    return 125 if connection.vendor == "postgresql" else 12


@pytest.mark.slow
class TestOneHalf:
    @pytest.mark.parametrize("number", [101, 102])
    def test_many_runs(self, play: Play, number: int) -> None:
        run(play, number, _runs(), 50)


@pytest.mark.slow
class TestOtherHalf:
    @pytest.mark.parametrize("number", [103, 104])
    def test_many_runs(self, play: Play, number: int) -> None:
        run(play, number, _runs(), 50)


RARE = {"archive_unreachable"}
"""What chance seldom comes by: three attempts on two days."""


@pytest.mark.slow
def test_the_hands_get_somewhere(play: Play) -> None:
    """The runs would prove little if their hands did nothing: a long one, busy and slow by turns, does every verb."""
    for year in YEARS:
        play("publish_calendar", "sc.officer", year=year)
    office, hand = Office(play), random.Random(7)
    expected = {entry.name for entry in verbs_of(Complaint)} - RARE
    for stretch in range(STRETCHES):
        pauses = SHORT if stretch % 2 else PAUSES
        for _ in range(STRETCH):
            _step(office, hand, pauses)
        if not expected - office.known:
            break
    assert expected - office.known == set()


STRETCH, STRETCHES = 100, 60
YEARS = range(2027, 2040)
"""The stretches go on for years; a limit in working days needs their calendars."""

SHORT = PAUSES[:8]
"""At most two hours: what is only possible before a limit, like asking for more time, gets its chance."""


def _step(office: Office, hand: random.Random, pauses: Sequence[timedelta]) -> Any:
    office.wait(hand.choice(pauses))
    chance = hand.random()
    if chance < 0.2:
        return office.sweep()
    if not office.complaints or chance < 0.23:
        return office.begin(hand)
    return office.go_on(hand) if chance < 0.95 else office.try_anything(hand)
