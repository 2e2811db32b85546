"""What a monitor is told, and nobody else: few statements, and no word that anybody typed."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from accountability.gate import perform
from accountability.gate.act import Refused
from accountability.models import AccessLog, Alarm, Deadline, Employee, Heartbeat, Notification
from accountability.monitoring import heartbeats
from complaints.models import Complaint
from config import counting, metrics, serving
from config.metrics import METHODS, OTHER, Measured
from tests.config.test_keys import BASE_DIR
from tests.config.test_logs import FORGED, MOBILE, TOKEN, Served, plant
from tests.config.test_processes import wait_for
from tests.factories import Now, Play
from tests.migrated import Migrated

SECRET = "q8Zt-3vXk_27LmNoPqRs-TuVwXyZ0123"  # pragma: allowlist secret
RIGHT = {"authorization": f"Bearer {SECRET}"}
OURS = "shouwen_"

pytestmark = [pytest.mark.asvs("13.4.5", "16.2.5"), pytest.mark.django_db]


@pytest.fixture
def client(settings: Any) -> Client:
    settings.METRICS_TOKEN = SECRET
    return Client()


@pytest.fixture
def complaint(play: Play) -> Complaint:
    return play.upto("accepted")


def told(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """The numbers of our own, by name and by the values of their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith(OURS):
                found.setdefault(sample.name.removeprefix(OURS), {})[tuple(sample.labels.values())] = sample.value
    return found


def ask(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    answer = client.get("/metrics", headers=RIGHT)
    assert answer.status_code == 200
    return told(answer.content.decode())


@pytest.mark.parametrize(
    ("token", "given"),
    [
        ("", {}), ("", {"authorization": "Bearer "}), ("", {"authorization": "Bearer"}), (SECRET, {}),
        (SECRET, {"authorization": f"Bearer {SECRET[:-1]}"}), (SECRET, {"authorization": SECRET}),
        (SECRET, {"authorization": f"Basic {SECRET}"}), (SECRET, {"authorization": "Bearer 口令"}),
        (SECRET, {"cookie": f"token={SECRET}"}),
    ],
)  # fmt: skip
def test_it_is_there_for_the_token_alone(
    settings: Any, token: str, given: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever doesn't know it learns nothing, and costs no statement and no line of the log: no limit counts them."""
    settings.METRICS_TOKEN = token
    with CaptureQueriesContext(connection) as asked:
        answer = Client().get("/metrics", headers=given)
        by_address = Client().get(f"/metrics?token={token}")
    assert (answer.status_code, answer.content, by_address.status_code, len(asked)) == (404, b"", 404, 0)
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


def test_no_session_is_looked_at(client: Client) -> None:
    client.cookies["sessionid"] = "x" * 32
    with CaptureQueriesContext(connection) as asked:
        ask(client)
    assert [one["sql"] for one in asked if "session" in one["sql"]] == []


def test_nobody_asks_nothing_is_measured(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    with pytest.raises(MiddlewareNotUsed):
        Measured(lambda _request: None)  # type: ignore[arg-type, return-value]


def test_the_database_is_asked_when_wanted_in_few_statements(client: Client, complaint: Complaint, now: Now) -> None:
    """Their number doesn't grow, and each reads an index."""
    with CaptureQueriesContext(connection) as few:
        ask(client)
    for number in range(30):
        Alarm.objects.create(key=f"k{number}", kind=f"kind{number}", since=now.at, raised_at=now.at)
        Heartbeat.objects.create(name=f"web host{number}", at=now.at)
    with CaptureQueriesContext(connection) as many:
        found = ask(client)
    assert len(few) == len(many) == 8
    assert len(found["alarms"]) >= 30
    assert "heartbeat_age_seconds" not in found
    assert [one["sql"] for one in many if not one["sql"].startswith("SELECT")] == []


def test_each_number_is_right(client: Client, complaint: Complaint, now: Now) -> None:
    at = now.at
    running = Deadline.objects.running().order_by("pk").first()
    assert running is not None
    before = ask(client)
    Deadline.objects.filter(pk=running.pk).update(due_at=at - timedelta(hours=1))
    recipient = Employee.objects.order_by("pk").first()
    assert recipient is not None
    for minutes in (5, 10):
        one = Notification.objects.create(recipient=recipient, kind="clock", created_at=at - timedelta(minutes=minutes))
        Notification.objects.filter(pk=one.pk).update(sent_at=None)
    task = next(iter(heartbeats.scheduled()))
    heartbeats.note(task, at - timedelta(seconds=90))
    found = ask(client)

    def grew(name: str) -> float:
        return found[name][()] - before[name][()]

    assert (grew("due"), grew("unsent_notices"), grew("open"), grew("missed")) == (1, 2, 0, 0)
    assert (found["sweep_lag_seconds"][()], found["unsent_notices_lag_seconds"][()]) == (3600, 600)
    assert found["heartbeat_age_seconds"][(task.rpartition(".")[2],)] == 90
    Deadline.objects.filter(pk=running.pk).update(missed_at=at - timedelta(hours=1))
    after = ask(client)
    assert (after["due"][()], after["sweep_lag_seconds"][()]) == (before["due"][()], 0)
    assert (after["missed"][()] - found["missed"][()], after["open"][()] - found["open"][()]) == (1, -1)


def test_without_the_database_the_rest_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_at: object) -> None:
        raise DatabaseError(f"gone: {MOBILE}")

    monkeypatch.setattr("config.metrics.numbers", fail)
    found = ask(client)
    assert (found["database_up"], "due" in found) == ({(): 0.0}, False)
    monkeypatch.undo()
    client.get("/sign-in/")
    assert (ask(client)["database_up"], "answers_total" in ask(client)) == ({(): 1.0}, True)


def test_durations_are_counted_by_page_and_answers_by_status(client: Client) -> None:
    before = ask(client)
    client.get("/sign-in/")
    client.get("/nowhere/")
    client.delete("/sign-in/")
    found = ask(client)

    def grew(name: str, *labels: str) -> float:
        return found[name].get(labels, 0) - before.get(name, {}).get(labels, 0)

    assert (grew("request_seconds_count", "sign_in"), grew("answers_total", "GET", "404")) == (2, 1)
    assert (grew("answers_total", OTHER, "405"), grew("request_seconds_count", OTHER)) == (1, 2)


def test_a_refused_act_is_counted_by_its_code(client: Client, complaint: Complaint, play: Play) -> None:
    before = ask(client).get("refusals_total", {})
    for _time in range(2):
        with pytest.raises(Refused) as refused:
            play("accept", "kf.agent", complaint)
    code = (refused.value.code,)
    assert ask(client)["refusals_total"][code] == before.get(code, 0) + 2


def test_no_label_holds_what_was_sent(
    client: Client, client_for: Callable[[str], Client], complaint: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever path, query, method or header: the labels are names of pages, our methods, statuses, codes and tasks."""
    agent = client_for("kf.agent")
    for one in (client, agent):
        for place in (f"/{MOBILE}/?q={MOBILE}", f"/files/{TOKEN}/", f"/complaints/{complaint.matter.number}/?q=王建国"):
            plant(one, place, headers={"user-agent": FORGED, "x-request-id": MOBILE})
        one.generic(f"G{MOBILE}", "/sign-in/")
    text = client.get("/metrics", headers=RIGHT).content.decode()
    assert [
        word for word in (MOBILE, TOKEN, "王建国", str(complaint.matter.number), "kf.agent", SECRET) if word in text
    ] == []
    answered = told(text)["answers_total"]
    assert {method for method, _status in answered} <= {*METHODS, OTHER}
    assert all(re.fullmatch(r"[1-5]\d\d", status) for _method, status in answered)
    assert all(re.fullmatch(r"[a-z_:]+", page) for (page,) in told(text)["request_seconds_count"])


class Pipe:
    """What of Redis is used."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pipeline(self, transaction: bool) -> Pipe:
        return self

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *_error: Any) -> None:
        return None

    def llen(self, name: str) -> None:
        self.asked.append(name)

    def execute(self) -> list[int]:
        return [len(name) for name in self.asked]


def test_with_a_broker_its_queues_are_told(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    assert "queue_length" not in ask(client)
    settings.CELERY_BROKER_URL = "redis://localhost:1/0"
    assert "queue_length" not in ask(client)
    monkeypatch.setattr(counting, "_redis", lambda _url: Pipe())
    assert ask(client)["queue_length"] == {("celery",): 6, ("notices",): 7, ("papers",): 6}
    routed = {route["queue"] for route in real.CELERY_TASK_ROUTES.values()}
    assert routed | {"celery"} == {"celery", "notices", "papers"}


def test_each_metric_is_documented(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, play: Play, complaint: Complaint
) -> None:
    settings.CELERY_BROKER_URL = "redis://localhost:1/0"
    monkeypatch.setattr(counting, "_redis", lambda _url: Pipe())
    client.get("/sign-in/")
    text = client.get("/metrics", headers=RIGHT).content.decode()
    answered = {line.split()[2] for line in text.splitlines() if line.startswith(f"# TYPE {OURS}")}
    rows = re.findall(r"(?m)^\| (`shouwen_.*?) \|", (BASE_DIR / "docs/operations.md").read_text(encoding="utf-8"))
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == {name for name in answered if not name.endswith("_created")} - {f"{OURS}counted_total"}


COUNTING = """
import os, sys
from prometheus_client import Counter
counted = Counter("shouwen_counted", "x")
for _time in range(int(sys.argv[1])):
    counted.inc()
"""


def test_gunicorns_processes_count_together_and_leave_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that have ended count too. A folder for each server, and none where nobody may ask."""
    monkeypatch.delenv(serving.COUNTED_IN, raising=False)
    monkeypatch.delenv("METRICS_TOKEN", raising=False)
    serving.on_starting(None)
    assert serving.COUNTED_IN not in os.environ
    monkeypatch.setenv("METRICS_TOKEN", SECRET)
    monkeypatch.setenv(serving.COUNTED_IN, "")
    serving.on_starting(None)
    folder = Path(os.environ[serving.COUNTED_IN])
    for times in ("3", "4"):
        subprocess.run([sys.executable, "-c", COUNTING, times], env=dict(os.environ), check=True)
    assert (ask(client)["counted_total"], folder.stat().st_mode & 0o777) == ({(): 7.0}, 0o700)
    serving.on_exit(None)
    assert not folder.exists()


@pytest.mark.slow
def test_each_process_of_gunicorn_tells_what_all_counted(
    migrated: Migrated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As deployed, with two processes; one that is killed has counted all the same."""
    monkeypatch.setenv("METRICS_TOKEN", SECRET)
    migrated.lay_out(tmp_path)
    running = Served(tmp_path, workers=2)

    def get(place: str, headers: dict[str, str]) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", running.port, timeout=30)) as asked:
            asked.request("GET", place, headers=headers)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()

    try:
        assert [get("/sign-in/", {})[0] for _time in range(40)] == [200] * 40
        found = [told(get("/metrics", RIGHT)[1])["request_seconds_count"][("sign_in",)] for _time in range(10)]
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        wait_for(lambda: Path(f"/proc/{children[0]}").exists() is False, 30)
        found.append(told(get("/metrics", RIGHT)[1])["request_seconds_count"][("sign_in",)])
        assert (found, len(children), get("/metrics", {})[0]) == ([40.0] * 11, 2, 404)
    finally:
        log = running.end()
    assert (SECRET in log, [line for line in log.splitlines() if "counts" in line]) == (False, [])


def test_what_cant_be_counted_is_answered_refused_and_noted(
    client: Client, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as where the folder of the counts is gone."""

    def fail(*_labels: Any) -> Any:
        raise FileNotFoundError

    for counter in (metrics.DURATIONS, metrics.ANSWERS, perform.REFUSALS):
        monkeypatch.setattr(counter, "labels", fail)
    assert client.get("/livez").status_code == 200
    complaint = play.upto("delivered")
    assert play.refused("accept", "wh.zhang", complaint).code == "forbidden"
    assert AccessLog.objects.filter(action="accept", result="forbidden").count() == 1


def test_without_the_folder_of_the_counts_the_rest_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(serving.COUNTED_IN, str(tmp_path / "gone"))
    assert ask(client)["database_up"] == {(): 1.0}
