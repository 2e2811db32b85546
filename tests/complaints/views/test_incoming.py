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


# The call itself

HEARD = "https://recordings.example/calls/20261124-0007.wav"


@pytest.fixture
def recordings(settings: Any) -> None:
    settings.RECORDING_HOSTS = ["recordings.example"]


def call_in(agent: Client, **call: str) -> Any:
    return agent.get("/intake/", {"phone": "13871234567", **call})


def registered(agent: Client, **call: str) -> Any:
    form = call_in(agent, **call).context["form"]
    return agent.post("/complaints/new/", TYPED | {name: form[name].value() or "" for name in
                                                   ("_key", "_seen", "call", "recording")})  # fmt: skip


def test_the_calls_id_and_recording_stay_with_the_complaint(agent, client_for, recordings):
    registered(agent, call="20261124-0007", recording=HEARD)
    complaint = Complaint.objects.get()
    assert complaint.intake is not None
    told = complaint.intake.opened
    assert (told["call"], told["recording"]) == ("20261124-0007", HEARD)
    page = agent.get(f"/complaints/{complaint.matter}/").content.decode()
    way = f"/complaints/{complaint.matter}/recording/"
    assert (HEARD in page, f'href="{way}"' in page, "20261124-0007" in page) == (False, True, True)
    answer = agent.get(way)
    assert (answer.status_code, answer.headers["Location"]) == (302, HEARD)
    heard = AccessLog.objects.get(action="recording")
    assert (str(heard.actor and heard.actor.username), heard.matter_id) == ("kf.agent", complaint.pk)


def test_no_unit_hears_the_recording(agent, client_for, play, recordings):
    registered(agent, call="20261124-0007", recording=HEARD)
    complaint = play("dispatch", "kf.agent", Complaint.objects.get())
    play("correct", "kf.agent", complaint, content="另一段文字。", reason="误记。")
    for username in ("wh.contact", "wh.head"):
        page = client_for(username).get(f"/complaints/{complaint.matter}/").content.decode()
        assert (username, "20261124-0007" in page, "/recording/" in page) == (username, False, False)
        assert client_for(username).get(f"/complaints/{complaint.matter}/recording/").status_code == 404
        for words in ("recordings.example", "20261124-0007"):
            found = client_for(username).get("/search/", {"q": words}).content.decode()
            assert (words, str(complaint.matter) in found) == (words, False)


def test_a_correction_keeps_the_call(agent, play, recordings):
    registered(agent, call="20261124-0007", recording=HEARD)
    complaint = play("correct", "kf.agent", Complaint.objects.get(), content="另一段文字。", reason="误记。")
    assert complaint.intake.opened["recording"] == HEARD


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://recordings.example/a", "https://evil.example/a", "https://recordings.example.evil/a",
     "https://recordings.example@evil.example/", "https://evil.example\\@recordings.example/", "//recordings.example/a",
     "https://recordings.example:8443/a", "https://user:x@recordings.example/", "https://recordings.example:x/",
     "https://[::1", "https://recordings.example/" + "a" * 500],
)  # fmt: skip
def test_another_address_is_refused_at_its_box(agent, recordings, address):
    answer = registered(agent, recording=address)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["recording"])
    assert answer.context["form"]["recording"].value() == address
    assert Complaint.objects.count() == 0


def test_without_named_hosts_no_recording_is_taken_and_none_is_a_link(agent, recordings, settings):
    registered(agent, recording=HEARD)
    settings.RECORDING_HOSTS = []
    complaint = Complaint.objects.get()
    assert "/recording/" not in agent.get(f"/complaints/{complaint.matter}/").content.decode()
    assert agent.get(f"/complaints/{complaint.matter}/recording/").status_code == 404
    assert registered(agent, recording=HEARD).status_code == 422


def test_a_number_in_the_calls_id_is_masked(agent):
    registered(agent, call="13871234567-1")
    assert "13871234567-1" not in agent.get(f"/complaints/{Complaint.objects.get().matter}/").content.decode()
