"""No line of a log names anybody, and none is forged: whatever a client sends, and wherever."""

from __future__ import annotations

import io
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accountability.security import masking
from config.logs import BAR, Line, harmless
from config.serving import access_log_format
from tests.accountability.files.test_judge import PARSER, expressions, unbounded
from tests.config.test_keys import BASE_DIR
from tests.config.test_processes import wait_for
from tests.migrated import Migrated

MOBILE, IDENTITY, LANDLINE = "13871234567", "420106199001011234", "027-87654321"
TOKEN = "Zk3vX9_q-Ab7LmNo2PqRsTuVwXyZ0123"  # pragma: allowlist secret
FORGED = "2026-11-24 09:00:00,000 INFO accountability: kf.agent signed in"
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+: .*")

pytestmark = [pytest.mark.asvs("16.4.1", "16.2.5", "14.2.1", "1.3.10"), pytest.mark.compliance(14)]


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """What every logger writes, by the formatter of the settings."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(Line())
    logging.getLogger().addHandler(handler)
    yield kept.getvalue
    logging.getLogger().removeHandler(handler)


def told(written: Callable[[], str]) -> list[str]:
    """The lines; all are records, or stand behind the bar of a traceback."""
    lines = written().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line) and not line.startswith(BAR)] == []
    return lines


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (f"Not Found: /x\r\n{FORGED}", f"Not Found: /x\\r\\n{FORGED}"),
        ("a\u2028b\u2029c\x85d\x0be\x1cf", "a\\u2028b\\u2029c\\x85d\\x0be\\x1cf"),
        ("\x1b[2J\x1b[31mred\x07", "\\x1b[2J\\x1b[31mred\\x07"),
        ("txt.\u202eexe\u200b\ufeff", "txt.\\u202eexe\\u200b\\ufeff"),
        (f"call {MOBILE} or {LANDLINE}", "call 138****4567 or 027-****4321"),
        (f"id {IDENTITY}", "id 420106********1234"),
        ("１３８７１２３４５６７", "138****4567"),
        (r"/\uff11\uff13\uff18\uff17\uff11\uff12\uff13\uff14\uff15\uff16\uff17/", "/138****4567/"),
        ("GET /search/?q=王建国&s=x HTTP/1.1", "GET /search/?… HTTP/1.1"),
        ("Error handling request /?q=王建国", "Error handling request /?…"),
        ("Error handling request ?name=王建国", "Error handling request ?…"),
        (f"Not Found: /files/{TOKEN}/", "Not Found: /files/…/"),
        ("Cookie: sessionid=abc123; x", "Cookie: …; x"),
        ("{'password': 'kai men'}", "{'password': …"),
        ("Authorization: Bearer abc.def", "Authorization: …"),
        ("ordinary words, 2026-11-24 and TS20261124000001?", "ordinary words, 2026-11-24 and TS20261124000001?"),
    ],
)  # fmt: skip
def test_a_line_is_harmless(said: str, line: str) -> None:
    assert harmless(said).startswith(line)
    assert "\n" not in harmless(said)


def test_a_traceback_stands_behind_a_bar_and_names_nobody(written: Callable[[], str]) -> None:
    """The database tells the values that it didn't take, an exception whatever it was given."""
    said = f"duplicate key\nDETAIL:  Key (name, phone)=(王建国, {MOBILE}) exists.\n{FORGED}\r{MOBILE}"
    try:
        raise ValueError(said)
    except ValueError:
        logging.getLogger("accountability").exception("it broke for %s", MOBILE)
    lines = told(written)
    assert [line for line in lines if FORGED in line] == [f"{BAR}{FORGED}"]
    assert (MOBILE in "".join(lines), "王建国" in "".join(lines)) == (False, False)
    assert lines[0].endswith("it broke for 138****4567")
    assert len([line for line in lines if not line.startswith(BAR)]) == 1


PLANTED = f"{MOBILE}\r\n{FORGED}"


def plant(client: Client, place: str, **more: Any) -> None:
    client.raise_request_exception = False
    client.get(place, **more)
    client.post(place, {"username": PLANTED, "password": f"kai-{MOBILE}", "q": MOBILE, "phone": PLANTED}, **more)


@pytest.mark.asvs("16.2.5", "16.5.1", "14.2.1", "15.3.5")
def test_what_is_planted_in_a_request_is_in_no_line(
    client_for: Callable[[str], Client], written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In path, query, headers, account, files' names and fields, of a stranger and of somebody signed in; on pages
    that are there, that aren't, and that break.
    """
    agent, path = client_for("kf.agent"), f"/{MOBILE}%0d%0a{FORGED.replace(' ', '%20')}/?q={MOBILE}&name=王建国"
    headers = {"user-agent": PLANTED, "referer": f"https://x/{PLANTED}", "x-forwarded-for": PLANTED, "accept": MOBILE}
    for client in (Client(), agent):
        for place in (path, f"/sign-in/{path[1:]}", "/sign-in/", f"/files/{TOKEN}/", f"/complaints/?q={MOBILE}"):
            plant(client, place, headers=headers)
        plant(client, "/", headers={"host": f"{MOBILE}.example"})
        client.post("/language/", {"language": PLANTED, "next": f"//{PLANTED}"})
        upload = SimpleUploadedFile(f"{MOBILE}.exe", b"MZ")
        client.post("/complaints/new/", {"customer": "王建国", "phone": MOBILE, "files": [upload]})
    monkeypatch.setattr("complaints.views.desk.render", lambda *_a, **_k: int(PLANTED))
    agent.get(f"/?q={MOBILE}")
    everything = "\n".join(told(written))
    found = {word: word in everything for word in (MOBILE, "王建国", TOKEN, f"kai-{MOBILE}", "%0d", "sessionid")}
    assert found == dict.fromkeys(found, False)
    assert [line for line in everything.splitlines() if line.startswith(FORGED)] == []
    assert ("Not Found" in everything, "ValueError" in everything, "138****4567" in everything) == (True, True, True)


@pytest.mark.asvs("16.2.1")
def test_nothing_else_writes() -> None:
    """One handler with our lines for everybody; no mail, whose report of an error would hold what was sent."""
    said: dict[str, Any] = dict(settings.LOGGING)
    assert {handler["formatter"] for handler in said["handlers"].values()} == {"chosen"}
    assert said["formatters"] == {"chosen": {"()": Line}}
    assert [type(handler.formatter) for handler in logging.getLogger("django").handlers] == []
    assert "mail" not in repr(said)
    assert set(re.findall(r"%\((\w)\)s", access_log_format)) == {"h", "m", "U", "s", "b", "M"}


def test_a_worker_writes_the_same_lines() -> None:
    """Celery sets up no logging of its own where somebody hears its signal."""
    from celery.signals import setup_logging

    from config.celery import write_our_lines

    assert [receiver for _key, receiver in setup_logging.receivers if receiver() is write_our_lines] != []


class Served:
    """gunicorn as it is deployed, on a database of its own; `log` is what it and the application wrote."""

    def __init__(self, folder: Path, *, workers: int = 1) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        environ |= {"VAR_DIR": str(folder), "DEVELOPMENT": "1", "DEMO": "0", "ACCESS_LOG": "1"}
        self.log = folder / "log.txt"
        run = {"cwd": BASE_DIR, "env": environ}
        self.file = self.log.open("w")
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi",
            "--config",
            "python:config.serving",
            "--workers",
            str(workers),
        ]
        self.process = subprocess.Popen(
            [*gunicorn, "--bind", f"127.0.0.1:{self.port}"], stdout=self.file, stderr=subprocess.STDOUT, **run
        )  # type: ignore[call-overload]
        wait_for(lambda: self.send(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") != b"", 90)

    def send(self, request: bytes) -> bytes:
        """The first line of the answer to these very bytes; nothing where nobody listens."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
                line.sendall(request)
                return line.recv(4096).split(b"\r\n")[0]
        except OSError:
            return b""

    def end(self) -> str:
        self.process.terminate()
        self.process.wait(timeout=30)
        self.file.close()
        return self.log.read_text()


@pytest.fixture
def served(migrated: Migrated, tmp_path: Path) -> Iterator[Served]:
    migrated.lay_out(tmp_path)
    running = Served(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()
    running.file.close()


HEAD = b"Host: localhost\r\nConnection: close\r\n"


@pytest.mark.slow
@pytest.mark.asvs("4.2.1", "4.2.4", "4.2.5", "13.4.5")
def test_the_servers_own_log_names_nobody_and_a_request_has_bounds(served: Served) -> None:
    forged = FORGED.encode()
    asked = {
        "query": b"GET /sign-in/?q=13871234567 HTTP/1.1\r\n" + HEAD + b"\r\n",
        "path": b"GET /13871234567%0a" + forged.replace(b" ", b"%20") + b"/ HTTP/1.1\r\n" + HEAD + b"\r\n",
        "token": b"GET /files/" + TOKEN.encode() + b"/ HTTP/1.1\r\n" + HEAD + b"\r\n",
        "agent": b"GET /sign-in/ HTTP/1.1\r\n" + HEAD + b"User-Agent: 13871234567\r\n\r\n",
        "coloured": b"GET /sign-in/ HTTP/1.1\r\n" + HEAD + b"User-Agent: \x1b[31m\r\n\r\n",
        "folded": b"GET /sign-in/ HTTP/1.1\r\n" + HEAD + b"X: a\r\n 13871234567 " + forged + b"\r\n\r\n",
        "host": b"GET /sign-in/ HTTP/1.1\r\nHost: 13871234567.example\r\nConnection: close\r\n\r\n",
        "method": b"G13871234567 / HTTP/1.1\r\n" + HEAD + b"\r\n",
        "smuggled": b"POST /sign-in/ HTTP/1.1\r\n"
        + HEAD
        + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "long line": b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
        "long header": b"GET /sign-in/ HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n",
        "many headers": b"GET /sign-in/ HTTP/1.1\r\n" + HEAD + b"X: a\r\n" * 80 + b"\r\n",
    }
    answers = {name: served.send(request).split(b" ")[1:2] for name, request in asked.items()}
    log = served.end()
    answered = {"query": [b"200"], "token": [b"302"], "agent": [b"200"]}
    assert {name: status for name, status in answers.items() if status[:1] < [b"400"]} == answered
    found = {word: word in log for word in (MOBILE, TOKEN, "\x1b", "?q=")}
    assert found == dict.fromkeys(found, False)
    assert [line for line in log.splitlines() if line.startswith(FORGED)] == []
    assert '"GET /sign-in/" 200' in log


@pytest.mark.asvs("15.2.2")
def test_no_expression_of_a_line_is_tried_in_many_ways() -> None:
    """A path of slashes made a quadratic one run for minutes: a repetition keeps what it took, or is bounded."""
    parsed = {one: PARSER.parse(one) for one in expressions(BASE_DIR / "config/logs.py")}
    assert {one: found for one, tree in parsed.items() if (found := list(unbounded(tree)))} == {}
    assert len(parsed) >= 5


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("/a/b?c /d?e=f", "/a/b?… /d?…"), ("/a?b?c", "/a?…"), ("x?y/z?q w", "x?y/z?… w"), ("a?b=c", "a?…"),
        ("a|/b?c|d", "a|/b?…"), ("/a|b?c", "/a|b?c"), ("why? because? x?", "why? because? x?"),
        ("('/a/?x=1', 2)", "('/a/?…', 2)"), ("\n \n  DETAIL: 1", "\\n \\n  DETAIL: …"),
    ],
)  # fmt: skip
def test_of_an_address_its_query_is_left_out(said: str, line: str) -> None:
    assert harmless(said) == line


@pytest.mark.asvs("15.2.2")
def test_a_long_message_is_cut_before_it_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long, so many characters are worked on and no more."""
    masked: list[int] = []
    mask = masking.mask_text

    def note(text: str) -> str:
        masked.append(len(text))
        return mask(text)

    monkeypatch.setattr(masking, "mask_text", note)
    for times in (1, 2, 4):
        masked.clear()
        assert len(harmless("账" * 49_995 + "13871234567" + "单" * 50_000 * times)) <= 50_000
        assert max(masked) == 50_000
