"""Where events may be sent: nowhere inside the network unless it is named, and to what was judged."""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from threading import Event
from time import monotonic
from typing import Any

import pytest

from accountability.webhooks import line
from tests.accountability.webhooks.receiver import HOST, Receiver

CLOSED = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::1", "fec0::1",
]  # fmt: skip
OPEN = ["1.2.4.8", "114.114.114.114", "2400:3200::1", "::ffff:114.114.114.114"]


@pytest.fixture(autouse=True)
def nothing_named(settings: Any, switched_on: None) -> None:
    settings.EVENTS_NETWORKS = []


@pytest.mark.asvs("1.3.6")
@pytest.mark.parametrize("number", CLOSED)
def test_an_address_inside_is_closed(number: str, names: dict[str, list[str]]) -> None:
    names["inside.example"] = [number]
    with pytest.raises(line.NotAllowed, match="network"):
        line.resolved("inside.example", 443)
    with pytest.raises(line.NotAllowed, match="network"):
        line.host_of(f"https://{f'[{number}]' if ':' in number else number}/")


@pytest.mark.parametrize("number", OPEN)
def test_the_internet_is_open(number: str, names: dict[str, list[str]]) -> None:
    names["outside.example"] = [number]
    assert line.resolved("outside.example", 443) == ip_address(number)


def test_one_closed_address_among_several_closes_the_name(names: dict[str, list[str]]) -> None:
    names["both.example"] = ["114.114.114.114", "10.0.0.1"]
    with pytest.raises(line.NotAllowed):
        line.resolved("both.example", 443)


def test_the_operator_opens_a_network_by_name_and_no_other(settings: Any, names: dict[str, list[str]]) -> None:
    settings.EVENTS_NETWORKS = ["10.20.0.0/16", "fd12::/16"]
    names.update({"in": ["10.20.3.4"], "mapped": ["::ffff:10.20.3.4"], "six": ["fd12::1"], "out": ["10.21.3.4"]})
    assert [str(line.resolved(name, 443)) for name in ("in", "six")] == ["10.20.3.4", "fd12::1"]
    assert line.resolved("mapped", 443) == ip_address("::ffff:10.20.3.4")
    with pytest.raises(line.NotAllowed):
        line.resolved("out", 443)


@pytest.mark.parametrize("url", [
    "http://hooks.example/", "ftp://hooks.example/", "hooks.example", "https://", "https:///x", "//hooks.example",
    "https://user:" + "word@hooks.example/", "https://user@hooks.example/", "https://hooks.example/#part", "https://[::1/",
    "https://hooks.example:99999/", "https://hooks.example/a b", "https://hooks.example/\r\nX: y", "https://例子.example/",
    "https://hooks.example/" + "a" * 500, "javascript:alert(1)",
])  # fmt: skip
def test_what_is_no_address_of_a_receiver(url: str) -> None:
    with pytest.raises(line.NotAllowed):
        line.host_of(url)


def test_a_name_that_resolves_otherwise_a_moment_later_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]
) -> None:
    """DNS rebinding: the connection goes to what was judged, and the name is asked once."""
    names["rebinding.example"] = ["114.114.114.114"]
    asked: list[str] = []
    went: list[Any] = []
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **more: Any) -> Any:
        asked.append(host)
        found = real(host, *args, **more)
        names["rebinding.example"] = ["127.0.0.1"]
        return found

    def connect(_line: socket.socket, place: Any) -> None:
        went.append(place)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(TimeoutError):
        line.post("https://rebinding.example/", b"{}", {})
    assert (asked, went) == (["rebinding.example"], [("114.114.114.114", 443)])


def test_a_name_that_has_become_one_of_the_inside_is_refused_when_it_is_used(
    receiver: Receiver, names: dict[str, list[str]]
) -> None:
    """Whatever it was when somebody typed it."""
    assert line.host_of(receiver.url) == HOST
    with pytest.raises(line.NotAllowed):
        line.post(receiver.url, b"{}", {})
    assert receiver.bodies == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(settings: Any, receiver: Receiver, status: int) -> None:
    class Inside(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            went.append(self.path)

        do_POST = do_GET

    went: list[str] = []
    inside = HTTPServer(("127.0.0.1", 0), Inside)
    inside.timeout = 0.05
    settings.EVENTS_NETWORKS = ["127.0.0.0/8"]
    receiver.answers, receiver.moved_to = [status], f"http://127.0.0.1:{inside.server_port}/secret"
    try:
        assert line.post(receiver.url, b"{}", {}) == status
        inside.handle_request()
    finally:
        inside.server_close()
    assert went == []


def test_the_certificate_must_be_that_of_the_name(
    settings: Any, receiver: Receiver, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENTS_NETWORKS = ["127.0.0.0/8"]
    names["other.example"] = ["127.0.0.1"]
    with pytest.raises(OSError, match="certificate"):
        line.post(receiver.url.replace(HOST, "other.example"), b"{}", {})
    assert line.post(receiver.url, b"{}", {}) == 204
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(OSError, match="certificate"):
        line.post(receiver.url, b"{}", {})


def test_nobody_waits_for_a_receiver_that_says_nothing(
    settings: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENTS_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(line, "TIMEOUT", 0.2)
    receiver.silent = Event()
    with pytest.raises(TimeoutError):
        line.post(receiver.url, b"{}", {})


def test_one_that_answers_byte_by_byte_is_cut_off(
    settings: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes within the time for a step; all together they take too long."""
    settings.EVENTS_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(line, "LONGEST", 0.3)
    receiver.drips, begun = True, monotonic()
    with suppress(OSError, HTTPException):
        line.post(receiver.url, b"{}", {})
    assert monotonic() - begun < 3
