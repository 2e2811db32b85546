"""The office on a real server with a committed database; its clock stands still until the test moves it."""

from collections.abc import Iterator
from contextlib import closing
from threading import Lock, RLock
from time import monotonic, sleep
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler
from django.db.transaction import Atomic
from playwright.sync_api import Browser, Locator

from accountability.models import Employee
from tests.browser.office import PASSWORD, Office
from tests.factories import Cast, Now

QUIET = 0.1
"""Seconds without a request after which none is under way any more, once the pages are closed."""


class InTurn:
    """The application asked one request at a time, and the test between two of them.

    A database in memory is shared by two connections, the server's and the test's, and neither waits for the other:
    what reads or writes a table that the other is at fails. So a request is answered whole in its turn, and each
    statement and transaction of the test takes a turn as well.
    """

    def __init__(self, serve: Any) -> None:
        self._serve, self._turn, self._count = serve, RLock(), Lock()
        self.under_way = 0

    def __call__(self, *request: Any) -> list[bytes]:
        self._add(1)
        try:
            with self._turn, closing(self._serve(*request)) as answer:
                return list(answer)
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._count:
            self.under_way += number

    def taking(self, act: Any) -> Any:
        def taken(*given: Any, **named: Any) -> Any:
            with self._turn:
                return act(*given, **named)

        return taken

    def begin(self, begin: Any, transaction: Atomic) -> None:
        """The turn ends with the transaction."""
        self._turn.acquire()
        try:
            begin(transaction)
        except BaseException:
            self._turn.release()
            raise

    def end(self, end: Any, transaction: Atomic, *raised: Any) -> None:
        try:
            end(transaction, *raised)
        finally:
            self._turn.release()

    def wait_until_quiet(self) -> None:
        """A page that is closed may have sent a sign of life just before: the test isn't over while it is answered."""
        since = monotonic()
        while monotonic() - since < QUIET:
            if self.under_way:
                since = monotonic()
            sleep(QUIET / 10)


@pytest.fixture(scope="session")
def _one_request_at_a_time(django_db_setup: None, live_server: Any) -> InTurn:
    """The database comes before the server, which shares its connection."""
    httpd = live_server.thread.httpd
    in_turn = InTurn(httpd.get_app())
    httpd.set_app(in_turn)
    return in_turn


@pytest.fixture
def _in_turn(
    _one_request_at_a_time: InTurn, browser: Browser, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Begins when the browser has started: this thread has a loop then, and with it a connection of its own."""
    turns = _one_request_at_a_time
    begin, end = Atomic.__enter__, Atomic.__exit__
    monkeypatch.setattr(Atomic, "__enter__", lambda transaction: turns.begin(begin, transaction))
    monkeypatch.setattr(Atomic, "__exit__", lambda transaction, *raised: turns.end(end, transaction, *raised))
    for compiler in (SQLCompiler, SQLInsertCompiler):  # a table stays locked until the last row has been read
        monkeypatch.setattr(compiler, "execute_sql", turns.taking(compiler.execute_sql))
    with connection.execute_wrapper(lambda execute, *statement: turns.taking(execute)(*statement)):
        yield
    turns.wait_until_quiet()


@pytest.fixture
def _whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A click or a key that leads to another page is over once that page is there, as `goto` is: Playwright returns
    when its answer begins, and what a test asks at once would be asked of a document without an element.
    """

    def until_there(act: Any) -> Any:
        def acted(locator: Locator, *given: Any, **named: Any) -> None:
            act(locator, *given, **named)
            locator.page.wait_for_load_state()

        return acted

    for act in (Locator.click, Locator.press):
        monkeypatch.setattr(Locator, act.__name__, until_there(act))


@pytest.fixture
def office(
    _in_turn: None, _whole_pages: None, live_server: Any, browser: Browser, cast: Cast, now: Now
) -> Iterator[Office]:
    """The standing cast, each with PASSWORD. Every test ends by asking that no page did what none may do."""
    Employee.objects.filter(pk__in=[person.pk for person in cast]).update(password=make_password(PASSWORD))
    for person in cast:
        person.refresh_from_db(fields=["password"])
    office = Office(browser, live_server.url, cast)
    yield office
    office.close()
    assert office.faults == []
