"""A call promised to the customer: whose it is, on whose desk, how it ends, where it goes when the work passes on."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accountability.gate.perform import perform
from accountability.models import Appointment, Employee, LedgerEntry, Notification
from accountability.organisation import succession
from accountability.organisation.importing.apply import apply
from accountability.organisation.importing.making import make_plan
from accountability.organisation.importing.tables import read
from accountability.organisation.succession import open_work
from accountability.permissions import CENTRE_ROLES
from complaints.models import Complaint
from tests.complaints.actions.test_phone_handover import told
from tests.complaints.actions.test_review import lists, page_of
from tests.factories import Now, Play
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


def test_a_leavers_call_is_open_work(play: Play) -> None:
    planned(play, "kf.agent", to="kf.agent2")
    leaver = play.cast["kf.agent2"]
    assert [str(work.role) for work in open_work({leaver.pk})[leaver.pk]] == ["回电人"]


WAYS: dict[str, Callable[[Play], object]] = {
    "dismissed": lambda play: play("dismiss", "sc.officer", employee="kf.agent2", reason="离职"),
    "gone by a list of people": lambda play: imported(play, "陈,KF,,离职"),
    "moved by a list of people": lambda play: imported(play, "陈,WH,,"),
    "moved": lambda play: play("update_employee", "sc.officer", employee="kf.agent2", unit="WH", reason="调动"),
    "service ended before today": lambda play: ended(play, "2026-11-23"),
    "service ends today": lambda play: ended(play, "2026-11-24"),
    "away until further notice": lambda play: away(play),
    "away beyond the day": lambda play: away(play, ends_at="2026-11-27 09:00"),
    "set inactive outside the verbs": lambda play: Employee.objects.filter(username="kf.agent2").update(
        is_active=False
    ),
    "removed outside the verbs": lambda play: Appointment.objects.filter(employee__username="kf.agent2").delete(),
}
"""How the person who promised a call stops being able to make it."""


def imported(play: Play, row: str) -> None:
    officer, at = play.cast["sc.officer"], play.now.at
    tables = list(read("x.csv", f"工号,姓名,单位,分管领导,在职状态\nkf.agent2,{row}\n".encode()))
    assert apply(make_plan(tables, by=officer, at=at, complete=False), by=officer, at=at, key="k") == []


def ended(play: Play, day: str) -> None:
    play("end_appointment", "sc.officer", employee="kf.agent2", role="agent", ends_on=day, reason="转岗")


def away(play: Play, **until: str) -> None:
    play("record_absence", "sc.officer", employee="kf.agent2", starts_at="2026-11-24 08:00", reason="病假", **until)


@pytest.mark.parametrize("way", WAYS)
def test_a_call_whose_person_cannot_make_it_passes_to_the_centre(play: Play, now: Now, way: str) -> None:
    complaint = planned(play, "kf.agent", to="kf.agent2")
    assert succession.sweep(now.at) == 0
    WAYS[way](play)
    instant = now.set("2026-11-25 00:01") if way == "service ends today" else now.at
    assert (succession.sweep(instant), succession.sweep(instant)) == (1, 0)
    assert promised(play.again(complaint)) == ("2026-11-26", "kf.agent")
    assert (told(complaint, "call_back"), told(complaint, "call_back_over")) == (
        {"kf.agent2", "kf.agent"},
        {"kf.agent2"},
    )
    asked = Notification.objects.unread().filter(matter=complaint.pk, kind="call_back", over_at=None)
    assert [row.recipient.username for row in asked] == ["kf.agent"]
    assert "finish_call_back" in lists(play, "kf.agent")
    passed = LedgerEntry.objects.get(matter=complaint.pk, verb="pass_on")
    assert passed.actor.username == "system"
    assert "move_call_back" not in lists(play, "kf.supervisor")


def test_it_passes_to_a_supervisor_where_the_complaints_agent_is_away_too(play: Play, now: Now) -> None:
    complaint = planned(play, "kf.agent")
    for username in ("kf.agent", "kf.agent2"):
        play("dismiss", "sc.officer", employee=username, reason="离职")
    assert succession.sweep(now.at) == 1
    assert promised(play.again(complaint)) == ("2026-11-26", "kf.supervisor")


def test_it_stays_in_the_agents_list_while_nobody_is_there(play: Play, now: Now) -> None:
    complaint = planned(play, "wh.zhang")
    play("dismiss", "sc.officer", employee="wh.zhang", reason="离职")
    Appointment.objects.filter(role__in=CENTRE_ROLES).exclude(employee__username="kf.supervisor").delete()
    play("record_absence", "sc.officer", employee="kf.supervisor", starts_at="2026-11-24 08:00", reason="病假")
    assert succession.sweep(now.at) == 0
    assert promised(play.again(complaint)) == ("2026-11-26", "wh.zhang")
    assert "move_call_back" in lists(play, "kf.supervisor")


def test_who_is_back_before_the_day_keeps_it(play: Play, now: Now) -> None:
    complaint = planned(play, "kf.agent", to="kf.agent2")
    away(play, ends_at="2026-11-25 18:00")
    assert succession.sweep(now.at) == 0
    assert (promised(play.again(complaint))[1], "move_call_back" in lists(play, "kf.agent")) == ("kf.agent2", True)


def test_a_handlers_call_stays_with_them_while_they_handle_it(play: Play, now: Now) -> None:
    complaint = planned(play)
    assert succession.sweep(now.at) == 0
    play("dismiss", "sc.officer", employee="wh.zhang", reason="离职")
    assert (succession.sweep(now.at), promised(play.again(complaint))[1]) == (1, "kf.agent")


def test_a_repliers_call_passes_when_they_leave(play: Play, now: Now) -> None:
    registered = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    complaint = play("plan_call_back", "yc.chen", registered, day="2026-11-26")
    assert succession.sweep(now.at) == 0
    play("dismiss", "sc.officer", employee="yc.chen", reason="离职")
    assert (succession.sweep(now.at), promised(play.again(complaint))[1]) == (1, "kf.agent")


def test_the_timeline_names_who_calls_instead(play: Play, now: Now, client_for: ClientFor) -> None:
    complaint = planned(play, "kf.agent", to="kf.agent2")
    WAYS["dismissed"](play)
    succession.sweep(now.at)
    page = client_for("kf.agent").get(f"/complaints/{complaint.matter.number}/").content.decode()
    names = {name: play.cast[name].name for name in ("kf.agent2", "kf.agent")}
    assert f"原回电人 {names['kf.agent2']} 不能回电，由 {names['kf.agent']} 回电" in page


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
