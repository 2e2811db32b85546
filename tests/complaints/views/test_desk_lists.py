"""The desk and the lists that it opens, each with a world of its own."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

import pytest

from accountability.permissions import Role
from accountability.tasks import sweep
from accountability.web.desk import Clock
from complaints.lists.clocks import in_clock
from complaints.lists.desk import lines_by_id, sections
from complaints.lists.worklists import for_lines, lines
from complaints.models import Complaint
from tests.complaints.views.test_desk_numbers import actor_of, shown
from tests.factories import of_the_business


def test_a_clock_that_stands_still_presses_nobody(cast, now, play):
    """While a return is asked for, the thirty minutes stand still; they can't be overrun."""
    complaint = play.upto("delivered", at="2026-11-24 08:00")
    play("request_return", "wh.contact", complaint, at="2026-11-24 08:20")
    now.set("2026-11-24 08:35")
    for username in ("kf.agent", "wh.contact"):
        actor = actor_of(cast[username], now)
        found = for_lines(Complaint.objects.filter(in_clock(Clock.OK, actor, now.at)))
        assert [line.tone for line in lines(list(found), actor, now.at)] == [""], username


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("clock=late", ["时限状况：已超时"]), ("clock=warn", ["时限状况：预警"]), ("clock=ok", ["时限状况：正常"]),
        ("clock=never", []), ("overdue=on", ["时限状况：已超时"]), ("holder=wh.zhang", ["现由谁办理：张伟民"]),
        ("holder=yc.chen", []),
    ],
)  # fmt: skip
def test_the_list_says_what_narrows_it(cast, client_for, query, said):
    page = client_for("wh.head").get(f"/complaints/?list=unit&{query}")
    assert [words for words, _url in page.context["active"]] == [
        words.replace("张伟民", str(cast.wh_zhang)) for words in said
    ]


def test_a_units_person_is_no_key_to_another_units_round(cast, play, client_for):
    """The old unit may ask for its own people alone, and learns nothing of who holds the complaint now."""
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    play("hand_off", "yc.contact", complaint, to="yc.chen")
    client = client_for("wh.head")
    assert shown(client, "/complaints/?state=all") == [""]
    page = client.get("/complaints/?holder=yc.chen")
    assert ("holder" in page.context["filters"].errors, len(page.context["lines"])) == (True, 1)


def test_what_was_returned_and_what_falls_due_today(play, now, client_for):
    """R24, R28: told apart from what is merely waiting, and told once on the desk."""
    refused = play.upto("return_requested", at="2026-11-24 06:00")
    play("rule_on_return", "kf.supervisor", refused, accepted=False, reason="属于本单位职责。", at="2026-11-24 06:30")
    today = play.upto("accepted", priority="P1", phone="13900000001", at="2026-11-24 07:00")
    later = play.upto("accepted", phone="13900000002", at="2026-11-24 07:30")
    now.set("2026-11-24 08:00")
    desk = client_for("wh.zhang").get("/").context["desk"]
    rows = {laid.section.work.name: [line.complaint.pk for line in laid.rows] for laid in desk}
    assert rows["answer_today"] == [today.pk]
    assert rows["answer"] == [later.pk]
    totals = {laid.section.work.name: laid.section.total for laid in desk}
    assert totals["answer"] == 2


def test_everybodys_desk_opens_and_says_what_to_do(cast, client_for):
    for person in filter(attrgetter("is_active"), of_the_business(cast)):
        page = client_for(person.username).get("/")
        assert page.status_code == 200
        assert "我现在要做的" in page.content.decode()


def test_an_administrators_desk_has_nothing_of_what_they_saw_before(cast, play, now):
    play("forward", "sj.plain")
    before = actor_of(cast["sj.plain"], now)
    assert [section.work.name for section in sections(before, now.at) if section.total] == ["forwarded"]
    after = replace(before, roles=frozenset({Role.SYSTEM_ADMIN}))
    assert [section.work.name for section in sections(after, now.at) if section.total] == []


def test_what_has_no_limit_is_warned_of_by_its_age(cast, now, play, client_for):
    """An unsatisfied customer's complaint waits for a decision that no limit presses."""
    play("record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False)
    for hours, tone, counted in (
        (23, "", {"late": 0, "warn": 0, "ok": 1}),
        (2, "warn", {"late": 0, "warn": 1, "ok": 0}),
    ):
        now.forward(hours=hours)
        sweep()
        for username in ("kf.supervisor", "wh.head"):
            client = client_for(username)
            clock = Clock.WARN if tone else Clock.OK
            assert [shown(client, f"/complaints/?clock={one}") for one in Clock if one != clock] == [[], []], username
            assert shown(client, f"/complaints/?clock={clock}") == [tone], username
        decide = next(one for one in sections(actor_of(cast.kf_supervisor, now), now.at) if one.work.name == "decide")
        assert {clock: decide.counts[clock] for clock in Clock} == counted


def test_who_may_not_know_the_present_does_not_learn_that_it_waits_too_long(now, play, client_for):
    play.upto("forwarded")
    now.forward(hours=3)
    sweep()
    assert shown(client_for("kf.agent"), "/complaints/?list=register") == ["warn"]
    assert shown(client_for("yc.chen"), "/complaints/") == [""]
    assert shown(client_for("yc.chen"), "/complaints/?clock=warn") == []


def test_what_waits_to_be_judged_says_so_whether_a_unit_or_the_centre_did_it(cast, now, play):
    """A complaint that the centre settled itself reads as judged next, not as handled next."""
    for position in ("answered", "handling"):
        play.upto(position)
    actor = actor_of(cast.kf_agent, now)
    found = next(one for one in sections(actor, now.at) if one.work.name == "judge_complete")
    known = lines_by_id(actor, now.at, set(found.first)).values()
    told = {line.complaint.state: str(line.state[2]) for line in known}
    assert str(found.work.title) == "处理结果待审核"
    assert told == {"dispatched": "已答复，待审核", "handling": "已直接处理，待审核"}
