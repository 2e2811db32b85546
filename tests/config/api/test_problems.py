"""Every refusal is a problem as RFC 9457 says, in the language asked for, and tells no more than a page would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings

from accountability.gate import perform as gate
from accountability.models import LedgerEntry
from complaints.models import Complaint
from config import counting
from config.api.problems import problem
from tests.config.api.conftest import ProgramOf, is_problem
from tests.factories import Play
from tests.looking import NOT_BUSINESS, contents


@pytest.fixture
def handed(play: Play) -> Complaint:
    """With wh.zhang, who has not accepted it yet."""
    return play("hand_off", "wh.contact", play("dispatch", "kf.agent", play("register", "kf.agent")))


def place(complaint: Complaint, *more: str) -> str:
    return "/".join(["complaints", str(complaint.matter.number), *more])


@pytest.mark.parametrize(
    "sent",
    ["{", "[]", "null", '"x"', "1", "{'a': 1}", '{"a": NaN}', '{"a": 1e999}', '{"a": -1e999}',
     '{"a": 1e999, "a": 2}', '{"result": "\\u0000"}',
     '{"result": "\\ud800"}', '{"a": ' + "[" * 5000 + "]" * 5000 + "}", '{"a": ' + "9" * 5000 + "}", "\ufeff{}"],
)  # fmt: skip
def test_what_cannot_be_read_is_400(program: ProgramOf, handed: Complaint, sent: str) -> None:
    is_problem(program("wh.zhang").ask("POST", place(handed, "accept"), sent.encode("utf-8", "surrogatepass")), 400)


def test_bytes_that_are_no_text_are_400(program: ProgramOf, handed: Complaint) -> None:
    is_problem(program("wh.zhang").ask("POST", place(handed, "accept"), b'{"a": "\xff"}'), 400)


@pytest.mark.parametrize("body", [{"reason": "a\x00b"}, {"a\x00": 1}])
def test_nul_is_400(program: ProgramOf, handed: Complaint, body: Any) -> None:
    is_problem(program("wh.zhang").post(place(handed, "request_return"), body), 400)


def test_more_than_is_taken_is_413(program: ProgramOf, handed: Complaint, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    is_problem(program("wh.zhang").post(place(handed, "answer"), {"result": "甲" * 1000}), 413)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_another_kind_of_content_is_415(program: ProgramOf, handed: Complaint, kind: str) -> None:
    answer = Client().post(
        f"/api/v1/{place(handed, 'accept')}", b"to=wh.li", content_type=kind,
        headers={"Authorization": f"Bearer {program('wh.zhang').secret}"},
    )  # fmt: skip
    is_problem(answer, 415)


def test_a_body_of_untold_length_is_411(program: ProgramOf, handed: Complaint) -> None:
    """The server would hand on nothing of it, and the act would be another one than was sent."""
    is_problem(program("wh.zhang").post(place(handed, "accept"), Transfer_Encoding="chunked"), 411)


def test_a_stranger_is_401_wherever_they_ask(handed: Complaint) -> None:
    acts = (place(handed, "accept"), "complaints", "cases/AL1/decline_case", "organisation/x")
    for method, where in (("GET", "complaints"), ("GET", place(handed)), *(("POST", each) for each in acts)):
        answer = Client().generic(method, f"/api/v1/{where}", "{}", content_type="application/json")
        is_problem(answer, 401)
        assert "location" not in answer.headers


def test_who_may_not_is_403_and_who_may_not_know_is_404(program: ProgramOf, handed: Complaint) -> None:
    told = is_problem(program("kf.agent").post(place(handed, "accept")), 403)
    assert (told["type"], "state" in told) == ("urn:shouwen:problem:forbidden", False)
    theirs, nobodys = (
        program("yc.contact").post(f"complaints/{number}/accept")
        for number in (handed.matter.number, "TS20200101000001")
    )
    assert is_problem(theirs, 404) == is_problem(nobodys, 404)


def test_what_is_nowhere_is_404(program: ProgramOf, handed: Complaint) -> None:
    for where in ("nowhere", place(handed, "no_verb"), place(handed, "accept", "more"), "", "complaints/"):
        is_problem(program("wh.zhang").post(where), 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_is_405_and_says_which_there_are(program: ProgramOf, handed: Complaint, method: str) -> None:
    answer = program("wh.zhang").ask(method, place(handed, "accept"))
    is_problem(answer, 405)
    assert answer.headers["Allow"] == "POST"


def test_the_wrong_state_is_409_and_tells_it_to_who_may_know(program: ProgramOf, handed: Complaint, play: Play) -> None:
    play("accept", "wh.zhang", handed)
    told = is_problem(program("wh.zhang").post(place(handed, "accept")), 409)
    assert told["type"] == "urn:shouwen:problem:state"
    assert told["state"]["name"] == "dispatched"
    assert told["state"]["label"] in told["detail"]


def test_the_state_is_not_told_to_who_may_not_know(program: ProgramOf, play: Play, handed: Complaint) -> None:
    """YC sits at WH's table and has a task to confirm, but isn't told that WH has asked for a return."""
    play("record_tasks", "wh.zhang", play("convene", "wh.zhang", play("accept", "wh.zhang", handed)))
    away = play("request_return", "wh.zhang", handed)
    told = is_problem(program("yc.chen").post_read(place(away, "confirm_task"), {"unit": "YC"}), 409)
    assert (told["type"], told["detail"], "state" in told) == (
        "urn:shouwen:problem:state", "当前状态不能“确认任务”。", False,
    )  # fmt: skip


def test_wrong_input_is_422_by_field_and_changes_nothing(program: ProgramOf, handed: Complaint) -> None:
    before = contents(without=NOT_BUSINESS)
    asking = program("wh.contact")
    before = contents(without=NOT_BUSINESS)
    told = is_problem(asking.post(place(handed, "reassign"), {"to": "nobody", "because": 1}), 422)
    assert set(told["errors"]) == {"because"}
    told = is_problem(asking.post(place(handed, "reassign"), {"to": "nobody"}), 422)
    assert set(told["errors"]) == {"to", "reason"}
    after = contents(without=NOT_BUSINESS)
    for row in (*before["accountability_apitoken"], *after["accountability_apitoken"]):
        del row["used_at"], row["used_from"]
    assert after == before


def test_too_many_requests_are_429_with_the_seconds_to_wait(
    program: ProgramOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "count", lambda *_said: 10**6)
    with override_settings(LIMITS_COUNT=True):
        answer = program("wh.zhang").get("complaints")
    is_problem(answer, 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_busy_matter_is_503_and_may_be_tried_again(
    program: ProgramOf, handed: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_said: Any) -> Any:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(gate, "_perform", locked)
        answer = program("wh.zhang").post(place(handed, "accept"), Idempotency_Key="k1")
    assert is_problem(answer, 503)["type"] == "urn:shouwen:problem:busy"
    assert int(answer.headers["Retry-After"]) > 0
    assert program("wh.zhang").post(place(handed, "accept"), Idempotency_Key="k1").status_code == 200


def test_a_database_that_is_away_is_503(program: ProgramOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_said: Any, **_more: Any) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    asking = program("wh.zhang")
    monkeypatch.setattr("config.api.reads.queue_of", away)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {asking.secret}"})
    answer = client.get("/api/v1/complaints")
    is_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_fault_of_the_program_is_500_and_says_nothing_of_it(
    program: ProgramOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_said: Any, **_more: Any) -> Any:
        raise RuntimeError("of the inside")

    asking = program("wh.zhang")
    monkeypatch.setattr("config.api.reads.queue_of", broken)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {asking.secret}"})
    answer = client.get("/api/v1/complaints")
    is_problem(answer, 500)
    assert "inside" not in answer.content.decode()


def test_another_encoding_is_400() -> None:
    answer = Client().post("/api/v1/complaints", b"{}", content_type="application/json; charset=gb18030")
    is_problem(answer, 400)


def test_it_is_told_in_the_language_asked_for(program: ProgramOf, handed: Complaint) -> None:
    """By the gate, by the framework, by another middleware, and where nobody is known."""
    for status, where in ((403, place(handed, "hand_off")), (404, "complaints/TS1/accept"), (404, "nowhere")):
        english, chinese = (
            is_problem(program("wh.zhang").post(where, Accept_Language=language), status)
            for language in ("en", "zh-hans")
        )
        assert english["title"].isascii(), english
        assert not chinese["title"].isascii(), chinese
    errors = is_problem(program("wh.zhang").post(place(handed, "answer"), Accept_Language="en"), 422)["errors"]
    assert all(sentence.isascii() for sentence in errors.values())


def test_who_owes_the_second_factor_is_401(client_for: Any, cast: Any) -> None:
    client: Client = client_for("sc.officer")
    session: Any = client.session
    session["verified"] = False
    session.save()
    is_problem(client.get("/api/v1/complaints"), 401)
    is_problem(client.get("/api/v1/complaints", headers={"HX-Request": "true"}), 401)


def test_a_session_reads_and_with_the_token_of_its_form_acts(cast: Any, handed: Complaint) -> None:
    """Another site can make a browser post, but doesn't know what our pages know."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["wh.zhang"], backend="accountability.signin.backend.Backend")
    assert client.get("/api/v1/complaints").status_code == 200
    where = f"/api/v1/{place(handed, 'accept')}"
    is_problem(client.post(where, "{}", content_type="application/json"), 403)
    assert not LedgerEntry.objects.filter(verb="accept").exists()
    client.get("/complaints/?list=")
    known = client.cookies["csrftoken"].value
    answer = client.post(where, "{}", content_type="application/json", headers={"X-CSRFToken": known})
    assert answer.status_code == 200


def test_a_status_without_words_of_ours_has_those_of_http() -> None:
    titles = [json.loads(problem(status).content)["title"] for status in (418, 599)]
    assert titles == ["I'm a Teapot", "599"]


def test_what_was_sent_is_echoed_cut_to_a_length(program: ProgramOf, handed: Complaint) -> None:
    told = is_problem(program("wh.contact").post(place(handed, "hand_off"), {"x" * 5000: 1} | NAMES), 422)
    assert (len(told["errors"]), max(map(len, told["errors"]))) == (100, 300)


NAMES = {f"y{number}": 1 for number in range(500)}
