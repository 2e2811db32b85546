"""The line of alarms at the top of every page: for those who can act on them, one line, folded once it was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.declarations.notices import ALARMS
from accountability.models import Alarm, Preferences
from accountability.monitoring import reminders
from tests.factories import Cast, Now, Play

FACTS = {
    "year": 2027, "channel": "sms", "host": "a", "seconds": 9, "papers": 1, "exports": 1, "person": "kf.agent",
    "count": 30, "work": "paper", "name": "#1", "error": "ValueError", "awaits": "dispatch", "kind": "handoff",
    "part": 1, "check": "sweep_runs",
}  # fmt: skip
PEOPLE = (
    "kf.agent", "kf.supervisor", "kf.head", "wh.contact", "wh.head", "sc.officer", "sc.leader", "sj.auditor",
    "sj.plain", "sj.system", "sj.security", "sj.auditadmin",
)  # fmt: skip
MARKETING, SUPERVISOR, SYSTEM = {"sc.officer", "sc.leader"}, {"kf.supervisor"}, {"sj.system"}
WHO_CAN_ACT = {
    "calendar": MARKETING, "channel": SYSTEM, "papers": SYSTEM, "clock": SYSTEM, "health": SYSTEM, "stuck": SYSTEM,
    "exports": SYSTEM, "oa": SYSTEM, "webhook": SYSTEM | {"sj.security"}, "unmasking": {"sj.auditor", "sj.auditadmin"},
    "probing": {"sj.auditor", "sj.auditadmin", "sj.security"},
    "seal": {"sj.auditor", "sj.auditadmin", "sc.leader"}, "verification": {"sj.auditor", "sj.auditadmin", "sc.leader"},
    "record": {"sj.auditor", "sj.auditadmin", "sc.leader"}, "forged": {"sj.auditor", "sj.auditadmin", "sc.leader"},
    "no_contact": set(),
    "waiting": MARKETING | SUPERVISOR, "material": MARKETING | SUPERVISOR, "lead": MARKETING | SUPERVISOR,
    "held": MARKETING | SUPERVISOR | SYSTEM,
    "excuses": {"sc.leader"}, "criticism": MARKETING, "mass": {"kf.agent", "kf.supervisor"},
}  # fmt: skip


def ring(now: Now, *kinds: str) -> None:
    for kind in kinds:
        Alarm.objects.create(
            key=f"{kind}:{Alarm.objects.count()}", kind=kind, facts=FACTS, since=now.at, raised_at=now.at
        )


def seen(client: Client) -> Any:
    """A page that everybody can open."""
    return client.get(reverse("preferences"))


def lines(client: Client) -> list[str]:
    return [line["text"] for line in seen(client).context["alarms"]]


def is_open(client: Client) -> bool:
    return 'class="alarm ' in seen(client).content.decode()


def test_every_kind_is_told_to_somebody_who_can_act() -> None:
    assert set(WHO_CAN_ACT) == set(ALARMS)


@pytest.mark.parametrize("kind", WHO_CAN_ACT)
def test_an_alarm_is_shown_to_who_can_act_on_it_alone(
    kind: str, now: Now, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    ring(now, kind)
    assert {who for who in PEOPLE if lines(client_for(who))} == WHO_CAN_ACT[kind]


def test_there_is_one_line_the_most_pressing_and_the_others_are_folded(
    now: Now, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    ring(now, "waiting", "waiting", "lead", "criticism", "calendar")
    page = seen(client_for("sc.leader"))
    assert [line["text"] for line in page.context["alarms"]] == [
        "2027 年工作日历尚未公布，按工作日计算的时限暂无到期时刻，系统不作推测。", "1 项书面批评待市场部决定。",
        "1 条线索久未处置（R38）。", "2 件投诉等待过久。",
    ]  # fmt: skip
    html = page.content.decode()
    assert (html.count('class="alarm '), html.count('role="alert"'), "+3" in html) == (1, 1, True)


def test_a_flood_of_leads_is_counted_and_hides_no_mass_warning(
    now: Now, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    ring(now, *["lead"] * 120, "mass")
    told = seen(client_for("kf.supervisor")).context["alarms"]
    assert [(line["text"], line["url"]) for line in told] == [
        ("1 起疑似大面积投诉待确认。", reverse("mass_events")), ("100+ 条线索久未处置（R38）。", reverse("leads")),
    ]  # fmt: skip


def test_what_waits_is_told_to_those_who_look_after_it(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    play("publish_calendar", "sc.officer", year=2027)
    play.upto("registered")
    reminders.remind(now.forward(hours=5))
    told = {who: lines(client_for(who)) for who in ("sc.officer", "wh.contact")}
    assert told == {"sc.officer": ["1 件投诉等待过久。"], "wh.contact": []}


def fold(client: Client) -> Any:
    return client.post(reverse("mark_read"), {"alarms": str(seen(client).context["new_alarm"]), "next": "/units/"})


@pytest.mark.parametrize("kind", ["waiting", "lead", "calendar"])
def test_what_was_read_stays_folded_for_that_person_until_there_is_more(
    kind: str, now: Now, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    Preferences.objects.create(employee=cast["sc.leader"], plays_sound=True)
    ring(now, kind)
    mine, other = client_for("sc.leader"), client_for("sc.officer")
    assert fold(mine).headers["location"] == "/units/"
    assert (is_open(mine), is_open(other), len(lines(mine))) == (False, True, 1)
    assert lines(mine)[0] in seen(mine).content.decode()
    assert Preferences.objects.get().plays_sound is True
    ring(now, kind)
    assert is_open(mine) is True
    fold(mine)
    Alarm.objects.update(cleared_at=now.at)
    assert (is_open(mine), lines(mine)) == (False, [])


def test_folding_reads_no_notice_and_a_strange_number_folds_nothing(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    ring(now, "mass")
    client = client_for("kf.agent")
    for number in ("x", "-1", "9" * 30):
        client.post(reverse("mark_read"), {"alarms": number})
        assert is_open(client) is True
    play("request_return", "wh.contact", play.upto("delivered"))
    unread = client.get(reverse("units")).context["unread_count"]
    fold(client)
    assert (client.get(reverse("units")).context["unread_count"], unread) == (1, 1)


def test_the_line_costs_the_same_however_many_alarms_there_are(
    now: Now, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    client, counts = client_for("sc.leader"), []
    for many in (1, 10, 100):
        ring(now, *["waiting", "lead", "calendar"] * many)
        with CaptureQueriesContext(connection) as found:
            seen(client)
        counts.append(len(found))
    assert counts == [counts[0]] * 3
