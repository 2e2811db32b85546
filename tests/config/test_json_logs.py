"""Logs as JSON: what a log server reads names nobody either, tells which request and task a line is of, and isn't
flooded.
"""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery.worker.request import Request as Received
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config.celery import app
from config.logs import FORMATTERS, Json, Line, Sparing, formatter_of
from config.request_ids import HEADER, REQUEST_ID
from tests.config.test_keys import BASE_DIR
from tests.config.test_logs import FORGED, IDENTITY, MOBILE, PLANTED, TOKEN, plant

log = logging.getLogger("accountability")

pytestmark = [pytest.mark.asvs("16.2.1", "16.2.4", "16.4.1"), pytest.mark.compliance(14)]


class Kept:
    """A handler that writes into memory."""

    def __init__(self, every: float = 60) -> None:
        self.stream = io.StringIO()
        self.handler = Sparing(self.stream, every)
        self.handler.setFormatter(Json())

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    logging.getLogger().addHandler(made.handler)
    yield made
    logging.getLogger().removeHandler(made.handler)
    made.handler.close()


@pytest.mark.parametrize(
    ("given", "formatter"),
    [
        ({}, Json), ({"DEVELOPMENT": "1"}, Line), ({"DEMO": "true"}, Line), ({"DEMO": "0"}, Json),
        ({"LOG_FORMAT": "line"}, Line), ({"DEBUG": "1", "LOG_FORMAT": "json"}, Json), ({"LOG_FORMAT": ""}, Json),
    ],
)  # fmt: skip
def test_production_writes_json_and_people_read_lines(given: dict[str, str], formatter: type[Line]) -> None:
    assert formatter_of(given) is formatter
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT=xml"):
        formatter_of(given | {"LOG_FORMAT": "xml"})


PROGRAMS = {
    "settings": "import django; django.setup(); import logging; h = logging.getLogger().handlers",
    "gunicorn": "from gunicorn.config import Config; from config.serving import Log; "
    "h = Log(Config()).error_log.handlers",
    "worker": "import django; django.setup(); import logging; from config.celery import write_our_lines; "
    "write_our_lines(); h = logging.getLogger().handlers",
}


@pytest.mark.parametrize("program", list(PROGRAMS))
@pytest.mark.parametrize("name", list(FORMATTERS))
def test_each_program_writes_as_the_setting_says(program: str, name: str) -> None:
    code = f"{PROGRAMS[program]}; print([type(one.formatter).__name__ for one in h])"
    environ = {"DEVELOPMENT": "1", "LOG_FORMAT": name, "DJANGO_SETTINGS_MODULE": "config.settings"}
    ran = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=environ, capture_output=True, text=True)
    assert ran.stdout.strip() == f"['{FORMATTERS[name].__name__}']", ran.stderr


def test_a_record_is_one_object_with_its_offset(kept: Kept) -> None:
    log.warning("对账 %s", 3, extra={"request": f"<GET /?q={MOBILE}>"})
    (said,) = kept.lines()
    at = datetime.fromisoformat(said.pop("time"))
    assert at.utcoffset() == timedelta(hours=8)
    assert said == {"level": "WARNING", "logger": "accountability", "message": "对账 3"}


def test_a_record_and_its_exception_name_nobody_and_are_one_line(kept: Kept) -> None:
    said = f"duplicate key\nDETAIL:  Key (name, phone)=(王建国, {MOBILE}) exists.\n{FORGED}\r{IDENTITY}\u2028\u202ex"
    try:
        raise ValueError(said)
    except ValueError:
        log.exception("it broke for %s at /files/%s/\r\n%s", MOBILE, TOKEN, FORGED)
    (line,) = kept.lines()
    everything = kept.stream.getvalue()
    assert [word for word in (MOBILE, IDENTITY, TOKEN, "王建国") if word in everything] == []
    assert line["message"] == f"it broke for 138****4567 at /files/…/\\r\\n{FORGED}"
    assert line["exception"].startswith("Traceback")
    assert "DETAIL: …" in line["exception"]
    assert re.findall(r"[\r\u2028\u202e]", "".join(line.values())) == []


def test_what_is_planted_in_a_request_is_in_no_object(
    client_for: Callable[[str], Client], kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = client_for("kf.agent")
    for client in (Client(), agent):
        for place in (f"/{MOBILE}%0d%0a/?q={MOBILE}", f"/files/{TOKEN}/", f"/complaints/?q={MOBILE}&name=王建国"):
            plant(client, place, headers={"user-agent": PLANTED, HEADER: MOBILE})
    monkeypatch.setattr("complaints.views.desk.render", lambda *_a, **_k: int(PLANTED))
    agent.get(f"/?q={MOBILE}")
    found = kept.lines()
    assert [word for word in (MOBILE, "王建国", TOKEN) if word in kept.stream.getvalue()] == []
    assert any("Not Found" in line["message"] for line in found)
    assert any("ValueError" in line.get("exception", "") for line in found)
    assert {bool(re.fullmatch(r"[0-9a-f]{16}", line["request_id"])) for line in found} == {True}


@pytest.mark.django_db
def test_the_answer_tells_the_number_of_its_lines(kept: Kept) -> None:
    """Another for each request, and never the one that was sent: it could be anybody's words."""
    answers = [Client().get("/nowhere/", headers={HEADER: PLANTED}) for _time in range(2)]
    numbers = [answer.headers[HEADER] for answer in answers]
    assert len(set(numbers)) == 2
    assert [line["request_id"] for line in kept.lines() if "Not Found" in line["message"]] == numbers
    assert REQUEST_ID.get() == ""
    assert Client().get("/livez").headers[HEADER]


@app.task
def tell() -> None:
    log.warning("told")


@pytest.mark.django_db
def test_a_task_tells_its_number_and_the_request_that_sent_it(kept: Kept) -> None:
    given = REQUEST_ID.set("0123456789abcdef")
    try:
        sent = tell.apply_async(queue="numbers")
    finally:
        REQUEST_ID.reset(given)
    alone = tell.apply_async(queue="numbers")
    with app.connection() as connection, connection.SimpleQueue("numbers") as queue:
        for _sent in (sent, alone):
            message = queue.get(timeout=5)
            Received(message, app=app).execute()
            message.ack()
    found = [(line.get("request_id"), line["task_id"]) for line in kept.lines() if line["message"] == "told"]
    assert found == [("0123456789abcdef", sent.id), (None, alone.id)]


def fail(times: int, said: str = "no room", level: int = logging.ERROR) -> None:
    for _time in range(times):
        log.log(level, said)


def counted(kept: Kept) -> list[tuple[str, int]]:
    return [(line["message"], line.get("repeated", 0)) for line in kept.lines()]


def test_the_same_error_is_written_once_and_its_repetitions_counted(kept: Kept) -> None:
    kept.handler.every = 0.3
    fail(40)
    fail(1, "another")
    fail(3, "a warning", logging.WARNING)
    at_once = [("no room", 0), ("another", 0), *[("a warning", 0)] * 3]
    assert counted(kept) == at_once
    time.sleep(0.4)
    assert counted(kept) == [*at_once, ("no room", 39)]
    fail(2)
    assert counted(kept) == [*at_once, ("no room", 39)]
    time.sleep(0.4)
    assert counted(kept)[5:] == [("no room", 39), ("no room", 2)]
    time.sleep(0.4)
    fail(1)
    assert counted(kept)[7:] == [("no room", 0)]


def test_a_process_that_ends_loses_no_count(kept: Kept) -> None:
    given = REQUEST_ID.set("of the last")
    fail(5)
    REQUEST_ID.reset(given)
    kept.handler.close()
    assert counted(kept) == [("no room", 0), ("no room", 4)]
    assert kept.lines()[1]["request_id"] == "of the last"


def test_a_stream_that_was_closed_first_takes_nothing_more(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the timer or the end of the process has still to tell then is no error of its own. Only this handler is
    asked: what a thread of an earlier test logs meanwhile stands in the process's own output.
    """
    failed: list[logging.LogRecord] = []
    monkeypatch.setattr(kept.handler, "handleError", failed.append)
    for _ in range(2):
        log.error("scanner: no answer")
    kept.stream.close()
    kept.handler.close()
    assert failed == []


def test_errors_without_number_are_written_all(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is bounded, so that errors with changing words fill no memory."""
    monkeypatch.setattr("config.logs.MOST_KEPT", 10)
    for number in range(50):
        fail(2, f"error {number}")
    assert (len(kept.handler.written), len(kept.lines())) == (10, 10 + 2 * 40)


@pytest.mark.filterwarnings("ignore")
def test_a_call_with_wrong_values_harms_nobody(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    log.error("%d rows", "many")
    log.error("after it")
    assert [line["message"] for line in kept.lines()] == ["after it"]
