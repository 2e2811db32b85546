"""The administrators' pages: how the system runs, who has which role, who looked at what."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.audit.access_labels import RESULTS, known_actions
from accountability.declarations.access import ACTIONS
from accountability.models import (
    AccessLog,
    Appointment,
    ChannelHealth,
    Employee,
    GuardedChange,
    LedgerEntry,
    Notification,
    Seal,
    Verification,
)
from accountability.monitoring import system_health
from accountability.monitoring.system_health import Check, checks_of
from accountability.web.request import PAGE_SIZE
from complaints.models import Complaint
from tests.accountability.notices.test_sentences import written
from tests.factories import INTAKE, Cast, Now, Play

pytestmark = pytest.mark.compliance(2, 9)

LOG = "/access-log/"
ClientFor = Callable[[str], Client]


def lines(client: Client, **asked: str) -> list[tuple[str, str]]:
    found = client.get(LOG, asked).context["lines"]
    return [(line["row"].actor.username if line["row"].actor else "", line["row"].action) for line in found]


# The access log


@pytest.fixture
def log(cast: Cast, now: Now, play: Play) -> Complaint:
    complaint = play.upto("accepted")
    AccessLog.objects.create(
        at=now.at, actor=cast["kf.agent"], action="reveal", matter=complaint.matter, result="ok", address="10.1.2.3"
    )
    AccessLog.objects.create(at=now.at, actor=cast["wh.li"], action="reveal", matter=complaint.matter, result="refused")
    AccessLog.objects.create(at=now.at, actor=None, action="sign_in", result="refused", detail="wh.li")
    AccessLog.objects.create(at=now.at - timedelta(days=1), actor=cast["kf.agent"], action="export", result="ok")
    return complaint


def test_it_is_narrowed_by_action_person_result_and_day(log: Complaint, client_for: ClientFor) -> None:
    client = client_for("sj.auditadmin")
    assert lines(client) == [("kf.agent", "export"), ("", "sign_in"), ("wh.li", "reveal"), ("kf.agent", "reveal")]
    assert lines(client, action="reveal", result="ok") == [("kf.agent", "reveal")]
    assert lines(client, person="wh.li") == [("", "sign_in"), ("wh.li", "reveal")]
    assert lines(client, day="2026-11-23") == [("kf.agent", "export")]
    assert lines(client, day="2026-11-24", person="kf.agent") == [("kf.agent", "reveal")]


@pytest.mark.parametrize(
    "asked",
    [
        {"person": "nobody"}, {"day": "yesterday"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"action": "fly"},
        {"result": "maybe"},
    ],
)  # fmt: skip
def test_what_cant_be_asked_is_said_at_its_field(cast: Cast, client_for: ClientFor, asked: dict[str, str]) -> None:
    answer = client_for("sj.auditadmin").get(LOG, asked)
    assert (answer.status_code, list(answer.context["asked"].errors)) == (422, list(asked))
    (typed,) = asked.values()
    assert "没有符合条件的记录" not in answer.content.decode()
    assert typed in answer.content.decode() or "action" in asked or "result" in asked


def test_of_a_matter_only_its_number_stands_there_and_leads_nowhere(log: Complaint, client_for: ClientFor) -> None:
    number = str(log.matter.number)
    for username in ("sj.auditadmin", "sj.auditor"):
        page = client_for(username).get(LOG).content.decode()
        assert (number in page, f"/{number}/" in page) == (True, False)
        assert [word for word in (*INTAKE.values(),) if len(word) > 4 and word in page] == []


def test_it_is_paged_with_a_constant_number_of_queries(cast: Cast, now: Now, client_for: ClientFor) -> None:
    client, counts = client_for("sj.auditadmin"), []
    for more in (3, 120):
        AccessLog.objects.bulk_create(
            AccessLog(at=now.at, actor=cast["kf.agent"], action="look_up", result="ok") for _n in range(more)
        )
        with CaptureQueriesContext(connection) as captured:
            first = client.get(LOG, {"action": "look_up"})
        counts.append(len(captured))
    following = client.get(LOG, {"action": "look_up", "after": first.context["page"].after})
    assert (counts[0], len(first.context["lines"]), len(following.context["lines"])) == (counts[1], 50, 50)


def test_every_word_of_the_log_is_told_in_words() -> None:
    """Whatever the code writes as action or result has its label."""
    actions = written("AccessLog", 9, "action") | written("record", 1, "action") | {"read", "reveal"}
    assert actions - set(dict(known_actions())) == set()
    assert written("AccessLog", 9, "result") - set(RESULTS) == set()
    assert set(ACTIONS) - set(dict(known_actions())) == set()


def test_verification_and_seals_are_told_to_whom_watches(cast: Cast, now: Now, client_for: ClientFor) -> None:
    client = client_for("sj.auditadmin")
    assert [one.tone for one in client.get(LOG).context["checks"]] == ["ok", "warn", "warn"]
    Seal.objects.create(number=1, at=now.at, hmac="0" * 64, entries=5, matters=1, rows=2)
    Verification.objects.create(at=now.at, entries=5, seals=1, found=0, findings=[])
    assert [one.tone for one in client.get(LOG).context["checks"]] == ["ok", "ok", "ok"]
    Verification.objects.create(at=now.at, entries=5, seals=1, found=2, findings=["x", "y"])
    now.forward(hours=3)
    assert [one.tone for one in client.get(LOG).context["checks"]] == ["ok", "danger", "danger"]


# How the system runs


def tones(now: Now) -> dict[str, str]:
    named = {look.__name__: look(now.at) for look in system_health.CHECKS["system"]}
    return {name: one.tone for name, one in named.items() if name not in ("disk_has_room", "backup_is_fresh")}


def test_each_thing_that_stands_still_is_seen(cast: Cast, now: Now, play: Play) -> None:
    well = tones(now)
    assert set(well.values()) <= {"ok", "neutral"}
    play.upto("delivered")
    now.forward(minutes=40)
    late = tones(now)
    assert (late["sweep_runs"], late["notices_leave"], late["papers_are_made"]) == ("danger", "danger", "ok")
    ChannelHealth.objects.create(channel="email", failures=2)
    assert tones(now)["channels_work"] == "danger"


def test_the_age_of_the_backup_is_told_by_its_mark(
    now: Now, db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tone() -> str:
        return system_health.backup_is_fresh(now.at).tone

    settings.BACKUP_MARK = ""
    found = [tone()]
    settings.BACKUP_MARK = str(tmp_path / "mark")
    found.append(tone())
    (tmp_path / "mark").touch()
    for hours in (1, 30):
        moment = (now.at - timedelta(hours=hours)).timestamp()
        os.utime(tmp_path / "mark", (moment, moment))
        found.append(tone())
    assert found == ["neutral", "danger", "ok", "danger"]


def test_the_page_tells_states_and_no_matter(play: Play, now: Now, client_for: ClientFor) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=40)
    answer = client_for("sj.system").get("/operations/")
    page = answer.content.decode()
    assert answer.context["failing"] >= 2
    assert [word for word in (str(complaint.matter.number), *INTAKE.values()) if len(word) > 4 and word in page] == []
    assert all(isinstance(one, Check) for group in system_health.CHECKS for one in checks_of(group, now.at))
    assert Notification.objects.filter(sent_at=None).exists()


def test_in_english_what_runs_is_fine_and_not_on_time(cast: Cast, client_for: ClientFor) -> None:
    client = client_for("sj.system")
    client.cookies["django_language"] = "en"
    page = client.get("/operations/").content.decode()
    assert (bool(re.search(r"\sFine\s", page)), "On time" in page) == (True, False)


# Accounts and roles


def listed(client: Client, **asked: str) -> list[str]:
    return [row["person"].username for row in client.get("/accounts/", asked).context["rows"]]


def test_accounts_are_found_by_username_and_name(cast: Cast, client_for: ClientFor) -> None:
    Employee.objects.filter(username="wh.li").update(name="李思琪", is_active=False)
    client = client_for("sj.security")
    assert listed(client, q="思琪") == listed(client, q="WH.LI") == listed(client, only="gone") == ["wh.li"]
    assert listed(client, only="oversight") == ["sj.auditadmin", "sj.auditor", "sj.security", "sj.system"]
    assert listed(client, q="zz.nobody") == []
    assert "system" not in listed(client, q="system")


def test_the_list_is_paged_with_a_constant_number_of_queries(cast: Cast, client_for: ClientFor) -> None:
    client, counts = client_for("sj.security"), []
    for more in (0, 60):
        Employee.objects.bulk_create(Employee(username=f"aa.{n:03}", name="员工", password="!") for n in range(more))
        with CaptureQueriesContext(connection) as captured:
            first = client.get("/accounts/")
        counts.append(len(captured))
    assert (counts[0], len(first.context["rows"])) == (counts[1], PAGE_SIZE)
    following = client.get("/accounts/", {"after": first.context["page"].after})
    assert following.context["rows"][0]["person"].username > first.context["rows"][-1]["person"].username


def test_an_account_offers_appointing_or_ending_and_the_act_leads_back(cast: Cast, client_for: ClientFor) -> None:
    client = client_for("sj.security")
    offered = {
        name: [form.verb.name for form in client.get(f"/accounts/{name}/").context["forms"]]
        for name in ("sj.plain", "sj.auditor", "sj.security")
    }
    assert offered == {"sj.plain": ["appoint_administrator"], "sj.auditor": ["end_administrator"], "sj.security": []}
    typed = {"employee": "sj.plain", "role": "auditor", "starts_on": "2026-11-24", "reason": "任命", "_key": "k1"}
    answer = client.post(reverse("organisation_act", args=["appoint_administrator"]), typed)
    assert (answer.status_code, answer.headers["location"]) == (302, "/accounts/sj.plain/")
    told = client.get("/accounts/sj.plain/").content.decode()
    assert ("已申请“任命管理员或审计员”，待第二人审批后生效。" in told, "审计员任命" in told) == (True, False)
    assert GuardedChange.objects.get(employee=cast["sj.plain"]).role == "auditor"
    assert not Appointment.objects.filter(employee=cast["sj.plain"]).exists()


def test_the_system_itself_and_who_isnt_there_have_no_account(cast: Cast, client_for: ClientFor) -> None:
    client = client_for("sj.security")
    assert [client.get(f"/accounts/{name}/").status_code for name in ("system", "nobody")] == [404, 404]


# From where an act came


def test_an_act_of_a_page_leaves_from_where_it_came(cast: Cast, client_for: ClientFor, now: Now) -> None:
    client = client_for("sj.security")
    typed = {"employee": "sj.plain", "role": "auditor", "starts_on": "2026-11-24", "reason": "任命", "_key": "k1"}
    place = reverse("organisation_act", args=["appoint_administrator"])
    for _twice in range(2):
        client.post(place, typed)
    client.post(place, typed | {"employee": "wh.contact", "_key": "k2"})
    rows = AccessLog.objects.filter(action="appoint_administrator").order_by("pk")
    told = [(row.actor, row.result, row.address, row.at, row.matter and row.matter.number) for row in rows]
    assert told == [
        (cast["sj.security"], "ok", "127.0.0.1", now.at, "ORG"),
        (cast["sj.security"], "condition", "127.0.0.1", now.at, "ORG"),
    ]


@pytest.mark.compliance(4)
def test_an_act_whose_row_cant_be_written_isnt_done(
    cast: Cast, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*values: Any, **more: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("accountability.gate.perform.insert", full)
    before = LedgerEntry.objects.count()
    client = client_for("sj.security")
    client.raise_request_exception = False
    typed = {"employee": "sj.plain", "role": "auditor", "starts_on": "2026-11-24", "reason": "任命", "_key": "k1"}
    answer = client.post(reverse("organisation_act", args=["appoint_administrator"]), typed)
    assert (answer.status_code, LedgerEntry.objects.count() - before) == (500, 0)
    assert not Appointment.objects.filter(employee=cast["sj.plain"]).exists()
