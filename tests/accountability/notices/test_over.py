"""Which notices are over, and which duty still stands: nobody loses word of what is owed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from accountability.gate import sweeper
from accountability.gate.changes import _End, _of_several_matters
from accountability.models import Alarm, Notification
from accountability.web import navigation
from complaints.models import Complaint
from tests.factories import Now, Play


def told(username: str, complaint: Complaint | None = None) -> list[str]:
    """The kinds of the person's open notices, with what they ask for."""
    found = Notification.objects.unread().filter(recipient__username=username)
    found = found.filter(matter=complaint.pk) if complaint else found
    return sorted(" ".join(filter(None, (one.kind, one.facts.get("verb") or one.facts.get("kind")))) for one in found)


def test_a_missed_limit_is_told_until_it_is_met_whatever_else_is_done(play: Play, now: Now) -> None:
    """R19: the handler takes the complaint up an hour after the answer was due; the answer is still owed."""
    complaint = play.upto("handed_off")
    sweeper.sweep(now.forward(hours=40))
    assert {"missed handling", "overdue handling"} <= set(told("wh.leader", complaint))
    complaint = play("accept", "wh.zhang", complaint)
    assert {"missed handling", "overdue handling"} <= set(told("wh.leader", complaint))
    assert "missed handling" in told("wh.head", complaint)
    complaint = play("answer", "wh.zhang", complaint)
    assert [kind for kind in told("wh.leader", complaint) if "handling" in kind] == []


def test_a_unit_that_convenes_takes_nothing_from_the_marketing_department(play: Play) -> None:
    """R14 and R29 are two duties of two people under one verb."""
    complaint = play.upto("accepted", flags=["major"])
    assert "coordinate" in told("sc.officer", complaint)
    complaint = play("convene", "wh.zhang", complaint, units=["YC"])
    assert "coordinate" in told("sc.officer", complaint)


def test_who_keeps_the_complaint_is_asked_for_the_next_act_that_another_left_them(play: Play) -> None:
    complaint = play.upto("answered")
    assert told("kf.agent", complaint) == ["to_do judge_complete"]
    complaint = play("judge_complete", "kf.agent2", complaint)
    assert (complaint.matter.holder.username, told("kf.agent", complaint)) == ("kf.agent", ["to_do reply"])


def test_who_leaves_themselves_the_next_act_isnt_told_of_it(play: Play) -> None:
    complaint = play("judge_complete", "kf.agent", play.upto("answered"))
    assert told("kf.agent", complaint) == []


def test_an_act_that_moves_nothing_ends_no_notice_that_it_doesnt_answer(play: Play) -> None:
    """The agent chases without having seen that more time was asked for."""
    complaint = play("request_extension", "wh.zhang", play.upto("accepted"))
    complaint = play("chase", "kf.agent", complaint)
    assert "extension_asked" in told("kf.agent", complaint)


def test_a_call_told_by_telephone_leaves_the_hand_over_asked_for(play: Play, now: Now) -> None:
    """R19, R20: until the person confirms, it runs as if nothing had been recorded."""
    complaint = play.upto("delivered")
    complaint = play(
        "record_told", "wh.contact", complaint, to="wh.zhang", happened="2026-11-24 09:10", at=now.forward(minutes=15)
    )
    assert "to_do hand_off" in told("wh.contact", complaint)


def test_a_call_back_that_moved_is_asked_of_its_new_person_alone(play: Play, now: Now) -> None:
    complaint = play("plan_call_back", "kf.agent", play.upto("handed_off"), day=now.at.date())
    complaint = play("move_call_back", "kf.agent", complaint, day=now.at.date(), to="kf.supervisor", reason="换班")
    assert ("call_back" in told("kf.agent"), "call_back" in told("kf.supervisor")) == (False, True)


@pytest.fixture
def shown(client_for: Callable[[str], Client]) -> Callable[[], list[tuple[str, bool]]]:
    def lines() -> list[tuple[str, bool]]:
        page = client_for("sc.officer").get("/preferences/")
        return [(line["text"], line["is_new"]) for line in page.context["alarms"]]

    return lines


def ring(now: Now, kind: str, number: int = 1) -> None:
    for _time in range(number):
        key = f"{kind}:{Alarm.objects.count()}"
        Alarm.objects.create(key=key, kind=kind, facts={"year": 2027}, since=now.at, raised_at=now.at)


def fold(client: Client) -> None:
    client.post("/inbox/read/", {"alarms": str(client.get("/preferences/").context["new_alarm"])})


def test_the_line_that_comes_back_says_what_is_new(
    play: Play, now: Now, client_for: Callable[[str], Client], shown: Callable[[], list[tuple[str, bool]]]
) -> None:
    ring(now, "calendar")
    fold(client_for("sc.officer"))
    assert [new for _text, new in shown()] == [False]
    ring(now, "waiting")
    assert [new for _text, new in shown()] == [True, False]
    assert shown()[0][0] == "1 件投诉等待过久。"


def test_many_of_one_kind_hide_no_new_alarm_of_another(
    play: Play, now: Now, client_for: Callable[[str], Client], shown: Callable[[], list[tuple[str, bool]]]
) -> None:
    ring(now, "criticism", navigation.MOST)
    fold(client_for("sc.officer"))
    ring(now, "criticism")
    ring(now, "material")
    assert [new for _text, new in shown()] == [True, True]


def test_of_notices_that_are_over_those_stay_that_are_still_asked(play: Play) -> None:
    """Of the holder what the matter awaits; of anybody a limit that is still owed."""
    matter, cast = play.upto("registered").matter, play.cast
    holder, other = cast["kf.agent"].pk, cast["kf.agent2"].pk
    Notification.objects.all().delete()
    for who, kind, facts in (
        (holder, "to_do", {"verb": "dispatch"}),
        (holder, "to_do", {"verb": "reply"}),
        (other, "to_do", {"verb": "dispatch"}),
        (other, "missed", {"kind": "handling"}),
        (other, "missed", {"kind": "handoff"}),
        (other, "joint", {}),
    ):
        Notification.objects.create(matter=matter, recipient_id=who, kind=kind, facts=facts, created_at=play.now.at)
    end = _End((matter.pk,), ("to_do", "missed"), holder=holder, awaits="dispatch", owed=("handling",))
    over = Notification.objects.filter(end.condition).order_by("pk")
    assert [(one.recipient_id, *one.facts.values()) for one in over] == [
        (holder, "reply"), (other, "dispatch"), (other, "handoff")
    ]  # fmt: skip


def test_ends_that_differ_in_more_than_their_matter_are_kept_apart() -> None:
    """Joined, one's notice that is still asked would be over by another's matter."""
    alike = [_End((matter,), ("to_do",), holder=7, awaits="reply") for matter in (1, 2)]
    others = [
        replace(alike[0], matters=(3,), **differs)
        for differs in (
            {"holder": 8}, {"awaits": "answer"}, {"owed": ("handling",)}, {"by": 7}, {"to": 7}, {"kinds": ("missed",)}
        )
    ]  # fmt: skip
    assert _of_several_matters([*alike, *others]) == [replace(alike[0], matters=(1, 2)), *others]
