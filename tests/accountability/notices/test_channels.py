"""Messages on their way: words without persons, one by one or as a digest, by night only the clock's; failures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.declarations.notices import NOTICES, Notice
from accountability.models import (
    Alarm,
    Category,
    ChannelHealth,
    Delivery,
    Notification,
    Preferences,
    Unit,
    actor_for,
)
from accountability.notices.channels import Message, Postponed, http
from accountability.notices.channels.delivery import deliver
from accountability.notices.channels.messages import MOST_BYTES, MOST_LOOKED_UP, Reader, compose
from accountability.notices.channels.queue import claim_next
from complaints.models import Complaint
from tests.accountability.notices.pretend_gateway import Gateway
from tests.factories import INTAKE, Cast, Now, Play


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


# The words


def test_a_message_names_duty_category_unit_and_due_instant_and_nobody(
    play: Play, now: Now, reach: Any, sms: Gateway
) -> None:
    reach()
    complaint = play.upto("delivered")
    tasks.send_notifications()
    number = complaint.matter.number
    about = "资费与收费争议 · 武汉分公司 · 时限 2026-11-24 09:30 周二"
    text = f"【首问】{number} 轮到您办理：交办。\n{about}\nhttps://shouwen.example/complaints/{number}/"
    assert sms.texts == [text]
    told = text.replace("武汉分公司", "")
    assert [secret for secret in INTAKE.values() if secret != "none" and secret in told] == []


def test_an_e_mail_names_them_too(play: Play, settings: Any, reach: Any, sms: Gateway) -> None:
    settings.CHANNELS = {"email": {"way": "accountability.notices.channels.mail.Email"}}
    settings.NOTICE_CHANNELS = {"clock": ("email",)}
    reach()
    number = play.upto("delivered").matter.number
    tasks.send_notifications()
    about = "资费与收费争议 · 武汉分公司 · 时限 2026-11-24 09:30 周二"
    assert mail.outbox[0].subject == f"【首问】{number} 轮到您办理：交办。"
    assert mail.outbox[0].body.splitlines()[1] == about


def test_a_message_says_nothing_that_its_recipient_may_not_see(
    play: Play, cast: Cast, now: Now, reach: Any, sms: Gateway
) -> None:
    """Told before they lost sight of it, sent after: neither category nor unit, and no link to it."""
    reach("yc.contact")
    matter = play.upto("delivered").matter
    Notification.objects.create(
        recipient=cast["yc.contact"], matter=matter, kind="to_do", facts={"verb": "hand_off"}, created_at=now.at
    )
    tasks.send_notifications()
    assert sms.texts == [f"【首问】{matter.number} 轮到您办理：交办。\nhttps://shouwen.example/inbox/"]


def test_a_group_reads_the_number_and_the_sentence(play: Play, settings: Any, reach: Any, gateway: Gateway) -> None:
    """Others than the recipient read it: neither category nor unit nor due instant."""
    robot = {"way": "accountability.notices.channels.robots.GroupRobots", "url": gateway.url}
    settings.CHANNELS, settings.NOTICE_CHANNELS = {"robot": robot}, {"clock": ("robot",)}
    reach()
    number = play.upto("delivered").matter.number
    tasks.send_notifications()
    assert [body["text"]["content"] for body in gateway.received] == [f"【首问】{number} 轮到您办理：交办。"]


def test_the_recipients_language_is_spoken(play: Play, reach: Any, sms: Gateway) -> None:
    reach(language="en")
    Unit.objects.filter(code="WH").update(name_en="Wuhan branch")
    number = play.upto("delivered").matter.number
    tasks.send_notifications()
    assert sms.texts[0].splitlines()[:2] == [
        f"[First Inquiry] {number} It is your turn: Hand over.",
        "Tariffs and charges · Wuhan branch · due 2026-11-24 09:30 Tue",
    ]


def test_without_a_name_of_its_own_the_system_gives_no_links(settings: Any, tell: Any, now: Now, sms: Gateway) -> None:
    settings.SITE_URL = ""
    tell()
    deliver(now.at)
    assert sms.texts == ["【首问】客服中心催办。"]


def test_numbers_are_masked_whatever_a_notice_holds(tell: Any, now: Now, sms: Gateway) -> None:
    tell(kind="to_do", verb="致电13871234567")
    deliver(now.at)
    assert sms.texts[0].splitlines()[0] == "【首问】轮到您办理：致电138****4567。"


# Storms


def test_few_notices_go_one_by_one(tell: Any, now: Now, sms: Gateway) -> None:
    tell(3)
    assert deliver(now.at) == 3
    assert len(sms.texts) == 3


def test_many_notices_go_as_one_digest(tell: Any, now: Now, sms: Gateway) -> None:
    tell(4)
    tell(2, kind="archived")
    assert deliver(now.at) == 1
    lines = [
        "【首问】您有 6 条新通知。",
        "客服中心催办。 ×4",
        "您转交的投诉已归档。 ×2",
        "https://shouwen.example/inbox/",
    ]
    assert sms.texts == ["\n".join(lines)]
    assert states() == ["sent"] * 6


def test_a_digest_names_the_most_frequent_and_counts_the_rest(tell: Any, now: Now, sms: Gateway) -> None:
    for place in range(7):
        tell(7 - place, kind="to_do", verb=f"v{place}")
    deliver(now.at)
    lines = sms.texts[0].splitlines()
    assert (lines[1], lines[5], lines[6]) == ("轮到您办理：v0。 ×7", "轮到您办理：v4。 ×3", "另有 3 条。")


def test_a_digest_names_what_is_there_once_and_the_earliest_due_instant_of_the_rest(
    play: Play, cast: Cast, now: Now, django_assert_num_queries: Any
) -> None:
    """In as many statements for many as for few; one too long for a robot leaves out what its matters are about."""
    complaints = [play.upto("delivered")]
    now.forward(minutes=5)
    complaints += [play.upto("delivered", phone=f"1390000000{place}") for place in range(3)]
    kinds = [
        ("to_do", {"verb": "hand_off"}),
        *[("warned", {"kind": "handoff", "percent": place}) for place in range(9)],
    ]
    rows = [
        Notification(recipient=cast["wh.contact"], matter=one.matter, kind=kind, facts=facts, created_at=now.at)
        for one in complaints for kind, facts in kinds
    ]  # fmt: skip
    reader = Reader("zh-hans", actor_for(cast["wh.contact"].pk, now.at))

    def written(*rows: Notification) -> list[str]:
        with django_assert_num_queries(2):
            text = compose(rows, key="k", address="a", reader=reader, at=now.at).text
        assert len(text.encode()) <= MOST_BYTES
        return text.splitlines()[1:]

    number, about = complaints[0].matter.number, "资费与收费争议 · 武汉分公司 · 时限 2026-11-24 09:30 周二"
    assert written(*rows[::10], rows[1]) == [
        "轮到您办理：交办。 ×4 最早时限 2026-11-24 09:30 周二",
        f"{number} “交办”时限已用去 0%。 {about}",
    ]
    assert [about in line for line in written(*rows[:6])[:5]] == [True] * 5
    head = Category.objects.create(name="大" * 30)
    Category.objects.filter(name="资费与收费争议").update(name="费" * 30, parent=head)
    Unit.objects.update(name="司" * 60)
    assert [line.partition("。 ")[2] for line in written(*rows[:6])[:5]] == ["时限 2026-11-24 09:30 周二"] * 5


def test_a_digest_of_very_many_only_counts_them(
    play: Play, cast: Cast, now: Now, django_assert_num_queries: Any
) -> None:
    """After an outage one message is about tens of thousands: nothing is looked up for each."""
    matter = play.upto("delivered").matter
    facts = {"verb": "hand_off"}
    rows = [
        Notification(recipient=cast["wh.contact"], matter=matter, kind="to_do", facts=facts, created_at=now.at)
        for _row in range(MOST_LOOKED_UP + 1)
    ]
    reader = Reader("zh-hans", actor_for(cast["wh.contact"].pk, now.at))
    for many, due in ((rows, ""), (rows[1:], " 最早时限 2026-11-24 09:30 周二")):
        with django_assert_num_queries(0 if many is rows else 2):
            text = compose(many, key="k", address="a", reader=reader, at=now.at).text
        assert text.splitlines()[:2] == [
            f"【首问】您有 {len(many)} 条新通知。",
            f"轮到您办理：交办。 ×{len(many)}{due}",
        ]


def test_a_storm_that_comes_drop_by_drop_is_gathered_too(tell: Any, now: Now, sms: Gateway) -> None:
    """Twenty notices, one each half minute: three messages at once, then one when the ten minutes are over."""
    for _n in range(20):
        tell()
        deliver(now.at)
        now.forward(seconds=30)
    assert len(sms.texts) == 3
    deliver(now.forward(seconds=1))
    assert [text.splitlines()[0] for text in sms.texts[3:]] == ["【首问】您有 17 条新通知。"]


def test_the_clock_is_gathered_for_two_minutes_only(tell: Any, now: Now, sms: Gateway) -> None:
    for _n in range(6):
        tell(kind="to_do", verb="hand_off")
        deliver(now.at)
    assert len(sms.texts) == 3
    deliver(now.forward(minutes=2))
    assert sms.texts[3].splitlines()[:2] == ["【首问】您有 3 条新通知。", "轮到您办理：交办。 ×3"]


def test_anothers_storm_holds_up_nobody(tell: Any, now: Now, reach: Any, sms: Gateway) -> None:
    reach("wh.zhang", {"mobile": "13800000002"})
    tell(50)
    tell(1, username="wh.zhang")
    assert deliver(now.at) == 2
    assert [body["to"] for body in sms.received] == ["13800000001", "13800000002"]


# Night


@pytest.mark.rule("R19")
def test_by_night_only_the_thirty_minute_clock_disturbs(tell: Any, now: Now, sms: Gateway) -> None:
    now.set("2026-11-24 22:00")
    tell()
    tell(kind="warned", percent=50, part=1)
    tell(kind="to_do", verb="hand_off")
    deliver(now.at)
    assert [text.splitlines()[0] for text in sms.texts] == ["【首问】轮到您办理：交办。"]
    assert deliver(now.set("2026-11-25 06:59:59")) == 0
    assert deliver(now.set("2026-11-25 07:00")) == 2


def test_a_failed_message_of_the_evening_waits_for_the_morning(tell: Any, now: Now, sms: Gateway) -> None:
    now.set("2026-11-24 21:59:30")
    sms.answers = [(503, {}), (200, {})]
    tell()
    assert [deliver(now.at), deliver(now.forward(minutes=5)), deliver(now.set("2026-11-25 07:00"))] == [0, 0, 1]


def test_what_was_read_by_then_is_not_sent(tell: Any, now: Now, sms: Gateway, client_for: Any) -> None:
    now.set("2026-11-24 23:00")
    tell(2)
    client_for("wh.contact").post(reverse("mark_read"))
    assert deliver(now.set("2026-11-25 07:00")) == 0
    assert (sms.texts, states()) == ([], ["dropped", "dropped"])


def test_whoever_has_left_or_took_their_number_away_is_not_written_to(
    tell: Any, cast: Cast, now: Now, reach: Any, sms: Gateway
) -> None:
    zhang = reach("wh.zhang", {"mobile": "13800000002"})
    tell()
    tell(username="wh.zhang")
    zhang.addresses = {}
    zhang.save()
    cast["wh.contact"].is_active = False
    cast["wh.contact"].save()
    assert (deliver(now.at), sms.texts, states()) == (0, [], ["dropped", "dropped"])


def test_a_failed_message_does_not_follow_whoever_has_left_or_read_it(
    tell: Any, cast: Cast, now: Now, reach: Any, sms: Gateway, client_for: Any
) -> None:
    sms.answers = [(503, {}), (200, {})]
    reach("wh.zhang", {"mobile": "13800000002"})
    tell()
    deliver(now.at)
    cast["wh.contact"].is_active = False
    cast["wh.contact"].save()
    assert (deliver(now.forward(minutes=5)), len(sms.received), states()) == (0, 1, ["dropped"])
    sms.answers = [(503, {}), (200, {})]
    tell(username="wh.zhang")
    deliver(now.at)
    client_for("wh.zhang").post(reverse("mark_read"))
    assert (deliver(now.forward(minutes=5)), len(sms.received), states()) == (0, 2, ["dropped", "dropped"])


# Failures


def test_a_failed_message_is_tried_again_with_the_same_key(tell: Any, now: Now, sms: Gateway) -> None:
    sms.answers = [(503, {}), (503, {}), (200, {})]
    tell()
    tried = [deliver(now.at)]
    tried += [deliver(now.forward(seconds=seconds)) for seconds in (59, 1, 119, 1)]
    assert tried == [0, 0, 0, 0, 1]
    found = Delivery.objects.get()
    assert (found.attempts, found.state, found.sent_at, found.problem) == (3, "sent", now.at, "")
    assert len({body["id"] for body in sms.received}) == 1


def test_a_rejected_message_is_not_tried_again_and_is_no_failure_of_the_channel(
    tell: Any, now: Now, sms: Gateway
) -> None:
    sms.answers = [(422, {}), (200, {})]
    tell(2)
    assert deliver(now.at) == 1
    assert (states(), Delivery.objects.earliest("pk").problem) == (["failed", "sent"], "HTTP 422")
    assert ChannelHealth.objects.filter(failures__gt=0).count() == 0


def test_one_persons_full_box_is_tried_again_and_holds_up_nobody(
    tell: Any, now: Now, reach: Any, sms: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A domain mistyped, say: it would have paused the channel for everybody, again and again, and raised its alarm."""
    reach("wh.zhang", {"mobile": "13800000002"})
    tell(3, username="wh.zhang")
    tell()
    real = http.SmsGateway.send

    def send(way: http.SmsGateway, message: Message) -> None:
        if message.address == "13800000002":
            raise Postponed("recipient later")
        real(way, message)

    monkeypatch.setattr(http.SmsGateway, "send", send)
    assert (deliver(now.at), states()) == (1, ["waiting"] * 3 + ["sent"])
    assert (ChannelHealth.objects.count(), Alarm.objects.count()) == (0, 0)


def test_a_dead_channel_is_asked_once_a_run(tell: Any, now: Now, reach: Any, sms: Gateway) -> None:
    sms.answers = [(503, {})]
    reach("wh.zhang", {"mobile": "13800000002"})
    reach("wh.li", {"mobile": "13800000003"})
    tell(3)
    tell(3, username="wh.zhang")
    tell(3, username="wh.li")
    assert (deliver(now.at), deliver(now.at), len(sms.received)) == (0, 0, 1)


def test_a_failing_channel_raises_one_alarm_until_it_works(
    tell: Any, cast: Cast, now: Now, sms: Gateway, client_for: Callable[[str], Client]
) -> None:
    sms.answers = [(503, {})]
    tell(2)
    raised = []
    for minutes in (0, 1, 2, 4, 5, 5):
        deliver(now.forward(minutes=minutes))
        raised.append(Alarm.objects.filter(key="channel:sms", kind="channel", cleared_at=None).count())
    assert raised == [0, 0, 1, 1, 1, 1]
    told = Notification.objects.filter(kind="channel_failed").values_list("recipient__username", "facts")
    assert list(told.order_by("recipient__username")) == [
        (username, {"channel": "sms"}) for username in ("sc.leader", "sc.officer", "sc.officer2")
    ]
    sentence = "“短信”发送失败，短信/邮件通知可能延迟，请检查该渠道。"
    page = client_for("sc.officer").get(reverse("alarms"))
    line = client_for("sj.system").get(reverse("operations")).context["alarms"][0]["text"]
    assert ([row["text"] for row in page.context["rows"]], line) == ([sentence], sentence)
    sms.answers = [(200, {})]
    deliver(now.forward(minutes=5))
    assert [Alarm.objects.get().cleared_at, ChannelHealth.objects.get().failures] == [now.at, 0]


def test_one_channels_failure_leaves_the_others_alone(settings: Any, tell: Any, now: Now, sms: Gateway) -> None:
    settings.CHANNELS |= {"email": {"way": "accountability.notices.channels.mail.Email"}}
    settings.NOTICE_CHANNELS = {"work": ("sms", "email")}
    sms.answers = [(503, {})]
    tell(2)
    assert (deliver(now.at), len(mail.outbox), len(sms.received)) == (2, 2, 1)


def test_a_message_is_given_up_after_eight_tries(tell: Any, now: Now, sms: Gateway) -> None:
    sms.answers = [(500, {})]
    tell()
    for _n in range(10):
        deliver(now.forward(minutes=65))
    found = Delivery.objects.get()
    assert (len(sms.received), found.state, found.problem) == (8, "failed", "HTTP 500")


def test_after_a_day_a_notice_is_no_news(tell: Any, now: Now, sms: Gateway) -> None:
    tell()
    deliver(now.forward(hours=24, seconds=1))
    assert (sms.received, states(), Delivery.objects.get().problem) == ([], ["failed"], "too old")


def test_a_notice_without_words_keeps_nobody_waiting(
    tell: Any, now: Now, sms: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(facts: Any) -> str:
        raise ValueError

    monkeypatch.setitem(NOTICES, "archived", Notice("archived", break_down))
    tell(kind="archived")
    tell()
    assert (deliver(now.at), states()) == (1, ["failed", "sent"])
    assert ChannelHealth.objects.filter(failures__gt=0).count() == 0


def test_an_address_that_cannot_be_opened_keeps_nobody_waiting(tell: Any, now: Now, reach: Any, sms: Gateway) -> None:
    """A sealed row that was put in another person's place."""
    other = reach("wh.zhang")
    tell()
    tell(username="wh.zhang")
    Preferences.objects.filter(employee__username="wh.contact").update(sealed=other.sealed)
    assert (deliver(now.at), states()) == (1, ["failed", "sent"])


def test_a_run_ends_in_time_for_the_sweep(tell: Any, now: Now, sms: Gateway) -> None:
    tell(3)
    assert (deliver(now.at, budget=0.0), states()) == (0, ["waiting"] * 3)


def test_an_exception_says_its_name_and_nothing_of_the_message(
    tell: Any, now: Now, sms: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(self: Any, message: Message) -> None:
        raise OSError(f"to {message.address}")

    monkeypatch.setattr(http.SmsGateway, "send", explode)
    tell()
    deliver(now.at)
    assert Delivery.objects.get().problem == "OSError"
    assert caplog.messages == ["channel sms: OSError (try 1)"]


def test_a_dead_channel_never_touches_an_act(
    play: Play, reach: Any, sms: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No verb sends: the gateway hears nothing until the task runs."""
    reach()
    sms.answers = [(503, {})]
    complaint = play.upto("accepted")
    assert (complaint.state, sms.received, Delivery.objects.count()) == ("dispatched", [], 0)
    assert Complaint.objects.count() == 1


# Claims


def test_a_claimed_message_is_nobody_elses(tell: Any, now: Now, sms: Gateway) -> None:
    tell(4)
    first = claim_next(now.at, ["sms"])
    assert first is not None
    assert (len(first.deliveries), claim_next(now.at, ["sms"])) == (4, None)
    assert claim_next(now.at + timedelta(minutes=4, seconds=59), ["sms"]) is None


def test_a_claim_whose_worker_died_is_taken_up_with_the_same_key(tell: Any, now: Now, sms: Gateway) -> None:
    tell()
    dead = claim_next(now.at, ["sms"])
    again = claim_next(now.forward(minutes=5), ["sms"])
    assert dead is not None
    assert again is not None
    assert (again.key, again.attempts) == (dead.key, 2)
    again.settle("sent", sent_at=now.at)
    dead.settle("failed", problem="late")
    assert states() == ["sent"]
