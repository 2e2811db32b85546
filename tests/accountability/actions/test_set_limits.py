"""The table of time limits: versions that bind what begins under them, and nothing that runs already (R6, R15, S64)."""

# mypy: disable-error-code=union-attr

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant, show_instant
from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.gate.verbs import VERBS
from accountability.models import LedgerEntry, TimeLimits, limits_in_force
from accountability.web.versions import changes_between
from tests.assessment.docket import Docket
from tests.factories import Now, Play
from tests.looking import deadline, writes

RETURNS: dict[str, Any] = {"return": {"P1": "2h", "P3": "2wd"}}


def hours(complaint: Any, kind: str, part: int = 1) -> float:
    found = deadline(complaint, kind, part)
    assert found.due_at is not None
    return (found.due_at - found.started_at) / timedelta(hours=1)


@pytest.mark.parametrize(("priority", "handling", "returning"), [("P1", 8, 1), ("P2", 24, 4), ("P3", 36, 38.999999999)])
def test_the_contracts_table(play: Play, priority: str, handling: int, returning: float) -> None:
    """Of P3 the return window is one working day: from Tuesday 09:00 to Wednesday 24:00."""
    complaint = play.upto("delivered", priority=priority)
    assert (hours(complaint, "handoff"), hours(complaint, "handling")) == (0.5, handling)
    assert round(hours(complaint, "return"), 6) == round(returning, 6)
    assert hours(complaint, "first_reply", 0) == 48
    assert deadline(complaint, "legal").due_at == read_instant("2026-12-09 24:00")


def test_of_a_network_complaint_the_solution_is_the_floor_of_handling(play: Play) -> None:
    complaint = play.upto("delivered", category="网络质量")
    assert deadline(complaint, "contact_on_site").due_at == read_instant("2026-11-27 24:00")
    solution = deadline(complaint, "network_solution").due_at
    assert solution == read_instant("2026-12-03 24:00")
    assert deadline(complaint, "handling", 1).due_at == solution
    later = play("register", "kf.agent", None, category="网络质量", phone="13900001111")
    play("dispatch", "kf.agent", later, at=read_instant("2026-12-03 20:00"))
    assert deadline(later, "handling", 1).due_at == read_instant("2026-12-05 08:00")


@pytest.mark.rule("R6")
def test_a_change_binds_rounds_dispatched_from_then_on(play: Play, now: Now) -> None:
    before = play.upto("delivered", priority="P1")
    play("set_limits", "sc.officer", handling={"P1": "6h"}, **RETURNS)
    after = play.upto("delivered", priority="P1", phone="13900001111")

    assert (hours(before, "handling"), hours(before, "return")) == (8, 1)
    assert (hours(after, "handling"), hours(after, "return")) == (6, 2)
    assert [complaint.round.limits.version for complaint in (before, after)] == [
        before.round.limits.version, before.round.limits.version + 1,
    ]  # fmt: skip
    assert deadline(before, "handling", 1).limit_text == "8h"


def test_a_priority_left_out_keeps_its_value(play: Play, now: Now) -> None:
    play("set_limits", "sc.officer", handling={"P2": "12h"})
    table = limits_in_force(now.at)
    assert table.handling == {"P1": "8h", "P2": "12h", "P3": "36h"}
    assert table.returning == {"P1": "1h", "P2": "4h", "P3": "1wd"}


def test_the_version_of_an_instant_can_always_be_told(play: Play, now: Now) -> None:
    before = now.at
    changed = now.forward(days=1)
    play("set_limits", "sc.officer", handling={"P1": "6h"})
    play("set_limits", "sc.leader", at=now.forward(days=1), handling={"P1": "5h"})
    instants = (before, changed - timedelta(microseconds=1), changed, now.at)
    assert [limits_in_force(at).handling["P1"] for at in instants] == ["8h", "8h", "6h", "5h"]


@pytest.mark.rule("R15")
def test_each_version_names_author_time_and_reason(play: Play, now: Now) -> None:
    play("set_limits", "sc.officer", handling={"P1": "6h"}, reason="试行提速")
    newest = TimeLimits.objects.order_by("-version")[0]
    assert (newest.author.username, newest.in_force_from, newest.reason) == ("sc.officer", now.at, "试行提速")
    entry = LedgerEntry.objects.get(verb="set_limits")
    assert entry.facts == {"handling": {"P1": "6h"}, "version": newest.version}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, "condition"),
        ({"handling": {"P1": "1wd"}}, "facts"),
        ({"handling": {"P9": "1h"}}, "facts"),
        ({"return": {"P1": "soon"}}, "facts"),
    ],
)
def test_a_limit_that_cannot_be_read_changes_nothing(play: Play, facts: dict[str, Any], code: str) -> None:
    before = writes()
    with pytest.raises(Refused) as caught:
        play("set_limits", "sc.officer", **facts)
    assert caught.value.code == code
    assert writes() == before


def test_the_duty_clock_counts_duty_hours_for_rounds_from_then_on(play: Play, now: Now) -> None:
    now.set("2026-11-20 17:50")
    natural = play.upto("delivered")
    play("set_policy", "sc.officer", handoff_clock="duty")
    on_duty = play.upto("delivered", phone="13900001111")
    assert deadline(natural, "handoff", 1).due_at == read_instant("2026-11-20 18:20")
    assert deadline(on_duty, "handoff", 1).due_at == read_instant("2026-11-23 09:00")


def test_working_days_may_end_at_half_past_five(play: Play) -> None:
    play("set_policy", "sc.officer", day_ends_at="17:30")
    complaint = play.upto("delivered", category="网络质量")
    assert deadline(complaint, "contact_on_site").due_at == read_instant("2026-11-27 17:30")
    assert deadline(complaint, "return", 1).due_at == read_instant("2026-11-25 17:30")
    assert deadline(complaint, "legal").due_at == read_instant("2026-12-09 24:00")


def test_a_policy_left_out_keeps_its_value(play: Play, now: Now) -> None:
    play("set_policy", "sc.officer", allow_unsatisfied_archive=False)
    play("set_policy", "sc.officer", returns_before_ruling=0)
    table = limits_in_force(now.at)
    assert (table.allow_unsatisfied_archive, table.returns_before_ruling, table.repeat_within_hours) == (False, 0, 720)


# Every other limit


OTHERS = {
    "first_reply": "24h", "ruling": "1h", "confirmation": "3h", "contact_on_site": "2wd", "network_solution": "5wd",
    "opinion": "3wd", "discipline": "6wd", "legal": "10d",
    "answer_miit": "15d", "answer_line_12345": "6wd", "answer_line_12315": "9wd", "answer_superior": "7wd",
}  # fmt: skip


@pytest.mark.rule("R6", "R15")
def test_every_limit_that_the_notice_leaves_open_can_be_revised_and_no_other(play: Play, now: Now) -> None:
    before = limits_in_force(now.at)
    play("set_limits", "sc.officer", **OTHERS)
    after = limits_in_force(now.at)
    assert {kind: text for kind, text in after.others.items() if before.others[kind] != text} == OTHERS
    entry = LedgerEntry.objects.get(verb="set_limits")
    assert entry.facts == OTHERS | {"version": after.version}
    told = [(str(label), old, new) for label, old, new in changes_between(before, after)]
    assert ("单位处理意见", "5个工作日（截至24:00，首日不计）", "3个工作日（截至24:00，首日不计）") in told
    assert ("确认协调记录", "2小时", "3小时") in told
    assert len(told) == len(OTHERS)
    fields = {fact.name for fact in VERBS["organisation", "set_limits"].facts}
    assert fields == {"handling", "return", "reason", *OTHERS}


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("first_reply", "2wd"), ("ruling", "2"), ("confirmation", "90m"), ("contact_on_site", "24h"),
        ("network_solution", "7d"), ("opinion", "0wd"), ("discipline", "ten"), ("legal", "15wd"), ("legal", "1001d"),
    ],
)  # fmt: skip
def test_a_limit_in_another_unit_is_refused_at_its_field(play: Play, kind: str, text: str) -> None:
    before = writes()
    with pytest.raises(Refused) as caught:
        play("set_limits", "sc.officer", **{kind: text})
    assert (caught.value.code, list(caught.value.fields)) == ("facts", [kind])
    assert writes() == before


@pytest.mark.rule("R6")
def test_what_runs_keeps_its_limit_and_what_begins_has_the_new_one(play: Play, now: Now) -> None:
    before = play.upto("delivered", category="网络质量")
    play("set_limits", "sc.officer", **OTHERS)
    after = play.upto("delivered", category="网络质量", phone="13900001111")
    kinds = ("first_reply", "legal", "contact_on_site", "network_solution")
    assert [deadline(before, kind).limit_text for kind in kinds] == ["48h", "15d", "3wd", "7wd"]
    assert [deadline(after, kind).limit_text for kind in kinds] == ["24h", "10d", "2wd", "5wd"]
    for complaint in (before, after):
        play("request_return", "wh.contact", complaint)
    assert [deadline(found, "ruling", 1).limit_text for found in (before, after)] == ["1h", "1h"]


@pytest.mark.rule("R6")
def test_what_follows_from_a_miss_has_the_version_in_force_at_that_instant(play: Play, now: Now) -> None:
    """The unit files no report; the limits are revised before the sweep has noticed."""
    docket = Docket(play)
    case = docket.upto("notified")
    due = deadline(case, "report").due_at
    assert due is not None
    now.set(show_instant(due + timedelta(hours=1)))
    docket.play("set_limits", "sc.officer", discipline="6wd")
    sweeper.sweep(now.forward(minutes=1))
    owed = deadline(case, "discipline")
    assert (owed.started_at, owed.limit_text, owed.limits.version) == (due, "10wd", limits_in_force(due).version)


# Duty hours by unit


@pytest.mark.rule("R15", "R19")
def test_a_units_hand_offs_count_its_own_duty_hours(play: Play, now: Now) -> None:
    now.set("2026-11-24 17:50")
    before = play.upto("delivered")
    play("set_duty_hours", "sc.officer", unit="WH", clock="duty", hours="09:00-18:00", reason="延时值守")
    own = play.upto("delivered", phone="13900001111")
    assert [deadline(found, "handoff", 1).due_at for found in (before, own)] == [
        read_instant("2026-11-24 18:20"), read_instant("2026-11-25 09:20"),
    ]  # fmt: skip
    assert deadline(own, "handoff", 1).limit_text == "30m duty 09:00-18:00"
    assert deadline(own, "handling", 1).limit_text == "36h"
    newest = TimeLimits.objects.order_by("-version")[0]
    assert (newest.author.username, newest.in_force_from, newest.reason) == ("sc.officer", now.at, "延时值守")
    assert newest.unit_clocks == {"WH": "duty 09:00-18:00"}


@pytest.mark.rule("R19")
def test_a_return_not_accepted_gives_fresh_minutes_by_the_same_hours(play: Play, now: Now) -> None:
    now.set("2026-11-24 17:50")
    play("set_duty_hours", "sc.officer", unit="WH", clock="duty", hours="09:00-18:00")
    complaint = play("request_return", "wh.contact", play.upto("delivered"))
    play("set_duty_hours", "sc.officer", unit="WH", clock="general")
    play("rule_on_return", "kf.agent", complaint, accepted=False)
    assert deadline(complaint, "handoff", 1).due_at == read_instant("2026-11-25 09:20")


@pytest.mark.rule("R15")
def test_a_unit_may_keep_natural_time_and_go_back_to_the_general_clock(play: Play, now: Now) -> None:
    play("set_policy", "sc.officer", handoff_clock="duty")
    play("set_duty_hours", "sc.officer", unit="WH", clock="natural")
    play("set_duty_hours", "sc.officer", unit="YC", clock="duty")
    table = limits_in_force(now.at)
    assert [str(table.limit("handoff", unit=code)) for code in ("WH", "YC", "WL", "")] == ["30m", *["30m duty"] * 3]
    play("set_duty_hours", "sc.officer", unit="WH", clock="general")
    table = limits_in_force(now.at)
    assert (table.unit_clocks, str(table.limit("handoff", unit="WH"))) == ({"YC": "duty"}, "30m duty")


@pytest.mark.rule("R15")
@pytest.mark.parametrize(
    ("by", "facts", "code"),
    [
        ("sc.officer", {"clock": "natural", "hours": "09:00-18:00"}, "condition"),
        ("sc.officer", {"clock": "duty", "hours": "18:00-09:00"}, "facts"),
        ("sc.officer", {"clock": "duty", "unit": "XX"}, "facts"),
        ("sc.officer", {"clock": "whenever"}, "facts"),
        ("wh.head", {"clock": "duty"}, "forbidden"),
        ("kf.supervisor", {"clock": "duty"}, "forbidden"),
        ("sj.auditor", {"clock": "duty"}, "forbidden"),
    ],
)
def test_duty_hours_that_may_not_be_change_nothing(play: Play, by: str, facts: dict[str, str], code: str) -> None:
    before = writes()
    with pytest.raises(Refused) as caught:
        play("set_duty_hours", by, **{"unit": "WH"} | facts)
    assert caught.value.code == code
    assert writes() == before
