"""Mistakes put right: a wrong dispatch, a wrong entry, a complaint registered twice, a customer who takes it back."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from accountability.deadlines.limits import show_instant
from accountability.gate.sweeper import sweep
from accountability.models import Deadline, LedgerEntry, Notification, actor_for
from assessment.cases.leads import leads_against
from assessment.rankings.counting import ranking_of
from complaints.models import Complaint, Ending, Round, RoundState
from tests.factories import Cast, Now, Play
from tests.looking import deadline, deadlines, verbs_of

NETWORK = "网络质量"


def told(complaint: Complaint, kind: str) -> set[str]:
    found = Notification.objects.filter(matter=complaint.matter, kind=kind)
    return set(found.values_list("recipient__username", flat=True))


def fact(complaint: Complaint, verb: str, name: str) -> Any:
    return LedgerEntry.objects.filter(matter=complaint.matter, verb=verb).latest("seq").facts[name]


# A wrong dispatch


@pytest.mark.rule("R11")
@pytest.mark.parametrize("state", ["delivered", "reported"])
def test_a_dispatch_is_recalled_before_its_hand_over(play: Play, state: str) -> None:
    complaint = play("recall", "kf.agent2", play.upto(state))
    found = Round.objects.get(complaint=complaint)
    assert (complaint.state, found.state, found.ended_at) == ("registered", RoundState.CANCELLED, play.now.at)
    assert (complaint.matter.holder.username, complaint.matter.awaits) == ("kf.agent", "dispatch")
    assert {deadline(complaint, kind, 1).status for kind in ("handling",)} == {"void"}
    assert deadline(complaint, "handoff", 1).status == ("void" if state == "delivered" else "met")
    assert deadline(complaint, "first_reply").status == "open"
    contacts = {"wh.contact", "wh.deputy"}
    assert told(complaint, "recalled") == (contacts if state == "delivered" else {*contacts, "wh.leader"})
    again = play("dispatch", "kf.agent", complaint, unit="YC")
    assert (again.round_count, again.out_of_scope_returns, again.second_dispatches) == (2, 0, 0)


@pytest.mark.rule("R11")
@pytest.mark.parametrize("state", ["registered", "handed_off", "accepted", "return_requested", "answered", "completed"])
def test_afterwards_a_return_is_the_way(play: Play, state: str) -> None:
    assert play.refused("recall", "kf.agent", play.upto(state)).code == "state"


def test_a_ruling_is_recalled_by_a_supervisor_alone(play: Play) -> None:
    complaint = play.upto("returned")
    complaint = play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint))
    complaint = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", complaint))
    ruled = play("dispatch", "kf.supervisor", complaint)
    assert play.refused("recall", "kf.agent", ruled).code == "forbidden"
    assert play("recall", "kf.supervisor", ruled).next_dispatch_is_ruling is True


def test_what_was_missed_before_the_recall_stays_missed(play: Play, now: Now, cast: Cast) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=31)
    play("recall", "kf.agent", complaint)
    assert deadline(complaint, "handoff", 1).status == "missed"
    assert leads_against(cast.unit("WH")).count() == 1


def test_a_recall_needs_a_reason(play: Play) -> None:
    assert list(play.refused("recall", "kf.agent", play.upto("delivered"), reason=" ").fields) == ["reason"]


# A wrong entry


@pytest.mark.rule("R8")
def test_a_correction_says_what_stood_before_and_is_told_to_who_works_on_it(play: Play) -> None:
    complaint = play("correct", "kf.agent2", play.upto("accepted"), region="宜昌", category="业务办理")
    assert (complaint.region, complaint.category.path) == ("宜昌", "业务办理")
    assert fact(complaint, "correct", "before") == {"region": "武汉", "category": "资费与收费争议"}
    assert told(complaint, "corrected") == {"wh.contact", "wh.zhang", "wh.leader"}


@pytest.mark.rule("R8")
def test_a_correction_must_correct_something(play: Play) -> None:
    complaint = play.upto("registered")
    assert play.refused("correct", "kf.agent", complaint, region="武汉").code == "condition"
    assert play.refused("correct", "kf.agent", complaint, region="").code == "condition"
    assert play.refused("correct", "kf.agent", complaint, category="没有这一类").fields != {}


@pytest.mark.rule("R12")
def test_a_priority_is_recorded_for_later_rounds_and_moves_no_running_limit(play: Play) -> None:
    complaint = play.upto("delivered")
    before = [(d.kind, d.due_at, d.limit_text) for d in Deadline.objects.filter(matter=complaint.matter)]
    complaint = play("correct", "kf.agent", complaint, priority="P1")
    assert [(d.kind, d.due_at, d.limit_text) for d in Deadline.objects.filter(matter=complaint.matter)] == before
    assert (complaint.priority, complaint.latest_round.priority, complaint.matter.work_rank) == ("P1", "P3", 1)
    again = play("dispatch", "kf.agent", play("recall", "kf.agent", complaint))
    assert (again.latest_round.priority, deadline(again, "handling", 2).limit_text) == ("P1", "8h")


@pytest.mark.rule("R12")
def test_the_floor_of_an_urgent_one_stays(play: Play) -> None:
    vip = play.upto("registered", tier="vip")
    assert play.refused("correct", "kf.agent", vip, priority="P3").fields == {
        "priority": "VIP、升级和重复投诉至少为“紧急”。"
    }
    assert play("correct", "kf.agent", vip, priority="P3", tier="none").priority == "P3"
    escalated = play("escalate", "kf.agent", play.upto("registered", phone="13900000001"))
    assert play.refused("correct", "kf.agent", escalated, priority="P3").code == "condition"


@pytest.mark.rule("R14")
def test_who_coordinates_follows_the_correction(play: Play) -> None:
    complaint = play.upto("registered", priority="P2", flags=["cross_province"])
    assert complaint.coordinator.code == "SC"
    complaint = play("correct", "kf.agent", complaint, priority="P3")
    assert complaint.coordinator is None
    assert play("correct", "kf.agent", complaint, priority="P1").coordinator.code == "SC"


@pytest.mark.rule("R6")
def test_a_network_complaint_gets_its_own_limits_from_registration(play: Play, now: Now) -> None:
    complaint = play.upto("accepted", at="2026-11-24 09:00")
    handling = deadline(complaint, "handling", 1).due_at
    now.forward(hours=5)
    complaint = play("correct", "kf.agent", complaint, category=NETWORK)
    assert [show_instant(deadline(complaint, kind).due_at) for kind in ("contact_on_site", "network_solution")] == [
        "2026-11-27 24:00",
        "2026-12-03 24:00",
    ]
    assert deadline(complaint, "handling", 1).due_at == handling


@pytest.mark.rule("R6")
def test_what_was_done_before_the_correction_has_met_its_limit(play: Play, now: Now) -> None:
    complaint = play("contact_customer", "wh.zhang", play.upto("accepted"))
    complaint = play("answer", "wh.zhang", complaint, at=now.forward(hours=1))
    complaint = play("correct", "kf.agent", complaint, category=NETWORK, at=now.forward(hours=1))
    assert show_instant(deadline(complaint, "contact_on_site").met_at) == "2026-11-24 09:00"
    assert show_instant(deadline(complaint, "network_solution").met_at) == "2026-11-24 10:00"


@pytest.mark.rule("R6")
def test_a_limit_that_would_have_passed_runs_to_the_end_of_the_day(play: Play, now: Now, client_for: Any) -> None:
    complaint = play.upto("registered", at="2026-11-24 09:00")
    now.set("2026-12-01 10:00")
    complaint = play("correct", "kf.agent", complaint, category=NETWORK)
    found = deadline(complaint, "contact_on_site")
    assert (show_instant(found.due_at), found.status) == ("2026-12-01 24:00", "open")
    page = client_for("kf.agent").get(f"/complaints/{complaint.matter.number}/deadlines/{found.pk}/")
    assert "因此到更正当日24:00为止" in page.content.decode()


def test_one_taken_over_long_ago_gets_no_limit_that_was_over_before_it_came_in(play: Play) -> None:
    """Received in June: nothing was due any more when it came in, whatever its category."""
    old = play("import_complaint", "kf.agent", closed=False, received="2026-06-01 10:00", category="资费与收费争议")
    play("correct", "kf.agent", old, category=NETWORK)
    assert Deadline.objects.filter(matter=old.matter).count() == 0
    facts = {"received": "2026-11-20 10:00", "source_key": "A-2", "category": "资费与收费争议"}
    recent = play("import_complaint", "kf.agent", closed=False, **facts)
    recent = play("correct", "kf.agent", recent, category=NETWORK, at=play.now.set("2026-11-27 09:00"))
    found = {kind: show_instant(deadline(recent, kind).due_at) for kind in ("contact_on_site", "network_solution")}
    assert found == {"contact_on_site": "2026-11-27 24:00", "network_solution": "2026-12-01 24:00"}


@pytest.mark.rule("R6")
def test_no_longer_a_network_complaint_and_one_again(play: Play) -> None:
    complaint = play.upto("registered", category=NETWORK)
    complaint = play("correct", "kf.agent", complaint, category="业务办理")
    assert [deadline(complaint, kind).status for kind in ("contact_on_site", "network_solution")] == ["void", "void"]
    complaint = play("dispatch", "kf.agent", complaint)
    assert show_instant(deadline(complaint, "handling", 1).due_at) == "2026-11-25 21:00"
    complaint = play("correct", "kf.agent", complaint, category=NETWORK)
    assert [(d.cycle, d.status) for d in deadlines(complaint, "network_solution")] == [(1, "void"), (2, "open")]


@pytest.mark.rule("R10")
def test_what_was_handled_directly_never_gets_network_limits(play: Play) -> None:
    complaint = play("correct", "kf.agent", play.upto("handling"), category=NETWORK)
    assert deadlines(complaint, "network_solution") == []


@pytest.mark.rule("R12")
def test_the_category_decides_anew_what_it_repeats(play: Play) -> None:
    first = play.upto("registered", category="业务办理")
    complaint = play.upto("registered", category="企业形象")
    assert (complaint.repeat_of_id, complaint.priority) == (None, "P3")
    complaint = play("correct", "kf.agent", complaint, category="业务办理")
    assert (complaint.repeat_of_id, complaint.priority) == (first.pk, "P2")
    complaint = play("correct", "kf.agent", complaint, category="企业形象", priority="P3")
    assert (complaint.repeat_of_id, complaint.priority) == (None, "P3")
    assert play("correct", "kf.agent", first, category="企业形象").repeat_of_id is None


@pytest.mark.rule("R34")
@pytest.mark.rule("R35")
def test_the_tier_moves_the_reply_duty(play: Play, cast: Cast) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="none"))
    duty = deadline(complaint, "first_reply")
    assert (duty.person, duty.unit) == (cast.kf_agent, cast.unit("KF"))
    complaint = play("correct", "kf.agent", complaint, tier="vip")
    moved = deadline(complaint, "first_reply")
    assert (moved.pk, moved.due_at, moved.person, moved.unit) == (duty.pk, duty.due_at, cast.yc_chen, cast.unit("YC"))
    assert (complaint.replier, complaint.priority) == ("forwarder", "P2")
    back = play("correct", "kf.agent", complaint, tier="none")
    assert (deadline(back, "first_reply").person, back.replier) == (cast.kf_agent, "csc")


@pytest.mark.rule("R34")
def test_the_tier_of_a_completed_one_moves_who_holds_it(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="none"))
    complaint = play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))
    complaint = play("correct", "kf.agent2", complaint, tier="vip")
    assert complaint.matter.holder.username == "yc.chen"
    assert "yc.chen" in told(complaint, "to_do")


@pytest.mark.rule("R34")
def test_after_a_reply_the_tier_stands(play: Play) -> None:
    complaint = play.upto("replied")
    assert list(play.refused("correct", "kf.agent", complaint, tier="vip").fields) == ["tier"]
    assert play("correct", "kf.agent", complaint, region="宜昌").region == "宜昌"


# Registered twice


def ended(complaint: Complaint) -> tuple[Any, ...]:
    return complaint.state, complaint.ended_as, complaint.resolved, complaint.archived_unsatisfied


def test_a_duplicate_ends_and_the_other_goes_on(play: Play, client_for: Any) -> None:
    original, twice = play.upto("accepted"), play.upto("accepted")
    number = str(original.matter.number)
    twice = play("mark_duplicate", "kf.agent2", twice, of=f" {number.lower()} ")
    assert ended(twice) == ("archived", Ending.DUPLICATE, False, False)
    assert (twice.duplicate_of_id, twice.latest_round.state) == (original.pk, RoundState.CANCELLED)
    assert [deadline(twice, kind).status for kind in ("first_reply", "legal")] == ["void", "void"]
    assert deadline(twice, "handling", 1).status == "void"
    assert told(twice, "ended") == {"wh.contact", "wh.zhang", "wh.leader", "kf.agent"}
    assert play.again(original).state == "dispatched"
    agent = client_for("kf.agent")
    assert str(twice.matter.number) in agent.get(f"/complaints/{number}/").content.decode()
    assert f"/complaints/{number}/" in agent.get(f"/complaints/{twice.matter.number}/").content.decode()


def test_a_unit_learns_that_it_ended_but_not_for_which_other(play: Play, client_for: Any) -> None:
    other = play("dispatch", "kf.agent", play.upto("registered", phone="13900000001"), unit="YC")
    twice = play("mark_duplicate", "kf.agent", play.upto("accepted"), of=str(other.matter.number))
    page = client_for("wh.contact").get(f"/complaints/{twice.matter.number}/").content.decode()
    assert (str(other.matter.number) in page, "另一件投诉" in page) == (False, True)


@pytest.mark.parametrize("number", ["TS20200101000001", "", "13871234567"])
def test_a_duplicate_of_nothing_is_refused(play: Play, number: str) -> None:
    assert list(play.refused("mark_duplicate", "kf.agent", play.upto("registered"), of=number).fields) == ["of"]


def test_no_chains_and_no_circles(play: Play) -> None:
    first, second, third = (play.upto("registered", phone=f"1390000000{n}") for n in range(3))
    number = {c.pk: str(c.matter.number) for c in (first, second, third)}
    assert list(play.refused("mark_duplicate", "kf.agent", first, of=number[first.pk]).fields) == ["of"]
    play("mark_duplicate", "kf.agent", second, of=number[first.pk])
    assert "重复登记" in play.refused("mark_duplicate", "kf.agent", third, of=number[second.pk]).fields["of"]
    assert play.refused("mark_duplicate", "kf.agent", first, of=number[third.pk]).code == "condition"


def test_closed_history_goes_on_for_nobody(play: Play) -> None:
    closed = play("import_complaint", "kf.agent")
    assert (closed.state, closed.archived_at) == ("archived", None)
    refusal = play.refused("mark_duplicate", "kf.agent", play.upto("registered"), of=closed.matter.number)
    assert list(refusal.fields) == ["of"]


def test_an_archived_one_has_no_duplicates(play: Play) -> None:
    over = play.upto("archived")
    refusal = play.refused("mark_duplicate", "kf.agent", play.upto("registered"), of=str(over.matter.number))
    assert "已归档" in refusal.fields["of"]


def test_what_waits_for_its_registration_is_no_original(play: Play) -> None:
    waiting = play.upto("forwarded")
    refusal = play.refused("mark_duplicate", "kf.agent", play.upto("registered"), of=str(waiting.matter.number))
    assert list(refusal.fields) == ["of"]


# Taken back


@pytest.mark.parametrize("state", ["registered", "handling", "delivered", "return_requested", "answered", "replied"])
def test_a_customer_may_take_it_back_at_any_time(play: Play, state: str) -> None:
    complaint = play("withdraw", "kf.agent", play.upto(state))
    assert ended(complaint) == ("archived", Ending.WITHDRAWN, False, False)
    assert (complaint.matter.holder_id, complaint.matter.awaits) == (None, "")
    running = [d.kind for d in Deadline.objects.filter(matter=complaint.matter) if d.is_outstanding]
    assert running == []


def test_a_forwarder_hears_that_it_ended(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    play("withdraw", "kf.agent", complaint)
    assert told(complaint, "archived") == {"yc.chen"}
    assert told(complaint, "ended") == set()


def test_nothing_follows_a_withdrawal(play: Play, now: Now, cast: Cast) -> None:
    play("withdraw", "kf.agent", play.upto("delivered"))
    now.forward(days=30)
    assert sweep(now.at) == 0
    assert leads_against(cast.unit("WH")).count() == 0


def unsatisfied(play: Play, **intake: Any) -> Complaint:
    return play("record_satisfaction", "kf.agent", play.upto("replied", **intake), satisfied=False)


@pytest.mark.rule("R53")
def test_an_end_beside_the_way_gives_no_answer_and_takes_none_back(play: Play) -> None:
    play.upto("archived", phone="13900000001")
    assert ranking_of(2026).rates == {"WH": 1}
    for verb, by, facts in (
        ("withdraw", "kf.supervisor", {}),
        ("mark_duplicate", "kf.agent", {"of": str(play.upto("registered", phone="13900000009").matter.number)}),
    ):
        complaint = unsatisfied(play, phone="13900000002")
        before = ranking_of(2026).rates
        play(verb, by, complaint, **facts)
        assert ranking_of(2026).rates == before
    assert ranking_of(2026).rates == {"WH": Fraction(1, 3)}
    play("withdraw", "kf.agent", play.upto("completed", phone="13900000003"))
    assert ranking_of(2026).rates == {"WH": Fraction(1, 3)}


def test_the_timeline_tells_what_stood_before(play: Play, client_for: Any) -> None:
    complaint = play("correct", "kf.agent", play.upto("accepted"), priority="P1", region="宜昌")
    for reader in ("kf.agent", "wh.zhang"):
        page = client_for(reader).get(f"/complaints/{complaint.matter.number}/").content.decode()
        assert "原登记：归属地市：武汉；紧急程度：一般" in page or "原登记：紧急程度：一般；归属地市：武汉" in page


def test_the_ledger_holds_no_reason(play: Play) -> None:
    complaint = play("withdraw", "kf.agent", play.upto("accepted"), reason="王建国来电撤回")
    assert "王建国" not in str(list(LedgerEntry.objects.values_list("facts", flat=True)))
    assert verbs_of(complaint)[-1] == "withdraw"


def test_the_forwarder_sees_what_they_forwarded_to_the_end(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    play("withdraw", "kf.agent", complaint)
    actor = actor_for(cast.yc_chen.pk, now.at)
    assert Complaint.objects.visible_to(actor).filter(pk=complaint.pk).exists()
