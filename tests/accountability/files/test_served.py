"""The served system while one person sends files that are hard to judge: the others' pages come as ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.accountability.files import hostile
from tests.config.test_serve import BASE_DIR, Served
from tests.migrated import Migrated

PEOPLE = """
import django; django.setup()
import json
from django.conf import settings
from tests.factories import Cast
from tests.faults.client import session_of
cast = Cast()
sessions = {name: session_of(cast[name]) for name in ("yc.chen", "wh.contact")}
print(json.dumps({"session": settings.SESSION_COOKIE_NAME, "csrf": settings.CSRF_COOKIE_NAME, **sessions}))
"""
REQUESTS, FILES_EACH = 8, 3
TOKEN = "a" * 32
BOUNDARY = "as-a-browser-sends-files"


@pytest.fixture
def people(migrated: Migrated, tmp_path: Path) -> dict[str, str]:
    """The names of the cookies, and the sessions of two people of a cast in the database of the served system."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    migrated.lay_out(tmp_path)
    made = subprocess.run(
        [sys.executable, "-c", PEOPLE], cwd=BASE_DIR, capture_output=True, text=True, check=True, timeout=120,
        env={**environment, "VAR_DIR": str(tmp_path), "DEVELOPMENT": "1", "DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip
    told: dict[str, str] = json.loads(made.stdout.splitlines()[-1])
    return told


@pytest.fixture
def served(people: dict[str, str], tmp_path: Path) -> Iterator[Served]:
    running = Served(tmp_path)
    yield running
    running.stop()


class Browser:
    def __init__(self, served: Served, people: dict[str, str], who: str) -> None:
        self.port = served.port
        self.cookies = {"Cookie": f"{people['session']}={people[who]}; {people['csrf']}={TOKEN}"}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str, float]:
        """The status, the page and the seconds it took."""
        begun, line = time.monotonic(), HTTPConnection("127.0.0.1", self.port, timeout=120)
        line.request(
            method, path, body, self.cookies | {name.replace("_", "-"): said for name, said in headers.items()}
        )
        answer = line.getresponse()
        page = answer.read().decode(errors="replace")
        line.close()
        return answer.status, page, time.monotonic() - begun

    def forward(self, *files: bytes) -> tuple[int, str, float]:
        typed = {"csrfmiddlewaretoken": TOKEN, "_key": os.urandom(12).hex(), "content": "客户称多扣两笔"}
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in typed.items()
        ]
        for place, content in enumerate(files):
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{place}.docx"\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        body = b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
        return self.ask("POST", "/complaints/forward/", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")


@pytest.mark.slow
@pytest.mark.asvs("5.2.1", "15.2.2")
def test_nobodys_files_keep_the_others_from_their_pages(served: Served, people: dict[str, str]) -> None:
    """Eight forms of three files each that keep the judge busy for two seconds; meanwhile `/livez` and a queue."""
    attacker, colleague = Browser(served, people, "yc.chen"), Browser(served, people, "wh.contact")
    heavy = hostile.crowded(b"<w:instrText/>", 2_100_000)
    assert colleague.ask("GET", "/complaints/")[0] == 200
    answers: list[Any] = []
    forms = [
        threading.Thread(target=lambda: answers.append(attacker.forward(*[heavy] * FILES_EACH)))
        for _request in range(REQUESTS)
    ]
    for form in forms:
        form.start()
    waited = []
    while any(form.is_alive() for form in forms):
        for path in ("/livez", "/complaints/"):
            status, _page, seconds = colleague.ask("GET", path)
            assert status == 200
            waited.append((seconds, path))
    for form in forms:
        form.join()
    assert len(waited) > 10
    assert max(waited) < (1.0,), sorted(waited)[-5:]
    assert [status for status, _page, _seconds in answers] == [422] * REQUESTS
    assert any("您的其他文件正在检查" in page for _status, page, _seconds in answers)
