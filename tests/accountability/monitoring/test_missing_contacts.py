"""Units that only their head can receive for raise an alarm, and marketing reads of them each morning (R17)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import (
    Alarm,
)
from accountability.monitoring import missing_contacts, reminders
from tests.accountability.organisation.test_roster import LEAVE, told
from tests.factories import Now, Play
from tests.looking import writes


def open_alarms() -> list[str]:
    rows = Alarm.objects.filter(kind="no_contact", cleared_at=None).select_related("unit")
    return sorted(row.unit.code for row in rows if row.unit)


@pytest.mark.rule("R17")
def test_units_without_contact_raise_an_alarm_and_a_report_each_morning(play: Play, now: Now) -> None:
    missing_contacts.check(now.set("2026-11-24 08:29"))
    assert (open_alarms(), told("units_without_contact")) == (["KF", "SC", "SJ", "ZD"], [])
    missing_contacts.check(now.set("2026-11-24 08:30"))
    missing_contacts.check(now.set("2026-11-24 17:00"))
    assert told("units_without_contact", units=4) == ["sc.leader", "sc.officer", "sc.officer2"]

    play("appoint", "sc.officer", employee="zd.zhou", role="deputy_contact", starts_on="2026-11-24")
    play("record_absence", "yc.contact", **LEAVE | {"employee": "yc.contact"})
    missing_contacts.check(now.forward(minutes=1))
    assert open_alarms() == ["KF", "SC", "SJ", "YC"]
    assert len(told("units_without_contact")) == 3
    missing_contacts.check(now.set("2026-11-25 08:30"))
    assert len(told("units_without_contact")) == 6
    before = writes()
    missing_contacts.check(now.forward(minutes=5))
    assert writes() == before


def test_a_unit_that_comes_and_goes_is_reported_once_a_day(play: Play, now: Now) -> None:
    """All others have a contact: the alarm that kept the day is over when the next is raised."""
    for username in ("kf.agent", "sc.officer2", "sj.plain", "zd.zhou"):
        play("appoint", "sc.officer", employee=username, role="contact", starts_on="2026-11-24")
    away = {"employee": "yc.contact", "starts_at": "2026-11-24 09:00", "ends_at": "2026-11-25 18:00", "reason": "病假"}
    for minute in (1, 2, 3):
        play("record_absence", "yc.contact", **away | {"starts_at": f"2026-11-24 09:{minute:02}"})
        missing_contacts.check(now.forward(minutes=5))
        assert (open_alarms(), len(told("units_without_contact"))) == (["YC"], 3)
        play("end_absence", "yc.contact", employee="yc.contact")
        missing_contacts.check(now.forward(minutes=5))
        assert open_alarms() == []
    play("record_absence", "yc.contact", **away)
    missing_contacts.check(now.set("2026-11-25 08:30"))
    assert len(told("units_without_contact")) == 6


def test_the_sweep_looks_after_it_and_the_alarms_lead_to_the_units(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    reminders.remind(now.at)
    page = client_for("sc.officer").get(reverse("alarms")).content.decode()
    assert page.count("没有在任接口人或副接口人") == 4
    assert f'href="{reverse("unit", args=["ZD"])}"' in page
    inbox = client_for("sc.officer").get(reverse("inbox")).content.decode()
    assert ("有 4 个单位没有在任接口人" in inbox, f'href="{reverse("units")}"' in inbox) == (True, True)
