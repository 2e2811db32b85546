"""Saved views of the list: one's own, under a name; what they keep and what they never keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.models import Category
from complaints.models import SavedView
from complaints.views.saved import MOST
from tests.factories import Cast, Now, Play
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


KINDS: tuple[dict[str, str], ...] = (
    {}, {"list": "hand_off"}, {"list": "of_another"}, {"state": "all"}, {"priority": "P1"}, {"clock": "late"},
    {"category": "网络质量"}, {"category": "0"}, {"region": "武汉"}, {"region": "火星"}, {"unit": "WH"}, {"unit": "YC"},
    {"person": "wh.zhang"}, {"person": "张伟民"}, {"person": "无此人"}, {"holder": "wh.zhang"}, {"holder": "yc.chen"},
    {"mine": "on", "order": "due"}, {"channel": "forward"}, {"received_from": "2026-11-24"}, {"flag": "major"},
)  # fmt: skip


def of_every_kind(employee: Any) -> list[SavedView]:
    category = Category.at("网络质量")
    assert category is not None
    made = [SavedView(employee=employee, name=str(place), asked={**asked}) for place, asked in enumerate(KINDS)]
    for view in made:
        if view.asked.get("category") == "网络质量":
            view.asked["category"] = str(category.pk)
    return SavedView.objects.bulk_create(made)


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact", "wh.zhang", "yc.chen", "sj.auditor"])
def test_a_view_tells_how_many_the_reader_finds_in_it(
    client_for: ClientFor, cast: Cast, play: Play, now: Now, username: str
) -> None:
    play.upto("accepted", priority="P1", flags=["major"], region="武汉", category="网络质量/掉话")
    play.upto("delivered", phone="13900000001", region="宜昌")
    play.upto("forwarded", phone="13900000002")
    play.upto("archived", phone="13900000003")
    now.forward(days=1)
    of_every_kind(cast[username])
    client = client_for(username)
    chips = client.get("/complaints/?list=").context["views"]
    found = [str(len(client.get(chip["url"]).context["lines"])) for chip in chips]
    assert [chip["count"] for chip in chips] == found
    assert len(found) == len(KINDS)
    assert len(set(found)) > 1
    page = client.get("/complaints/views/")
    assert [count for _view, _form, count in page.context["rows"]] == found
    assert page.content.decode().count(f'<span class="count">{found[3]}</span>') == found.count(found[3])


def test_a_view_counts_nothing_that_its_reader_may_not_see(client_for: ClientFor, cast: Cast, play: Play) -> None:
    play.upto("accepted", priority="P1")
    counted = {}
    for username in ("wh.contact", "yc.contact"):
        SavedView.objects.create(employee=cast[username], name="全部", asked={"state": "all"})
        counted[username] = [chip["count"] for chip in client_for(username).get("/complaints/?list=").context["views"]]
    assert counted == {"wh.contact": ["1"], "yc.contact": ["0"]}


@pytest.mark.usefixtures("sent_as_written")
def test_a_view_counts_no_further_than_the_desk(client_for: ClientFor, cast: Cast) -> None:
    of_every_kind(cast["kf.agent"])
    client = client_for("kf.agent")
    for address in ("/complaints/?list=", "/complaints/views/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counted = "".join(query["sql"] for query in queries if "AS bounded" in query["sql"])
        assert counted.count("LIMIT 100)") == counted.count("AS bounded") >= len(KINDS) - 2, address


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact"])
@pytest.mark.parametrize("address", ["/complaints/?list=", "/complaints/views/"])
def test_the_counts_take_as_many_queries_for_each_kind_twice_as_for_once(
    client_for: ClientFor, cast: Cast, address: str, username: str
) -> None:
    client = client_for(username)
    counted = []
    for _time in range(2):
        of_every_kind(cast[username])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted.append(len(queries))
        SavedView.objects.update(name=Concat("name", Value("'")))
    assert counted == [counted[0]] * 2


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
