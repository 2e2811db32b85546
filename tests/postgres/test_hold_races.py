"""The held state, on real row locks: one hold whoever notices the outage, one approval, no judgement beside it."""

from __future__ import annotations

from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.db import transaction

from accountability.gate import holding
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.gate.sweeper import sweep
from accountability.models import Alarm, Deadline, Hold, LedgerEntry, Notification, PeopleServed
from accountability.monitoring import releasing
from complaints.models import Complaint
from tests.accountability.gate.held import away, propose, ruled
from tests.factories import USUAL, Cast, Now, Play
from tests.postgres.test_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 10


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    return Play(Cast(), now)


def hand_off(play: Play, complaint: Complaint) -> Any:
    facts = USUAL["hand_off"]
    subject = Complaint(matter_id=complaint.pk)
    return lambda: perform(subject, "hand_off", by=play.cast["wh.contact"], at=play.now.at, **facts)


def test_whoever_notices_first_there_is_one_hold_and_nothing_is_judged(play: Play, now: Now) -> None:
    for _round in range(ROUNDS):
        complaint = away(play, 1)[0]
        answers = at_once(
            lambda: holding.note_served(now.at), lambda: sweep(now.at), hand_off(play, complaint),
            lambda: sweep(now.at), lambda: holding.note_served(now.at),
        )  # fmt: skip
        assert [answers[place] for place in (0, 1, 3, 4)] == [None, 0, 0, None]
        assert getattr(answers[2], "code", answers[2]) == "held"
        hold = Hold.objects.get(state="held")
        assert (hold.until, PeopleServed.objects.get().at) == (now.at, now.at)
        assert not Deadline.objects.filter(matter=complaint.matter_id, missed_at__isnull=False).exists()
        ruled_on(hold, now)
    assert Alarm.objects.filter(kind="held").count() == 1
    assert Notification.objects.filter(kind="held").count() == 5 * ROUNDS


def ruled_on(hold: Hold, now: Now) -> None:
    """Out of the way of the next round, as if two people had ruled and the sweep had carried it out."""
    people = list(Cast.standing())
    hold.proposed_by, hold.approved_by, hold.approved_at, hold.state = people[0], people[1], now.at, "released"
    hold.save()
    Deadline.objects.filter(missed_at=None).update(voided_at=now.at)


def approve(play: Play, by: str) -> Any:
    person = play.cast[by]
    return lambda: perform(Organisation.standing(), "approve_release", by=person, at=play.now.at)


def test_two_approvals_at_once_are_one(play: Play, now: Now) -> None:
    today = now.at.date().isoformat()
    told = {"employee": "sc.officer2", "role": "marketing_leader", "starts_on": today, "reason": "新任"}
    play.by_two("appoint", "sc.leader", "sc.officer", **told)
    away(play, 1)
    holding.note_served(now.at)
    propose(play)
    answers = at_once(approve(play, "sc.leader"), approve(play, "sc.officer2"))
    assert sorted(getattr(answer, "code", "done") for answer in answers) == ["condition", "done"]
    assert LedgerEntry.objects.filter(verb="approve_release").count() == 1


def test_two_workers_carry_it_out_once(play: Play, now: Now) -> None:
    away(play, 30)
    holding.note_served(now.at)
    ruled(play, "excuse")
    answers = at_once(*[lambda: releasing.carry_on(now.at)] * 3, lambda: sweep(now.at))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    releasing.carry_on(now.at)
    assert LedgerEntry.objects.filter(verb="miss").count() == 30
    assert Deadline.objects.filter(missed_at__isnull=False, excused_at=None).count() == 0
    assert Hold.objects.get().state == "released"


def test_an_approval_waits_for_a_watch_that_finds_another_outage(play: Play, now: Now) -> None:
    """The window that the watch makes longer isn't the one that was proposed."""
    away(play, 1)
    holding.note_served(now.at)
    propose(play)
    now.forward(hours=1)
    answers: list[Any] = []
    waiting = Thread(target=lambda: answers.extend(at_once(approve(play, "sc.leader"))))
    with transaction.atomic():
        holding.note_served(now.at)
        waiting.start()
        sleep(0.5)
        assert answers == []
    waiting.join(timeout=20)
    assert (answers[0].code, Hold.objects.get().state) == ("condition", "held")
