"""Signing in and out, the lock after five failures, one's own password; and what of it stands in the access log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, Employee
from config.demo.sign_in import accounts
from tests.factories import Cast, Now

PASSWORD = "correct-horse-26"


@pytest.fixture
def agent(cast: Cast, now: Now) -> Employee:
    person = cast["kf.agent"]
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client: Client, username: str = "kf.agent", password: str = PASSWORD, **more: str):
    return client.post(reverse("sign_in"), {"username": username, "password": password, **more})


def log_rows() -> list[tuple]:
    return list(
        AccessLog.objects.order_by("pk").values_list("action", "result", "actor__username", "detail", "address")
    )


def test_signing_in_leads_to_the_desk_and_is_recorded(agent: Employee, now: Now) -> None:
    response = sign_in(Client())
    assert (response.status_code, response.headers["location"]) == (302, "/")
    assert log_rows() == [("sign_in", "ok", "kf.agent", "", "127.0.0.1")]
    assert AccessLog.objects.get().at == now.at


def test_signing_in_gives_the_session_a_new_key(agent: Employee) -> None:
    client = Client()
    client.session.save()
    sign_in(client)
    first = client.session.session_key
    client.post(reverse("sign_out"))
    sign_in(client)
    assert first != client.session.session_key


def test_signing_in_makes_no_history_row(agent: Employee) -> None:
    before = agent.history.count()
    sign_in(Client())
    assert agent.history.count() == before


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_leads_nowhere_else(agent: Employee, foreign: str) -> None:
    assert sign_in(Client(), next=foreign).headers["location"] == "/"


def test_next_leads_back_to_where_one_was_going(agent: Employee) -> None:
    client = Client()
    asked = client.get("/units/")
    assert asked.headers["location"] == "/sign-in/?next=/units/"
    assert sign_in(client, next="/units/").headers["location"] == "/units/"


def test_a_part_asked_for_without_a_session_sends_the_whole_page_to_sign_in(db: None, now: Now) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/complaints/new/"}
    response = Client().post(reverse("suggest_unit"), headers=asked, follow=True)
    told = response.headers["HX-Redirect"]
    assert (response.content, told) == (b"", "/sign-in/?next=%2Fcomplaints%2Fnew%2F")


def test_a_wrong_password_is_refused_with_a_sentence_and_recorded_without_what_was_typed(agent: Employee) -> None:
    response = sign_in(Client(), password="wrong")
    assert response.status_code == 422
    assert 'value="kf.agent"' in response.content.decode()
    assert log_rows() == [("sign_in", "refused", None, "kf.agent", "127.0.0.1")]


def test_a_password_typed_as_the_username_stands_in_no_log(agent: Employee) -> None:
    sign_in(Client(), username=PASSWORD, password="x")
    assert log_rows() == [("sign_in", "refused", None, "", "127.0.0.1")]


@pytest.mark.compliance(5)
@pytest.mark.asvs("6.3.1", "6.3.8")
def test_five_failures_lock_the_account_even_for_the_right_password(agent: Employee) -> None:
    """Whoever is locked out is answered like whoever is wrong; the record tells them apart."""
    client = Client()
    answers = [sign_in(client, password="wrong") for _n in range(5)]
    locked = sign_in(client)
    assert [answer.status_code for answer in [*answers, locked]] == [422] * 6
    assert locked.context["form"].errors == answers[0].context["form"].errors
    assert [row[1] for row in log_rows()] == ["refused"] * 5 + ["locked"]


def test_somebody_who_left_can_neither_sign_in_nor_go_on(agent: Employee) -> None:
    client = Client()
    sign_in(client)
    Employee.objects.filter(pk=agent.pk).update(is_active=False)
    assert client.get("/").headers["location"] == "/sign-in/?next=/"
    assert sign_in(Client()).status_code == 422


def test_the_system_signs_in_nowhere(cast: Cast, now: Now) -> None:
    assert sign_in(Client(), username="system", password="!").status_code == 422


def test_signing_out_ends_the_session_and_is_recorded(agent: Employee) -> None:
    client = Client()
    sign_in(client)
    response = client.post(reverse("sign_out"))
    assert (response.status_code, response.headers["location"]) == (302, "/sign-in/")
    assert client.get("/").headers["location"] == "/sign-in/?next=/"
    assert [row[:3] for row in log_rows()] == [("sign_in", "ok", "kf.agent"), ("sign_out", "ok", "kf.agent")]


def test_a_new_password_ends_every_other_session(agent: Employee, now: Now) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    typed = {"old_password": PASSWORD, "new_password1": "battery-staple-27", "new_password2": "battery-staple-27"}
    assert here.post(reverse("password"), typed).headers["location"] == "/"
    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)
    assert log_rows()[-1][:3] == ("change_password", "ok", "kf.agent")
    assert agent.history.latest("history_id").history_date == now.at


@pytest.mark.parametrize("password", ["short", "12345678901", "kf.agent-1"])
def test_a_poor_password_is_refused_at_its_field(agent: Employee, password: str) -> None:
    client = Client()
    sign_in(client)
    typed = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    response = client.post(reverse("password"), typed)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["new_password1"]


def test_the_demos_accounts_are_shown_in_the_demo_only(
    db: None, now: Now, settings, client_for: Callable[[str], Client]
) -> None:
    assert "shouwen-demo-2026" not in Client().get(reverse("sign_in")).content.decode()
    settings.DEMO = True
    page = Client().get(reverse("sign_in")).content.decode()
    assert page.count("shouwen-demo-2026") >= 16
    settings.DEMO = False
    assert accounts(HttpRequest()) == {}


def test_the_language_is_switched_by_post_for_strangers_too(db: None, now: Now) -> None:
    client = Client()
    assert (
        client.post(reverse("set_language"), {"language": "en", "next": "/sign-in/"}).headers["location"] == "/sign-in/"
    )
    assert '<html lang="en"' in client.get(reverse("sign_in")).content.decode()
