"""The ways off the screen, against a gateway of our own: what is sent, and what an answer means."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPException
from smtplib import SMTPRecipientsRefused
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from django.core import mail

from accountability.notices.channels import Message, Postponed, Rejected, http
from accountability.notices.channels.mail import Email
from tests.accountability.notices.pretend_gateway import Gateway
from tests.factories import instant_of

AT = instant_of("2026-11-24 09:00")
MESSAGE = Message(key="k1", address="13800000001", subject="【首问】轮到您办理。", text="【首问】轮到您办理。", at=AT)


def test_an_sms_is_posted_with_token_and_key(gateway: Gateway) -> None:
    http.SmsGateway(gateway.url, "geheim").send(MESSAGE)
    assert gateway.received == [{"id": "k1", "to": "13800000001", "text": "【首问】轮到您办理。"}]
    headers = gateway.headers[0]
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer geheim", "k1")
    assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_gateway_that_knows_texts_by_template_is_told_what_stands_in_the_gaps(gateway: Gateway) -> None:
    way = http.SmsGateway(gateway.url, templates="notice=SMS_1, replied=SMS_2")
    told = replace(MESSAGE, kind="replied", values={"number": "TS1", "url": "https://a.example/c/"})
    way.send(told)
    way.send(replace(told, kind="registered"))
    assert gateway.received == [
        {
            "id": "k1",
            "to": "13800000001",
            "template": "SMS_2",
            "values": {"number": "TS1", "url": "https://a.example/c/"},
        },
        {"id": "k1", "to": "13800000001", "text": "【首问】轮到您办理。"},
    ]


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_message_that_the_gateway_refuses_is_rejected(status: int, gateway: Gateway) -> None:
    gateway.answers = [(status, {})]
    with pytest.raises(Rejected, match=f"^HTTP {status}$"):
        http.SmsGateway(gateway.url).send(MESSAGE)


@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 503])
def test_other_answers_say_that_the_gateway_fails(status: int, gateway: Gateway) -> None:
    gateway.answers = [(status, {})]
    with pytest.raises(http.BadAnswer, match=f"^HTTP {status}$"):
        http.SmsGateway(gateway.url).send(MESSAGE)


def test_a_gateway_that_keeps_silent_is_not_waited_for_long(gateway: Gateway) -> None:
    gateway.silent = Event()
    with pytest.raises(TimeoutError):
        http.post(gateway.url, {}, {}, timeout=0.2)


@pytest.mark.parametrize(
    "begins", ["HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX: "]
)
def test_a_gateway_that_answers_byte_by_byte_is_not_waited_for_long(begins: str) -> None:
    """The worker has the sweep to do; what its status line said counts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        slow = Thread(target=drip, args=(server, begins))
        slow.start()
        asked = monotonic()
        status, _body = http.post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, {}, longest=0.2)
        slow.join()
    assert (status, monotonic() - asked < 1.5) == (200, True)


def drip(server: socket.socket, begins: str) -> None:
    """Two seconds of an answer that never ends, as long as anybody listens."""
    line, _address = server.accept()
    with line, suppress(OSError):
        line.recv(65536)
        line.sendall(begins.encode())
        for _n in range(1000):
            line.sendall(b"x")
            sleep(0.002)


def test_where_nobody_listens(unused: str) -> None:
    with pytest.raises((OSError, HTTPException)):
        http.SmsGateway(unused).send(MESSAGE)


@pytest.fixture
def unused() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{found.getsockname()[1]}/"


def test_an_e_mail_says_that_it_is_automatic() -> None:
    Email().send(Message(key="k1", address="a@b.example", subject="【首问】催办", text="【首问】催办\n正文", at=AT))
    sent = mail.outbox[0]
    assert (sent.to, sent.subject, sent.body) == (["a@b.example"], "【首问】催办", "【首问】催办\n正文")
    assert sent.extra_headers == {"Auto-Submitted": "auto-generated", "Message-ID": "<k1@shouwen.invalid>"}


@pytest.mark.parametrize(("code", "error"), [(550, Rejected), (450, Postponed)])
def test_a_mail_server_that_refuses_the_recipient(
    code: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise SMTPRecipientsRefused({"a@b.example": (code, b"no")})

    monkeypatch.setattr("accountability.notices.channels.mail.EmailMessage.send", refuse)
    with pytest.raises(error):
        Email().send(MESSAGE)
