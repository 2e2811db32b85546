"""Customers' pages switched on, and a gateway that takes their messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accountability import tasks
from tests.accountability.conftest import gateway, sms
from tests.accountability.notices.pretend_gateway import Gateway
from tests.factories import Now

__all__ = ["gateway", "sms"]

LINK = re.compile(r"https://shouwen\.example(/c/[^ （]+/)")


@pytest.fixture(autouse=True)
def switched_on(settings: Any, sms: Gateway) -> None:
    settings.CUSTOMER_LINKS = True


@pytest.fixture
def sent(sms: Gateway, now: Now) -> Callable[..., list[str]]:
    """What has reached customers by so many minutes later."""

    def later(minutes: int = 10) -> list[str]:
        now.forward(minutes=minutes)
        tasks.send_notifications()
        return [body["text"] for body in sms.received if body["to"] == "13871234567"]

    return later


@pytest.fixture
def customer() -> Client:
    """Somebody with the link in their hand: no account, no session."""
    return Client()


def link_in(texts: list[str]) -> str:
    found = LINK.search(texts[-1])
    assert found, texts
    return found[1]
