"""Somebody is away, or a customer can't be reached: open work passes on, what was stamped stays (R3, R4, R21, R34)."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from typing import Any

import pytest

from accountability.gate.sweeper import sweep
from accountability.models import Employee, Notification, actor_for
from assessment.cases.leads import leads_against
from assessment.rankings.counting import ranking_of
from complaints.fields.candidates import colleagues, handlers_to_name, leaders_to_stand_in, who_could_reply
from complaints.models import Complaint, Ending, Round
from tests.factories import Cast, Now, Play
from tests.looking import deadline


def names(people: Any) -> set[str]:
    return {person.username for person in people}


def told(complaint: Complaint, kind: str) -> set[str]:
    found = Notification.objects.filter(matter=complaint.matter, kind=kind)
    return set(found.values_list("recipient__username", flat=True))


def people(complaint: Complaint) -> tuple[Any, ...]:
    found = Round.objects.select_related("handler", "leader").get(complaint=complaint)
    return found.handler.username, found.leader.username, complaint.matter.holder.username


def sees(cast: Cast, now: Now, username: str, complaint: Complaint) -> bool:
    return Complaint.objects.visible_to(actor_for(cast[username].pk, now.at)).filter(pk=complaint.pk).exists()


# The handler


@pytest.mark.rule("R3")
@pytest.mark.rule("R4")
@pytest.mark.parametrize("by", ["wh.contact", "wh.deputy", "wh.head", "wh.leader"])
@pytest.mark.parametrize("state", ["handed_off", "accepted"])
def test_another_handles_it_and_the_stamp_stays(play: Play, by: str, state: str) -> None:
    complaint = play("reassign", by, play.upto(state), to="wh.wang")
    assert people(complaint) == ("wh.zhang", "wh.leader", "wh.wang")
    assert told(complaint, "reassigned") == {"wh.zhang", "wh.leader"} - {by}
    assert "wh.wang" in told(complaint, "to_do")


@pytest.mark.rule("R3")
def test_the_other_works_and_the_first_reads(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("reassign", "wh.contact", play.upto("accepted"))
    for verb in ("answer", "propose_solution", "contact_customer", "request_return"):
        assert play.refused(verb, "wh.zhang", complaint).code == "forbidden"
    assert [sees(cast, now, who, complaint) for who in ("wh.zhang", "wh.li", "wh.wang")] == [True, True, False]
    complaint = play("answer", "wh.li", complaint)
    complaint = play("judge_complete", "kf.agent", complaint, complete=False, reason="仍未退费。")
    assert people(complaint) == ("wh.zhang", "wh.leader", "wh.li")


@pytest.mark.rule("R3")
def test_back_from_leave(play: Play) -> None:
    complaint = play("reassign", "wh.contact", play.upto("accepted"))
    complaint = play("reassign", "wh.contact", complaint, to="wh.zhang")
    assert (people(complaint)[2], complaint.latest_round.acting_handler_id) == ("wh.zhang", None)


@pytest.mark.rule("R3")
def test_a_leavers_round_goes_on(play: Play, cast: Cast) -> None:
    complaint = play.upto("accepted")
    Employee.objects.filter(pk=cast.wh_zhang.pk).update(is_active=False)
    assert play.refused("answer", "wh.zhang", complaint).code == "forbidden"
    complaint = play("answer", "wh.li", play("reassign", "wh.leader", complaint))
    assert Round.objects.get(complaint=complaint).handler == cast.wh_zhang


@pytest.mark.rule("R3")
@pytest.mark.parametrize("to", ["yc.chen", "wh.zhang", "kf.agent", "nobody"])
def test_only_another_of_the_unit(play: Play, to: str) -> None:
    assert list(play.refused("reassign", "wh.contact", play.upto("accepted"), to=to).fields) == ["to"]


@pytest.mark.parametrize("by", ["wh.zhang", "wh.li", "yc.contact", "kf.supervisor", "sc.leader"])
def test_nobody_else_passes_it_on(play: Play, by: str) -> None:
    assert play.refused("reassign", by, play.upto("accepted")).code == "forbidden"


@pytest.mark.parametrize("state", ["delivered", "reported", "return_requested", "answered", "completed"])
def test_there_must_be_a_handler_at_work(play: Play, state: str) -> None:
    assert play.refused("reassign", "wh.head", play.upto(state)).code in ("state", "forbidden")


def test_a_miss_is_told_to_who_acts(play: Play, now: Now) -> None:
    complaint = play("reassign", "wh.contact", play.upto("accepted"))
    now.forward(hours=37)
    sweep(now.at)
    assert {"wh.zhang", "wh.li", "wh.leader", "wh.head"} <= told(complaint, "missed")


def test_a_ruling_is_told_to_who_acts(play: Play) -> None:
    complaint = play("request_return", "wh.li", play("reassign", "wh.contact", play.upto("accepted")))
    play("rule_on_return", "kf.agent", complaint, accepted=False)
    assert {"wh.zhang", "wh.li"} <= told(complaint, "return_ruled")


def test_who_is_offered(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("accepted")
    actor = actor_for(cast.wh_contact.pk, now.at)
    assert names(colleagues(complaint, actor)) == {p.username for p in cast if p.username.startswith("wh.")} - {
        "wh.zhang"
    }


def test_the_page_tells_who_acts(play: Play, client_for: Any) -> None:
    complaint = play("reassign", "wh.contact", play.upto("accepted"))
    page = client_for("kf.agent").get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert ("代为处理" in page, "首问责任人不变" in page) == (True, True)


# The leader reported to


@pytest.mark.rule("R21")
def test_another_leader_names_the_handler(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("reassign_report", "wh.head", play.upto("reported"))
    assert complaint.matter.holder == cast.wh_head
    assert told(complaint, "reassigned") == {"wh.leader"}
    assert play.refused("name_handler", "wh.leader", complaint).code == "forbidden"
    assert "wh.head" in names(handlers_to_name(complaint, actor_for(cast.wh_head.pk, now.at)))
    complaint = play("name_handler", "wh.head", complaint)
    assert people(complaint) == ("wh.zhang", "wh.leader", "wh.zhang")


@pytest.mark.rule("R21")
@pytest.mark.parametrize(("by", "code"), [("wh.contact", "forbidden"), ("wh.leader", "forbidden")])
def test_only_the_head_passes_a_report_on(play: Play, by: str, code: str) -> None:
    assert play.refused("reassign_report", by, play.upto("reported")).code == code


@pytest.mark.rule("R21")
@pytest.mark.parametrize("to", ["wh.zhang", "yc.leader", "wh.leader"])
def test_only_to_another_who_leads_there(play: Play, to: str) -> None:
    assert list(play.refused("reassign_report", "wh.head", play.upto("reported"), to=to).fields) == ["to"]


def test_the_head_may_take_it(play: Play, cast: Cast, now: Now) -> None:
    complaint = play.upto("reported")
    assert names(leaders_to_stand_in(complaint, actor_for(cast.wh_head.pk, now.at))) == {"wh.head"}


# The reply


def owed(play: Play) -> Complaint:
    """Completed, and yc.chen owes the reply."""
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    return play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))


@pytest.mark.rule("R34")
@pytest.mark.parametrize("to", ["yc.leader", "kf.agent2"])
def test_a_supervisor_names_who_replies_instead(play: Play, cast: Cast, now: Now, to: str) -> None:
    """S21."""
    complaint = owed(play)
    Employee.objects.filter(pk=cast.yc_chen.pk).update(is_active=False)
    complaint = play("reassign_reply", "kf.supervisor", complaint, to=to)
    assert (complaint.matter.holder, complaint.replier) == (cast[to], "forwarder")
    assert (deadline(complaint, "first_reply").person, sees(cast, now, to, complaint)) == (cast[to], True)
    assert play.refused("reply", "kf.agent", complaint).code == "forbidden"
    assert play("reply", to, complaint).state == "replied"


@pytest.mark.rule("R34")
def test_the_reply_passes_on_before_the_result_is_there(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    complaint = play("reassign_reply", "kf.supervisor", complaint)
    assert (told(complaint, "owes_reply"), told(complaint, "reply_reassigned")) == ({"yc.leader"}, {"yc.chen"})
    complaint = play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))
    assert complaint.matter.holder.username == "yc.leader"
    assert "yc.chen" not in told(complaint, "to_do")
    back = play("reassign_reply", "kf.supervisor", complaint, to="yc.chen")
    assert (back.reply_by_id, back.matter.holder.username) == (None, "yc.chen")


@pytest.mark.rule("R34")
def test_a_reply_that_was_missed_stays_theirs_who_missed_it(play: Play, cast: Cast, now: Now) -> None:
    complaint = owed(play)
    now.forward(hours=49)
    complaint = play("reassign_reply", "kf.supervisor", complaint)
    duty = deadline(complaint, "first_reply")
    assert (duty.status, duty.person, complaint.matter.holder) == ("missed", cast.yc_chen, cast.yc_leader)


@pytest.mark.rule("R34")
def test_the_forwarder_hears_that_the_reply_is_late(play: Play, now: Now) -> None:
    complaint = owed(play)
    sweep(now.forward(hours=49))
    assert told(complaint, "missed") >= {"yc.chen", "kf.agent"}


@pytest.mark.rule("R34")
def test_only_where_the_forwarder_owes_it_and_only_by_a_supervisor(play: Play) -> None:
    assert play.refused("reassign_reply", "kf.agent", owed(play)).code == "forbidden"
    assert list(play.refused("reassign_reply", "kf.supervisor", owed(play), to="yc.chen").fields) == ["to"]
    assert play.refused("reassign_reply", "kf.supervisor", play.upto("completed")).code == "state"


def test_who_could_reply(play: Play, cast: Cast, now: Now) -> None:
    offered = names(who_could_reply(owed(play), actor_for(cast.kf_supervisor.pk, now.at)))
    assert offered == {p.username for p in cast if p.username.startswith(("yc.", "kf."))} - {"yc.chen"}


# The customer


def attempts(play: Play, complaint: Complaint, by: str, *instants: str) -> Complaint:
    for instant in instants:
        complaint = play("record_attempt", by, complaint, at=play.now.set(instant))
    return complaint


@pytest.mark.rule("R7")
@pytest.mark.rule("R37")
@pytest.mark.parametrize("state", ["completed", "replied"])
def test_three_attempts_on_two_days_of_shanghai(play: Play, state: str) -> None:
    complaint = play.upto(state)
    late = ("2026-11-24 23:58", "2026-11-24 23:59", "2026-11-24 23:59:59.999")
    complaint = attempts(play, complaint, "kf.agent", *late)
    refusal = play.refused("archive_unreachable", "kf.agent", complaint)
    assert str(refusal) == "须至少在两天内联系三次，现有 3 次、1 天。"
    complaint = attempts(play, complaint, "kf.agent2", "2026-11-25 00:00")
    assert told(complaint, "unreachable") == {"kf.agent"}
    complaint = play("archive_unreachable", "kf.agent", complaint)
    assert (complaint.state, complaint.ended_as, complaint.resolved) == ("archived", Ending.UNREACHABLE, False)


@pytest.mark.rule("R37")
def test_two_attempts_on_two_days_are_too_few(play: Play) -> None:
    complaint = attempts(play, play.upto("completed"), "kf.agent", "2026-11-24 10:00", "2026-11-25 10:00")
    assert play.refused("archive_unreachable", "kf.agent", complaint).code == "condition"


@pytest.mark.rule("R37")
def test_attempts_before_the_customer_was_reached_count_no_more(play: Play) -> None:
    complaint = attempts(play, play.upto("completed"), "kf.agent", "2026-11-24 10:00", "2026-11-25 10:00")
    complaint = attempts(play, play("reply", "kf.agent", complaint), "kf.agent", "2026-11-25 11:00")
    refusal = play.refused("archive_unreachable", "kf.agent", complaint)
    assert str(refusal) == "须至少在两天内联系三次，现有 1 次、1 天。"


@pytest.mark.rule("R34")
@pytest.mark.rule("R37")
def test_the_forwarder_who_owes_the_reply_tries(play: Play) -> None:
    complaint = owed(play)
    assert play.refused("record_attempt", "kf.agent", complaint).code == "forbidden"
    complaint = attempts(play, complaint, "yc.chen", "2026-11-24 10:00", "2026-11-24 15:00", "2026-11-25 10:00")
    assert told(complaint, "unreachable") == {"kf.agent"}
    assert play.refused("archive_unreachable", "yc.chen", complaint).code == "forbidden"
    assert play("archive_unreachable", "kf.agent", complaint).state == "archived"


@pytest.mark.parametrize("state", ["registered", "handling", "delivered", "accepted", "answered"])
def test_there_must_be_something_to_tell(play: Play, state: str) -> None:
    complaint = play.upto(state)
    assert [play.refused(verb, "kf.agent", complaint).code for verb in ("record_attempt", "archive_unreachable")] == [
        "state",
        "state",
    ]


def test_who_answered_was_reached(play: Play) -> None:
    complaint = play("record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False)
    assert play.refused("record_attempt", "kf.agent", complaint).code == "state"


@pytest.mark.rule("R53")
def test_an_unreachable_customer_is_in_no_rate_and_nothing_follows(play: Play, cast: Cast, now: Now) -> None:
    complaint = attempts(
        play, play.upto("completed"), "kf.agent", "2026-11-24 10:00", "2026-11-24 11:00", "2026-11-25 08:00"
    )
    complaint = play("archive_unreachable", "kf.agent", complaint)
    assert [deadline(complaint, kind).status for kind in ("first_reply", "legal")] == ["void", "void"]
    now.forward(days=40)
    assert (sweep(now.at), leads_against(cast.unit("WH")).count(), ranking_of(2026).rates) == (0, 0, {})


def test_the_page_counts_the_attempts(play: Play, client_for: Any) -> None:
    complaint = attempts(play, play.upto("completed"), "kf.agent", "2026-11-24 10:00", "2026-11-25 10:00")
    page = client_for("kf.agent").get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert ("已 2 次联系不上客户" in page, "可以归档" in page) == (True, False)
