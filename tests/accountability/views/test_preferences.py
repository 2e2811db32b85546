"""One's own page: addresses, language, channels by topic; nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, Preferences
from accountability.notices.channels.delivery import deliver
from tests.accountability.conftest import ADDRESSES
from tests.accountability.notices.pretend_gateway import Gateway
from tests.factories import Cast, Now


def post(client: Client, **given: Any) -> Any:
    usual: dict[str, Any] = {"email": "zhang@wh.example", "mobile": "138 0000 0009", "language": "zh-hans"}
    return client.post(reverse("preferences"), usual | given)


def test_what_is_chosen_is_kept_and_logged(cast: Cast, sms: Gateway, client_for: Callable[[str], Client]) -> None:
    response = post(client_for("wh.zhang"), language="en", clock=["sms"])
    assert (response.status_code, response.headers["location"]) == (302, reverse("preferences"))
    found = Preferences.objects.get()
    logged = AccessLog.objects.filter(action="change_preferences").values_list("actor__username", "result", "detail")
    assert list(logged) == [("wh.zhang", "ok", "")]
    assert (found.pk, found.addresses) == (
        cast["wh.zhang"].pk, {"email": "zhang@wh.example", "mobile": "13800000009"},
    )  # fmt: skip
    assert (found.language, found.chosen) == (
        "en", {"clock": ["sms"], "work": [], "limits": [], "waiting": [], "news": []},
    )  # fmt: skip


def test_ones_office_telephone_is_kept_with_the_addresses(client_for: Callable[[str], Client]) -> None:
    client = client_for("wh.zhang")
    assert post(client, mobile="", office="027-8765 4321").status_code == 302
    assert Preferences.objects.get().addresses == {"email": "zhang@wh.example", "office": "02787654321"}
    assert client.get(reverse("preferences")).context["form"]["office"].value() == "02787654321"


@pytest.mark.parametrize(
    "given",
    [
        {"office": "分机"},
        {"mobile": "12345"},
        {"email": "x"},
        {"email": f"a@{'é' * 62}.cn"},
        {"language": "fr"},
        {"clock": ["pigeon"]},
    ],
)
def test_what_cannot_be_is_refused_at_its_field(given: dict, sms: Gateway, client_for: Callable[[str], Client]) -> None:
    response = post(client_for("wh.zhang"), **given)
    assert (response.status_code, list(response.context["form"].errors)) == (422, list(given))
    assert Preferences.objects.count() == 0


def test_a_channel_that_is_away_stays_chosen(
    settings: Any, reach: Any, sms: Gateway, client_for: Callable[[str], Client]
) -> None:
    reach("wh.zhang", chosen={"news": ["email"]})
    post(client_for("wh.zhang"), news=["sms"])
    assert Preferences.objects.get().chosen["news"] == ["sms", "email"]


def test_one_sees_ones_own_addresses_and_nobody_elses(
    reach: Any, sms: Gateway, client_for: Callable[[str], Client]
) -> None:
    reach()
    pages = {name: client_for(name).get(reverse("preferences")).content.decode() for name in ("wh.contact", "wh.head")}
    assert {name: [a for a in ADDRESSES.values() if a in page] for name, page in pages.items()} == {
        "wh.contact": list(ADDRESSES.values()), "wh.head": [],
    }  # fmt: skip


def test_the_page_says_what_became_of_the_last_message(
    tell: Any, now: Now, sms: Gateway, client_for: Callable[[str], Client]
) -> None:
    client, said = client_for("wh.contact"), []
    for answer in (200, 422):
        sms.answers = [(answer, {})]
        tell()
        deliver(now.at)
        page = client.get(reverse("preferences")).content.decode()
        said.append([word for word in ("已发送", "未送达") if word in page])
    assert said == [["已发送"], ["未送达"]]


def test_the_page_in_english(sms: Gateway, client_for: Callable[[str], Client]) -> None:
    client = client_for("sj.plain")
    client.cookies["django_language"] = "en"
    page = client.get(reverse("preferences")).content.decode().replace("简体中文", "")
    assert [text for text in ("通知", "发送", "渠道", "手机") if text in page] == []
    assert "What is sent" in page
