"""Saved views of the list: one's own, under a name; what they keep and what they never keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.models import SavedView
from complaints.views.saved import MOST
from tests.looking import writes

ClientFor = Callable[[str], Client]

ASKED = {"list": "hand_off", "priority": "P1", "order": "due"}


def save(client: Client, name: str, **asked: str) -> Any:
    return client.post("/complaints/views/", {"name": name, **asked})


def view_of(client: Client, name: str = "急件", **asked: str) -> SavedView:
    assert save(client, name, **(asked or ASKED)).status_code == 302
    return SavedView.objects.get(name=name)


def views(client: Client) -> list[tuple[str, bool]]:
    """The chips of the list page, and which of them is what the page shows."""
    return [(chip["label"], chip["current"]) for chip in client.get("/complaints/?list=").context["views"]]


def test_it_keeps_list_filters_and_order_and_leads_back_to_them(client_for: ClientFor) -> None:
    client = client_for("wh.contact")
    answer = save(client, "急件", **ASKED)
    assert answer.headers["Location"] == "/complaints/?list=hand_off&priority=P1&order=due"
    page = client.get(answer.headers["Location"])
    assert [(chip["label"], chip["current"]) for chip in page.context["views"]] == [("急件", True)]
    assert views(client) == [("急件", False)]


def test_it_keeps_nothing_that_was_not_understood_and_no_number(client_for: ClientFor) -> None:
    """Whoever looks for a number may have typed a customer's."""
    asked = {"number": "13871234567", "state": "bogus", "list": "of_another", "unit": "WH", "overdue": "on"}
    assert view_of(client_for("wh.contact"), **asked).asked == {"clock": "late"}
    assert view_of(client_for("kf.agent"), "全省", **asked).asked == {"unit": "WH", "clock": "late"}


def test_the_default_is_what_the_bare_address_opens(client_for: ClientFor) -> None:
    client = client_for("wh.contact")
    assert client.get("/complaints/").status_code == 200
    first = view_of(client, "急件")
    save(client, "全部", is_default="on")
    assert client.get("/complaints/").headers["Location"] == "/complaints/?list="
    client.post(f"/complaints/views/{first.pk}/choose/")
    assert client.get("/complaints/").headers["Location"] == first.url
    assert client.get("/complaints/?list=").status_code == 200
    assert client.get("/complaints/", headers={"HX-Request": "true"}).status_code == 200
    client.post(f"/complaints/views/{first.pk}/choose/", {"no": "on"})
    assert client.get("/complaints/").status_code == 200
    assert client_for("kf.agent").get("/complaints/").status_code == 200


def test_renamed_and_deleted(client_for: ClientFor) -> None:
    client = client_for("wh.contact")
    view = view_of(client)
    assert client.post(f"/complaints/views/{view.pk}/rename/", {"name": "  重大 "}).status_code == 302
    assert views(client) == [("重大", False)]
    assert client.post(f"/complaints/views/{view.pk}/delete/").status_code == 302
    assert views(client) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "此项必填。"),
        ("急件", "您已有名为“急件”的视图，请换一个名称。"),
        ("长" * 31, "最多 30 个字，现有 31 个。"),
    ],
)
def test_a_bad_name_is_told_at_its_field_keeps_what_was_typed_and_changes_nothing(
    client_for: ClientFor, name: str, sentence: str
) -> None:
    client = client_for("wh.contact")
    view_of(client)
    other = view_of(client, "其他")
    client.get("/complaints/views/")  # reads what is told of the views just kept, which stands in the session
    before = writes()
    for answer in (
        save(client, name, **ASKED),
        client.post(f"/complaints/views/{other.pk}/rename/", {"name": name}),
    ):
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count(f"<li>{sentence}</li>") == 1
        assert (f'value="{name}"' in page) is bool(name)
    assert writes() == before


def test_a_refused_new_one_still_knows_what_it_was_to_keep(client_for: ClientFor) -> None:
    answer = save(client_for("wh.contact"), "", **ASKED)
    assert answer.context["new"].view.asked == ASKED
    for name, value in ASKED.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in answer.content.decode()


def test_there_is_a_most(client_for: ClientFor) -> None:
    client = client_for("wh.contact")
    for place in range(MOST):
        view_of(client, f"视图{place}")
    answer = save(client, "再一个", **ASKED)
    assert answer.context["new"].errors == {"name": ["最多保存 30 个视图，请先删除不用的。"]}
    view = SavedView.objects.earliest("pk")
    assert client.post(f"/complaints/views/{view.pk}/rename/", {"name": "改过"}).status_code == 302
    assert SavedView.objects.count() == MOST


@pytest.mark.parametrize("deed", ["rename", "delete", "choose"])
def test_anothers_answers_like_one_that_is_not_there(client_for: ClientFor, deed: str) -> None:
    view = view_of(client_for("wh.contact"))
    other = client_for("kf.supervisor")
    before = writes()
    answers = [other.post(f"/complaints/views/{pk}/{deed}/", {"name": "我的"}) for pk in (view.pk, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert views(other) == []
    assert "急件" not in other.get("/complaints/views/").content.decode()
    assert writes() == before


def test_two_people_may_use_the_same_name(client_for: ClientFor) -> None:
    for username in ("wh.contact", "kf.agent"):
        assert save(client_for(username), "急件", is_default="on").status_code == 302
    assert SavedView.objects.filter(name="急件", is_default=True).count() == 2


@pytest.mark.parametrize("address", ["/complaints/?list=", "/complaints/views/"])
def test_a_page_takes_as_many_queries_for_many_views_as_for_one(client_for: ClientFor, address: str) -> None:
    client = client_for("wh.contact")
    counted = []
    for size in (1, 29):
        for place in range(size):
            view_of(client, f"视图{size}-{place}")
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted.append(len(queries))
    assert counted == [counted[0]] * 2
