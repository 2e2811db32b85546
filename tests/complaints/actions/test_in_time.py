"""An act that arrived by the due instant is in time, whatever happened between: a scanner, a lock, a queue, a slow
database. It takes back a miss that was recorded meanwhile.
"""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.models import LedgerEntry
from accountability.monitoring import system_health
from assessment.models import LeadMark, open_leads
from complaints.models import Complaint
from tests.assessment.docket import Docket
from tests.complaints.soundness import unlike_the_record
from tests.factories import Now, Play
from tests.looking import deadline

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


def due_of(complaint: Complaint, kind: str) -> datetime:
    due = deadline(complaint, kind, 1).due_at
    assert due is not None
    return due


def taken_back(complaint: Complaint) -> list[tuple[str, str]]:
    entries = LedgerEntry.objects.filter(matter_id=complaint.matter_id).order_by("seq")
    return [(entry.verb, facts["kind"]) for entry in entries for facts in entry.facts.get("taken_back", [])]


def misses(complaint: Complaint) -> int:
    return LedgerEntry.objects.filter(matter_id=complaint.matter_id, verb="miss").count()


def leads(complaint: Complaint) -> int:
    return open_leads(matter_id=complaint.matter_id).count()


@pytest.mark.rule("R19")
@pytest.mark.parametrize("early", [timedelta(), MICROSECOND, 2 * SECOND])
@pytest.mark.parametrize("delay", [timedelta(), 10 * SECOND, 60 * SECOND])
def test_a_hand_over_that_arrived_in_time_is_in_time_however_late_it_is_carried_out(
    play: Play, early: timedelta, delay: timedelta
) -> None:
    complaint = play.upto("delivered")
    due = due_of(complaint, "handoff")
    assert sweeper.sweep(due + sweeper.GRACE + MICROSECOND + delay) == 1
    assert leads(complaint) == 1
    play("hand_off", "wh.contact", complaint, at=due - early)
    found = deadline(complaint, "handoff", 1)
    assert (found.status, found.met_at, found.missed_at, found.noticed_at) == ("met", due - early, None, None)
    assert (found.chase_at, found.chased, leads(complaint)) == (None, 0, 0)
    assert (misses(complaint), taken_back(complaint)) == (1, [("hand_off", "handoff")])
    assert list(unlike_the_record(play.again(complaint))) == []


@pytest.mark.rule("R19")
def test_a_microsecond_late_it_stays_missed(play: Play) -> None:
    complaint = play.upto("delivered")
    due = due_of(complaint, "handoff")
    sweeper.sweep(due + timedelta(minutes=1))
    play("hand_off", "wh.contact", complaint, at=due + MICROSECOND)
    assert (deadline(complaint, "handoff", 1).missed_at, leads(complaint), taken_back(complaint)) == (due, 1, [])


@pytest.mark.rule("R19")
def test_a_later_act_that_came_first_takes_nothing_away(play: Play) -> None:
    """The other act arrived after the due instant and recorded the miss before it ran."""
    complaint = play.upto("delivered")
    due = due_of(complaint, "handoff")
    play("chase", "kf.agent", complaint, at=due + SECOND)
    assert deadline(complaint, "handoff", 1).status == "missed"
    play("hand_off", "wh.contact", complaint, at=due - SECOND)
    assert (deadline(complaint, "handoff", 1).status, taken_back(complaint)) == ("met", [("hand_off", "handoff")])
    assert list(unlike_the_record(play.again(complaint))) == []


@pytest.mark.rule("R19")
def test_an_early_act_that_leaves_the_limit_open_changes_no_miss(play: Play) -> None:
    complaint = play.upto("delivered")
    due = due_of(complaint, "handoff")
    sweeper.sweep(due + timedelta(minutes=1))
    before = deadline(complaint, "handoff", 1)
    play("chase", "kf.agent", complaint, at=due - SECOND)
    after = deadline(complaint, "handoff", 1)
    shown = [(d.missed_at, d.noticed_at, d.chase_at, d.chased) for d in (before, after)]
    assert shown[0] == shown[1]
    assert (after.missed_at, misses(complaint), taken_back(complaint), leads(complaint)) == (due, 1, [], 1)


@pytest.mark.rule("R27")
def test_a_return_asked_for_in_time_suspends_the_hand_over(play: Play) -> None:
    complaint = play.upto("delivered")
    due = due_of(complaint, "handoff")
    sweeper.sweep(due + timedelta(minutes=1))
    play("request_return", "wh.contact", complaint, at=due)
    found = deadline(complaint, "handoff", 1)
    assert (found.status, found.suspended_at, leads(complaint)) == ("open", due, 0)
    assert taken_back(complaint) == [("request_return", "handoff")]
    assert list(unlike_the_record(play.again(complaint))) == []


@pytest.mark.rule("R24")
def test_more_time_that_was_granted_in_time_counts(play: Play) -> None:
    """After the limit it would be refused."""
    complaint = play.upto("accepted")
    due = due_of(complaint, "handling")
    sweeper.sweep(due + timedelta(minutes=1))
    until = due + timedelta(hours=2)
    play("extend", "kf.agent", complaint, at=due - SECOND, round=1, until=until, reason="待厂家回复。")
    found = deadline(complaint, "handling", 1)
    assert (found.cycle, found.due_at, found.status, leads(complaint)) == (2, until, "open", 0)
    assert list(unlike_the_record(play.again(complaint))) == []


@pytest.mark.rule("R24")
def test_an_answer_in_time_that_is_judged_incomplete_later_is_missed_then(play: Play) -> None:
    complaint = play.upto("accepted")
    due = due_of(complaint, "handling")
    sweeper.sweep(due + timedelta(minutes=1))
    complaint = play("answer", "wh.zhang", complaint, at=due - SECOND)
    assert (deadline(complaint, "handling", 1).status, leads(complaint)) == ("met", 0)
    play("judge_complete", "kf.agent", complaint, at=due + timedelta(hours=1), complete=False, reason="缺少依据。")
    found = deadline(complaint, "handling", 1)
    assert (found.status, found.missed_at, misses(complaint), leads(complaint)) == ("missed", due, 2, 1)
    assert list(unlike_the_record(play.again(complaint))) == []


class Slow:
    """A scanner that takes nine seconds, in which the sweep comes."""

    then: ClassVar[Callable[[], object]]

    def scan(self, name: str, content: bytes) -> str | None:
        type(self).then()
        return None


@pytest.mark.rule("R24")
def test_a_file_that_is_scanned_for_long_makes_no_answer_late(
    play: Play, now: Now, settings: Any, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = play.upto("accepted")
    due = due_of(complaint, "handling")
    settings.UPLOAD_SCANNER = f"{__name__}.Slow"
    later = due + timedelta(seconds=6, milliseconds=500)
    monkeypatch.setattr(Slow, "then", staticmethod(lambda: sweeper.sweep(now.set(later))), raising=False)
    now.set(due - timedelta(seconds=2, milliseconds=500))
    client = client_for("wh.zhang")
    address = reverse("act", args=[complaint.matter.number, "answer"])
    typed = {"result": "已退费。", "cause": "套餐变更时未告知。", "files": [SimpleUploadedFile("账单.txt", b"bill")]}
    assert client.post(address, {**typed, "_key": "k"}).status_code == 302
    found = deadline(complaint, "handling", 1)
    assert (misses(complaint), found.status, found.missed_at, leads(complaint)) == (1, "met", None, 0)
    page = client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()
    assert "本次超时不再计入" in page


@pytest.mark.rule("R28")
def test_the_sweep_waits_with_a_miss_that_moves_the_state(play: Play, now: Now) -> None:
    """Nothing takes back that the centre was silent, so the sweep waits for an act that may be under way."""
    complaint = play.upto("return_requested")
    due = due_of(complaint, "ruling")
    assert sweeper.sweep(due + sweeper.PATIENCE) == 0
    assert system_health.sweep_runs(due + sweeper.PATIENCE + 5 * SECOND).tone == "ok"
    assert system_health.sweep_runs(due + sweeper.PATIENCE + timedelta(minutes=2)).tone == "danger"
    ruled = play("rule_on_return", "kf.agent", complaint, at=due - SECOND, accepted=True)
    assert (ruled.state, deadline(complaint, "ruling", 1).status) == ("registered", "met")


@pytest.mark.rule("R28")
def test_nobody_elses_act_overtakes_a_ruling_that_arrived_in_time(play: Play) -> None:
    """The contact's act comes after the due instant, while the ruling waits for its lock."""
    complaint = play.upto("return_requested")
    due = due_of(complaint, "ruling")
    play("add_note", "wh.contact", complaint, at=due + sweeper.PATIENCE - SECOND, note="已联系客户。")
    assert deadline(complaint, "ruling", 1).status == "open"
    ruled = play("rule_on_return", "kf.agent", complaint, at=due - SECOND, accepted=True)
    assert (ruled.state, deadline(complaint, "ruling", 1).status) == ("registered", "met")


@pytest.mark.rule("R28")
def test_an_act_well_after_the_due_instant_finds_what_the_silence_led_to(play: Play) -> None:
    complaint = play.upto("return_requested")
    due = due_of(complaint, "ruling")
    play("add_note", "wh.contact", complaint, at=due + sweeper.PATIENCE + SECOND, note="已联系客户。")
    found = deadline(complaint, "ruling", 1)
    assert (found.missed_at, play.again(complaint).round.state) == (due, "handed_off")


@pytest.mark.rule("R28")
def test_a_ruling_that_came_late_is_late_at_once(play: Play) -> None:
    complaint = play.upto("return_requested")
    due = due_of(complaint, "ruling")
    with pytest.raises(Refused) as refusal:
        play("rule_on_return", "kf.agent", complaint, at=due + SECOND, accepted=True)
    assert refusal.value.code == "state"


@pytest.mark.rule("R28")
def test_a_silent_ruling_is_dated_at_its_instant_however_long_the_sweep_waited(play: Play) -> None:
    complaint = play.upto("return_requested")
    due = due_of(complaint, "ruling")
    assert sweeper.sweep(due + sweeper.PATIENCE + MICROSECOND) == 1
    found = deadline(complaint, "ruling", 1)
    assert (found.missed_at, play.again(complaint).round.state) == (due, "handed_off")


@pytest.mark.rule("R22")
def test_a_case_gives_back_what_it_took_up_by_mistake(play: Play) -> None:
    """The contact's fault was opened before the due instant, so the case takes the miss up as it is recorded."""
    complaint = play.upto("delivered")
    due = due_of(complaint, "handoff")
    Docket(play)("open_fault", "kf.agent", round=f"{complaint.matter.number}#1")
    sweeper.sweep(due + timedelta(minutes=1))
    assert LeadMark.objects.get().restored_at is None
    play("hand_off", "wh.contact", complaint, at=due)
    assert LeadMark.objects.get().restored_at == due


@pytest.mark.rule("R30")
def test_a_confirmation_in_time_is_no_silence(play: Play) -> None:
    complaint = play("convene", "wh.zhang", play.upto("accepted"))
    complaint = play("record_tasks", "wh.zhang", complaint)
    found = deadline(complaint, "confirmation", 1)
    assert found.due_at is not None
    sweeper.sweep(found.due_at + timedelta(minutes=1))
    unit = found.party
    by = {"YC": "yc.chen", "WL": "wl.zhao"}[unit]
    complaint = play("confirm_task", by, complaint, at=found.due_at, unit=unit)
    found.refresh_from_db()
    part = next(part for part in complaint.open_parts if part.unit.code == unit)
    assert (found.status, part.confirmed_at, part.deemed_at) == ("met", found.due_at, None)
