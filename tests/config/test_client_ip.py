"""The address that failed sign-ins are counted by can't be chosen by the client."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from config.client_ip import client_ip


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "", "192.0.2.1"),
        (False, "203.0.113.9", "192.0.2.1"),
        (True, "", "192.0.2.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "claimed by the client, 203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_address(rf: RequestFactory, settings: Settings, behind_proxy: bool, forwarded: str, expected: str) -> None:
    settings.BEHIND_PROXY = behind_proxy
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected
