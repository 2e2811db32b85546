"""A database that takes connections and statements and never answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg2.extensions import get_wait_callback, set_wait_callback

from config import silence
from config.headers import Headers


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """The callback is the whole process's."""
    kept = get_wait_callback()
    yield
    set_wait_callback(kept)


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_server_that_says_nothing_is_given_up(mute: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "CONNECTING", 0.2)
    silence.give_up_after(7)
    begun = time.monotonic()
    with pytest.raises(psycopg2.OperationalError, match=r"no answer within 0\.2 s"):
        psycopg2.connect(host="127.0.0.1", port=mute, user="nobody", dbname="nothing", connect_timeout=3)
    assert time.monotonic() - begun < 2


def test_without_a_limit_nothing_is_given_up() -> None:
    silence.give_up_after(7)
    silence.give_up_after(0)
    assert get_wait_callback() is None


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_statement_without_an_answer_is_given_up_with_its_connection() -> None:
    silence.give_up_after(0.1)
    line = psycopg2.connect(**connection.get_connection_params())
    begun = time.monotonic()
    with pytest.raises(psycopg2.OperationalError, match=r"no answer within 0\.6 s"):
        line.cursor().execute("SELECT pg_sleep(20)")
    assert (line.closed != 0, time.monotonic() - begun < 5) == (True, True)


@pytest.mark.postgresql
@pytest.mark.django_db
def test_answers_come_as_ever() -> None:
    silence.give_up_after(5)
    line = psycopg2.connect(**connection.get_connection_params())
    try:
        with line.cursor() as cursor:
            cursor.execute("SELECT repeat('x', 5000000)")
            assert len(cursor.fetchone()[0]) == 5_000_000
        with line.cursor("named") as cursor:
            cursor.execute("SELECT generate_series(1, 1000)")
            assert sum(n for (n,) in cursor) == 500_500
    finally:
        line.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], Any]:
    """Runs something as a page that waits 0.6 s in all, and 0.1 s at least for each statement."""
    monkeypatch.setattr(silence, "FOR_ALL", 0.6)
    monkeypatch.setattr(silence, "LEAST", 0.1)
    silence.give_up_after(5)

    def answer(page: Callable[[], Any], _request: Any) -> HttpResponse:
        page()
        return HttpResponse()

    return lambda page: Headers(partial(answer, page))(RequestFactory().get("/"))


def test_a_page_waits_for_all_together_no_longer(mute: int, patient: Any) -> None:
    """Each time that nobody answers it waits for what is left."""
    waited: list[float] = []

    def page() -> HttpResponse:
        for _time in range(3):
            begun = time.monotonic()
            with pytest.raises(psycopg2.OperationalError):
                psycopg2.connect(host="127.0.0.1", port=mute, user="nobody", dbname="nothing", connect_timeout=3)
            waited.append(time.monotonic() - begun)
        return HttpResponse()

    patient(page)
    assert waited[0] > 0.5 > waited[1] > 0.09
    assert sum(waited) < 2


def test_outside_a_page_nothing_is_counted(mute: int, patient: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page before it leaves nothing behind, one that broke neither."""
    monkeypatch.setattr(silence, "CONNECTING", 0.9)
    assert patient(lambda: 1 / 0).status_code == 500
    with pytest.raises(psycopg2.OperationalError, match=r"no answer within 0\.9 s"):
        psycopg2.connect(host="127.0.0.1", port=mute, user="nobody", dbname="nothing", connect_timeout=3)


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_statement_of_a_page_that_has_waited_has_little_time(patient: Any) -> None:
    line = psycopg2.connect(**connection.get_connection_params())

    def page() -> HttpResponse:
        time.sleep(0.7)  # its own work
        line.cursor().execute("SELECT pg_sleep(0.4)")
        line.cursor().execute("SELECT pg_sleep(0.15)")
        line.cursor().execute("SELECT 1")
        with pytest.raises(psycopg2.OperationalError, match=r"no answer within 0\.1 s"):
            line.cursor().execute("SELECT pg_sleep(20)")
        return HttpResponse()

    patient(page)


def test_every_request_is_counted_from_the_first() -> None:
    assert settings.MIDDLEWARE[0] == "config.headers.Headers"
    assert silence.FOR_ALL + silence.LEAST < 10
