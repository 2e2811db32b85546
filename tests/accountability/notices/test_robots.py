"""Robots of group chats, against services that behave as the three publish: who reads a message, and what a failure of
one group means for the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.models import Alarm, ChannelHealth, Delivery, Notification
from accountability.notices.channels import Message, http
from accountability.notices.channels.delivery import deliver
from accountability.notices.channels.robots import Robot
from tests.accountability.notices.pretend_chats import CHATS, SECRET
from tests.accountability.notices.pretend_gateway import Gateway, running_gateway
from tests.factories import Now, instant_of

AT = instant_of("2026-11-24 09:00")
MESSAGE = Message(key="k1", address="13800000001", subject="【首问】轮到您办理。", text="【首问】轮到您办理。", at=AT)


def signed(kind: str) -> str:
    return "" if kind == "wecom" else SECRET


def robot_at(gateway: Gateway, kind: str, now: Now) -> Robot:
    gateway.judge = CHATS[kind](now)
    host = urlsplit(gateway.url)
    return Robot(kind, f"{host.scheme}://{host.netloc}{CHATS[kind].place}", signed(kind))


@pytest.mark.parametrize(("kind", "mentions"), [("wecom", True), ("dingtalk", True), ("feishu", False)])
def test_each_takes_a_message_and_mentions_its_reader_where_it_can(
    gateway: Gateway, now: Now, kind: str, mentions: bool
) -> None:
    robot_at(gateway, kind, now).send(replace(MESSAGE, at=now.at))
    (body,) = gateway.received
    said = body["content"]["text"] if kind == "feishu" else body["text"]["content"]
    judge: Any = gateway.judge
    assert (said, judge.mentioned) == (MESSAGE.text, [MESSAGE.address] if mentions else [])
    assert (MESSAGE.address in json.dumps(body), SECRET in json.dumps(body) + gateway.paths[0]) == (mentions, False)


@pytest.mark.parametrize(("kind", "told"), [("dingtalk", "errcode 310000"), ("feishu", "code 19021")])
def test_another_secret_none_or_an_old_signature_is_refused(gateway: Gateway, now: Now, kind: str, told: str) -> None:
    robot = robot_at(gateway, kind, now)
    for secret in ("another", ""):
        with pytest.raises(http.BadAnswer, match=f"^{told}$"):
            Robot(kind, robot.url, secret).send(replace(MESSAGE, at=now.at))
    old = replace(MESSAGE, at=now.at - timedelta(minutes=61))
    with pytest.raises(http.BadAnswer, match=f"^{told}$"):
        robot.send(old)


@pytest.mark.parametrize(("kind", "code"), [("wecom", 93000), ("dingtalk", 300005), ("feishu", 19001)])
def test_a_group_that_is_gone_is_a_failure(gateway: Gateway, now: Now, kind: str, code: int) -> None:
    robot = robot_at(gateway, kind, now)
    with pytest.raises(http.BadAnswer, match=f" {code}$"):
        Robot(kind, robot.url.replace("/send?", "/other?").replace("hook/", "hook/x"), robot.secret).send(MESSAGE)


@pytest.mark.parametrize("kind", CHATS)
@pytest.mark.parametrize(
    ("answer", "error"),
    [((404, {}), http.BadAnswer), ((200, b"<html>"), ValueError), ((200, {}), http.BadAnswer),
     ((200, {"errcode": "0", "code": "0"}), http.BadAnswer), ((200, {"errcode": False, "code": False}), http.BadAnswer),
     ((200, {"errcode": "13800000001", "code": "13800000001"}), http.BadAnswer)],
)  # fmt: skip
def test_whatever_else_is_answered_is_a_failure_whose_words_are_ours(
    gateway: Gateway, kind: str, answer: Any, error: type[Exception]
) -> None:
    gateway.answers = [answer]
    with pytest.raises(error) as told:
        Robot(kind, gateway.url, signed(kind)).send(MESSAGE)
    assert "1380" not in str(told.value)


def test_json_is_read_as_utf_8(gateway: Gateway) -> None:
    gateway.answers = [(200, json.dumps({"errcode": 0, "errmsg": "好"}, ensure_ascii=False).encode())]
    Robot("wecom", gateway.url).send(MESSAGE)
    assert len(gateway.received) == 1


# By unit


Groups = dict[str, Gateway]


@pytest.fixture
def groups(settings: Any, tmp_path: Path, reach: Any) -> Iterator[Groups]:
    """The robot of WH, and the one of everybody else. Each is told of whatever befalls its people."""
    with ExitStack() as stack:
        found = {name: stack.enter_context(running_gateway()) for name in ("WH", "others")}
        table = tmp_path / "robots.csv"
        table.write_text(f"unit,kind,url,secret\nWH,dingtalk,{found['WH'].url},{SECRET}\n", encoding="utf-8-sig")
        way = "accountability.notices.channels.robots.GroupRobots"
        settings.CHANNELS = {"robot": {"way": way, "url": found["others"].url, "table": str(table)}}
        settings.NOTICE_CHANNELS = dict.fromkeys(("clock", "work", "limits", "waiting", "news"), ("robot",))
        reach("yc.contact", {"mobile": "13800000002"})
        yield found


def told(groups: Groups) -> dict[str, int]:
    return {name: len(group.received) for name, group in groups.items()}


def test_a_message_goes_to_the_group_of_its_readers_unit(groups: Groups, tell: Any, now: Now) -> None:
    tell()
    tell(username="yc.contact")
    assert (deliver(now.at), told(groups)) == (2, {"WH": 1, "others": 1})
    assert groups["WH"].received[0]["at"]["atMobiles"] == ["13800000001"]
    assert groups["others"].received[0]["text"]["mentioned_mobile_list"] == ["13800000002"]


def test_where_no_robot_is_for_the_unit_nobody_elses_group_reads_it(
    groups: Groups, settings: Any, tell: Any, now: Now
) -> None:
    settings.CHANNELS["robot"]["url"] = ""
    tell(username="yc.contact")
    assert (deliver(now.at), told(groups)) == (0, {"WH": 0, "others": 0})
    assert (Delivery.objects.get().state, Delivery.objects.get().problem) == ("failed", "no robot")
    assert not Alarm.objects.exists()


def failing(groups: Groups, tell: Any, now: Now, name: str) -> list[tuple[int, int]]:
    """How many went out in each of three runs while this group's robot fails, and how often it was asked."""
    groups[name].answers = [(503, {})]
    found = []
    for minutes in (0, 2, 5):
        now.forward(minutes=minutes)
        tell()
        tell(username="yc.contact")
        asked = len(groups[name].received)
        found.append((deliver(now.at), len(groups[name].received) - asked))
    return found


@pytest.mark.parametrize(("name", "line", "said"), [
    ("WH", "robot:WH", "“群机器人 WH”发送失败，短信/邮件通知可能延迟，请检查该渠道。"),
    ("others", "robot", "“群机器人”发送失败，短信/邮件通知可能延迟，请检查该渠道。"),
])  # fmt: skip
def test_one_groups_failure_pauses_its_own_line_alone_and_raises_an_alarm_of_its_own(
    groups: Groups, tell: Any, now: Now, client_for: Callable[[str], Any], name: str, line: str, said: str
) -> None:
    assert failing(groups, tell, now, name) == [(1, 1)] * 3
    assert list(Alarm.objects.values_list("key", flat=True)) == [f"channel:{line}"]
    assert [row["text"] for row in client_for("sc.officer").get(reverse("alarms")).context["rows"]] == [said]
    assert dict(ChannelHealth.objects.values_list("channel", "failures")) == {line: 3}
    groups[name].answers = [(200, {"errcode": 0})]
    assert deliver(now.forward(minutes=5)) > 0
    assert Alarm.objects.get().cleared_at == now.at


def test_the_page_of_the_system_names_the_line_that_fails(groups: Groups, tell: Any, now: Now, client_for: Any) -> None:
    failing(groups, tell, now, "WH")
    page = client_for("sj.system").get(reverse("operations")).content.decode()
    assert "发送失败：群机器人 WH" in page


def test_the_notice_of_a_failed_line_is_not_sent_by_robot(groups: Groups, tell: Any, now: Now, reach: Any) -> None:
    reach("sc.officer", {"mobile": "13800000003"})
    failing(groups, tell, now, "WH")
    tell(0)
    assert Notification.objects.filter(kind="channel_failed", recipient__username="sc.officer").exists()
    assert not Delivery.objects.filter(notification__kind="channel_failed").exists()


def test_a_table_that_cant_be_read_fails_the_channel_and_nothing_else(
    groups: Groups, settings: Any, tell: Any, now: Now, mailoutbox: Any
) -> None:
    settings.CHANNELS["robot"]["table"] += ".gone"
    settings.CHANNELS["email"] = {"way": "accountability.notices.channels.mail.Email"}
    settings.NOTICE_CHANNELS = {"work": ("robot", "email")}
    for minutes in (0, 2, 5):
        tell()
        deliver(now.forward(minutes=minutes))
    assert (len(mailoutbox), told(groups)) == (3, {"WH": 0, "others": 0})
    assert [(one.key, one.cleared_at) for one in Alarm.objects.all()] == [("channel:robot", None)]


def test_the_lines_cost_no_statement_more(groups: Groups, settings: Any, now: Now) -> None:
    found = []
    for table in (settings.CHANNELS["robot"]["table"], ""):
        settings.CHANNELS["robot"]["table"] = table
        deliver(now.at)
        with CaptureQueriesContext(connection) as asked:
            deliver(now.at)
        found.append(len(asked))
    assert found[0] == found[1] < 10


def test_who_has_a_robot_alone_can_give_their_number(groups: Groups, client_for: Any) -> None:
    assert "mobile" in client_for("wh.contact").get(reverse("preferences")).context["form"].fields
