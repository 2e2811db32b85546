"""What a customer is sent: a code at the registration, a link after each reply that nobody has asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from accountability import tasks
from accountability.notices.channels import delivery, health
from complaints.customer_word import links, sending
from complaints.models import Complaint, CustomerMessage, RightsFind, RightsRequest
from tests.accountability.gate.held import away
from tests.accountability.notices.pretend_gateway import Gateway
from tests.complaints.customer_word.conftest import link_in
from tests.factories import INTAKE, Now, Play

Sent = Callable[..., list[str]]


def states() -> list[tuple[str, str, str]]:
    return list(CustomerMessage.objects.order_by("pk").values_list("kind", "state", "problem"))


def test_the_registration_is_told_with_number_and_code(play: Play, sent: Sent) -> None:
    complaint = play.upto("registered")
    code = links.code_of(complaint)
    assert sent() == [f"您的投诉（编号 {complaint.matter}）已受理。查询进度：https://shouwen.example/c/ 查询码：{code}"]
    assert len(sent()) == 1


@pytest.mark.rule("R37")
def test_each_reply_is_asked_about(play: Play, sent: Sent) -> None:
    complaint = play.upto("replied")
    first = sent()
    assert first[-1].startswith(
        f"您的投诉（编号 {complaint.matter}）已答复。请您评价是否满意：https://shouwen.example/c/"
    )
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    for verb, by in (
        ("dispatch", "kf.agent"), ("hand_off", "wh.contact"), ("answer", "wh.zhang"), ("judge_complete", "kf.agent"),
        ("reply", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    second = sent()
    assert len(second) == len(first) + 1
    assert link_in(first) != link_in(second)


def test_nobody_is_asked_who_was_asked_on_the_telephone(play: Play, sent: Sent, now: Now) -> None:
    complaint = play.upto("replied")
    before = sent(9)
    play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    assert sent(5) == before
    assert states()[-1] == ("replied", "dropped", "needless")


def test_no_message_names_anybody(play: Play, sent: Sent) -> None:
    play.upto("replied")
    told = "".join(sent())
    assert [text for text in INTAKE.values() if text != "none" and text in told] == []
    assert "武汉" not in told


@pytest.mark.parametrize("phone", ["027-87654321", "+85223456789"])
def test_a_number_that_gets_no_messages_gets_none(play: Play, now: Now, sms: Gateway, phone: str) -> None:
    play.upto("registered", phone=phone)
    tasks.send_notifications()
    assert (states(), [body for body in sms.received if "已受理" in body["text"]]) == (
        [("registered", "dropped", "no mobile number")], [],
    )  # fmt: skip


def test_switched_off_nothing_is_ordered(play: Play, settings: Any) -> None:
    settings.CUSTOMER_LINKS = False
    play.upto("replied")
    assert states() == []


def test_nobody_is_woken(play: Play, now: Now, sent: Sent) -> None:
    play.upto("registered")
    now.set("2026-11-24 23:00")
    assert sent(0) == []
    now.set("2026-11-25 07:00")
    assert len(sent(0)) == 1


def test_a_try_that_failed_is_repeated_with_the_same_key_and_words(
    play: Play, now: Now, sms: Gateway, sent: Sent
) -> None:
    play.upto("registered")
    sms.answers = [(500, {}), (200, {"errcode": 0})]
    assert health.usable(["sms"], now.at) == ["sms"]
    sent(0)
    assert states() == [("registered", "waiting", "HTTP 500")]
    sent(6)
    first, second = (body for body in sms.received if "已受理" in body["text"])
    assert first == second
    assert states() == [("registered", "sent", "")]


def test_a_second_worker_sends_nothing_again(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read the row; one of them claims it."""
    play.upto("registered")
    mine, other = CustomerMessage.objects.get(), CustomerMessage.objects.get()
    assert (sending._claim(mine, now.at), sending._claim(other, now.at)) == (True, False)


def test_what_the_gateway_refuses_customers_delays_no_notice_of_the_staff(
    play: Play, now: Now, sms: Gateway, sent: Sent
) -> None:
    play.upto("registered")
    sms.answers = [(429, {})]
    sent(0)
    assert (health.usable(["sms"], now.at), health.usable(["customer"], now.at)) == (["sms"], [])


def test_one_that_cannot_be_written_stops_no_other(
    play: Play, now: Now, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _fine = play.upto("registered"), play.upto("registered")

    def code_of(complaint: Complaint) -> str:
        if complaint.pk == broken.pk:
            raise InvalidTag
        return "CODE"

    monkeypatch.setattr(sending, "code_of", code_of)
    assert len(sent(0)) == 1
    assert states() == [("registered", "failed", "no words"), ("registered", "sent", "")]


def test_who_wants_their_data_used_no_further_is_not_invited(play: Play, now: Now, sent: Sent) -> None:
    complaint = play.upto("replied")
    asked = {
        "customer": "王建国",
        "phone": "13871234567",
        "identity": "本机来电，回答三项登记信息均正确。",
        "request": "不再使用。",
    }
    request = play("open_rights_request", "kf.supervisor", RightsRequest(), wish="restrict", **asked)
    assert RightsFind.objects.get(request=request).complaint == complaint
    assert not [text for text in sent() if "请您评价" in text]
    assert states()[-1] == ("replied", "dropped", "needless")


def test_after_a_day_it_is_too_late(play: Play, now: Now, sms: Gateway) -> None:
    play.upto("registered")
    now.forward(hours=25)
    sending.send(now.at)
    assert states() == [("registered", "failed", "too old")]


def test_while_a_hold_lasts_nothing_from_before_is_sent(play: Play, now: Now, sms: Gateway) -> None:
    """A copy that is put back would send a second time what went out before."""
    play.upto("registered")
    away(play, 1)
    tasks.send_notifications()
    assert (states()[0][1], [body for body in sms.received if "已受理" in body["text"]]) == ("waiting", [])


def test_the_notices_go_first(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many customers wait, the thirty minutes come before them."""
    done: list[str] = []
    monkeypatch.setattr(delivery, "deliver", lambda at: done.append("notices"))
    assert [sending.send] == tasks.SENDERS
    monkeypatch.setattr(tasks, "SENDERS", [lambda at: done.extend(["customers"])])
    tasks.send_notifications()
    assert done == ["notices", "customers"]


def test_a_gateway_that_knows_texts_by_template_gets_their_gaps(
    play: Play, sms: Gateway, settings: Any, now: Now
) -> None:
    settings.CHANNELS["sms"]["templates"] = "registered=SMS_7"
    complaint = play.upto("registered")
    now.forward(minutes=10)
    tasks.send_notifications()
    (body,) = sms.received
    assert (body["template"], "text" in body) == ("SMS_7", False)
    assert body["values"] == {
        "number": str(complaint.matter), "url": "https://shouwen.example/c/", "code": links.code_of(complaint)
    }  # fmt: skip
