"""Events switched on, a receiver whose name this machine resolves, and the addresses that are told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accountability.models import WebhookEndpoint
from accountability.webhooks import sending
from tests.accountability.webhooks.receiver import HOST, Receiver, running_receiver
from tests.factories import Now, Play

Add = Callable[..., tuple[WebhookEndpoint, str]]

Resolver = Callable[..., None]


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with running_receiver(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", found.trusted)
        yield found


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names resolve to, one list after the other, the last one for good. No test asks a real server."""
    known = {HOST: ["127.0.0.1"]}

    def resolve(host: str, port: int, *_args: Any, **_more: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror("no such name")
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.EVENTS_OUT = True
    settings.EVENTS_NETWORKS = ["127.0.0.0/8"]
    settings.SITE_URL = "https://shouwen.example"


@pytest.fixture
def add(play: Play, now: Now, receiver: Receiver) -> Add:
    """An address that one person added and another enabled, with its secret."""

    def made(url: str = "", **told: Any) -> tuple[WebhookEndpoint, str]:
        secret = play("add_webhook", "sj.security", url=url or receiver.url, **told).shown_once
        endpoint = WebhookEndpoint.objects.latest("pk")
        play("enable_webhook", "sj.auditadmin", webhook=endpoint.token)
        return WebhookEndpoint.objects.get(pk=endpoint.pk), secret

    return made


@pytest.fixture
def send(now: Now) -> Callable[..., int]:
    """The worker's run, so much later."""

    def run(**later: float) -> int:
        return sending.send(now.forward(**later) if later else now.at)

    return run
