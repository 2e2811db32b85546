"""A call promised to the customer: whose it is, on whose desk, how it ends, where it goes when the work passes on."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accountability.gate.perform import perform
from accountability.models import Notification
from accountability.organisation.succession import open_work
from complaints.models import Complaint
from tests.complaints.actions.test_phone_handover import told
from tests.complaints.actions.test_review import lists, page_of
from tests.factories import Play
from tests.looking import refusal_of

ClientFor = Callable[[str], Client]
pytestmark = pytest.mark.rule("R23")


def planned(play: Play, by: str = "wh.zhang", to: str | None = None) -> Complaint:
    facts: dict[str, str] = {} if to is None else {"to": to}
    return play("plan_call_back", by, play.upto("accepted"), day="2026-11-26", **facts)


def promised(complaint: Complaint) -> tuple[str | None, str | None]:
    day, person = complaint.call_back_on, complaint.call_back_by
    return day.isoformat() if day else None, person.username if person else None


def on_desks(play: Play) -> set[str]:
    return {name for name in ("kf.agent", "kf.agent2", "wh.zhang", "wh.li") if "finish_call_back" in lists(play, name)}


def test_it_is_on_the_persons_desk_until_it_is_made(play: Play) -> None:
    complaint = planned(play, "kf.agent", to="kf.agent2")
    assert (told(complaint, "call_back"), on_desks(play)) == ({"kf.agent2"}, {"kf.agent2"})
    assert Notification.objects.get(kind="call_back").facts == {"day": "2026-11-26"}
    assert play.refused("finish_call_back", "kf.agent", complaint).code == "forbidden"
    assert play.refused("plan_call_back", "wh.zhang", complaint).code == "state"
    complaint = play("finish_call_back", "kf.agent2", complaint)
    assert (promised(complaint), on_desks(play), complaint.state) == ((None, None), set(), "dispatched")
    assert promised(play("plan_call_back", "wh.zhang", complaint, day="2026-11-24")) == ("2026-11-24", "wh.zhang")


def test_only_an_agent_gives_it_to_another_and_only_to_who_talks_with_the_customer(play: Play) -> None:
    complaint = play.upto("accepted")
    for by, to in (("wh.zhang", "wh.li"), ("wh.zhang", "kf.agent"), ("kf.agent", "wh.li"), ("kf.agent", "yc.chen")):
        assert set(play.refused("plan_call_back", by, complaint, to=to).fields) == {"to"}, (by, to)
    assert play.refused("plan_call_back", "wh.contact", complaint).code == "forbidden"
    assert promised(play("plan_call_back", "kf.agent", complaint, to="wh.zhang")) == ("2026-12-31", "wh.zhang")


@pytest.mark.parametrize("day", ["2026-11-23", "2027-02-23"])
def test_the_day_is_ahead_and_not_far(play: Play, day: str) -> None:
    assert set(play.refused("plan_call_back", "kf.agent", play.upto("accepted"), day=day).fields) == {"day"}


def test_it_is_moved_by_the_person_or_by_an_agent(play: Play) -> None:
    complaint = planned(play)
    assert set(play.refused("move_call_back", "wh.zhang", complaint, day="2026-11-26").fields) == {"day"}
    assert play.refused("move_call_back", "wh.contact", complaint).code == "forbidden"
    complaint = play("move_call_back", "wh.zhang", complaint, day="2026-11-27")
    assert promised(complaint) == ("2026-11-27", "wh.zhang")
    complaint = play("move_call_back", "kf.agent2", complaint, day="2026-11-27", to="kf.agent")
    assert (promised(complaint), told(complaint, "call_back_over")) == (("2026-11-27", "kf.agent"), {"wh.zhang"})
    assert on_desks(play) == {"kf.agent"}


def test_it_is_called_off(play: Play) -> None:
    complaint = play("cancel_call_back", "kf.agent", planned(play))
    assert (promised(complaint), told(complaint, "call_back_over")) == ((None, None), {"wh.zhang"})
    assert play.refused("cancel_call_back", "kf.agent", complaint).code == "state"


def test_a_leavers_call_is_open_work_that_an_agent_moves(play: Play) -> None:
    complaint = planned(play, "kf.agent", to="kf.agent2")
    leaver = play.cast["kf.agent2"]
    assert [str(work.role) for work in open_work({leaver.pk})[leaver.pk]] == ["回电人"]
    play("dismiss", "sc.officer", employee="kf.agent2", reason="离职")
    asked = Notification.objects.filter(kind="to_do", facts={"verb": "move_call_back"})
    assert [notice.recipient.username for notice in asked] == ["kf.supervisor"]
    assert ("move_call_back" in lists(play, "kf.agent"), "move_call_back" in lists(play, "wh.zhang")) == (True, False)
    moved = play("move_call_back", "kf.agent", play.again(complaint), day="2026-11-26", to="kf.agent")
    assert (promised(moved), "move_call_back" in lists(play, "kf.agent")) == (("2026-11-26", "kf.agent"), False)


def test_a_page_that_showed_another_plan_is_outdated(play: Play) -> None:
    complaint = planned(play)
    seen = complaint.shown_for("finish_call_back")
    moved = play("move_call_back", "kf.agent", complaint, day="2026-11-30")
    late = refusal_of(
        lambda: perform(
            moved, "finish_call_back", by=play.cast["wh.zhang"], at=play.now.at, seen=seen, result="已回电。"
        )
    )
    assert late.code == "stale"


def test_it_passes_with_the_work(play: Play) -> None:
    complaint = play("reassign", "wh.contact", planned(play))
    assert (promised(complaint), told(complaint, "call_back")) == (("2026-11-26", "wh.li"), {"wh.li"})
    returned = play("rule_on_return", "kf.agent", play("request_return", "wh.li", complaint))
    assert (promised(returned), on_desks(play)) == (("2026-11-26", "kf.agent"), {"kf.agent"})


def test_an_agents_own_stays_with_them_when_the_round_ends(play: Play) -> None:
    complaint = planned(play, "kf.agent2")
    judged = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
    assert promised(judged) == ("2026-11-26", "kf.agent2")


def test_it_passes_to_who_replies_instead(play: Play) -> None:
    registered = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    complaint = play("plan_call_back", "yc.chen", registered)
    complaint = play("reassign_reply", "kf.supervisor", complaint, to="yc.head")
    assert (promised(complaint)[1], told(complaint, "call_back")) == ("yc.head", {"yc.head"})


def test_it_ends_with_the_complaint(play: Play) -> None:
    complaint = play("withdraw", "kf.agent", planned(play))
    assert (promised(complaint), told(complaint, "call_back_over")) == ((None, None), {"wh.zhang"})
    assert told(complaint, "call_back") == set()


def test_the_page_tells_it_to_who_knows_the_present_and_the_desk_tells_the_day(
    play: Play, client_for: ClientFor
) -> None:
    complaint = planned(play, "kf.agent")
    sentence = "约定 2026-11-26 由"
    shown = {name: sentence in page_of(client_for(name), complaint) for name in ("kf.agent2", "wh.zhang")}
    assert shown == {"kf.agent2": True, "wh.zhang": True}
    assert "待回电 11-26" in client_for("kf.agent").get("/").content.decode()
    returned = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", complaint))
    assert sentence not in page_of(client_for("wh.zhang"), play("dispatch", "kf.agent", returned, unit="YC"))
