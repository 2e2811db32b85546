"""After a restore or a long outage nobody is fined, and nothing is sent again, until two people have said so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accountability import tasks
from accountability.deadlines.limits import read_instant
from accountability.gate.sweeper import fallen_due, sweep
from accountability.models import (
    Alarm,
    Deadline,
    Delivery,
    GuardedChange,
    Heartbeat,
    Hold,
    LedgerEntry,
    Matter,
    Notification,
)
from accountability.monitoring import heartbeats, system_health
from accountability.notices import holding, sending
from accountability.notices.channels.queue import claim_next
from assessment.models import open_leads
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.looking import deadline

MINUTE = timedelta(minutes=1)
DUE = "2026-11-24 09:30"
BACK = "2026-11-24 09:50"


@pytest.fixture(autouse=True)
def _holds(settings: Any, tmp_path: Path) -> None:
    settings.HOLD_AFTER, settings.VAR_DIR = 15 * MINUTE, tmp_path


@pytest.fixture
def delivered(play: Play, now: Now) -> Complaint:
    """Delivered at 09:00 and to be handed over by 09:30; the sweep last succeeded at 09:10."""
    complaint = play.upto("delivered")
    tasks.note_success(holding.SWEEP)
    Heartbeat.objects.update(at=read_instant("2026-11-24 09:10"))
    return complaint


def run(now: Now, at: str | datetime) -> int:
    """What the task does, and the signal of its success."""
    now.set(at)
    missed = tasks.sweep()
    tasks.note_success(holding.SWEEP)
    return missed


def released(play: Play, verb: str) -> None:
    play.by_two(verb, "sc.officer", "sc.leader", reason="机房断电。")


def misses() -> list[tuple[str, datetime]]:
    return [(entry.facts["kind"], entry.at) for entry in LedgerEntry.objects.filter(verb="miss").order_by("pk")]


def test_after_a_long_outage_nobody_is_fined_and_the_window_is_told(delivered: Complaint, now: Now) -> None:
    assert run(now, BACK) == 0
    assert run(now, "2026-11-24 09:55") == 0
    assert misses() == []
    hold = Hold.objects.get()
    assert (hold.since, hold.until) == (read_instant("2026-11-24 09:10"), read_instant(BACK))
    assert Alarm.objects.get(kind="held").facts == hold.facts
    told = Notification.objects.filter(kind="held").values_list("recipient__username", flat=True)
    assert {"sj.system", "sc.leader", "sc.officer"} <= set(told)
    assert not Notification.objects.filter(kind__in=["missed", "overdue", "warned"]).exists()
    assert (fallen_due(now.at).count(), system_health.sweep_runs(now.at).tone) == (0, "ok")


def test_warnings_and_alarms_of_the_window_wait_too(delivered: Complaint, play: Play, now: Now) -> None:
    """They may have gone out in the lost hours."""
    Deadline.objects.filter(kind="handling").update(warn_at=read_instant("2026-11-24 09:40"))
    Matter.objects.filter(pk=delivered.matter_id).update(alarm_at=read_instant("2026-11-24 09:45"))
    run(now, BACK)
    assert not Notification.objects.filter(kind__in=["warned", "waiting"]).exists()
    assert not Alarm.objects.filter(kind="waiting").exists()
    now.forward(minutes=1)
    released(play, "excuse_held")
    run(now, "2026-11-24 09:55")
    assert set(Notification.objects.filter(kind__in=["warned", "waiting"]).values_list("kind", flat=True)) == {
        "warned", "waiting"
    }  # fmt: skip


def test_a_warning_after_the_window_takes_none_of_it_along(delivered: Complaint, now: Now) -> None:
    """Both are of the same matter, which is read as a whole."""
    early, late = Deadline.objects.exclude(kind="handoff").order_by("kind")[:2]
    Deadline.objects.filter(pk=early.pk).update(warn_at=read_instant("2026-11-24 09:40"))
    Deadline.objects.filter(pk=late.pk).update(warn_at=read_instant("2026-11-24 09:51"))
    run(now, BACK)
    run(now, "2026-11-24 09:52")
    assert set(Notification.objects.filter(kind="warned").values_list("facts__kind", flat=True)) == {late.kind}


def test_an_outage_shorter_than_the_threshold_is_judged_as_ever(delivered: Complaint, now: Now) -> None:
    Heartbeat.objects.update(at=read_instant("2026-11-24 09:36"))
    assert run(now, BACK) == 1
    assert not Hold.objects.exists()


def test_where_no_sweep_ever_ran_nothing_is_held(play: Play, now: Now) -> None:
    play.upto("delivered")
    assert run(now, BACK) == 1
    assert not Hold.objects.exists()


def test_what_falls_due_after_the_window_is_judged(delivered: Complaint, play: Play, now: Now) -> None:
    run(now, BACK)
    later = play.upto("delivered", at=now.at)
    for _time in range(4):
        run(now, now.at + 10 * MINUTE)
    assert deadline(later, "handoff", 1).missed_at == read_instant(BACK) + 30 * MINUTE
    assert deadline(delivered, "handoff", 1).missed_at is None


def test_an_older_copy_is_known_by_the_mark_outside_it(delivered: Complaint, now: Now) -> None:
    """The copy is from 09:28, the sweep went on until 09:34: too short for the threshold."""
    now.set("2026-11-24 09:34")
    tasks.note_success(holding.SWEEP)
    Heartbeat.objects.update(at=read_instant("2026-11-24 09:28"))
    assert run(now, "2026-11-24 09:36") == 0
    assert (misses(), Hold.objects.get().since) == ([], read_instant("2026-11-24 09:28"))


def test_an_older_copy_is_known_before_anything_is_sent(delivered: Complaint, now: Now) -> None:
    now.set("2026-11-24 09:34")
    tasks.note_success(holding.SWEEP)
    Heartbeat.objects.update(at=read_instant("2026-11-24 09:28"))
    now.set("2026-11-24 09:36")
    unsent = Notification.objects.filter(sent_at=None, created_at__lt=now.at).count()
    assert unsent
    tasks.send_notifications()
    assert Notification.objects.filter(sent_at=None, created_at__lt=now.at).count() == unsent
    assert Notification.objects.filter(kind="held", sent_at=now.at).exists()


def test_the_command_after_a_restore_begins_the_hold(
    delivered: Complaint, now: Now, capsys: pytest.CaptureFixture[str]
) -> None:
    Heartbeat.objects.update(at=read_instant("2026-11-24 09:28"))
    now.set("2026-11-24 09:36")
    call_command("check_restored")
    assert "held: what fell due from" in capsys.readouterr().out
    assert (run(now, "2026-11-24 09:37"), Hold.objects.count()) == (0, 1)


def test_an_act_judges_nothing_in_the_window(delivered: Complaint, play: Play, now: Now) -> None:
    run(now, BACK)
    play("hand_off", "wh.contact", delivered, at="2026-11-24 09:52")
    assert (misses(), deadline(delivered, "handoff", 1).missed_at) == ([], None)


def test_nobody_releases_it_alone(delivered: Complaint, play: Play, now: Now, cast: Cast) -> None:
    run(now, BACK)
    play("excuse_held", "sc.leader", reason="机房断电。")
    assert Hold.objects.get().released_at is None
    change = GuardedChange.objects.waiting().get()
    assert play.refused("approve_change", "sc.leader", change=change.pk).code == "forbidden"
    run(now, "2026-11-24 09:55")
    assert (misses(), Alarm.objects.filter(kind="held", cleared_at=None).count()) == ([], 1)
    for two in ({}, {"proposed_by": cast["sc.leader"], "released_by": cast["sc.leader"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Hold.objects.update(released_at=now.at, **two)


def test_marketing_finds_the_window_and_both_requests_with_the_changes(
    delivered: Complaint, play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    assert "停摆时段" not in client_for("sc.officer").get("/changes/").content.decode()
    run(now, BACK)
    shown = client_for("sc.officer").get("/changes/").content.decode()
    assert "停摆时段" in shown
    assert [f'href="/organisation/{verb}/"' in shown for verb in ("confirm_held", "excuse_held")] == [True, True]
    assert "停摆时段" not in client_for("sj.security").get("/changes/").content.decode()
    client_for("sc.officer").post("/organisation/excuse_held/", {"reason": "机房断电。"})
    change = GuardedChange.objects.waiting().get()
    assert [change.why in client_for("sc.leader").get(page).content.decode() for page in (
        "/changes/", f"/organisation/approve_change/?change={change.pk}"
    )] == [True, True]  # fmt: skip


def test_there_is_nothing_to_release_without_a_window(play: Play) -> None:
    for verb in ("confirm_held", "excuse_held"):
        assert play.refused(verb, "sc.leader", reason="机房断电。").code == "condition"


def test_confirmed_misses_are_dated_at_their_due_instants(delivered: Complaint, play: Play, now: Now) -> None:
    run(now, BACK)
    now.forward(minutes=1)
    released(play, "confirm_held")
    assert run(now, "2026-11-24 09:55") == 1
    found = deadline(delivered, "handoff", 1)
    assert (found.missed_at, found.noticed_at, found.excused_at) == (read_instant(DUE), now.at, None)
    assert misses() == [("handoff", read_instant(DUE))]
    assert Notification.objects.filter(kind="missed").exists()
    assert open_leads().exists()
    assert Hold.objects.get().finished_at == now.at
    assert not Alarm.objects.filter(kind="held", cleared_at=None).exists()


def test_excused_for_all_nobody_owes(delivered: Complaint, play: Play, now: Now, cast: Cast) -> None:
    run(now, BACK)
    now.forward(minutes=1)
    released(play, "excuse_held")
    run(now, "2026-11-24 09:55")
    found = deadline(delivered, "handoff", 1)
    assert (found.missed_at, found.excused_at) == (read_instant(DUE), now.at)
    assert (found.excuse_proposed_by, found.excused_by) == (cast["sc.officer"], cast["sc.leader"])
    assert found.excuse_reason is not None
    assert found.excuse_reason.opened["reason"] == "机房断电。"
    assert LedgerEntry.objects.get(verb="miss").facts["excused"] is True
    assert not Notification.objects.filter(kind__in=["missed", "overdue", "urged"]).exists()
    assert not open_leads().exists()
    assert not Deadline.objects.filter(chase_at__isnull=False).exists()


@pytest.mark.parametrize(("verb", "excused"), [("confirm_held", False), ("excuse_held", True)])
def test_what_was_done_late_meanwhile_is_judged_too(
    delivered: Complaint, play: Play, now: Now, verb: str, excused: bool
) -> None:
    run(now, BACK)
    play("hand_off", "wh.contact", delivered, at="2026-11-24 09:52")
    now.set("2026-11-24 09:53")
    released(play, verb)
    assert run(now, "2026-11-24 09:55") == 1
    found = deadline(delivered, "handoff", 1)
    assert (found.missed_at, found.met_at) == (read_instant(DUE), read_instant("2026-11-24 09:52"))
    assert ((found.excused_at is not None), found.chase_at) == (excused, None)
    assert (run(now, "2026-11-24 09:56"), len(misses())) == (0, 1)


def test_a_second_outage_makes_the_window_longer_and_the_request_void(
    delivered: Complaint, play: Play, now: Now
) -> None:
    run(now, BACK)
    play("confirm_held", "sc.officer", reason="机房断电。")
    run(now, "2026-11-24 10:30")
    assert Hold.objects.get().until == now.at
    assert Alarm.objects.get(kind="held").facts == Hold.objects.get().facts
    assert Notification.objects.filter(kind="held", recipient__username="sj.system").count() == 1
    change = GuardedChange.objects.waiting().get()
    assert list(play.refused("approve_change", "sc.leader", change=change.pk).fields) == ["change"]


def test_nothing_from_before_is_sent_off_screen_again(delivered: Complaint, play: Play, now: Now) -> None:
    """An older copy has notices and messages that went out after it was made."""
    notice = Notification.objects.filter(recipient__username="wh.contact").latest("pk")
    message = Delivery.objects.create(
        notification=notice, recipient_id=notice.recipient_id, channel="email", planned_at=now.at, next_try_at=now.at
    )
    run(now, BACK)
    assert claim_next(now.at, ["email"]) is None
    sending.send(now.at)
    assert Notification.objects.filter(sent_at=None, created_at__lt=read_instant(BACK)).exists()
    now.forward(minutes=1)
    released(play, "confirm_held")
    assert claim_next(now.at, ["email"]) is None
    run(now, "2026-11-24 09:55")
    message.refresh_from_db()
    assert (message.state, message.problem) == (Delivery.State.DROPPED, "held")
    assert not Notification.objects.filter(sent_at=None, created_at__lt=read_instant(BACK)).exists()
    assert Delivery.objects.count() == 1


def test_the_sweep_beats_while_it_holds(delivered: Complaint, now: Now) -> None:
    run(now, BACK)
    assert holding.SWEEP not in heartbeats.silent(now.at)
    assert sweep(now.at) == 0
