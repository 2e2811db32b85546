"""Whatever a client sends is answered by a page with all headers, never an error of ours, and costs a line of log."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse, HttpResponseBase
from django.test import RequestFactory

from config.any_request import Application
from config.headers import NOTHING, Headers
from config.logs import Line
from config.serving import forwarder_headers
from tests.config.test_headers import POLICY, wrong_with

pytestmark = [pytest.mark.django_db, pytest.mark.asvs("3.4.3", "3.4.4", "4.1.1", "16.5.1"), pytest.mark.lesson(10)]

FORM, PARTS, TEXT = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"

CODECS = ("utf-7", "undefined", "hex", "idna", "utf-16")
"""Encodings that Python knows, some of which make no text of bytes."""

KINDS = (
    *(f"{kind}; charset={name}" for kind in (FORM, PARTS, TEXT) for name in CODECS), f"{TEXT}; x*=foo'en'%41",
    f"{TEXT}; x*=undefined'en'%41", f"{FORM}; charset*=utf-7''utf-7", f"{FORM}; charset=\xff", f'{FORM};charset="',
    "multipart/form-data", "multipart/form-data; boundary=\xe9", "\xff", ";",
)  # fmt: skip

ODD: tuple[dict[str, str], ...] = (
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[::1"}, {"HTTP_REFERER": "https://[x"},
    {"HTTP_ORIGIN": "https://[x"}, {"HTTP_COOKIE": "\xff=\x01; sessionid=\x00; csrftoken=\xff; django_language=\x00"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 900}, {"HTTP_X_FORWARDED_FOR": "\x00"}, {"HTTP_HOST": "\xff"}, {"HTTP_HOST": ""},
    {"HTTP_RANGE": "bytes=9-1"}, {"HTTP_IF_MODIFIED_SINCE": "x"}, {"HTTP_ACCEPT_ENCODING": "gzip;q=x"},
    {"REQUEST_METHOD": "PO ST"}, {"REQUEST_METHOD": "\xff"}, {"CONTENT_LENGTH": "-1"}, {"wsgi.url_scheme": "https"},
    {"PATH_INFO": "/\xff\xfe/"}, {"PATH_INFO": "/\x00/"}, {"PATH_INFO": "//evil"}, {"PATH_INFO": "/a\r\nb/"},
    {"PATH_INFO": "/static/\x00"}, {"PATH_INFO": "/static/../../x"}, {"QUERY_STRING": "a=%ff&\xc3\xa9=%00"},
    {"QUERY_STRING": "&a=1" * 1001, "CONTENT_TYPE": f"{FORM}; charset=utf-8"}, {"QUERY_STRING": "&a=1" * 1001},
)  # fmt: skip


@pytest.fixture(autouse=True)
def connection_of_the_test() -> Iterator[None]:
    """As Django's own client: the end of a request doesn't close the connection in which the test's transaction is."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def answered(application: Application, **given: Any) -> HttpResponse:
    """The answer to an environment as a server makes it."""
    body = b"a=1&b=%ff"
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/sign-in/", "QUERY_STRING": "a=%ff&b=\xc3\xa9", "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", **given,
    }  # fmt: skip
    response = HttpResponse()

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None, /) -> Callable[[bytes], object]:
        response.status_code = int(status.split()[0])
        for name, value in headers:
            response.headers[name] = value
        return response.write

    response.content = b"".join(application(environ, start))
    return response


def wrong(place: str, response: HttpResponse) -> Any:
    found = wrong_with(response, {NOTHING, POLICY})
    if place.startswith(settings.STATIC_URL):
        found.pop("Cache-Control", None)
    return found or response.status_code >= 500


@pytest.mark.parametrize("place", ["/sign-in/", "/nowhere/", "/livez", "/language/"])
def test_every_request_is_answered_in_order(place: str) -> None:
    """Nobody is signed in and no token is sent, as an attacker begins."""
    application, faults = Application(), {}
    for method in ("GET", "POST"):
        for given in (*({"CONTENT_TYPE": kind} for kind in KINDS), *ODD):
            environ = {"REQUEST_METHOD": method, "PATH_INFO": place, **given}
            answer = answered(application, **environ)
            if fault := wrong(environ["PATH_INFO"], answer):
                faults[method, *given.values()] = (answer.status_code, fault)
    assert faults == {}


@pytest.mark.parametrize(("name", "status"), [*((name, 400) for name in (*CODECS, "gbk", "latin-1")), ("UTF8", 200)])
def test_nothing_is_read_in_another_encoding(name: str, status: int) -> None:
    """Neither the page nor its middleware reads a name or a number by what the client says."""
    assert answered(Application(), CONTENT_TYPE=f"{FORM}; charset={name}").status_code == status


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_costs_the_log_is_a_line(kind: str) -> None:
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(Line())
    logging.getLogger().addHandler(handler)
    try:
        answered(Application(), REQUEST_METHOD="POST", CONTENT_TYPE=kind)
    finally:
        logging.getLogger().removeHandler(handler)
    assert len(kept.getvalue()) < 500, kept.getvalue()


def test_an_error_in_the_page_of_an_error_is_answered_too(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_request: Any) -> HttpResponseBase:
        try:
            raise ValueError("first " * 50)
        except ValueError:
            raise KeyError("second")  # noqa: B904  as it comes, with what it came from

    response = Headers(broken)(RequestFactory().get("/"))
    assert (response.status_code, wrong_with(response, {NOTHING})) == (500, {})
    said = "".join(Line().format(record) for record in caplog.records)
    assert ("KeyError" in said, "first" in said, len(said) < 2_000) == (True, False, True)


def test_no_client_moves_the_application() -> None:
    """A peer on the same machine, such as a proxy that passes every header on, can't set SCRIPT_NAME or PATH_INFO."""
    assert forwarder_headers == ""
    assert settings.FORCE_SCRIPT_NAME is None
