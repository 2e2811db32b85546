"""A page that was left open: whoever writes all of something anew, or judges what they read, does so to what is there
now, or is told that it has changed (R14, R30, R33).
"""

from __future__ import annotations

from typing import Any

import pytest

from accountability.gate.act import Refused
from accountability.gate.perform import perform
from complaints.models import Complaint
from tests.factories import Now, Play
from tests.looking import writes


def is_stale(play: Play, verb: str, by: str, complaint: Complaint, seen: str, **facts: Any) -> None:
    before = writes()
    with pytest.raises(Refused) as caught:
        perform(complaint, verb, by=play.cast[by], at=play.now.at, seen=seen, **facts)
    assert caught.value.code == "stale"
    assert writes() == before


@pytest.mark.rule("R14")
def test_no_flag_that_another_set_meanwhile_is_taken_away_unseen(play: Play) -> None:
    complaint = play.upto("delivered")
    seen = complaint.shown_for("set_flags")
    complaint = play("set_flags", "kf.agent2", complaint, flags=["major"])
    is_stale(play, "set_flags", "kf.agent", complaint, seen, flags=["escalated"], reason="再次申诉。")
    seen = complaint.shown_for("set_flags")
    complaint = play("escalate", "kf.agent2", complaint)
    is_stale(play, "set_flags", "sc.officer", complaint, seen, flags=["third_party"], reason="涉及第三方。")


@pytest.mark.rule("R30")
def test_no_record_is_written_over_one_that_its_writer_did_not_read(play: Play) -> None:
    complaint = play.upto("convened")
    tasks = [{"unit": "YC", "task": "另一项任务。", "due": "2026-11-24 15:00"}]
    for again in (False, True):
        seen = complaint.shown_for("record_tasks")
        complaint = play("record_tasks", "wh.zhang", complaint)
        is_stale(play, "record_tasks", "wh.leader", complaint, seen, tasks=tasks, attendees=["wh.zhang"])
        assert complaint.open_parts[0].coordination.recorded_at is not None, again


@pytest.mark.rule("R33")
def test_no_answer_is_judged_but_the_one_that_was_read(play: Play, now: Now) -> None:
    complaint = play.upto("answered")
    seen = complaint.shown_for("judge_complete")
    now.forward(minutes=5)
    complaint = play("judge_complete", "kf.agent2", complaint, complete=False, reason="未退费。")
    now.forward(minutes=5)
    complaint = play("answer", "wh.zhang", complaint, result="不予退费。")
    is_stale(play, "judge_complete", "kf.agent", complaint, seen, complete=True)


@pytest.mark.rule("R33")
def test_nor_what_the_centre_did_itself(play: Play, now: Now) -> None:
    complaint = play.upto("handling")
    seen = complaint.shown_for("judge_complete")
    now.forward(minutes=5)
    complaint = play("judge_complete", "kf.agent2", complaint, complete=False, reason="未说明。")
    now.forward(minutes=5)
    complaint = play("handle_directly", "kf.agent", complaint, result="不予退费。")
    is_stale(play, "judge_complete", "kf.agent", complaint, seen, complete=True)
