"""A missed deadline excused by two people: the row stays, it is no lead and counts in no rating."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from typing import Any

import pytest

from accountability.gate.sweeper import sweep
from accountability.models import Alarm, Deadline, Notification, actor_for
from accountability.monitoring.reminders import remind
from assessment.cases.leads import leads_against
from assessment.rankings.counting import ranking_of
from complaints.lists.desk import sections
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.rule("R38")
HANDOFF = ["handoff#1"]


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def late(play: Play) -> Complaint:
    """Delivered at 09:00 and handed over at 09:31."""
    complaint = play.upto("delivered")
    play.now.forward(minutes=31)
    return play("hand_off", "wh.contact", complaint)


def excused(play: Play) -> Complaint:
    return play("confirm_excuse", "sc.leader", play("propose_excuse", "kf.supervisor", late(play)))


def test_two_people_excuse_it_and_the_row_stays(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("propose_excuse", "kf.supervisor", late(play))
    assert leads_against(cast.unit("WH")).count() == 1
    assert told("excuse_proposed") == {"sc.leader"}
    complaint = play("confirm_excuse", "sc.leader", complaint)
    handoff = deadline(complaint, "handoff", 1)
    assert (handoff.status, handoff.missed_at, handoff.excused_at) == ("missed", handoff.due_at, now.at)
    assert (handoff.excuse_proposed_by, handoff.excused_by) == (cast.kf_supervisor, cast.sc_leader)
    assert leads_against(cast.unit("WH")).count() == 0
    assert {"kf.supervisor", "wh.contact", "wh.zhang"} <= told("excused")


def test_nobody_excuses_alone(play: Play) -> None:
    complaint = play("propose_excuse", "sc.leader", late(play))
    assert list(play.refused("confirm_excuse", "sc.leader", complaint).fields) == ["deadlines"]
    assert play("reject_excuse", "sc.leader", complaint).pk == complaint.pk


@pytest.mark.parametrize(
    ("verb", "by"),
    [("propose_excuse", who) for who in ("kf.agent", "wh.head", "wh.contact", "sj.auditor")]
    + [(verb, who) for verb in ("confirm_excuse", "reject_excuse") for who in ("sc.officer", "kf.supervisor")],
)
def test_who_may_not(play: Play, verb: str, by: str) -> None:
    complaint = play("propose_excuse", "kf.supervisor", late(play))
    refusal = play.refused(verb, by, complaint)
    assert refusal.code == ("forbidden" if by not in ("wh.head", "wh.contact") else refusal.code)


@pytest.mark.parametrize("name", ["handling#1", "legal", "handoff#2", "nothing", "return#1"])
def test_only_what_was_missed(play: Play, name: str) -> None:
    assert list(play.refused("propose_excuse", "kf.supervisor", late(play), deadlines=[name]).fields) == ["deadlines"]


def test_at_least_one(play: Play) -> None:
    assert list(play.refused("propose_excuse", "kf.supervisor", late(play), deadlines=[]).fields) == ["deadlines"]


def test_what_is_void_needs_no_excuse(play: Play, now: Now) -> None:
    complaint = play.upto("handed_off", priority="P1")
    complaint = play("request_return", "wh.zhang", complaint, at=now.forward(hours=7, minutes=30))
    complaint = play("rule_on_return", "kf.supervisor", complaint, at=now.forward(hours=1))
    assert deadline(complaint, "handling", 1).status == "void"
    refusal = play.refused("propose_excuse", "kf.supervisor", complaint, deadlines=["handling#1"])
    assert list(refusal.fields) == ["deadlines"]


def test_each_step_once(play: Play) -> None:
    complaint = late(play)
    assert "尚无人提请" in play.refused("confirm_excuse", "sc.leader", complaint).fields["deadlines"]
    complaint = play("propose_excuse", "kf.supervisor", complaint)
    assert "已提请免责" in play.refused("propose_excuse", "sc.officer", complaint).fields["deadlines"]
    complaint = play("confirm_excuse", "sc.leader", complaint)
    for verb, by in (
        ("propose_excuse", "kf.supervisor"),
        ("confirm_excuse", "sc.leader"),
        ("reject_excuse", "sc.leader"),
    ):
        assert "已免责" in play.refused(verb, by, complaint).fields["deadlines"]


def test_a_rejected_one_counts_and_may_be_proposed_again(play: Play, cast: Cast) -> None:
    complaint = play("reject_excuse", "sc.leader", play("propose_excuse", "kf.supervisor", late(play)))
    handoff = deadline(complaint, "handoff", 1)
    assert (handoff.excuse_proposed_by_id, handoff.excuse_proposed_at, handoff.excuse_reason_id) == (None, None, None)
    assert (leads_against(cast.unit("WH")).count(), told("excuse_rejected")) == (1, {"kf.supervisor"})
    assert play("propose_excuse", "sc.officer", complaint).pk == complaint.pk


def test_several_at_once_those_of_earlier_rounds_too(play: Play, now: Now, cast: Cast) -> None:
    complaint = late(play)
    now.forward(hours=37)
    complaint = play("answer", "wh.zhang", complaint)
    complaint = play("reply", "kf.agent", play("judge_complete", "kf.agent", complaint))
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    complaint = play("dispatch", "kf.agent", complaint, unit="YC")
    both = ["handoff#1", "handling#1"]
    complaint = play("propose_excuse", "kf.supervisor", complaint, deadlines=both)
    complaint = play("confirm_excuse", "sc.leader", complaint, deadlines=both)
    assert [bool(deadline(complaint, kind, 1).excused_at) for kind in ("handoff", "handling")] == [True, True]
    assert leads_against(cast.unit("WH")).count() == 0


def test_an_archived_complaint_too(play: Play, now: Now) -> None:
    complaint = late(play)
    for verb, by in (
        ("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent"),
        ("record_satisfaction", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    complaint = play("confirm_excuse", "sc.leader", play("propose_excuse", "kf.supervisor", complaint))
    assert (complaint.state, complaint.matter.alarm_at, complaint.matter.awaits) == ("archived", None, "")


@pytest.mark.rule("R53")
def test_a_round_whose_late_handling_was_excused_is_in_no_rate(play: Play, now: Now) -> None:
    play.upto("archived", phone="13900000001")
    complaint = play.upto("accepted")
    now.forward(hours=37)
    for verb, by in (
        ("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent"),
        ("record_satisfaction", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    assert str(ranking_of(2026).rates["WH"]) == "1/2"
    complaint = play("propose_excuse", "kf.supervisor", complaint, deadlines=["handling#1"])
    assert str(ranking_of(2026).rates["WH"]) == "1/2"
    play("confirm_excuse", "sc.leader", complaint, deadlines=["handling#1"])
    assert str(ranking_of(2026).rates["WH"]) == "1"


def test_another_units_round_hears_nothing_of_it(play: Play, now: Now, client_for: Any) -> None:
    complaint = play("request_return", "wh.zhang", late(play))
    complaint = play("dispatch", "kf.agent", play("rule_on_return", "kf.agent", complaint), unit="YC")
    play("propose_excuse", "kf.supervisor", complaint, reason="武汉机房断电。")
    address = f"/complaints/{complaint.matter.number}/"
    pages = {who: client_for(who).get(address).content.decode() for who in ("wh.contact", "yc.contact", "kf.agent")}
    assert {who for who, page in pages.items() if "武汉机房断电" in page} == {"wh.contact", "kf.agent"}


@pytest.mark.rule("R32")
def test_an_invited_units_people_hear_of_its_excuse_although_they_have_finished(play: Play, now: Now) -> None:
    complaint = play.upto("concluded")
    now.set("2026-11-24 16:00")
    complaint = play("finish_task", "yc.chen", complaint)
    late = ["cooperation#1:YC"]
    complaint = play("propose_excuse", "kf.supervisor", complaint, deadlines=late)
    play("confirm_excuse", "sc.leader", complaint, deadlines=late)
    assert told("excused") == {"yc.contact", "yc.head", "wh.zhang", "kf.supervisor"}


def test_the_people_of_an_earlier_round_hear_of_its_excuse(play: Play) -> None:
    complaint = play("request_return", "wh.zhang", late(play))
    complaint = play("dispatch", "kf.agent", play("rule_on_return", "kf.agent", complaint), unit="YC")
    complaint = play("propose_excuse", "kf.supervisor", complaint)
    play("confirm_excuse", "sc.leader", complaint)
    assert told("excused") == {"wh.contact", "wh.zhang", "wh.leader", "wh.head", "kf.supervisor"}


# Where people meet it


def test_it_waits_on_the_desk_of_another_leader(play: Play, cast: Cast, now: Now) -> None:
    complaint = play("propose_excuse", "kf.supervisor", late(play))

    def asked() -> list[int]:
        found = sections(actor_for(cast.sc_leader.pk, now.at), now.at)
        return next(s.first for s in found if s.work.name == "confirm_excuse")

    assert asked() == [complaint.pk]
    play("reject_excuse", "sc.leader", complaint)
    assert asked() == []
    play("propose_excuse", "sc.leader", complaint)
    assert asked() == []


def test_a_proposal_that_waits_raises_an_alarm_until_it_is_judged(play: Play, now: Now, client_for: Any) -> None:
    complaint = play("propose_excuse", "kf.supervisor", late(play))
    now.forward(hours=47, minutes=59)
    remind(now.at)
    assert Alarm.objects.filter(kind="excuses").count() == 0
    for _again in range(2):
        now.forward(minutes=1)
        remind(now.at)
    alarm = Alarm.objects.get(kind="excuses")
    assert (alarm.cleared_at, told("excuses_wait")) == (None, {"sc.leader"})
    assert Notification.objects.filter(kind="excuses_wait").count() == 1
    assert "list=confirm_excuse" in client_for("sc.leader").get("/alarms/").content.decode()
    play("confirm_excuse", "sc.leader", complaint)
    remind(now.at)
    alarm.refresh_from_db()
    assert alarm.cleared_at == now.at


def test_the_clocks_page_offers_it_by_name(play: Play, client_for: Any) -> None:
    complaint = late(play)
    handoff = deadline(complaint, "handoff", 1)
    address = f"/complaints/{complaint.matter.number}"
    clock = f"{address}/deadlines/{handoff.pk}/"
    shown = client_for("kf.supervisor").get(clock).content.decode()
    assert (f"{address}/propose_excuse/" in shown, "交办（第 1 轮）" in shown) == (True, True)
    sent = {"deadlines": ["handoff#1"], "reason": "系统故障。"}
    assert client_for("kf.supervisor").post(f"{address}/propose_excuse/", sent).status_code == 302
    leader = client_for("sc.leader")
    judged = leader.get(clock).content.decode()
    assert ["系统故障。" in judged, f"{address}/confirm_excuse/" in judged, f"{address}/reject_excuse/" in judged] == [
        True,
        True,
        True,
    ]
    assert leader.post(f"{address}/confirm_excuse/", {"deadlines": ["handoff#1"]}).status_code == 302
    for reader in ("kf.agent", "wh.contact"):
        page = client_for(reader).get(f"{address}/").content.decode()
        assert ("超时，已免责" in page, "已由两人批准免责" in page) == (True, True)
    assert "系统故障。" not in client_for("wh.contact").get(clock).content.decode()


def test_nothing_is_offered_where_nothing_was_missed(play: Play, client_for: Any) -> None:
    complaint = play.upto("accepted")
    page = client_for("sc.leader").get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert [verb for verb in ("propose_excuse", "confirm_excuse", "reject_excuse") if f"/{verb}/" in page] == []


def test_an_excuse_for_what_was_done_after_all_is_dropped(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    complaint = play("record_told", "wh.contact", complaint, happened=now.forward(minutes=5))
    now.forward(minutes=40)
    sweep(now.at)
    complaint = play("propose_excuse", "kf.supervisor", complaint)
    complaint = play("confirm_told", "wh.zhang", complaint)
    assert Deadline.objects.excuse_asked().count() == 0
    assert deadline(complaint, "handoff", 1).excuse_proposed_at is None
