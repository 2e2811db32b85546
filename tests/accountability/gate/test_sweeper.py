"""The one sweep: what fell due is missed once, at its due instant, in its own order, whenever the sweep comes."""

# mypy: disable-error-code=union-attr

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.gate.sweeper import GRACE, next_due, sweep
from accountability.models import Deadline, LedgerEntry, Matter, Notification
from complaints.models import Complaint
from tests.factories import Now, Play
from tests.looking import deadline, deadlines, verbs_of, writes

MICROSECOND = timedelta(microseconds=1)


def misses() -> list[tuple[str, datetime, datetime]]:
    found = LedgerEntry.objects.filter(verb="miss").order_by("pk")
    return [(entry.facts["kind"], entry.at, entry.recorded_at) for entry in found]


def due_of(complaint: Complaint, kind: str, part: int = 1) -> datetime:
    due = deadline(complaint, kind, part).due_at
    assert due is not None
    return due


@pytest.mark.rule("R19")
def test_missed_from_the_due_instant_whenever_it_is_noticed(play: Play) -> None:
    """S66: the system was down from 09:10 to 09:50, the round was delivered at 09:00."""
    complaint = play.upto("delivered")
    assert sweep(read_instant("2026-11-24 09:50")) == 1

    found = deadline(complaint, "handoff", 1)
    assert (found.status, found.missed_at, found.noticed_at) == (
        "missed", read_instant("2026-11-24 09:30"), read_instant("2026-11-24 09:50"),
    )  # fmt: skip
    told = Notification.objects.filter(kind="missed").values_list("recipient__username", flat=True)
    assert sorted(told) == ["wh.contact", "wh.head"]


def test_a_second_run_finds_nothing(play: Play, now: Now) -> None:
    play.upto("delivered")
    at = now.forward(days=3)
    assert sweep(at) == 3  # hand-off, handling, first reply
    before = writes()
    assert sweep(at) == 0
    assert sweep(at + timedelta(minutes=1)) == 0
    assert writes() == before


@pytest.mark.parametrize(
    ("late", "missed"),
    [(timedelta(0), 0), (GRACE, 0), (GRACE + MICROSECOND, 1)],
)
def test_the_sweep_judges_what_fell_due_more_than_its_grace_ago(play: Play, late: timedelta, missed: int) -> None:
    complaint = play.upto("delivered")
    assert sweep(due_of(complaint, "handoff") + late) == missed


def test_the_grace_is_longer_than_an_act_may_wait_for_its_lock(settings: Any) -> None:
    assert timedelta(seconds=5) == GRACE
    assert GRACE.total_seconds() > settings.LOCK_TIMEOUT


def test_a_run_after_an_outage_does_what_many_runs_would_have_done(play: Play, now: Now) -> None:
    """The same world swept every ten minutes, and once after three days: the same rows but for when it was noticed."""

    def world() -> list[Any]:
        rows = Deadline.objects.order_by("matter_id", "kind", "part", "cycle")
        places = {pk: place for place, pk in enumerate(Matter.objects.order_by("pk").values_list("pk", flat=True))}
        judged = [(places[d.matter_id], d.kind, d.cycle, d.due_at, d.missed_at, d.voided_at) for d in rows]
        told = LedgerEntry.objects.filter(actor__username="system").order_by("matter_id", "seq")
        states = Complaint.objects.order_by("pk").values_list("state", "latest_round__state")
        return [judged, [(places[e.matter_id], e.verb, e.facts["kind"], e.at) for e in told], list(states)]

    play.upto("delivered", priority="P1")
    play.upto("return_requested", phone="13900001111")
    complaint = play.upto("delivered", phone="13900002222")
    play("request_return", "wh.contact", complaint, at=now.forward(minutes=20))
    worlds, end = [], now.at + timedelta(days=3)
    for span in (timedelta(minutes=10), timedelta(days=3)):
        at = now.at
        with transaction.atomic():
            while at < end:
                at += span
                sweep(at, grace=timedelta())
            worlds.append(world())
            transaction.set_rollback(True)
    assert worlds[0] == worlds[1]
    words = Counter(verb for _place, verb, _kind, _at in worlds[0][1])
    # Hand-off, handling, reply; ruling besides; and the fresh hand-off. Chased for are hand-off and handling.
    assert words == {"miss": 3 + 3 + 4, "chase_overdue": 2 + 1 + 2, "urge": 2 + 1 + 2}


def test_a_silent_ruling_begins_a_fresh_hand_off_which_is_missed_in_its_turn(play: Play, now: Now) -> None:
    """Contract: from the ruling's due instant where the centre was silent."""
    complaint = play.upto("delivered")
    play("request_return", "wh.contact", complaint, at=now.forward(minutes=20))
    noticed = read_instant("2026-11-24 18:00")
    sweep(noticed)

    assert misses() == [
        ("ruling", read_instant("2026-11-24 11:20"), noticed),
        ("handoff", read_instant("2026-11-24 11:50"), noticed),
    ]
    first, second = deadlines(complaint, "handoff", 1)
    assert (first.status, first.due_at, first.voided_at) == (
        "void", read_instant("2026-11-24 09:30"), read_instant("2026-11-24 11:20"),
    )  # fmt: skip
    assert (second.cycle, second.started_at, second.missed_at) == (
        2, read_instant("2026-11-24 11:20"), read_instant("2026-11-24 11:50"),
    )  # fmt: skip
    again = play.again(complaint)
    assert (again.round.state, again.out_of_scope_returns) == ("delivered", 0)
    assert again.matter.holder.username == "wh.contact"


@pytest.mark.rule("R19")
def test_at_the_due_instant_nothing_is_missed_though_the_matter_is_swept_for_what_fell_due_before(play: Play) -> None:
    complaint = play.upto("delivered")
    due = due_of(complaint, "first_reply", 0)
    sweep(due + GRACE)
    assert [kind for kind, _at, _recorded in misses()] == ["handoff", "handling"]
    sweep(due + GRACE + MICROSECOND)
    assert [kind for kind, _at, _recorded in misses()] == ["handoff", "handling", "first_reply"]


def test_misses_of_one_matter_stand_in_the_order_of_their_instants(play: Play, now: Now) -> None:
    play.upto("delivered", priority="P1")
    sweep(now.forward(days=30))
    assert [(kind, at) for kind, at, _noticed in misses()] == [
        ("handoff", read_instant("2026-11-24 09:30")),
        ("handling", read_instant("2026-11-24 17:00")),
        ("first_reply", read_instant("2026-11-26 09:00")),
        ("legal", read_instant("2026-12-09 24:00")),
    ]


def test_what_is_suspended_met_or_void_a_window_or_without_an_instant_is_never_missed(play: Play, now: Now) -> None:
    now.set("2026-12-30 09:00")
    complaint = play.upto("delivered", category="网络质量")
    play("request_return", "wh.contact", complaint)
    play("rule_on_return", "kf.agent", complaint, at=now.forward(minutes=10))
    play("handle_directly", "kf.agent", complaint)
    play("judge_complete", "kf.agent", complaint)
    play("reply", "kf.agent", complaint)
    assert sweep(now.forward(days=400)) == 0
    assert {d.kind: d.status for d in Deadline.objects.all()} == {
        "handoff": "void", "return": "open", "handling": "void", "ruling": "met", "first_reply": "met", "legal": "met",
        "contact_on_site": "void", "network_solution": "void",
    }  # fmt: skip


def test_a_miss_moves_no_state_but_the_silent_rulings(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    sweep(now.forward(days=30))
    assert play.again(complaint).position == complaint.position
    assert [verb for verb in verbs_of(complaint)[4:] if verb == "miss"] == ["miss"] * 3


def test_the_next_instant_is_that_of_the_earliest_running_limit(play: Play, now: Now) -> None:
    assert next_due() is None
    play.upto("delivered")
    assert next_due() == read_instant("2026-11-24 09:30")
    assert next_due(read_instant("2026-11-24 09:31")) == read_instant("2026-11-25 21:00")
    sweep(now.forward(days=30))
    assert next_due() is None


def _fill(play: Play, count: int) -> None:
    for number in range(count):
        play.upto("delivered", phone=f"139{number:08d}")


def _statements(at: datetime) -> int:
    with CaptureQueriesContext(connection) as captured:
        sweep(at)
    return len(captured)


def test_a_batch_takes_a_constant_number_of_statements(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite takes 999 parameters a statement by Django's measure; its own limit is far higher."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)
    counts = []
    for more in (2, 8, 90):
        _fill(play, more)
        counts.append(_statements(now.forward(minutes=31)))
    assert counts == [counts[0]] * 3
    assert len(misses()) == 100


def test_more_than_a_batch_is_swept_in_one_run(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 3)
    _fill(play, 10)
    assert sweep(now.forward(minutes=31)) == 10
    assert sweep(now.at) == 0


def test_a_run_ends_even_where_a_row_cannot_be_judged(play: Play, now: Now) -> None:
    """A running limit of a round that isn't loaded any more must not hold the sweep for ever."""
    complaint = play.upto("delivered")
    Matter.objects.filter(pk=complaint.matter_id).update(part=2)
    assert sweep(now.forward(hours=1)) == 0
