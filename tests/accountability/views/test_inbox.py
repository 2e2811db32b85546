"""Notices in words, marked read by their reader alone; alarms for those who look after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate import sweeper
from accountability.models import Alarm, Deadline, Notification
from accountability.monitoring import reminders
from accountability.web import noticed, standing_statements
from tests.factories import Cast, Now, Play


def texts(response: Any) -> list[str]:
    return [one["text"] for line in response.context["notices"] for one in (line, *line["earlier"])]


def test_the_newest_notice_comes_first_in_words(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    play("chase", "kf.agent", complaint)
    assert texts(client_for("wh.contact").get(reverse("inbox"))) == ["客服中心催办。", "轮到您办理：交办。"]


def test_a_notice_leads_to_the_complaint(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    page = client_for("wh.contact").get(reverse("inbox"))
    assert page.context["notices"][0]["url"] == reverse("complaint", args=[complaint.matter.number])


def test_who_was_let_go_of_is_told_and_led_nowhere(
    play: Play, now: Now, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    complaint = play("record_told", "wh.contact", play.upto("delivered"), happened=now.at)
    play("recall", "kf.agent", complaint)
    page = client_for("wh.zhang").get(reverse("inbox"))
    assert texts(page) == ["派单已撤回（第 1 轮），无需再办。", "轮到您办理：确认电话交办。"]
    lines = page.context["notices"]
    assert complaint.matter.number in page.content.decode()
    assert reverse("complaint", args=[complaint.matter.number]) not in page.content.decode()
    assert {line["url"] for line in lines} == {""}
    assert [(line["named"], line["due"]) for line in lines] == [([], None)]
    assert client_for("wh.contact").get(reverse("inbox")).context["notices"][0]["url"] != ""


def test_one_notice_is_read_at_the_instant_of_the_request(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    play.upto("delivered")
    play.upto("delivered")
    first, second = Notification.objects.filter(recipient__username="wh.contact").order_by("pk")
    client_for("wh.contact").post(reverse("mark_read"), {"notice": first.pk})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.read_at, second.read_at) == (now.at, None)


def test_all_are_read_at_once_and_nobody_elses(play: Play, client_for: Callable[[str], Client]) -> None:
    play.upto("handed_off")
    client_for("wh.contact").post(reverse("mark_read"))
    others = Notification.objects.filter(recipient__username__in=("wh.zhang", "wh.leader"), read_at=None)
    assert (unread("wh.contact"), others.count()) == (0, 2)


@pytest.mark.parametrize("wanted", ["x", "²", "-1", "99999999999999999999999", "9" * 5000, "1 or 1=1"])
def test_a_strange_number_marks_nothing(play: Play, client_for: Callable[[str], Client], wanted: str) -> None:
    play.upto("delivered")
    response = client_for("wh.contact").post(reverse("mark_read"), {"notice": wanted})
    assert (response.status_code, Notification.objects.exclude(read_at=None).count()) == (302, 0)


@pytest.mark.parametrize("back", ["//elsewhere.example", "https://elsewhere.example/", "nonsense", "home", "%00"])
def test_a_reader_is_led_back_to_a_path_of_ours_alone(
    cast: Cast, client_for: Callable[[str], Client], back: str
) -> None:
    assert client_for("wh.contact").post(reverse("mark_read"), {"next": back}).headers["Location"] == reverse("inbox")


def test_anothers_notice_is_left_alone(play: Play, client_for: Callable[[str], Client]) -> None:
    play.upto("delivered")
    mine = Notification.objects.get(recipient__username="wh.contact")
    client_for("yc.contact").post(reverse("mark_read"), {"notice": mine.pk})
    mine.refresh_from_db()
    assert mine.read_at is None


def test_after_marking_one_comes_back_to_this_system_only(play: Play, client_for: Callable[[str], Client]) -> None:
    client = client_for("wh.contact")
    assert client.post(reverse("mark_read"), {"next": "/inbox/?unread=1"}).headers["location"] == "/inbox/?unread=1"
    assert client.post(reverse("mark_read"), {"next": "https://evil.example/"}).headers["location"] == "/inbox/"


def test_the_unread_alone(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    client = client_for("wh.contact")
    client.post(reverse("mark_read"))
    play("chase", "kf.agent", complaint)
    assert texts(client.get(reverse("inbox"), {"unread": "1"})) == ["客服中心催办。"]
    assert len(texts(client.get(reverse("inbox")))) == 2


def test_a_matter_has_one_line_that_names_category_unit_and_due_instant(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint, other = play.upto("delivered"), play.upto("delivered", phone="13900000001")
    play("chase", "kf.agent", complaint)
    page = client_for("wh.contact").get(reverse("inbox"))
    lines = page.context["notices"]
    assert [line["row"].matter_id for line in lines] == [complaint.pk, other.pk]
    assert [(line["text"], len(line["earlier"])) for line in lines] == [
        ("客服中心催办。", 1),
        ("轮到您办理：交办。", 0),
    ]
    due = Deadline.objects.get(matter=other.pk, kind="handoff").due_at
    assert (lines[1]["named"], lines[1]["due"]) == ([str(complaint.category), "武汉分公司"], due)
    assert "2026-11-24 09:30 周二</time>" in page.content.decode()


def test_the_unit_of_an_earlier_round_learns_nothing_of_the_present_one(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    complaint = play("request_return", "wh.contact", play.upto("delivered"))
    play("dispatch", "kf.agent", play("rule_on_return", "kf.agent", complaint), unit="YC")
    named = {who: client_for(who).get(reverse("inbox")).context["notices"][0]["named"] for who in UNITS_AND_CENTRE}
    assert ["宜昌分公司" in said for said in named.values()] == [False, True, True]


UNITS_AND_CENTRE = ("wh.contact", "yc.contact", "kf.agent")


def unread(username: str) -> int:
    return Notification.objects.unread().filter(recipient__username=username).count()


@pytest.mark.parametrize("page", ["", "hand_off/"])
def test_who_opens_a_complaint_has_read_of_it(play: Play, client_for: Callable[[str], Client], page: str) -> None:
    complaint, other = play.upto("delivered"), play.upto("delivered", phone="13900000001")
    client, place = client_for("wh.contact"), f"/complaints/{complaint.matter.number}/{page}"
    client.get(place, headers={"X-Poll": "1"})
    assert (unread("wh.contact"), client.get(place).context["unread_count"]) == (2, 1)
    assert set(
        Notification.objects.unread().filter(recipient__username="wh.contact").values_list("matter", flat=True)
    ) == {other.pk}
    assert unread("wh.deputy") == 2


def test_what_is_done_is_counted_no_more_whoever_did_it(play: Play, now: Now) -> None:
    """The deputy hands over: the contact is asked for nothing any more, nor is the head told of a missed limit."""
    complaint, other = play.upto("delivered"), play.upto("delivered", phone="13900000001")
    sweeper.sweep(now.forward(minutes=31))
    assert [unread(who) for who in ("wh.contact", "wh.deputy", "wh.head")] == [6, 2, 4]
    play("hand_off", "wh.deputy", complaint)
    assert [unread(who) for who in ("wh.contact", "wh.deputy", "wh.head")] == [3, 1, 2]
    assert set(Notification.objects.filter(over_at=now.at).values_list("matter", "read_at")) == {(complaint.pk, None)}
    assert unread("wh.zhang") == 1
    play("accept", "wh.zhang", complaint)
    assert unread("wh.zhang") == 0
    assert Notification.objects.unread().filter(matter=other.pk, kind="to_do").count() == 2


def test_news_are_counted_until_they_are_read_and_a_promise_until_it_is_kept(play: Play, now: Now) -> None:
    complaint = play.upto("handed_off")
    play("accept", "wh.zhang", complaint)
    assert Notification.objects.unread().filter(recipient__username="wh.leader", kind="joint").count() == 1
    complaint = play("plan_call_back", "kf.agent", complaint, day=now.at.date(), to="kf.supervisor")
    complaint = play("answer", "wh.zhang", complaint)
    asked = Notification.objects.unread().filter(kind="call_back")
    assert asked.count() == 1
    play("finish_call_back", "kf.supervisor", complaint)
    assert asked.count() == 0


def test_an_empty_inbox_says_what_will_come(client_for: Callable[[str], Client]) -> None:
    assert "还没有通知" in client_for("sj.plain").get(reverse("inbox")).content.decode()


def test_the_bell_counts_what_is_unread(play: Play, client_for: Callable[[str], Client]) -> None:
    play.upto("delivered")
    play.upto("delivered")
    assert client_for("wh.contact").get(reverse("units")).context["unread_count"] == 2


def test_the_bell_counts_matters_not_notices(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    play("chase", "kf.agent", complaint)
    client = client_for("wh.contact")
    assert (unread("wh.contact"), client.get(reverse("units")).context["unread_count"]) == (2, 1)
    newest = client.get(reverse("inbox")).context["notices"][0]["row"]
    client.post(reverse("mark_read"), {"notice": newest.pk})
    assert unread("wh.contact") == 0


def test_the_number_of_queries_is_the_same_for_many_matters(play: Play, client_for: Callable[[str], Client]) -> None:
    client, counts = client_for("wh.contact"), []
    for number in range(5):
        complaint = play.upto("delivered", phone=f"1390000000{number}")
        play("chase", "kf.agent", complaint)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("inbox"))
        counts.append(len(found))
    assert counts[1:] == [counts[1]] * 4


def fill(cast: Cast, now: Now, count: int) -> None:
    Notification.objects.bulk_create(
        Notification(recipient=cast["sj.auditor"], kind="no_contact", created_at=now.at) for _n in range(count)
    )
    Alarm.objects.bulk_create(
        Alarm(key=f"waiting:{n}", kind="waiting", since=now.at, raised_at=now.at, facts={"awaits": "dispatch"})
        for n in range(count)
    )


@pytest.mark.parametrize("name", ["inbox", "alarms", "home"])
def test_the_number_of_queries_is_constant(
    name: str, cast: Cast, now: Now, client_for: Callable[[str], Client]
) -> None:
    client, counts = client_for("sj.auditor"), []
    client.get(reverse(name))
    for rows in (1, 10, 100):
        Notification.objects.all().delete()
        Alarm.objects.all().delete()
        fill(cast, now, rows)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse(name))
        counts.append(len(found))
    assert counts == [counts[0]] * 3


def test_pages_follow_each_other_by_key(cast: Cast, now: Now, client_for: Callable[[str], Client]) -> None:
    fill(cast, now, 60)
    client, seen, address = client_for("sj.auditor"), [], reverse("inbox")
    while address:
        page = client.get(address).context["page"]
        seen += [row.pk for row in page.rows]
        address = f"{reverse('inbox')}?after={page.after}" if page.after else ""
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 60


def test_what_waits_too_long_is_listed_the_longest_first(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    first = play.upto("registered")
    now.forward(minutes=30)
    second = play.upto("registered")
    reminders.raise_alarms(now.forward(hours=5))
    rows = client_for("sc.officer").get(reverse("alarms")).context["rows"]
    assert [row["alarm"].matter_id for row in rows] == [first.pk, second.pk]
    assert [row["text"] for row in rows] == ["等待过久，仍待办理：派单。"] * 2


def test_an_alarm_that_is_over_stands_among_all(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("registered")
    reminders.raise_alarms(now.forward(hours=5))
    play("dispatch", "kf.agent", complaint)
    client = client_for("kf.supervisor")
    assert [client.get(reverse("alarms"), query).context["rows"] != [] for query in ({}, {"all": "1"})] == [False, True]


@pytest.mark.rule("R17")
def test_a_head_opens_the_alarms_of_the_own_unit_alone(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    """What waits in another unit, at the centre, or for a reply of a colleague is not theirs to see."""
    mine = play.upto("delivered")
    play("dispatch", "kf.agent", play.upto("registered", phone="13900000001"), unit="YC")
    play.upto("registered", phone="13900000002")
    colleagues = play("register", "kf.agent", play("forward", "wh.li", tier="vip", phone="13900000003"))
    play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", colleagues))
    reminders.raise_alarms(now.forward(days=5))
    assert Alarm.objects.filter(kind="waiting", unit__code="WH").count() == 2
    rows = client_for("wh.head").get(reverse("alarms")).context["rows"]
    assert [(row["alarm"].matter_id, row["url"]) for row in rows] == [(mine.pk, f"/complaints/{mine.matter}/")]
    statuses = {who: client_for(who).get(reverse("alarms")).status_code for who in ("wh.contact", "wh.leader")}
    assert statuses == {"wh.contact": 403, "wh.leader": 403}


def test_a_head_hears_of_criticism_when_it_is_decided_not_before(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    play.upto("accepted")
    sweeper.sweep(now.forward(days=20))
    assert Alarm.objects.filter(kind="criticism", unit__code="WH").exists()
    assert client_for("wh.head").get(f"{reverse('alarms')}?all=1").context["rows"] == []


def test_the_second_page_of_the_unread_has_unread_ones_alone(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    for place in range(28):
        play.upto("delivered", phone=f"139{place:08d}")
    mine = Notification.objects.filter(recipient__username="wh.contact").order_by("pk")
    mine.filter(pk=mine[0].pk).update(read_at=now.at)
    client = client_for("wh.contact")
    first = client.get(reverse("inbox"), {"unread": "1"})
    second = client.get(reverse("inbox"), {"unread": "1", "after": first.context["page"].after})
    pks = [line["row"].pk for page in (first, second) for line in page.context["notices"]]
    assert pks == list(mine.filter(read_at=None).order_by("-pk").values_list("pk", flat=True))


def test_the_earlier_notices_of_a_matter_are_its_newest_first(
    play: Play, now: Now, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many there are at most stands in the text that is kept."""
    found = play.upto("delivered")
    for _turn in range(3):
        now.forward(minutes=10)
        found = play("chase", "kf.agent", found)
    mine = list(
        Notification.objects.filter(recipient__username="wh.contact").order_by("-pk").values_list("pk", flat=True)
    )
    client = client_for("wh.contact")

    def earlier() -> list[int]:
        return [one["row"].pk for one in client.get(reverse("inbox")).context["notices"][0]["earlier"]]

    assert earlier() == mine[1:]
    monkeypatch.setattr(noticed, "MOST_EARLIER", 2)
    standing_statements._kept.cache_clear()
    try:
        assert earlier() == mine[1:3]
    finally:
        standing_statements._kept.cache_clear()
