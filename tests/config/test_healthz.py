"""The load balancer's question."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory

from config.views import healthz


@pytest.mark.django_db
def test_alive_where_the_database_answers(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True})


def test_unavailable_where_it_does_not(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("no connection")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = healthz(rf.get("/healthz"))
    assert (answer.status_code, answer.content) == (503, b'{"database": false}')


@pytest.mark.django_db
def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
