"""A lead that nobody judges: after five working days an alarm to the centre's supervisors, over when it is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.deadlines.limits import show_instant
from accountability.gate.sweeper import sweep
from accountability.models import Alarm, Notification
from accountability.monitoring.reminders import remind
from assessment.cases.unjudged import watch_leads
from complaints.models import Complaint
from tests.assessment.docket import Docket

pytestmark = pytest.mark.rule("R38")

LAST, LATE = "2026-12-01 24:00", "2026-12-02 00:00"
"""Missed on Tuesday 2026-11-24, the fifth working day after it is the next Tuesday."""


def alarms(**which: Any) -> list[tuple[str, str, bool]]:
    """Since when, by whose unit, and whether it stands."""
    found = Alarm.objects.filter(kind="lead", **which).select_related("unit").order_by("pk")
    return [(show_instant(row.since), row.unit.code if row.unit else "", row.cleared_at is None) for row in found]


def told() -> list[str]:
    found = Notification.objects.filter(kind="leads_wait").order_by("pk")
    return [f"{row.recipient.username} {row.facts['leads']}" for row in found.select_related("recipient")]


@pytest.fixture
def complaint(docket: Docket) -> Complaint:
    """Handed over a minute late, and archived: what becomes of the complaint is nothing to the lead."""
    found = docket.complaint()
    found = docket.play("judge_complete", "kf.agent", docket.play("answer", "wh.zhang", found))
    return docket.play("record_satisfaction", "kf.agent", docket.play("reply", "kf.agent", found))


def test_after_five_working_days_an_alarm_once_to_the_supervisors(docket: Docket, complaint: Complaint) -> None:
    assert (watch_leads(docket.now.set(LAST)), alarms()) == (0, [])
    assert watch_leads(docket.now.set(LATE)) == 1
    assert (alarms(), told()) == ([("2026-11-24 09:30", "WH", True)], ["kf.supervisor 1"])
    remind(docket.now.forward(days=3))
    assert (len(alarms()), len(told())) == (1, 1)


def test_it_stands_on_the_page_of_alarms_and_in_the_inbox_and_before_no_unit(
    docket: Docket, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    remind(docket.now.set(LATE))
    words = "线索“交办”（第 1 轮）超过5个工作日未处置（R38）。"
    seen = {who: words in client_for(who).get("/alarms/").content.decode() for who in ("kf.supervisor", "wh.head")}
    assert seen == {"kf.supervisor": True, "wh.head": False}
    inbox = client_for("kf.supervisor").get("/inbox/")
    notice = next(row for row in inbox.context["notices"] if "条线索" in str(row["text"]))
    assert notice["url"] == "/leads/"


@pytest.mark.parametrize(
    ("verb", "by"), [("issue_sheet", "kf.agent"), ("open_fault", "kf.agent"), ("set_aside_lead", "kf.supervisor")]
)
def test_it_goes_away_when_judged(docket: Docket, complaint: Complaint, verb: str, by: str) -> None:
    remind(docket.now.set(LATE))
    docket.now.forward(minutes=1)
    if verb == "set_aside_lead":
        docket.play(verb, by, complaint)
    elif verb == "issue_sheet":
        docket(verb, by, complaints=[docket.number(complaint)])
    else:
        docket(verb, by, round=f"{docket.number(complaint)}#1")
    assert [row.cleared_at for row in Alarm.objects.filter(kind="lead")] == [docket.now.at]
    remind(docket.now.forward(days=30))
    assert [standing for *_rest, standing in alarms()] == [False]


def test_it_goes_away_with_the_miss(docket: Docket, complaint: Complaint) -> None:
    remind(docket.now.set(LATE))
    docket.play("propose_excuse", "kf.supervisor", complaint)
    docket.play("confirm_excuse", "sc.leader", complaint)
    remind(docket.now.forward(minutes=1))
    assert [standing for *_rest, standing in alarms()] == [False]


def test_one_restored_waits_anew(docket: Docket, complaint: Complaint) -> None:
    remind(docket.now.set(LATE))
    docket.play("set_aside_lead", "kf.supervisor", complaint)
    docket.now.set("2026-12-03 10:00")
    docket.play("restore_lead", "kf.supervisor", complaint)
    remind(docket.now.set("2026-12-10 24:00"))
    assert [standing for *_rest, standing in alarms()] == [False]
    remind(docket.now.set("2026-12-11 00:00"))
    assert alarms() == [("2026-11-24 09:30", "WH", False), ("2026-12-03 10:00", "WH", True)]


def test_a_case_that_marketing_opened_by_itself_ends_no_alarm_of_the_centres(
    docket: Docket, complaint: Complaint
) -> None:
    """To the centre there is no such case (R41): the list and its alarm say the same."""
    docket("open_case", "sc.officer", complaints=[docket.number(complaint)])
    remind(docket.now.set(LATE))
    assert [standing for *_rest, standing in alarms()] == [True]


def test_nobody_is_judged_without_a_published_calendar(docket: Docket) -> None:
    docket.now.set("2027-12-29 09:00")
    docket.complaint()
    remind(docket.now.set("2028-03-01 09:00"))
    assert (alarms(), told()) == ([], [])
    docket.play("publish_calendar", "sc.officer", year=2028, days_off=["2028-01-03"], days_worked=[])
    remind(docket.now.forward(minutes=1))
    assert alarms() == [("2027-12-29 09:30", "WH", True)]


def test_the_day_ends_when_the_policy_says(docket: Docket) -> None:
    docket.play("set_policy", "sc.officer", day_ends_at="17:30")
    docket.complaint()
    assert [watch_leads(docket.now.set(f"2026-12-01 17:{at}")) for at in ("30", "31")] == [0, 1]


def test_a_constant_number_of_statements(docket: Docket) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as made:
            watch_leads(docket.now.at)
        return len(made)

    docket.complaint()
    docket.now.set(LATE)
    one = statements()
    for place in range(5):
        docket.now.set("2026-12-02 09:00")
        docket.complaint(phone=f"1390000200{place}")
    sweep(docket.now.set("2026-12-10 00:00"))
    assert statements() <= one + 2
    assert (len(alarms()), told()) == (7, ["kf.supervisor 1", "kf.supervisor 6"])
