"""The office on a real server with a committed database; its clock stands still until the test moves it."""

from collections.abc import Iterator
from threading import Lock
from time import monotonic, sleep
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser

from accountability.models import Employee
from tests.browser.office import PASSWORD, Office
from tests.factories import Cast, Now

QUIET = 0.1
"""Seconds without a request after which none is under way any more, once the pages are closed."""


class InTurn:
    """The application, asked one request at a time: a database in memory has one transaction for all threads."""

    def __init__(self, serve: Any) -> None:
        self._serve, self._turn, self._count = serve, Lock(), Lock()
        self.under_way = 0

    def __call__(self, *request: Any) -> Any:
        self._add(1)
        try:
            with self._turn:
                return self._serve(*request)
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._count:
            self.under_way += number

    def wait_until_quiet(self) -> None:
        """A page that is closed may have sent a sign of life just before: the test isn't over while it is answered."""
        since = monotonic()
        while monotonic() - since < QUIET:
            if self.under_way:
                since = monotonic()
            sleep(QUIET / 10)


@pytest.fixture(scope="session")
def _one_request_at_a_time(django_db_setup: None, live_server: Any) -> InTurn:
    """The database comes before the server, which shares the one connection that a database in memory has."""
    httpd = live_server.thread.httpd
    in_turn = InTurn(httpd.get_app())
    httpd.set_app(in_turn)
    return in_turn


@pytest.fixture
def office(
    _one_request_at_a_time: InTurn, live_server: Any, browser: Browser, transactional_db: None, cast: Cast, now: Now
) -> Iterator[Office]:
    """The standing cast, each with PASSWORD. Every test ends by asking that no page did what none may do."""
    Employee.objects.filter(pk__in=[person.pk for person in cast]).update(password=make_password(PASSWORD))
    for person in cast:
        person.refresh_from_db(fields=["password"])
    office = Office(browser, live_server.url, cast)
    yield office
    office.close()
    _one_request_at_a_time.wait_until_quiet()
    assert office.faults == []
