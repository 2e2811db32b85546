"""投诉处理通知单: one a round, numbered, with its return slip, for those who may see the round."""

import re

import pytest


def slip_on(response) -> dict[str, str]:
    """The fields of the notice and its slip by their labels."""
    cells = re.findall(r'<th scope="row"[^>]*>(.*?)</th>\s*<td[^>]*>(.*?)</td>', response.content.decode(), re.DOTALL)
    return dict(cells)


def notice(client, complaint, number=1):
    return client.get(f"/complaints/{complaint.matter.number}/rounds/{number}/notice/")


@pytest.mark.rule("R18")
def test_it_carries_number_people_limits_and_the_slip(play, cast, client_for):
    complaint = play.upto("completed")
    response = notice(client_for("kf.agent"), complaint)
    text = response.content.decode()
    people = [cast[username].name for username in ("wh.contact", "wh.zhang", "wh.leader")]
    numbers = [complaint.matter.number, complaint.matter.number.replace("TS", "TZ") + "-1", "王**", "138****4567"]
    written = ["2026-11-24 09:30", "2026-11-25 21:00", "已退费。", "套餐变更时未告知。", "处理完毕"]
    expected = people + numbers + written
    assert [said for said in expected if said not in text] == []
    assert slip_on(response)["是否归属本部门"] == "是"


def test_a_returned_round_says_why_and_to_whom(play, client_for):
    complaint = play("request_return", "wh.zhang", play.upto("handed_off"), suggested_unit="WL")
    complaint = play("rule_on_return", "kf.agent", complaint, accepted=True)
    response = notice(client_for("wh.contact"), complaint)
    expected = ["不属本单位职责。", "建议由网络部处理。", "同意退回", "理由成立。"]
    assert [said for said in expected if said not in response.content.decode()] == []
    assert slip_on(response)["是否归属本部门"] == "否"


def test_a_silent_centre_leaves_the_round_with_the_unit(play, client_for, now):
    complaint = play.upto("return_requested")
    now.forward(hours=3)
    play("accept", "wh.zhang", complaint)
    slip = slip_on(notice(client_for("wh.contact"), complaint))
    assert (slip["是否归属本部门"], slip["客服中心审核意见"]) == ("是", "—")


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("kf.agent", 200),
        ("sj.auditor", 200),
        ("wh.contact", 200),
        ("wh.zhang", 200),
        ("yc.contact", 404),
        ("wh.wang", 404),
    ],
)
def test_only_who_may_see_the_round_sees_its_notice(play, client_for, username, status):
    assert notice(client_for(username), play.upto("accepted")).status_code == status


def test_a_forwarder_has_no_notice_and_a_round_that_was_not_made_has_none(play, client_for):
    complaint = play("dispatch", "kf.agent", play("register", "kf.agent", play.upto("forwarded")))
    assert notice(client_for("yc.chen"), complaint).status_code == 404
    assert notice(client_for("kf.agent"), complaint, 2).status_code == 404
