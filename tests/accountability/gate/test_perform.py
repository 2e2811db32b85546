"""The gate: who, when, with what; a refusal leaves nothing but a line in the access log; an act happens once or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError

from accountability.gate import perform as gate
from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.models import AccessLog, Deadline, Employee, LedgerEntry, Matter, Notification
from complaints.models import Complaint, Round
from tests.factories import INTAKE, USUAL, Cast, Now, Play
from tests.looking import deadline, refuse_inserts, verbs_of, writes

MICROSECOND = timedelta(microseconds=1)
REGISTER = USUAL["register"]


# A refusal changes nothing

REFUSALS = {
    "forbidden: another department": ("registered", "dispatch", "wh.contact", {}, "forbidden", ""),
    "forbidden: another unit's contact": ("delivered", "hand_off", "yc.contact", {}, "forbidden", ""),
    "forbidden: an auditor": ("registered", "dispatch", "sj.auditor", {}, "forbidden", ""),
    "state": ("delivered", "handle_directly", "kf.agent", {}, "state", ""),
    "state: archived": ("archived", "escalate", "kf.agent", {}, "state", ""),
    "a field left blank": ("registered", "dispatch", "kf.agent", {"unit": ""}, "facts", "unit"),
    "a unit that doesn't exist": ("registered", "dispatch", "kf.agent", {"unit": "XX"}, "facts", "unit"),
    "blank space alone": ("registered", "handle_directly", "kf.agent", {"result": " \u3000\n"}, "facts", "result"),
    "a person who doesn't exist": ("delivered", "hand_off", "wh.contact", {"to": "nobody"}, "facts", "to"),
    "two fields at once": (
        "delivered", "hand_off", "wh.contact", {"to": "nobody", "method": "pigeon"}, "facts", "method,to",
    ),
    "condition: no leader on file": ("delivered", "hand_off", "wh.contact", {"to": "wh.wang"}, "condition", "to"),
    "condition: somebody of another unit": (
        "delivered", "report_to_leader", "wh.contact", {"leader": "yc.leader"}, "condition", "leader",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("state", "verb", "by", "facts", "code", "detail"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_changes_nothing_and_is_logged(
    play: Play, now: Now, state: str, verb: str, by: str, facts: dict[str, Any], code: str, detail: str
) -> None:
    complaint = play.upto(state)
    now.forward(hours=30)  # limits have passed meanwhile: not even their misses are written by a refused act
    before = writes()

    assert play.refused(verb, by, complaint, **facts).code == code
    assert writes() == before
    assert list(AccessLog.objects.values_list("at", "actor__username", "action", "matter_id", "result", "detail")) == [
        (now.at, by, verb, complaint.matter_id, code, detail)
    ]


@pytest.mark.parametrize("facts", [{"phone": ""}, {"priority": "P4"}, {"channel": "forward"}])
def test_a_refused_registration_leaves_no_matter(play: Play, facts: dict[str, str]) -> None:
    before = writes()

    play.refused("register", "kf.agent", None, **facts)
    assert writes() == before
    noted = AccessLog.objects.get()
    assert (noted.action, noted.matter) == ("register", None)


def test_a_field_the_verb_has_not_is_the_callers_fault(play: Play) -> None:
    complaint = play.upto("registered")
    before = writes()

    with pytest.raises(TypeError, match="unknown field: colour"):
        play("dispatch", "kf.agent", complaint, colour="red")
    assert writes() == before


def test_a_word_outside_the_vocabulary_is_the_callers_fault(play: Play) -> None:
    with pytest.raises(KeyError):
        play("refuse", "kf.agent", play.upto("registered"))


def test_a_disabled_person_can_do_nothing(play: Play, cast: Cast) -> None:
    complaint = play.upto("registered")
    Employee.objects.filter(username="kf.agent").update(is_active=False)
    before = writes()

    refusal = play.refused("dispatch", "kf.agent", complaint)
    assert (refusal.code, str(refusal)) == ("forbidden", "您的账号已停用。")
    assert writes() == before


def test_a_refusal_for_the_state_names_the_state_and_the_verb(play: Play) -> None:
    refusal = play.refused("handle_directly", "kf.agent", play.upto("delivered"))
    assert str(refusal) == "当前状态“待交办”不能“直接处理”。"
    assert refusal.position == "dispatched.1.delivered.0-"


def test_what_the_page_showed_must_still_be_so(play: Play) -> None:
    complaint = play.upto("registered")
    seen = complaint.position
    play("dispatch", "kf.agent", complaint)
    before = writes()

    with pytest.raises(Refused) as caught:
        perform(complaint, "escalate", by=play.cast["kf.agent2"], at=play.now.at, seen=seen, source="x", reason="y")
    assert (caught.value.code, str(caught.value)) == ("stale", "页面已过时，当前状态：待交办。")
    assert writes() == before


def test_what_the_page_showed_and_still_is_so_is_done(play: Play) -> None:
    complaint = play.upto("delivered")
    seen = complaint.position
    play("chase", "kf.agent", complaint)  # a note beside the flow makes no page stale

    perform(complaint, "hand_off", by=play.cast["wh.contact"], at=play.now.at, seen=seen, to="wh.zhang", method="phone")
    assert play.again(complaint).position == "dispatched.1.handed_off.0-"


def test_nothing_happens_if_the_ledger_cannot_be_written(play: Play) -> None:
    complaint = play.upto("registered")
    refuse_inserts("accountability_ledgerentry")
    before = writes()

    with pytest.raises(DatabaseError, match="takes nothing"):
        play("dispatch", "kf.agent", complaint)
    assert writes() == before


def test_nothing_happens_if_the_notice_cannot_be_written(play: Play) -> None:
    complaint = play.upto("registered")
    refuse_inserts(Notification._meta.db_table)
    before = writes()

    with pytest.raises(DatabaseError, match="takes nothing"):
        play("dispatch", "kf.agent", complaint)
    assert writes() == before


def test_a_lock_that_is_not_got_is_a_clean_refusal(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = play.upto("registered")
    before = writes()

    def busy(*args: object) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(gate, "_perform", busy)
    refusal = play.refused("dispatch", "kf.agent", complaint)
    assert (refusal.code, str(refusal)) == ("busy", "系统正忙，请稍后重试，您填写的内容没有丢失。")
    assert writes() == before
    assert list(AccessLog.objects.values_list("action", "result")) == [("dispatch", "busy")]


def test_a_database_too_busy_for_the_access_log_is_still_a_clean_refusal(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: object, **kwargs: object) -> None:
        raise OperationalError("database is locked")

    complaint = play.upto("registered")
    monkeypatch.setattr(gate, "_perform", busy)
    monkeypatch.setattr(AccessLog.objects, "bulk_create", busy)
    assert play.refused("dispatch", "kf.agent", complaint).code == "busy"


def test_another_fault_of_the_database_is_not_hidden(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise OperationalError("disk I/O error")

    complaint = play.upto("registered")
    monkeypatch.setattr(gate, "_perform", broken)
    with pytest.raises(OperationalError, match="disk I/O error"):
        play("dispatch", "kf.agent", complaint)


# A key makes a repetition harmless


def _dispatch(play: Play, complaint: Complaint, key: str, by: str = "kf.agent", unit: str = "WH") -> gate.Outcome:
    return perform(complaint, "dispatch", by=play.cast[by], at=play.now.at, key=key, unit=unit)


def _repeat(play: Play, times: int) -> None:
    complaint = play.upto("registered")
    outcomes = [_dispatch(play, complaint, "k1") for _ in range(times)]

    assert [outcome.repeated for outcome in outcomes] == [False] + [True] * (times - 1)
    assert {outcome.entries[0].pk for outcome in outcomes} == {LedgerEntry.objects.get(verb="dispatch").pk}
    assert {outcome.subject.position for outcome in outcomes} == {"dispatched.1.delivered.0-"}
    assert Round.objects.count() == 1
    assert Deadline.objects.filter(kind="handoff").count() == 1
    assert AccessLog.objects.count() == 0


def test_a_repetition_has_one_effect(play: Play) -> None:
    _repeat(play, 50)


@pytest.mark.slow
def test_a_thousand_repetitions_have_one_effect(play: Play) -> None:
    _repeat(play, 1000)


def test_a_repetition_after_the_matter_moved_on_is_harmless(play: Play) -> None:
    complaint = play.upto("registered")
    _dispatch(play, complaint, "k1")
    play("hand_off", "wh.contact", complaint)

    assert _dispatch(play, complaint, "k1").subject.position == "dispatched.1.handed_off.0-"
    assert Round.objects.count() == 1


def test_a_key_used_for_another_verb_is_refused(play: Play) -> None:
    complaint = play.upto("registered")
    _dispatch(play, complaint, "k1")
    before = writes()

    with pytest.raises(Refused) as caught:
        perform(complaint, "chase", by=play.cast["kf.agent"], at=play.now.at, key="k1", round=1, message="快")
    assert caught.value.code == "stale"
    assert writes() == before


def test_a_key_used_on_another_complaint_is_refused(play: Play) -> None:
    """Otherwise the second complaint would seem dispatched and be forgotten."""
    first, second = play.upto("registered"), play.upto("registered", phone="13900001111")
    _dispatch(play, first, "k1")
    before = writes()

    with pytest.raises(Refused) as caught:
        _dispatch(play, second, "k1")
    assert caught.value.code == "stale"
    assert writes() == before


def test_two_people_may_have_the_same_key(play: Play) -> None:
    first, second = play.upto("registered"), play.upto("registered", phone="13900001111")
    _dispatch(play, first, "k1", by="kf.agent")
    assert _dispatch(play, second, "k1", by="kf.agent2").repeated is False
    assert Round.objects.count() == 2


def test_a_refused_act_leaves_its_key_free(play: Play) -> None:
    complaint = play.upto("registered")
    with pytest.raises(Refused):
        _dispatch(play, complaint, "k1", unit="XX")
    assert _dispatch(play, complaint, "k1").repeated is False


def test_one_form_sent_twice_registers_one_complaint(play: Play) -> None:
    sent = [
        perform(Complaint(), "register", by=play.cast["kf.agent"], at=play.now.at, key="k1", **REGISTER)
        for _ in range(2)
    ]
    assert sent[0].subject.pk == sent[1].subject.pk
    assert Complaint.objects.count() == 1
    assert Matter.objects.filter(kind="complaint").count() == 1


# The due instant


def test_an_act_at_the_due_instant_is_in_time(play: Play) -> None:
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    play("hand_off", "wh.contact", complaint, at=due)

    found = deadline(complaint, "handoff", 1)
    assert (found.status, found.met_at, found.missed_at) == ("met", due, None)


def test_a_microsecond_later_is_missed_by_the_act_itself(play: Play) -> None:
    """No sweep has run: the act judges what it would slip past, then runs all the same (S8)."""
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    play("hand_off", "wh.contact", complaint, at=due + MICROSECOND)

    found = deadline(complaint, "handoff", 1)
    assert (found.status, found.met_at, found.missed_at) == ("missed", due + MICROSECOND, due)
    assert found.noticed_at == due + MICROSECOND
    entries = LedgerEntry.objects.filter(matter_id=complaint.matter_id).values_list("verb", "actor__username", "at")
    assert list(entries)[-3:] == [
        ("miss", "system", due), ("chase_overdue", "system", due), ("hand_off", "wh.contact", due + MICROSECOND),
    ]  # fmt: skip


def test_an_act_judges_every_limit_of_its_matter_in_the_order_of_their_instants(play: Play, now: Now) -> None:
    complaint = play.upto("delivered", priority="P1")
    play("hand_off", "wh.contact", complaint, at=now.forward(days=20))

    missed = LedgerEntry.objects.filter(verb="miss").values_list("facts__kind", flat=True)
    assert list(missed) == ["handoff", "handling", "first_reply", "legal"]
    assert sweeper.sweep(now.forward(days=1)) == 0


def test_an_answer_judged_incomplete_after_the_limit_is_missed_from_the_limit(play: Play) -> None:
    complaint = play.upto("answered")
    due = deadline(complaint, "handling", 1).due_at
    assert due is not None
    assert deadline(complaint, "handling", 1).status == "met"
    later = due + timedelta(hours=2)
    play("judge_complete", "kf.agent", complaint, at=later, complete=False, reason="客户仍未收到退费。")

    found = deadline(complaint, "handling", 1)
    assert (found.status, found.missed_at, found.noticed_at, found.met_at) == ("missed", due, later, None)
    assert verbs_of(complaint)[-2:] == ["judge_complete", "miss"]
    play("answer", "wh.zhang", complaint, at=later)
    assert deadline(complaint, "handling", 1).status == "missed"


def test_an_answer_judged_incomplete_within_the_limit_leaves_it_open(play: Play, now: Now) -> None:
    complaint = play.upto("answered")
    due = deadline(complaint, "handling", 1).due_at
    play("judge_complete", "kf.agent", complaint, at=now.forward(hours=1), complete=False, reason="未退费。")

    assert (deadline(complaint, "handling", 1).status, deadline(complaint, "handling", 1).due_at) == ("open", due)
    play("answer", "wh.zhang", complaint, at=due)
    assert deadline(complaint, "handling", 1).status == "met"


# Roles are read anew for every act


def test_somebody_who_no_longer_serves_loses_the_right_with_the_next_act(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    today = now.at.date().isoformat()
    play("end_appointment", "sc.officer", employee="wh.contact", role="contact", ends_on=today)
    play("end_appointment", "sc.officer", employee="wh.deputy", role="deputy_contact", ends_on=today)

    now.forward(minutes=20)
    play("chase", "kf.agent", complaint)
    assert play.refused("hand_off", "wh.contact", complaint, at=now.forward(days=1)).code == "forbidden"
    assert play("hand_off", "wh.head", complaint).round.state == "handed_off"  # R17: the head where there is neither


def test_what_is_typed_is_sealed_and_what_is_chosen_stands_in_the_ledger(play: Play, cast: Cast) -> None:
    complaint = play.upto("registered")
    entry = LedgerEntry.objects.get(matter_id=complaint.matter_id)
    assert entry.facts == {
        "tier": "none", "channel": "call", "category": "资费与收费争议", "priority": "P3", "region": "武汉",
        "repeat_of": None, "flags": [],
    }  # fmt: skip
    assert entry.texts is not None
    assert not any(str(INTAKE[name]).encode() in bytes(entry.texts.sealed or b"") for name in ("customer", "phone"))
