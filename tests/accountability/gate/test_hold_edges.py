"""The held state at its edges: what begins just before the window, what falls due after it, and wrong clocks."""

# mypy: disable-error-code="union-attr,operator,arg-type"

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.gate import holding, sweeper
from accountability.gate.act import Refused
from accountability.gate.lookups import held_matter
from accountability.gate.perform import perform_in_turn
from accountability.models import Deadline, Hold, LedgerEntry
from complaints.models import Complaint
from tests.accountability.gate.held import after, away, held, missed, propose, ruled
from tests.accountability.notices.test_wrong_clock import set_clock
from tests.factories import Now, Play
from tests.looking import deadline

__all__ = ["held", "set_clock"]

pytestmark = pytest.mark.rule("R19")


def without_a_ruling(play: Play, now: Now) -> Complaint:
    """The ruling on a return fell due a minute before people were last served; the sweep still waits with its miss.
    Four hours later nobody has been served since.
    """
    complaint = play("request_return", "wh.contact", play.upto("delivered"))
    due = deadline(complaint, "ruling", 1).due_at
    now.set(due + timedelta(seconds=60))
    holding.note_served(now.at)
    holding.forget()
    now.forward(hours=4)
    return complaint


def test_a_duty_that_a_miss_begins_in_the_window_is_held(play: Play, now: Now) -> None:
    complaint = without_a_ruling(play, now)
    holding.note_served(now.at)
    sweeper.sweep(now.at)
    handoff = Deadline.objects.filter(matter=complaint.matter_id, kind="handoff").latest("pk")
    assert (missed(), handoff.is_running, handoff.due_at < now.at) == (["ruling"], True, True)
    assert held_matter(complaint.matter_id, now.at) is not None


def test_an_act_that_finds_such_a_duty_is_refused(play: Play, now: Now) -> None:
    complaint = without_a_ruling(play, now)
    with pytest.raises(Refused) as refusal:
        play("hand_off", "wh.contact", complaint)
    assert (refusal.value.code, missed()) == ("held", [])


def test_what_fell_due_while_people_were_served_is_no_part_of_it(held: list[Complaint], play: Play, now: Now) -> None:
    """The worker was away for two hours after the outage: these misses are ordinary ones."""
    other = play.upto("delivered", phone="13900000001")
    for _minute in range(120):
        after(now, 1)
    assert held_matter(other.matter_id, now.at) is None
    propose(play)
    play("approve_release", "sc.leader")
    tasks.sweep.apply()
    found = deadline(other, "handoff", 1)
    assert (found.missed_at, found.excused_at) == (found.due_at, None)
    assert deadline(held[0], "handoff", 1).excused_at is not None


def test_confirmed_or_not_what_fell_due_while_acts_were_refused_is_excused(play: Play, now: Now) -> None:
    (complaint,) = away(play, 1)
    holding.note_served(now.at)
    handling = deadline(complaint, "handling", 1)
    while now.at < handling.due_at + timedelta(minutes=2):
        after(now, 10)
    ruled(play, "confirm")
    tasks.sweep.apply()
    handoff, handling = deadline(complaint, "handoff", 1), deadline(complaint, "handling", 1)
    assert (handoff.missed_at, handoff.excused_at) == (handoff.due_at, None)
    assert (handling.missed_at, handling.excused_at is not None) == (handling.due_at, True)


def test_the_chase_ladder_stands_still_while_a_matter_is_held(play: Play, now: Now) -> None:
    """The hand-off was missed before; handling falls due in an outage. After the ruling the next step comes."""
    complaint = play.upto("delivered")
    for _minute in range(35):
        after(now, 1)
        sweeper.sweep(now.at)
    handling = deadline(complaint, "handling", 1)
    while now.at < handling.due_at - timedelta(hours=14):
        after(now, 10)
    holding.forget()
    now.set(handling.due_at + timedelta(hours=30))
    holding.note_served(now.at)
    ruled(play, "excuse")
    tasks.sweep.apply()
    assert ladder(complaint) == ["chase_overdue"]
    for _minute in range(3):
        after(now, 1)
        sweeper.sweep(now.at)
    assert ladder(complaint) == ["chase_overdue", "urge"]
    assert deadline(complaint, "handoff", 1).chase_at > now.at + timedelta(days=5)


def ladder(complaint: Complaint) -> list[str]:
    entries = LedgerEntry.objects.filter(matter=complaint.matter_id, verb__in=["chase_overdue", "urge"])
    return list(entries.order_by("seq").values_list("verb", flat=True))


def test_a_page_on_a_machine_with_a_wrong_clock_begins_no_hold(
    play: Play, now: Now, set_clock: Callable[..., None], client_for: Callable[[str], Client]
) -> None:
    complaint = play.upto("delivered")
    holding.note_served(now.at)
    address = reverse("complaint", args=[complaint.matter.number])
    holding.forget()
    set_clock(hours=1)
    assert client_for("wh.contact").get(address).status_code == 200
    assert not Hold.objects.exists()


def test_a_hold_that_an_act_in_steps_begins_stays(play: Play, now: Now) -> None:
    complaint = away(play)[0]
    steps: Any = [("add_note", {"note": "已联系客户。"}, ())]
    with pytest.raises(Refused):
        perform_in_turn(complaint, steps, by=play.cast["wh.contact"], at=now.at)
    assert Hold.objects.exists()
