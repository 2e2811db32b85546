"""The pages of customers' requests about their data: who opens them, what they show, the copy that is fetched once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.permissions import Actor
from complaints.models import RightsRequest
from tests.complaints.data_rights.test_requests import INTAKE, LEADER, NAME, OTHER, PHONE, SUPERVISOR, USUAL, Rights
from tests.factories import Play

pytestmark = [pytest.mark.compliance(8, 13, 20), pytest.mark.asvs("8.2.2", "14.2.1", "14.2.6")]

ClientFor = Callable[[str], Client]


@pytest.fixture
def rights(play: Play) -> Rights:
    return Rights(play)


@pytest.fixture
def verified(client_for: ClientFor) -> ClientFor:
    """Signed in with the second factor shown, as `client_for` does it."""
    return client_for


def place_of(asked: RightsRequest, verb: str = "") -> str:
    return f"/rights/{asked.matter.number}/" + (f"do/{verb}/" if verb else "")


def test_it_is_taken_in_by_a_form(play: Play, verified: ClientFor) -> None:
    play.upto("registered", **INTAKE)
    client = verified(SUPERVISOR)
    assert client.get("/rights/new/").status_code == 200
    wrong = client.post("/rights/new/", USUAL["open_rights_request"] | {"phone": "12", "identity": ""})
    form = wrong.context["form"]
    assert (wrong.status_code, sorted(form.refusal.fields)) == (422, ["identity", "phone"])
    assert form["request"].value() == USUAL["open_rights_request"]["request"]
    done = client.post("/rights/new/", USUAL["open_rights_request"], follow=True)
    asked = RightsRequest.objects.get()
    assert (done.status_code, done.redirect_chain[-1][0]) == (200, place_of(asked))


@pytest.mark.parametrize("username", ["kf.agent", "kf.head", "sc.officer", "wh.contact", "sj.plain"])
def test_for_others_there_is_none(rights: Rights, verified: ClientFor, username: str) -> None:
    asked, client = rights.open(), verified(username)
    assert [client.get(place).status_code for place in ("/rights/", "/rights/new/")] == [403, 403]
    there, nowhere = (client.get(f"/rights/{number}/") for number in (asked.matter.number, "QL20991231000001"))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert client.post(place_of(asked, "close_rights_request")).status_code == 404


def test_nothing_is_done_without_the_second_factor(
    rights: Rights, verified: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, client = rights.open("restrict"), verified(SUPERVISOR)
    monkeypatch.setattr(Actor, "looks_beyond_own_work", property(lambda self: False))
    done = client.post(place_of(asked, "close_rights_request"), {"note": "已告知。"})
    assert (done.status_code, RightsRequest.objects.get().state) == (403, "open")


def test_the_page_is_masked(play: Play, rights: Rights, verified: ClientFor) -> None:
    play.upto("archived", **INTAKE)
    namesake = play.upto("registered", **(INTAKE | {"phone": OTHER}))
    asked = rights.open(request=f"{NAME}要求复制{PHONE}的资料。", identity=f"回拨{PHONE}核实。")
    for username in (SUPERVISOR, LEADER, "sj.auditor"):
        page = verified(username).get(place_of(asked))
        text = page.content.decode()
        assert (page.status_code, [raw in text for raw in (NAME, PHONE, OTHER)]) == (200, [False] * 3)
        assert ("欧***" in text, "139****4321" in text, str(namesake.matter) in text) == (True, True, True)
    rows = {one["line"].complaint.pk: one["find"].by_name for one in page.context["found"]}
    assert (rows[namesake.pk], len(rows), page.context["forms"]) == (True, 2, [])


def test_what_is_sure_is_proposed_already(play: Play, rights: Rights, verified: ClientFor) -> None:
    sure = play.upto("archived", **INTAKE)
    play.upto("registered", **(INTAKE | {"phone": OTHER}))
    page = verified(SUPERVISOR).get(place_of(rights.open()))
    form = page.context["forms"][0]
    assert (form.verb.name, form.is_awaited, form["complaints"].value()) == (
        "propose_fulfilment", True, str(sure.matter),
    )  # fmt: skip
    assert [one.verb.name for one in page.context["forms"]] == [
        "propose_fulfilment", "find_matters", "refuse_rights_request",
    ]  # fmt: skip


def test_the_copy_comes_in_the_answer_once(play: Play, rights: Rights, verified: ClientFor) -> None:
    asked = rights.approved("copy", play.upto("archived", **INTAKE))
    client = verified(SUPERVISOR)
    form = client.get(place_of(asked, "hand_over_copy")).context["form"]
    sent = {"_key": form["_key"].value(), "_seen": form["_seen"].value()}
    answer = client.post(place_of(asked, "hand_over_copy"), sent)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        assert (answer["Content-Type"], folder.namelist()) == ("application/zip", ["copy.json", "copy.html"])
    assert (answer["Content-Disposition"], "no-store" in answer["Cache-Control"]) == (
        f'attachment; filename="{asked.matter.number}.zip"', True,
    )  # fmt: skip
    again = client.post(place_of(asked, "hand_over_copy"), sent, follow=True)
    assert (again["Content-Type"].split(";")[0], PHONE in again.content.decode()) == ("text/html", False)
    other = client.post(place_of(asked, "hand_over_copy"))
    assert (other.status_code, PHONE in other.content.decode()) == (422, False)


def test_deleting_warns_and_says_what_stays(play: Play, rights: Rights, verified: ClientFor) -> None:
    gone, running = play.upto("archived", **INTAKE), play.upto("accepted", **INTAKE)
    asked = rights.proposed("delete", gone)
    page = verified(LEADER).get(place_of(asked))
    kept = {one["line"].complaint.pk: (one["find"].is_chosen, one["is_kept"]) for one in page.context["found"]}
    assert kept == {gone.pk: (True, False), running.pk: (False, True)}
    form = next(one for one in page.context["forms"] if one.verb.name == "approve_fulfilment")
    assert (form.is_grave, f">{form.preface}<" in page.content.decode()) == (True, True)
    assert "不能恢复" in form.preface
    done = verified(LEADER).post(place_of(asked, "approve_fulfilment"), follow=True)
    assert (done.status_code, "已去标识" in client_text(verified, gone)) == (200, True)


def client_text(verified: ClientFor, complaint: object) -> str:
    number = complaint.matter.number  # type: ignore[attr-defined]
    return verified("sj.auditor").get(f"/complaints/{number}/").content.decode()


def test_the_record_of_a_correction_shows_on_the_complaint(play: Play, rights: Rights, verified: ClientFor) -> None:
    complaint = play.upto("accepted", **INTAKE)
    asked = rights.open("correct")
    done = verified(SUPERVISOR).post(
        place_of(asked, "correct_data"), {"complaint": str(complaint.matter), "phone": OTHER, "reason": "登记有误。"}
    )
    text = client_text(verified, complaint)
    assert (done.status_code, "更正客户资料" in text, "139****1111" in text, OTHER in text) == (302, True, True, False)


def test_the_list_costs_the_same_however_long(rights: Rights, verified: ClientFor) -> None:
    client = verified("sj.auditor")

    def counted(number: int) -> int:
        for _place in range(number):
            rights.open()
        client.get("/rights/")
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/rights/").status_code == 200
        return len(caught)

    assert counted(2) == counted(5)


def test_the_list_holds_the_running_ones(rights: Rights, verified: ClientFor) -> None:
    over, running = rights("refuse_rights_request", SUPERVISOR, rights.open()), rights.open()
    client = verified(LEADER)
    shown = [[row.pk for row, _due in client.get(place).context["rows"]] for place in ("/rights/", "/rights/?all=1")]
    assert shown == [[running.pk], [running.pk, over.pk]]
