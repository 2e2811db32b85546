"""A softphone opens the intake as a call comes in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accountability.models import AccessLog
from complaints.models import Complaint
from tests.complaints.views.test_intake import TYPED, agent

__all__ = ["agent"]


def incoming(client: Client, phone: str, **headers: str) -> Any:
    return client.get("/intake/", {"phone": phone}, headers=headers)


def test_a_call_opens_the_intake_with_its_number_and_what_is_known_of_it(agent, play):
    earlier = play.upto("delivered", region="宜昌")
    answer = incoming(agent, "+86 138-7123 4567")
    page = answer.content.decode()
    assert (answer.status_code, answer.context["form"]["phone"].value()) == (200, "+86 138-7123 4567")
    assert (answer.context["form"]["region"].value(), answer.context["form"].errors) == ("宜昌", {})
    assert (f"该号码的 {earlier.matter.number} 还在办理" in page, "王建国" in page) == (True, False)
    noted = AccessLog.objects.filter(action="incoming", result="ok", actor__username="kf.agent")
    assert (noted.count(), answer.headers["Cache-Control"].count("no-store")) == (1, 1)
    assert Complaint.objects.count() == 1


def test_what_a_call_opened_is_registered_like_anything_typed(agent, play):
    form = incoming(agent, "13871234567").context["form"]
    hidden = {name: form[name].value() for name in ("_key", "_seen")}
    for _twice in range(2):
        assert agent.post("/complaints/new/", TYPED | hidden).status_code == 302
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("phone", ["anonymous", "10086", "1" * 500, "<script>alert(1)</script>"])
def test_a_number_that_nobody_can_be_called_at_is_told_at_its_box_and_kept(agent, phone):
    answer = incoming(agent, phone)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["phone"])
    assert answer.context["form"]["phone"].value() == phone
    assert "<script>alert" not in answer.content.decode()


def test_a_call_without_a_number_opens_the_empty_page(agent):
    for answer in (agent.get("/intake/"), incoming(agent, "  ")):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/complaints/new/")


def test_a_call_is_for_agents_alone(client_for):
    answer = incoming(client_for("wh.contact"), "13871234567")
    assert (answer.status_code, AccessLog.objects.get(result="forbidden").action) == (403, "incoming")


@pytest.mark.parametrize("address", ["?phone=+85223456789", "?phone=%2B85223456789"])
def test_a_number_from_abroad_keeps_its_plus(agent, address):
    answer = agent.get(f"/intake/{address}")
    assert (answer.status_code, answer.context["form"]["phone"].value()) == (200, "+85223456789")


def test_no_link_of_another_site_looks_a_number_up(agent, play):
    earlier = play.upto("delivered")
    answer = incoming(agent, "13871234567", **{"Sec-Fetch-Site": "cross-site"})
    page = answer.content.decode()
    assert (answer.status_code, answer.context["form"]["phone"].value()) == (200, "13871234567")
    assert (earlier.matter.number in page, AccessLog.objects.filter(action="incoming").exists()) == (False, False)


def test_the_number_goes_into_no_header_of_another_request(agent):
    assert incoming(agent, "13871234567").headers["Referrer-Policy"] == "strict-origin"
