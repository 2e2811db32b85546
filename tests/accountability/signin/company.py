"""A company with a sign-on service: whoever signs in there comes back here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, CompanyAccount
from accountability.signin import provider as talk
from tests.accountability.signin.pretend_provider import CLIENT, SECRET, Provider, running_provider
from tests.factories import Now

MAPPING = """claim,value,means,what
groups,agents,role,agent
groups,contacts,role,contact
groups,left,leaver,
department,1001,unit,KF
department,2001,unit,YC
"""


class Company:
    """`company.comes("kf.agent")`: the whole way, from the button to the answer of the return."""

    def __init__(self, provider: Provider, settings: Any) -> None:
        self.provider, self.settings = provider, settings

    def begins(self, client: Client, place: str = "/") -> Any:
        return client.get(reverse("company_sign_in"), {"next": place})

    def comes(self, username: str | None, /, client: Client | None = None, place: str = "/", **claims: Any) -> Any:
        """Who is `username` there; their subject is the same each time."""
        client = client or Client()
        told = {"sub": f"s-{username}", "preferred_username": username} | claims
        return client.get(self.provider.back(self.begins(client, place).headers["location"], **told))

    def inside(self, username: str, /, **claims: Any) -> Client:
        client = Client()
        assert self.comes(username, client, **claims).status_code == 302
        return client

    @property
    def refusal(self) -> str:
        """What the access log says of the last sign-in that was refused."""
        row = AccessLog.objects.filter(action="sign_in").first()
        assert row is not None
        assert (row.result, row.actor) == ("refused", None)
        return row.detail

    @staticmethod
    def linked() -> list[str]:
        return list(CompanyAccount.objects.order_by("pk").values_list("employee__username", flat=True))


@contextmanager
def running_company(settings: Any, now: Now, tmp_path: Path) -> Iterator[Company]:
    table = tmp_path / "mapping.csv"
    table.write_text(MAPPING)
    with running_provider(lambda: now.at.timestamp()) as provider:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = provider.issuer, CLIENT, SECRET
        settings.OIDC_MAPPING = str(table)
        talk._kept.clear()
        yield Company(provider, settings)
    talk._kept.clear()


def is_in(client: Client) -> bool:
    return client.get("/inbox/").status_code == 200
