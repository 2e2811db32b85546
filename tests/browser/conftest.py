"""The office on a real server with a committed database; its clock stands still until the test moves it."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from playwright.sync_api import Browser

from accountability import guards
from accountability.models import Employee
from tests.browser.office import PASSWORD, Office
from tests.factories import Cast, Now


@pytest.fixture(scope="session")
def _one_request_at_a_time(django_db_setup: None, live_server: Any) -> None:
    """The database comes before the server, which shares the one connection that a database in memory has.

    That one has one transaction for all threads, so requests take turns.
    """
    serve, turn = live_server.thread.httpd.get_app(), Lock()

    def in_turn(*request: Any) -> Any:
        with turn:
            return serve(*request)

    live_server.thread.httpd.set_app(in_turn)


@pytest.fixture
def office(
    _one_request_at_a_time: None, live_server: Any, browser: Browser, transactional_db: None, cast: Cast, now: Now
) -> Iterator[Office]:
    """The standing cast, each with PASSWORD. Every test ends by asking that no page did what none may do."""
    Employee.objects.filter(pk__in=[person.pk for person in cast]).update(password=make_password(PASSWORD))
    for person in cast:
        person.refresh_from_db(fields=["password"])
    office = Office(browser, live_server.url, cast)
    yield office
    office.close()
    # The flush that follows deletes rows of insert-only tables; it seeds and guards them again by itself.
    guards.remove(connection)
    assert office.faults == []
