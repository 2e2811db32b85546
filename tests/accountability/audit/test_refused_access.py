"""What somebody asks for and doesn't get leaves a row with person and object; a run of such rows is an alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.audit import refused_access
from accountability.models import AccessLog, Alarm, Appointment, Notification
from accountability.monitoring.reminders import WATCHES
from accountability.signin.backend import PASSWORD_OLD
from tests.factories import Cast, Now, Play
from tests.signing_in import signed_in
from tests.walking import body_of, steady

pytestmark = [pytest.mark.compliance(4), pytest.mark.asvs("16.3.2")]

ClientFor = Callable[[str], Client]
UNKNOWN = "TS20260101-9999"


def rows() -> list[tuple[Any, ...]]:
    found = AccessLog.objects.filter(action=refused_access.ACTION).order_by("pk")
    return list(found.values_list("actor__username", "result", "matter_id", "detail", "address"))


def refused(cast: Cast, at: Any, count: int, who: str = "yc.contact") -> None:
    AccessLog.objects.bulk_create(
        AccessLog(at=at - timedelta(milliseconds=row), actor=cast[who], action=refused_access.ACTION, result="hidden")
        for row in range(count)
    )


# Rows


@pytest.mark.parametrize("path", ["r/1/1/", f"accountability/deadline/{'9' * 5000}/change/"])
def test_no_address_of_the_administration_keeps_the_row_from_being_written(client_for: ClientFor, path: str) -> None:
    assert client_for("sj.security").get(f"/admin/{path}").status_code == 403
    assert [row[:3] for row in rows()] == [("sj.security", "forbidden", None)]


def test_a_page_that_asks_on_while_the_password_is_owed_leaves_no_row(client_for: ClientFor) -> None:
    client = client_for("wh.zhang")
    session = client.session
    session[PASSWORD_OLD] = True
    session.save()
    assert client.get(reverse("pulse"), headers={"X-Poll": "1"}).status_code == 403
    assert rows() == []


def test_a_foreign_object_and_none_leave_a_row_and_the_same_answer(play: Play, client_for: ClientFor) -> None:
    """Of the foreign one the row names the matter; whoever reads the log sees what was tried."""
    complaint = play.upto("accepted")
    number, client = str(complaint.matter.number), client_for("yc.contact")
    pages = []
    for given in (number, UNKNOWN):
        answer = client.get(reverse("complaint", args=[given]))
        assert answer.status_code == 404
        pages.append(steady(body_of(answer)).replace(given, "NUMBER"))
    assert pages[0] == pages[1]
    assert rows() == [
        ("yc.contact", "hidden", complaint.matter_id, f"complaint {number}", "127.0.0.1"),
        ("yc.contact", "hidden", None, f"complaint {UNKNOWN}", "127.0.0.1"),
    ]


def test_both_cost_the_same_statements(play: Play, client_for: ClientFor) -> None:
    complaint, client = play.upto("accepted"), client_for("yc.contact")
    sent = []
    for number in (UNKNOWN, complaint.matter.number, UNKNOWN):
        with CaptureQueriesContext(connection) as context:
            client.get(reverse("complaint", args=[number]))
        sent.append([query["sql"].split(" ")[0] for query in context.captured_queries])
    assert sent[1] == sent[2]


def test_a_foreign_file_and_none_read_the_same_tables_for_the_row(play: Play, client_for: ClientFor) -> None:
    client = client_for("yc.contact")
    assert client.get(reverse("paper", args=["x" * 22])).status_code == 404
    assert rows() == [("yc.contact", "hidden", None, f"paper {'x' * 22}", "127.0.0.1")]


def test_what_is_forbidden_leaves_a_row_by_whatever_says_so(play: Play, client_for: ClientFor, cast: Cast) -> None:
    """A view, the middleware of administrators, a verb that isn't theirs, a form without its token."""
    complaint = play.upto("accepted")
    client_for("wh.zhang").get(reverse("access_log"))
    client_for("sj.security").get(reverse("complaint", args=[complaint.matter.number]))
    client_for("wh.zhang").get(reverse("act", args=[complaint.matter.number, "hand_off"]))
    bare = Client(enforce_csrf_checks=True)
    bare.cookies = signed_in(cast["wh.zhang"]).cookies
    bare.post(reverse("preferences"))
    assert [(who, result, matter, detail) for who, result, matter, detail, _address in rows()] == [
        ("wh.zhang", "forbidden", None, "access_log"),
        ("sj.security", "forbidden", complaint.matter_id, f"complaint {complaint.matter.number}"),
        ("wh.zhang", "forbidden", complaint.matter_id, f"act {complaint.matter.number} hand_off"),
        ("wh.zhang", "forbidden", None, "preferences"),
    ]


def test_a_row_of_the_administration_is_named(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("accepted")
    place = reverse("admin:complaints_complaint_change", args=[complaint.pk])
    assert client_for("wh.zhang").get(place).status_code in (403, 404)
    assert [(matter, detail) for _who, _result, matter, detail, _address in rows()] == [
        (complaint.matter_id, f"admin:complaints_complaint_change {complaint.pk}")
    ]


@pytest.mark.parametrize(
    "place",
    ["/admin/r/1/1/", "/admin/accountability/matter/99999/change/", f"/admin/accountability/matter/{'9' * 40}/change/"],
)
def test_what_is_no_matter_is_named_none(client_for: ClientFor, place: str) -> None:
    """An address of the administration itself, and numbers that no row has."""
    assert client_for("wh.zhang").get(place).status_code in (403, 404)
    assert {matter for _who, _result, matter, *_more in rows()} <= {None}
    connection.check_constraints()


@pytest.mark.parametrize("typed", ["张三", "13812345678", "a b", "x" * 60])
def test_what_may_be_typed_is_not_kept(client_for: ClientFor, typed: str) -> None:
    assert client_for("yc.contact").get(reverse("complaint", args=[typed])).status_code == 404
    ((*_who, detail, _address),) = rows()
    assert typed not in detail


def test_what_leads_nowhere_names_nothing_and_what_is_given_is_no_refusal(client_for: ClientFor) -> None:
    client = client_for("yc.contact")
    assert [client.get(place).status_code for place in ("/nowhere/", "/inbox/")] == [404, 200]
    Client().get(reverse("complaint", args=[UNKNOWN]))
    assert rows() == []


def test_what_the_gate_notes_is_one_row_and_counts(client_for: ClientFor, cast: Cast, now: Now) -> None:
    """Many matters that one request was refused are one refusal."""
    client = client_for("wh.wang")
    for _time in range(21):
        assert client.post(reverse("organisation_act", args=["set_head"]), {"unit": "WH"}).status_code == 403
        now.forward(seconds=1)
    AccessLog.objects.bulk_create(
        AccessLog(at=now.at, actor=cast["kf.agent"], action="chase", result="forbidden") for _row in range(30)
    )
    refused_access.look_after(now.at)
    assert (rows(), AccessLog.objects.filter(action="set_head").count()) == ([], 21)
    assert [alarm.facts["person"] for alarm in Alarm.objects.filter(kind="probing")] == ["wh.wang"]


# The alarm


def test_a_run_of_them_is_an_alarm_to_those_who_watch_over_access(
    play: Play, client_for: ClientFor, cast: Cast, now: Now
) -> None:
    client = client_for("yc.contact")
    for number in range(21):
        refused_access.look_after(now.at)
        assert not Alarm.objects.filter(kind="probing").exists()
        client.get(reverse("complaint", args=[f"TS20260101-{number:04}"]))
        now.forward(seconds=1)
    refused(cast, now.at, 20, "wh.contact")
    for _time in range(2):
        refused_access.look_after(now.at)
    (alarm,) = Alarm.objects.filter(kind="probing")
    assert alarm.facts == {"person": "yc.contact", "count": 20}
    told = Notification.objects.filter(kind="probing").values_list("recipient__username", flat=True)
    watching = Appointment.objects.filter(role__in=("auditor", "audit_admin", "security_admin"))
    assert sorted(told) == sorted(watching.values_list("employee__username", flat=True))
    sentence = "yc.contact 一小时内有超过 20 次访问被拒或查无此项"
    logged, account = "/access-log/?person=yc.contact", "/accounts/yc.contact/"
    for username, leads_to in (("sj.auditadmin", logged), ("sj.auditor", logged), ("sj.security", account)):
        watcher = client_for(username)
        page = watcher.get(reverse("changes")).content.decode()
        assert (sentence in page, f'href="{leads_to}"' in page) == (True, True)
        assert watcher.get(leads_to).status_code == 200
    assert sentence not in client.get(reverse("inbox")).content.decode()


def test_the_watch_runs_with_the_sweep_and_the_number_is_the_policys(play: Play, cast: Cast, now: Now) -> None:
    play("set_privacy_policy", "sc.leader", refusals_per_hour=5, reason="收紧")
    refused(cast, now.at, 6)
    assert refused_access.look_after in WATCHES
    refused_access.look_after(now.at)
    assert Alarm.objects.get(kind="probing").facts["count"] == 5


def test_the_alarm_ends_with_its_hour(cast: Cast, now: Now) -> None:
    refused(cast, now.at, 21)
    for minutes, stands in ((0, True), (59, True), (2, False)):
        now.forward(minutes=minutes)
        refused_access.look_after(now.at)
        assert Alarm.objects.filter(kind="probing", cleared_at=None).exists() is stands


def test_the_person_themselves_is_not_told(cast: Cast, now: Now) -> None:
    refused(cast, now.at - timedelta(minutes=1), 21, "sj.auditor")
    refused_access.look_after(now.at)
    told = Notification.objects.filter(kind="probing").values_list("recipient__username", flat=True)
    assert "sj.auditor" not in told
    assert told
