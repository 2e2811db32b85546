"""What a load balancer and a monitor are told."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client

from accountability.models import Heartbeat
from accountability.monitoring import heartbeats, system_health
from accountability.monitoring.system_health import Check
from config import probes
from tests.factories import Now

ALL = ["database", *probes.CHECKS]

DOCS = settings.BASE_DIR / "docs"

OF_A_PROXY = "/readyz?exclude=heartbeats&exclude=calendar"
"""What pages work without: a calendar that nobody has published yet would otherwise stop all of them."""


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says which parts fail."""

    def fail(*failing: str) -> None:
        named = {probes.CHECKS[part] for part in probes.CHECKS}
        bad = {probes.CHECKS[part] for part in failing}
        looks = {name: (lambda at, name=name: Check("", "danger" if name in bad else "ok", "")) for name in named}
        monkeypatch.setattr(system_health, "named", looks.__getitem__)

    fail()
    return fail


@pytest.mark.django_db
@pytest.mark.usefixtures("parts")
def test_ready_where_everything_works_and_a_write_is_taken(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, dict.fromkeys(ALL, True))
    assert Heartbeat.objects.get().name.startswith("web ")


@pytest.mark.django_db
@pytest.mark.parametrize("part", list(probes.CHECKS))
def test_each_part_that_fails_is_named_and_can_be_left_out(
    client: Client, parts: Callable[..., None], part: str
) -> None:
    parts(part)
    answer, without = client.get("/readyz"), client.get(f"/readyz?exclude={part}&exclude=nothing")
    assert (answer.status_code, [name for name, works in answer.json().items() if not works]) == (503, [part])
    assert (without.status_code, part in without.json()) == (200, False)


@pytest.mark.django_db
def test_pages_are_served_without_a_calendar_and_without_workers(client: Client, parts: Callable[..., None]) -> None:
    parts("calendar", "heartbeats")
    assert (client.get("/readyz").status_code, client.get(OF_A_PROXY).status_code) == (503, 200)


@pytest.mark.parametrize("page", ["several-hosts.md", "upgrading.md", "deploy.md"])
def test_whoever_decides_where_people_are_served_is_told_one_address(page: str) -> None:
    told = re.findall(r"`(?:GET )?(/readyz\S*)`", (DOCS / page).read_text(encoding="utf-8"))
    assert told.count(OF_A_PROXY) == 1


@pytest.mark.django_db
def test_each_part_is_a_check_of_the_operations_page(now: Now) -> None:
    for name in probes.CHECKS.values():
        assert system_health.named(name)(now.at).tone in ("ok", "warn", "danger", "neutral")


@pytest.mark.django_db
def test_a_database_that_takes_no_write_is_told_and_the_process_lives(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_values: object) -> None:
        raise DatabaseError("disk full: 13800138000")

    monkeypatch.setattr(heartbeats, "note", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, dict.fromkeys(ALL, False))
    assert client.get("/livez").status_code == 200


def test_alive_is_told_without_the_database_and_with_any_session(client: Client) -> None:
    """No access to the database is allowed here: a session that can't be read changes nothing."""
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/livez", headers={"host": "anything.example"})
    assert (answer.status_code, answer.json()) == (200, {"live": True})


@pytest.mark.parametrize("place", ["/livez", "/readyz"])
def test_only_reading_is_answered(client: Client, place: str) -> None:
    assert client.post(place).status_code == 405


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """When the parts were asked, in a thread as it is in a server."""
    times: list[float] = []

    def works(_at: datetime) -> dict[str, bool]:
        times.append(time.monotonic())
        return dict.fromkeys(probes.CHECKS, True)

    monkeypatch.setattr(probes, "_works", works)
    monkeypatch.setattr(probes._Asked, "answer", None)
    monkeypatch.setattr(probes, "answer", probes.answer_apart)
    yield times
    if probes._Asked.thread:
        probes._Asked.thread.join(10)
    connection.close()


def test_many_who_ask_cost_one_look(client: Client, asked: list[float]) -> None:
    assert [client.get("/readyz").status_code for _time in range(50)] == [200] * 50
    assert len(asked) == 1


def test_a_database_that_never_answers_holds_nobody_long(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    thaw = threading.Event()
    monkeypatch.setattr(probes, "_works", lambda _at: {"thawed": thaw.wait(30)})
    monkeypatch.setattr(probes, "answer", probes.answer_apart)
    monkeypatch.setattr(probes, "LONGEST", 0.2)
    monkeypatch.setattr(probes._Asked, "answer", None)
    begun = time.monotonic()
    said = [client.get("/readyz").status_code for _time in range(20)]
    took, threads = time.monotonic() - begun, [one for one in threading.enumerate() if one.name == "readiness"]
    thaw.set()
    for thread in threads:
        thread.join(10)
    assert (said, len(threads), took < 2) == ([503] * 20, 1, True)
