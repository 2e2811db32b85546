"""The desk: what waits for whom, in which order, and how much of it can be done in place."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import Employee, actor_for
from accountability.permissions import Actor
from accountability.tasks import sweep
from complaints.lists import desk as desk
from complaints.lists import worklists
from complaints.lists.worklists import lines, lists_of
from complaints.models import State


def actor_of(person: Employee, now) -> Actor:
    actor = actor_for(person.pk, now.at)
    assert actor is not None
    return actor


def waiting(cast, now, username: str) -> dict[str, list[str]]:
    """The numbers on somebody's desk, by list; empty lists left out."""
    actor = actor_of(cast[username], now)
    found = [section for section in desk.sections(actor, now.at) if section.total]
    known = desk.lines_by_id(actor, now.at, {key for section in found for key in section.first})
    return {s.work.name: [str(known[key].complaint.matter) for key in s.first] for s in found}


def test_everybody_finds_the_step_that_waits_for_them(cast, now, play):
    by_state = {
        name: play.upto(name, phone=f"1387000{place:04d}").matter.number
        for place, name in enumerate(
            (
                "forwarded",
                "registered",
                "delivered",
                "reported",
                "handed_off",
                "accepted",
                "return_requested",
                "answered",
            )
        )
    }
    assert waiting(cast, now, "kf.agent") == {
        "register": [by_state["forwarded"]],
        "dispatch": [by_state["registered"]],
        "rule_on_return": [by_state["return_requested"]],
        "judge_complete": [by_state["answered"]],
    }
    assert waiting(cast, now, "wh.contact")["hand_off"] == [by_state["delivered"]]
    assert waiting(cast, now, "wh.leader")["name_handler"] == [by_state["reported"]]
    assert waiting(cast, now, "wh.zhang") == {"accept": [by_state["handed_off"]], "answer": [by_state["accepted"]]}
    assert waiting(cast, now, "yc.chen") == {"forwarded": [by_state["forwarded"]]}
    assert waiting(cast, now, "yc.contact") == {}
    assert len(waiting(cast, now, "wh.head")["unit"]) == 6
    assert len(waiting(cast, now, "wh.leader")["joint"]) == 4


def test_after_the_answer_the_centre_replies_asks_and_decides(cast, now, play):
    completed, replied = play.upto("completed"), play.upto("replied", phone="13900000001")
    unsatisfied = play("record_satisfaction", "kf.agent", play.upto("replied", phone="13900000002"), satisfied=False)
    assert waiting(cast, now, "kf.agent2") == {
        "reply": [completed.matter.number],
        "record_satisfaction": [replied.matter.number],
        "decide": [unsatisfied.matter.number],
    }


@pytest.mark.rule("R34")
def test_a_forwarder_who_owes_the_reply_finds_it_on_the_desk_and_the_centre_does_not(cast, now, play):
    complaint = play.upto("forwarded", tier="vip")
    complaint = play("register", "kf.agent", complaint)
    complaint = play("handle_directly", "kf.agent", complaint)
    complaint = play("judge_complete", "kf.agent", complaint)
    assert waiting(cast, now, "yc.chen")["reply_forwarded"] == [complaint.matter.number]
    assert "reply" not in waiting(cast, now, "kf.agent")


@pytest.mark.rule("R17")
def test_where_a_unit_has_no_contact_its_head_hands_over(cast, now, play):
    complaint = play("dispatch", "kf.agent", play.upto("registered"), unit="ZD")
    assert waiting(cast, now, "zd.head")["hand_off"] == [complaint.matter.number]
    assert waiting(cast, now, "zd.zhou") == {}


@pytest.mark.rule("R12")
def test_urgent_first_then_escalated_and_repeated_then_by_time(cast, now, play):
    later = play.upto("registered", priority="P2", phone="13900000001", at="2026-11-24 08:10")
    sooner = play.upto("registered", priority="P2", phone="13900000002", at="2026-11-24 08:00")
    ordinary = play.upto("registered", phone="13900000003", at="2026-11-23 08:00")
    escalated = play.upto("registered", channel="superior", phone="13900000004", at="2026-11-24 08:30")
    urgent = play.upto("registered", priority="P1", phone="13900000005", at="2026-11-24 08:40")
    numbers = [c.matter.number for c in (urgent, escalated, sooner, later, ordinary)]
    assert waiting(cast, now, "kf.agent")["dispatch"] == numbers


def test_what_only_a_supervisor_may_rule_on_stands_in_a_supervisors_list_alone(cast, now, play):
    delivered = play.upto("delivered", priority="P1", at="2026-11-24 08:00")
    late = play("request_return", "wh.contact", delivered, at="2026-11-24 09:00:01")
    now.set("2026-11-24 09:10")
    assert "rule_on_return" not in waiting(cast, now, "kf.agent")
    assert waiting(cast, now, "kf.supervisor")["rule_on_return"] == [late.matter.number]


def test_mine_leaves_what_i_registered_or_dispatched(cast, now, play):
    mine = play.upto("registered")
    play("register", "kf.agent2", phone="13900000001")
    found = desk.sections(actor_of(cast.kf_agent, now), now.at, mine=True)
    assert [key for section in found for key in section.first] == [mine.pk]


def test_marketing_and_auditors_see_what_is_coordinated_and_overdue(cast, now, play):
    major = play.upto("delivered", flags=["major"], at="2026-11-24 08:00")
    now.set("2026-11-24 08:30:00.000001")
    assert waiting(cast, now, "sc.officer") == {
        "coordinated": [major.matter.number], "overdue": [major.matter.number],
    }  # fmt: skip
    assert waiting(cast, now, "sj.auditor") == {"overdue": [major.matter.number]}


def test_counts_tell_late_and_warned(cast, now, play):
    play.upto("delivered", at="2026-11-24 08:00")
    play.upto("delivered", phone="13900000001", at="2026-11-24 08:20")
    play.upto("delivered", phone="13900000002", at="2026-11-24 08:39")
    now.set("2026-11-24 08:40")
    sweep()
    (section,) = (s for s in desk.sections(actor_of(cast.wh_contact, now), now.at) if s.work.name == "hand_off")
    assert (section.count, section.counts) == ("3", {"late": 1, "warn": 1, "ok": 1})


def test_a_count_goes_no_further_than_99(cast, now, play, monkeypatch):
    monkeypatch.setattr("complaints.lists.desk.AT_MOST", 3)
    monkeypatch.setattr("accountability.web.desk.AT_MOST", 3)
    for place in range(4):
        play.upto("registered", phone=f"1390000{place:04d}")
    section = next(s for s in desk.sections(actor_of(cast.kf_agent, now), now.at) if s.work.name == "dispatch")
    assert (section.total, section.count) == (3, "2+")


# What a line tells


def line_for(cast, now, complaint, username: str):
    actor = actor_of(cast[username], now)
    (found,) = worklists.for_lines(type(complaint).objects.visible_to(actor)).filter(pk=complaint.pk)
    return lines([found], actor, now.at)[0]


def test_a_line_masks_the_customer(cast, now, play, client_for):
    play.upto("delivered")
    page = client_for("wh.contact").get("/").content.decode()
    assert "王**" in page
    assert "王建国" not in page
    assert "13871234567" not in page


def test_a_unit_whose_round_is_over_learns_nothing_of_the_next_units(cast, now, play):
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    complaint = play("hand_off", "yc.contact", complaint, to="yc.chen")
    line = line_for(cast, now, complaint, "wh.contact")
    assert (line.knows_intake, line.knows_present, line.clock) == (True, False, None)
    assert [(kind, value) for kind, value, _label in line.badges] == [
        ("priority", "P3"),
        ("complaint", State.DISPATCHED),
    ]


def test_the_next_unit_is_not_named_on_the_first_units_pages(cast, now, play, client_for):
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    complaint = play("hand_off", "yc.contact", complaint, to="yc.chen")
    page = client_for("wh.contact").get("/complaints/").content.decode()
    assert complaint.matter.number in page
    assert cast.yc_chen.name not in page
    assert cast.unit("YC").name not in page


def test_a_forwarder_learns_neither_category_nor_urgency(cast, now, play):
    complaint = play("register", "kf.agent", play.upto("forwarded"))
    complaint = play("dispatch", "kf.agent", complaint)
    line = line_for(cast, now, complaint, "yc.chen")
    assert (line.category, line.clock) == ("", None)
    assert [(kind, value) for kind, value, _label in line.badges] == [("complaint", State.DISPATCHED)]


def test_a_line_shows_the_limit_of_the_next_step(cast, now, play):
    complaint = play.upto("delivered", at="2026-11-24 08:40")
    clock = line_for(cast, now, complaint, "wh.contact").clock
    assert clock is not None
    assert (clock.kind, clock.due_at - clock.started_at) == ("handoff", timedelta(minutes=30))


def test_a_line_in_the_list_of_late_ones_shows_what_is_late(cast, now, play):
    """A network complaint may be answered for days yet, while its first reply is overdue."""
    complaint = play.upto("accepted", category="网络质量", at="2026-11-24 08:40")
    now.set("2026-11-26 08:40:01")
    clock = line_for(cast, now, play.again(complaint), "sc.officer").clock
    assert (clock.kind, clock.due_at) == ("first_reply", now.at - timedelta(seconds=1))


def test_who_confirms_a_call_is_told_when_it_is_said_to_have_been(play, client_for):
    play("record_told", "wh.contact", play.upto("delivered"), happened="2026-11-24 09:00", at="2026-11-24 09:10")
    assert "登记的电话交办时刻：2026-11-24 09:00" in client_for("wh.zhang").get("/").content.decode()


def test_a_ruling_that_was_missed_presses_nobody(cast, now, play):
    complaint = play.upto("return_requested", at="2026-11-24 06:00")
    now.set("2026-11-24 08:30")
    sweep()
    line = line_for(cast, now, play.again(complaint), "wh.zhang")
    assert (line.tone, {deadline.kind for deadline in line.deadlines}) == ("", {"handling", "first_reply", "legal"})


def test_what_was_missed_in_a_round_that_is_over_presses_nobody(cast, now, play):
    complaint = play.upto("delivered", at="2026-11-24 08:00")
    complaint = play("request_return", "wh.contact", complaint, at="2026-11-24 08:40")
    complaint = play("rule_on_return", "kf.agent", complaint, at="2026-11-24 08:50")
    line = line_for(cast, now, complaint, "kf.agent")
    assert (line.tone, {deadline.kind for deadline in line.deadlines}) == ("", {"first_reply", "legal"})


def test_an_archived_complaint_has_no_clock(cast, now, play):
    archived = play.upto("archived", category="网络质量/掉话", at="2026-11-02 08:00")
    line = line_for(cast, now, archived, "kf.agent")
    assert (line.tone, line.clock) == ("", None)


# The page


def test_a_contact_hands_over_from_the_desk(cast, play, client_for):
    complaint = play.upto("delivered")
    client = client_for("wh.contact")
    page = client.get("/")
    form, address = page.context["desk"][0].rows[0].forms[0], f"/complaints/{complaint.matter.number}/hand_off/"
    assert f'action="{address}"' in page.content.decode()
    assert form.alike.form["method"].value() == "system"
    typed = {
        "_key": form.own.key,
        "_seen": form.own.seen,
        "to": "wh.zhang",
        "method": "system",
    }
    assert client.post(address, typed).status_code == 302
    assert play.again(complaint).latest_round.handler == cast.wh_zhang


def test_a_handler_accepts_from_the_desk(play, client_for):
    complaint = play.upto("handed_off")
    client = client_for("wh.zhang")
    page = client.get("/")
    form, address = page.context["desk"][0].rows[0].forms[0], f"/complaints/{complaint.matter.number}/accept/"
    assert f'action="{address}"' in page.content.decode()
    client.post(address, {"_key": form.own.key, "_seen": form.own.seen})
    assert play.again(complaint).latest_round.state == "accepted"


def test_fields_of_different_lines_have_different_ids(play, client_for):
    play.upto("delivered")
    play.upto("delivered", phone="13900000001")
    page = client_for("wh.contact").get("/").content.decode()
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_who_has_nothing_is_told_what_they_can_do(client_for):
    page = client_for("sj.plain").get("/")
    assert page.context["sections"] == []
    assert "转交投诉" in page.content.decode()


def test_a_poll_gets_the_counts_alone(play, client_for):
    play.upto("delivered")
    page = client_for("wh.contact").get("/", headers={"HX-Request": "true"}).content.decode()
    assert "<form" not in page
    assert "待交办" in page


def test_a_desk_is_read_only(client_for):
    assert client_for("kf.agent").post("/").status_code == 405


def test_a_desk_takes_as_many_queries_for_a_hundred_as_for_one(play, client_for):
    people = ("kf.agent", "wh.contact", "wh.zhang", "wh.leader", "wh.head", "sc.officer")

    def counts() -> dict[str, int]:
        return {username: queries_of(client_for(username)) for username in people}

    stock(play, range(1))
    one = counts()
    stock(play, range(1, 10))
    ten = counts()
    stock(play, range(10, 100))
    assert counts() == ten
    # An agent's lists of one are counted from their rows; of units' people, a thousand rows are.
    assert ten == {username: n + (username == "kf.agent") for username, n in one.items()}


def queries_of(client) -> int:
    client.get("/")  # what a session's first page asks besides
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    return len(queries)


def stock(play, numbers) -> None:
    """Complaints waiting in every place: one of each for each number below ten, beyond it one for each number."""
    states = ("forwarded", "registered", "delivered", "reported", "handed_off", "accepted", "answered")
    for number in numbers:
        for place, state in enumerate(states):
            if number < 10 or number % len(states) == place:
                play.upto(state, phone=f"139{place:04d}{number:04d}")


def test_lists_have_names_of_their_own(cast, now):
    for person in filter(attrgetter("is_active"), cast):
        names = [work.name for work in lists_of(actor_of(person, now), now.at)]
        assert len(names) == len(set(names))
