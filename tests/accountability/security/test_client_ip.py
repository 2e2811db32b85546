"""The address that failures and requests are counted by can't be chosen by the client."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accountability.security.client_ip import client_ip, neighbourhood

pytestmark = [pytest.mark.asvs("4.1.3"), pytest.mark.compliance(5)]


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "", "192.0.2.1"),
        (False, "203.0.113.9", "192.0.2.1"),
        (True, "", "192.0.2.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "claimed by the client, 203.0.113.9", "203.0.113.9"),
        (True, "203.0.113.7, 203.0.113.8, 203.0.113.9", "203.0.113.9"),
        (True, "203.0.113.9, no address", "192.0.2.1"),
        (True, "203.0.113.9,", "192.0.2.1"),
        (True, "203.0.113.9'; DROP TABLE x; --", "192.0.2.1"),
        (True, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address(rf: RequestFactory, settings: Settings, behind_proxy: bool, forwarded: str, expected: str) -> None:
    settings.BEHIND_PROXY = behind_proxy
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (3, "198.51.100.1, 203.0.113.9, 10.0.0.3, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.2", "10.0.0.2"),  # somebody who reached the inner one directly
    ],
)
def test_behind_several_proxies(
    rf: RequestFactory, settings: Settings, hops: int, forwarded: str, expected: str
) -> None:
    settings.BEHIND_PROXY, settings.PROXY_HOPS = True, hops
    assert client_ip(rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)) == expected


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::/64"),
        ("2001:db8:1:2:ffff::", "2001:0db8:0001:0002::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_one_network_of_ipv6_is_one_client(address: str, counted: str) -> None:
    assert neighbourhood(address) == counted
