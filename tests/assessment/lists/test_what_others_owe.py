"""Which cases marketing's desk chooses of those that others owe: the same as by asking each case, the most pressing."""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from accountability.gate import sweeper
from accountability.models import NO_DUE, Deadline, Matter, actor_for
from accountability.monitoring import reminders
from accountability.permissions import Actor
from accountability.web.desk import Clock
from assessment.lists import desk
from assessment.lists.worklists import lines
from assessment.models import Case
from tests.assessment.docket import WAY, Docket

MOST = (1, 3, 7, 100)
"""How many a desk shows at most: few of them, and more than there are."""


def by_asking_each_case(actor: Actor) -> list[int]:
    """Open cases, and closed ones with an overdue slip, by the due instant that a line shows, the newest first."""
    late = Deadline.objects.outstanding().filter(kind="slip", due_at__lt=actor.at, matter_id=OuterRef("pk"))
    running = Matter.objects.filter(kind="case", work_rank=0)
    wanted = Case.objects.filter(Q(pk__in=running.values("pk")) | Q(Exists(late), state="closed"))
    shown = lines(wanted, actor, actor.at)
    due = {line.case.pk: (line.clock and line.clock.due_at) or NO_DUE for line in shown}
    return sorted(due, key=lambda pk: (due[pk], -pk))


def chosen(actor: Actor, taken: set[int]) -> list[int]:
    return desk.Desk([], actor, actor.at)._others(taken)


def differing(docket: Docket, hand: Random, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], set[tuple[str, bool]]]:
    """What is chosen wrongly now and some days later, before the sweep comes; and in which states cases were chosen."""
    wrong, met = [], set()
    for days in (0, hand.randint(1, 60)):
        actor = actor_for(docket.cast["sc.officer"].pk, docket.now.forward(days=days))
        assert actor is not None
        expected = by_asking_each_case(actor)
        taken = set(hand.sample(expected, min(len(expected), hand.choice((0, 0, 2)))))
        left = [pk for pk in expected if pk not in taken]
        for most in MOST:
            monkeypatch.setattr(desk, "AT_MOST", most)
            if (found := set(chosen(actor, taken))) != set(left[:most]):
                wrong.append(f"of {left}, {most} at most: {found}")
        told = Case.objects.filter(pk__in=left).values_list("state", "matter__closed_at")
        met |= {(state, closed_at is None) for state, closed_at in told}
    return wrong, met


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_the_most_pressing_of_all_are_chosen(docket: Docket, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hand, met = Random(seed), set()
    for year in range(2027, 2031):
        docket.play("publish_calendar", "sc.officer", year=year)
    for position in hand.sample([*WAY, "closed", "violation", "admitted"], len(WAY) + 3):
        docket.upto(position)
        docket.now.forward(hours=hand.choice((0, 2, 20, 90)))
        if hand.random() < 0.3:
            wrong, states = differing(docket, hand, monkeypatch)
            assert wrong == []
            met |= states
        if hand.random() < 0.3:
            sweeper.sweep(docket.now.at)
    docket.now.forward(days=400)
    sweeper.sweep(docket.now.at)
    wrong, states = differing(docket, hand, monkeypatch)
    assert wrong == []
    met |= states
    assert {("closed", False), ("closed", True), ("deemed_violation", True), ("sheet_issued", True)} <= met, met


def test_one_statement_chooses(docket: Docket) -> None:
    case = docket.upto("closed")
    docket.upto("notified")
    actor = actor_for(docket.cast["sc.officer"].pk, docket.now.forward(days=60))
    assert actor is not None
    with CaptureQueriesContext(connection) as asked:
        assert len(chosen(actor, set())) == 2
    assert len(asked) == 1
    assert case.pk not in chosen(actor, {case.pk})


def test_what_was_warned_of_comes_before_what_is_due_as_soon(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that end on one day the newer would come first; what waits without a limit comes last, late at no instant
    but after it.
    """
    warned = docket.upto("notified")
    docket.now.forward(days=5)
    reminders.warn(docket.now.at)
    docket.upto("opened")
    actor = actor_for(docket.cast["sc.officer"].pk, docket.now.at)
    assert actor is not None
    monkeypatch.setattr(desk, "SHOWN", 1)
    [(_title, _count, [row])] = desk.Desk([], actor, actor.at).groups
    assert row.case.pk == warned.pk
    Matter.objects.filter(pk=warned.pk).update(work_due_at=NO_DUE)
    assert chosen(actor, set())[-1] == warned.pk
    Matter.objects.filter(pk=warned.pk).update(work_due_at=actor.at, work_warned=False)
    clocks = {pk: clock for found in desk._first_owed(actor, actor.at, 9) for pk, _due_at, clock in found}
    assert clocks[warned.pk] == list(Clock).index(Clock.OK)


def test_the_most_urgent_are_shown_and_all_are_counted(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Late ones, then those of which was warned, each by the due instant of their line; only those are read whole."""
    for position in ("sheet_issued", "disputed", "notified", "violation", "admitted", "opened"):
        docket.upto(position)
        docket.now.forward(hours=30)
        reminders.warn(docket.now.at)
    actor = actor_for(docket.cast["sc.officer"].pk, docket.now.at)
    assert actor is not None
    expected = sorted(map(desk.Row, lines(Case.objects.all(), actor, actor.at)), key=desk._heat)
    assert {row.line.stands for row in expected} == set(Clock)
    for shown in (1, 2, 4, 100):
        monkeypatch.setattr(desk, "SHOWN", shown)
        with CaptureQueriesContext(connection) as asked:
            [(_title, count, rows)] = desk.Desk([], actor, actor.at).groups
        assert [row.case.pk for row in rows] == [row.case.pk for row in expected][:shown]
        assert count == str(len(expected))
        assert len(asked) <= 6, "the keys, the cases, their limits, complaints and seats"
