"""Where the database is away a page says so and when to try again, and keeps what was typed; nothing waits for long."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accountability.models import LedgerEntry
from config import later, production, views
from tests.factories import Play

TYPED = {"to": "wh.zhang", "method": "system", "remark": '退费"><script>', "password": "geheim", "_key": "k1"}


@pytest.fixture
def patient(client_for: Callable[[str], Client]) -> Client:
    """A browser, which is shown an error as a page."""
    client = client_for("wh.contact")
    client.raise_request_exception = False
    return client


def fails(what: str, error: type[Exception] = OperationalError) -> Callable[..., Any]:
    """A database that fails at each statement with this word."""

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if what in str(sql):
            raise error("server closed the connection unexpectedly")
        return run(sql, params, many, context)

    return execute


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("what", ["django_session", "accountability_employee", "complaints_complaint"])
@pytest.mark.usefixtures("sent_as_written")
def test_what_was_typed_is_kept_while_the_database_is_away(
    play: Play, patient: Client, what: str, error: type[Exception]
) -> None:
    """Whichever statement fails first: that of the session, of the account, or of the complaint."""
    complaint = play.upto("delivered")
    address = reverse("act", args=[complaint.matter.number, "hand_off"])
    with connection.execute_wrapper(fails(what, error)):
        answer = patient.post(address, TYPED)
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "数据库暂时没有应答，请稍候再试。" in page
    (form,) = re.findall(rf'<form method="post" action="{address}">.*?</form>', page, re.DOTALL)
    kept = re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', form)
    assert kept == [
        ("to", "wh.zhang"), ("method", "system"), ("remark", "退费&quot;&gt;&lt;script&gt;"), ("_key", "k1"),
    ]  # fmt: skip
    assert "geheim" not in page
    assert "口令和各种码除外" in page
    assert not LedgerEntry.objects.filter(verb="hand_off").exists()
    assert patient.post(address, dict(kept[:2]) | {"_key": "k1"}).status_code == 302


def test_a_page_that_is_opened_may_be_opened_again(patient: Client) -> None:
    with connection.execute_wrapper(fails("SELECT")):
        answer = patient.get(f"{reverse('units')}?q=1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert f'href="{reverse("units")}?q=1"' in answer.content.decode()


def test_files_are_not_lost_by_sending_the_rest_again(play: Play, patient: Client) -> None:
    complaint = play.upto("delivered")
    address = reverse("act", args=[complaint.matter.number, "hand_off"])
    with connection.execute_wrapper(fails("SELECT")):
        answer = patient.post(address, TYPED | {"files": SimpleUploadedFile("a.txt", b"a")})
    page = answer.content.decode()
    assert (answer.status_code, "返回上一页，填写的内容还在" in page, "<form method" in page) == (503, True, False)


def test_nothing_is_called_lost_that_is_kept(play: Play, patient: Client) -> None:
    complaint = play.upto("delivered")
    address = reverse("act", args=[complaint.matter.number, "hand_off"])
    kept = {name: value for name, value in TYPED.items() if name != "password"} | {"csrfmiddlewaretoken": "x" * 32}
    with connection.execute_wrapper(fails("SELECT")):
        page = patient.post(address, kept).content.decode()
    assert ("不必重填" in page, "口令和各种码除外" in page) == (True, False)


def test_a_fault_of_ours_stays_one(patient: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.execute_wrapper(fails("SELECT", ValueError)):
        answer = patient.get(reverse("units"))
    assert (answer.status_code, "Retry-After" in answer.headers) == (500, False)
    assert views.server_error(answer.wsgi_request).status_code == 500


# Nothing is waited for long


def told(asked: str, tmp_path: Path, **environ: str) -> str:
    """What a process of its own says of its settings."""
    known = {"DJANGO_SETTINGS_MODULE": "config.settings", "DEVELOPMENT": "1", "VAR_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", asked], cwd=settings.BASE_DIR, env=known | environ, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return run.stdout.strip()


OPTIONS = "from django.conf import settings as s; o = s.DATABASES['default']['OPTIONS'];"
FAR = "postgres://u:x@db.example/d"


def test_a_database_that_is_gone_is_given_up_within_seconds(tmp_path: Path) -> None:
    asked = f"{OPTIONS} print(o['connect_timeout'], o['tcp_user_timeout'], o['options'])"
    plans = "-c plan_cache_mode=force_generic_plan -c jit=off -c random_page_cost=1.1"
    assert told(asked, tmp_path, DATABASE_URL=FAR) == f"2 8000 {plans} -c lock_timeout=4000 -c statement_timeout=0"
    detects = f"{OPTIONS} print(o['keepalives_idle'] + o['keepalives_interval'] * o['keepalives_count'])"
    assert told(detects, tmp_path, DATABASE_URL=FAR) == "8"
    assert told(asked, tmp_path, DATABASE_URL=f"{FAR}?connect_timeout=5").startswith("5 ")


@pytest.mark.parametrize(("given", "limit"), [({}, 6000), ({"STATEMENT_TIMEOUT": "30"}, 30000)])
def test_a_page_waits_for_no_statement_longer(tmp_path: Path, given: dict[str, str], limit: int) -> None:
    """gunicorn reads its own settings first."""
    asked = f"import config.serving, config.wsgi; {OPTIONS} print(o['options'])"
    assert told(asked, tmp_path, DATABASE_URL=FAR, **given).endswith(f"statement_timeout={limit}")


@pytest.mark.postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), [("jit", "off"), ("random_page_cost", "1.1")])
def test_the_database_compiles_no_statement_and_reads_indexes_in_order(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        assert cursor.fetchone() == (value,)


@pytest.mark.postgresql
@pytest.mark.django_db
def test_the_database_ends_a_statement_that_takes_too_long() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(5)")


@pytest.fixture
def hung() -> Iterator[int]:
    """A broker that takes connections and answers nothing; its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


def test_a_hung_broker_holds_up_no_page(hung: int, tmp_path: Path) -> None:
    """Nine people who ask for a paper would take all threads otherwise."""
    asked = (
        "import django, time; django.setup(); from accountability.documents.keeping import wake;"
        " begun = time.monotonic(); wake(); print(time.monotonic() - begun)"
    )
    begun = time.monotonic()
    waited = float(told(asked, tmp_path, CELERY_BROKER_URL=f"redis://127.0.0.1:{hung}/0"))
    assert 0.5 < waited < 5
    assert time.monotonic() - begun < 30


@pytest.mark.django_db
def test_a_process_that_starts_without_the_database_serves_nothing_until_it_knows_the_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """gunicorn would end with it, and so would the processes that still serve."""
    answers: list[Exception | None] = [
        OperationalError("away"),
        OperationalError("away"),
        ImproperlyConfigured("unsafe"),
        None,
    ]
    asked: list[Exception | None] = []

    def refuse() -> None:
        asked.append(answers[len(asked)])
        if error := asked[-1]:
            raise error

    monkeypatch.setattr(production, "_is_known_safe", False)
    monkeypatch.setattr(production, "refuse_unsafe_start", refuse)
    client = Client()
    away = client.get(reverse("sign_in"))
    assert (away.status_code, "数据库暂时没有应答" in away.content.decode()) == (503, True)
    with pytest.raises(ImproperlyConfigured):
        client.get(reverse("sign_in"))
    assert [client.get(reverse("sign_in")).status_code for _time in range(3)] == [200] * 3
    assert len(asked) == 4
    with pytest.raises(MiddlewareNotUsed):
        later.SafeStart(lambda _request: HttpResponse())


def test_a_page_gives_up_a_frozen_database(tmp_path: Path) -> None:
    asked = "import config.wsgi; from psycopg2.extensions import get_wait_callback; print(get_wait_callback() is None)"
    assert told(asked, tmp_path, DATABASE_URL=FAR) == "False"
    assert told(asked, tmp_path, DATABASE_URL=FAR, STATEMENT_TIMEOUT="0") == "True"
