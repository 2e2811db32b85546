"""The responsibility strip names whoever it was with, as what they are, and the centre's own time as the centre's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accountability.gate.sweeper import sweep
from accountability.models import actor_for
from complaints.dossier.dossier import story_of
from complaints.dossier.progress import stations
from complaints.models import Complaint
from tests.factories import Now, Play


def strip(play: Play, complaint: Complaint, who: str = "kf.agent") -> list[Any]:
    actor = actor_for(play.cast[who].pk, play.now.at)
    assert actor is not None
    return stations(story_of(Complaint.objects.visible_to(actor).for_page().get(pk=complaint.pk), actor), play.now.at)


def hands(play: Play, complaint: Complaint, who: str = "kf.agent") -> list[tuple[str, str, str, int]]:
    """Unit, what is done, who as what, for how many minutes."""
    return [
        (
            one.unit.code, str(one.role), f"{one.office}{one.person.username}" if one.person else "",
            one.held // timedelta(minutes=1),
        )
        for one in strip(play, complaint, who)
    ]  # fmt: skip


@pytest.mark.rule("R21")
@pytest.mark.parametrize(
    ("state", "who"),
    [("delivered", "接口人wh.contact"), ("reported", "分管领导wh.leader"), ("handed_off", "首问责任人wh.zhang")],
)
def test_the_contact_is_the_contact_until_somebody_is_named(
    play: Play, client_for: Callable[[str], Client], state: str, who: str
) -> None:
    complaint = play.upto(state)
    assert hands(play, complaint)[-1][2] == who
    office, name = who.split("wh.")
    body = client_for("kf.agent").get(f"/complaints/{complaint}/").content.decode()
    assert f"<small>{office} {play.cast[f'wh.{name}']}</small>" in body


@pytest.mark.rule("R33")
def test_what_the_centre_judges_is_its_own_time_and_not_the_units(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    now.forward(minutes=60)
    complaint = play("answer", "wh.zhang", complaint)
    now.forward(minutes=90)
    assert hands(play, complaint)[1:] == [
        ("WH", "已答复，待审核", "首问责任人wh.zhang", 60), ("KF", "审核答复", "", 90),
    ]  # fmt: skip
    assert [one.is_now for one in strip(play, complaint)] == [False, False, True]
    complaint = play("judge_complete", "kf.agent", complaint, complete=False, reason="未退费。")
    now.forward(minutes=30)
    complaint = play("answer", "wh.zhang", complaint)
    now.forward(minutes=10)
    complaint = play("judge_complete", "kf.agent", complaint)
    whole = [
        ("WH", "办理", "首问责任人wh.zhang", 60), ("KF", "审核答复", "", 90),
        ("WH", "判断处理完毕", "首问责任人wh.zhang", 30), ("KF", "审核答复", "", 10),
    ]  # fmt: skip
    assert hands(play, complaint)[1:5] == whole
    assert hands(play, complaint, "wh.contact") == whole
    assert not any(one.is_bounce for one in strip(play, complaint))


@pytest.mark.rule("R28")
def test_a_ruling_that_the_centre_missed_leaves_the_units_station_clean(play: Play, now: Now) -> None:
    complaint = play.upto("return_requested")
    now.forward(hours=2, minutes=1)
    sweep(now.at)
    assert [one.tone for one in strip(play, play.again(complaint)) if one.is_round] == ["brand"]
    now.forward(hours=60)
    sweep(now.at)
    assert [one.tone for one in strip(play, play.again(complaint)) if one.is_round] == ["danger"]


@pytest.mark.rule("R18")
@pytest.mark.rule("R33")
def test_an_answer_that_the_leader_let_go_is_with_the_centre_too(play: Play, now: Now) -> None:
    complaint = play.upto("under_review")
    now.forward(minutes=60)
    assert hands(play, complaint)[1:] == [("WH", "答复待分管领导审核", "分管领导wh.leader", 60)]
    complaint = play("approve_answer", "wh.leader", complaint)
    now.forward(minutes=90)
    assert hands(play, complaint)[1:] == [
        ("WH", "已答复，待审核", "首问责任人wh.zhang", 60), ("KF", "审核答复", "", 90),
    ]  # fmt: skip


@pytest.mark.rule("R28")
@pytest.mark.parametrize("ruled", [True, False])
def test_a_return_is_with_the_centre_until_it_rules_or_its_time_is_over(play: Play, now: Now, ruled: bool) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=5)
    complaint = play("request_return", "wh.contact", complaint)
    if ruled:
        now.forward(minutes=40)
        complaint = play("rule_on_return", "kf.agent", complaint)
        found = strip(play, complaint)
        assert [(one.unit.code, one.held // timedelta(minutes=1), one.is_return) for one in found] == [
            ("KF", 0, False), ("WH", 5, True), ("KF", 40, False), ("KF", 0, False),
        ]  # fmt: skip
    else:
        sweep(now.forward(minutes=150))
        assert hands(play, complaint)[1:] == [
            ("WH", "办理", "接口人wh.contact", 5), ("KF", "裁定退回", "", 120),
            ("WH", "待交办", "接口人wh.contact", 30),
        ]  # fmt: skip


@pytest.mark.rule("R34")
@pytest.mark.parametrize("direct", [True, False])
def test_the_vip_forwarder_is_who_replies_and_no_first_inquiry_person(
    play: Play, now: Now, client_for: Callable[[str], Client], direct: bool
) -> None:
    complaint = play("register", "kf.agent", play.upto("forwarded", tier="vip"))
    now.forward(minutes=20)
    if direct:
        complaint = play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))
        before = [("KF", "客服中心直接处理", "", 20)]
    else:
        complaint = play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint))
        complaint = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
        before = [
            ("KF", "登记、派单", "", 20),
            ("WH", "判断处理完毕", "首问责任人wh.zhang", 0),
            ("KF", "审核答复", "", 0),
        ]
    now.forward(minutes=15)
    replying = ("YC", "回复客户（R34）", "转交员工yc.chen", 15)
    assert hands(play, complaint) == [*before, replying]
    body = client_for("kf.agent").get(f"/complaints/{complaint}/").content.decode()
    assert f"<small>转交员工 {play.cast['yc.chen']}</small>" in body
    complaint = play("reply", "yc.chen", complaint)
    now.forward(minutes=3)
    assert hands(play, complaint) == [*before, replying, ("KF", "已回复客户", "", 3)]


@pytest.mark.rule("R34")
def test_the_forwarders_reply_stays_theirs_when_it_is_dispatched_again(play: Play, now: Now) -> None:
    complaint = play("register", "kf.agent", play.upto("forwarded", tier="vip"))
    complaint = play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint))
    complaint = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
    now.forward(minutes=15)
    complaint = play("reply", "yc.chen", complaint)
    now.forward(minutes=7)
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    complaint = play("dispatch", "kf.agent", complaint)
    assert hands(play, complaint)[3:5] == [
        ("YC", "回复客户（R34）", "转交员工yc.chen", 15), ("KF", "重新判断、派单", "", 7),
    ]  # fmt: skip


@pytest.mark.rule("R18")
def test_a_leader_who_reviews_stands_there_once(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play("submit_for_review", "wh.zhang", play.upto("handed_off"))
    assert [(str(one.office), one.leader) for one in strip(play, complaint)][-1] == ("分管领导", None)
    body = client_for("wh.leader").get(f"/complaints/{complaint}/").content.decode()
    assert body.count(f"<small>分管领导 {play.cast['wh.leader']}</small>") == 1
    assert body.count("答复待分管领导审核") > 1  # at the strip and at the number


@pytest.mark.rule("R28")
def test_the_centres_stations_are_the_centres_wherever_its_agent_went(play: Play) -> None:
    complaint = play.upto("delivered")
    play("update_employee", "sc.officer", employee="kf.agent", unit="ZD")
    assert str(strip(play, complaint, "kf.agent2")[0].unit) == "省客户服务中心"
