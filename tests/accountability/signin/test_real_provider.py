"""A sign-on service that somebody else wrote, from PyPI: the whole way through it, as a browser goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import oidc_provider_mock as oidc
import pytest
from django.test import Client

from accountability.deadlines import clock
from accountability.models import CompanyAccount, LedgerEntry
from accountability.signin import provider as talk
from tests.accountability.signin.company import is_in
from tests.factories import Cast

PEOPLE = {
    "a-1": {"preferred_username": "wh.zhang", "groups": ["contacts"], "amr": ["pwd"]},
    "a-2": {"preferred_username": "niemand"},
}


@pytest.fixture
def issuer(settings: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its clock is the machine's, and so is ours: one that stood still would fall behind what it signs."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(clock, "read", lambda: datetime.now(UTC))
    people = [oidc.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with oidc.run_server_in_thread(require_nonce=True, user_claims=people) as server:
        settings.OIDC_ISSUER = f"http://localhost:{server.server_port}"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "shouwen", "geheim"
        talk._kept.clear()
        yield settings.OIDC_ISSUER
    talk._kept.clear()


def there(place: str, typed: str) -> str:
    """What the person's browser is sent back to after the provider's own form."""
    parts = urlsplit(place)
    line = HTTPConnection(parts.netloc, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", f"{parts.path}?{parts.query}", typed, headers)
    answer = line.getresponse()
    answer.read()
    line.close()
    return str(answer.headers["Location"])


def test_people_sign_in_through_it(issuer: str, cast: Cast) -> None:
    client = Client()
    begun = client.get("/sign-in/company/", {"next": "/units/"}).headers["location"]
    assert begun.startswith(f"{issuer}/oauth2/authorize?")
    back = there(begun, "sub=a-1")
    answer = client.get(back)
    assert (answer.status_code, answer.headers["location"], is_in(client)) == (302, "/units/", True)
    assert CompanyAccount.objects.get().employee == cast["wh.zhang"]
    assert LedgerEntry.objects.filter(verb="link_company_account").count() == 1
    assert Client().get(back).status_code == 400
    second = Client()
    assert second.get(there(second.get("/sign-in/company/").headers["location"], "sub=a-1")).status_code == 302


def test_strangers_and_those_who_give_up_do_not_come_in(issuer: str) -> None:
    found = []
    for typed in ("sub=a-2", "action=deny"):
        client = Client()
        answer = client.get(there(client.get("/sign-in/company/").headers["location"], typed))
        found.append((answer.status_code, is_in(client)))
    assert found == [(403, False), (400, False)]
