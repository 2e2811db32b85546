"""The edge: what PostgreSQL can't hold never gets further."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from complaints.dossier.customer import customer_of
from complaints.models import Complaint
from tests.factories import INTAKE


@pytest.mark.parametrize(
    "address", ["/units/W%00H/", "/complaints/%00/", "/complaints/?state=a%00", "/admin/accountability/unit/?name=%00"]
)
def test_an_address_with_a_nul_is_refused(client_for: Callable[[str], Client], address: str) -> None:
    assert client_for("sc.officer").get(address).status_code == 400


def test_a_nul_is_dropped_from_what_was_typed(client_for: Callable[[str], Client]) -> None:
    typed = INTAKE | {"content": "资费\x00不明", "_key": "one\x00"}
    assert client_for("wh.zhang").post(reverse("forward"), typed).status_code == 302
    assert customer_of(Complaint.objects.select_related("intake").get()).content == "资费不明"


def test_signing_in_to_where_a_button_led_shows_a_page_that_says_why_it_doesnt_open(
    client_for: Callable[[str], Client],
) -> None:
    client, place = client_for("wh.zhang"), reverse("end_session", args=[1])
    answer = client.get(place)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "这个地址不能直接打开" in answer.content.decode()
    assert [client.head(place).content, client.put(place).content] == [b"", b""]
