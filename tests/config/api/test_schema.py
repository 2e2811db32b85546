"""The description says what is there: every address, every verb with its fields, every answer."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from django.test import Client

from accountability.gate.verbs import VERBS
from complaints.models import Complaint
from config.api.kinds import KINDS
from config.api.schema import body_of, description
from tests.config.api.conftest import ProgramOf
from tests.config.api.test_acts import LEFT_OUT
from tests.factories import USUAL, Play


@pytest.fixture
def told(program: ProgramOf) -> dict[str, Any]:
    found: dict[str, Any] = program("sj.plain").get("schema/").json()
    return found


def fits(told: dict[str, Any], name: str, body: Any) -> None:
    jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}"} | {"components": told["components"]}
    ).validate(body)


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    assert told["openapi"].startswith("3.1")
    for name in re.findall(r"#/components/schemas/(\w+)", str(told)):
        jsonschema.Draft202012Validator.check_schema(told["components"]["schemas"][name])
    ids = [each["operationId"] for methods in told["paths"].values() for each in methods.values()]
    assert len(ids) == len(set(ids))
    assert set(told["components"]["securitySchemes"]) == {"token", "session"}


def test_every_verb_stands_in_it_with_its_fields(told: dict[str, Any]) -> None:
    described = {place for place in told["paths"] if place.count("/") >= 4 and "schema" not in place}
    expected = {
        f"/api/v1/{kind.place}/{'{number}/' if kind.page else ''}{name}"
        for kind in KINDS for (of, name), entry in VERBS.items() if of == kind.name and kind.takes(entry)
    }  # fmt: skip
    assert expected <= described
    assert not [place for place in described if place.rpartition("/")[2] in LEFT_OUT]
    begins = told["paths"]["/api/v1/complaints"]["post"]["requestBody"]["content"]["application/json"]["schema"][
        "oneOf"
    ]
    assert {each["properties"]["do"]["const"] for each in begins} == {"register", "forward"}
    assert not [place for place in described if "{verb}" in place]
    body = told["paths"]["/api/v1/complaints/{number}/hand_off"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert (set(schema["properties"]), set(schema["required"])) == ({"to", "method"}, {"to", "method"})
    assert "system" in schema["properties"]["method"]["enum"]
    asked = {
        place: {each["name"]: each.get("required") for each in told["paths"][place]["post"]["parameters"]}["If-Match"]
        for place in (f"/api/v1/complaints/{{number}}/{name}" for name in ("accept", "judge_complete"))
    }
    assert list(asked.values()) == [False, True]


def test_what_the_tests_usually_send_is_what_is_described() -> None:
    """Read off the same declarations as the gate's: each usual form fits its description."""
    asked = 0
    for kind in KINDS:
        for entry in kind.verbs:
            if entry.name in USUAL:
                # What a test doesn't care for may be left out there.
                jsonschema.Draft202012Validator(body_of(entry) | {"required": []}).validate(USUAL[entry.name])
                asked += 1
    assert asked > 40


def test_answers_are_as_they_are_described(told: dict[str, Any], program: ProgramOf, play: Play) -> None:
    complaint = way(play)
    for username in ("kf.agent", "wh.zhang", "wh.contact", "yc.chen", "sc.officer", "sj.auditor"):
        asking = program(username)
        rows = asking.get("complaints?state=all").json()
        fits(told, "Complaints", rows)
        assert all(set(row) == set(told["components"]["schemas"]["Line"]["properties"]) for row in rows["items"])
        one = asking.get(f"complaints/{complaint.matter.number}")
        if one.status_code == 200:
            fits(told, "Complaint", one.json())
            assert set(one.json()) == set(told["components"]["schemas"]["Complaint"]["properties"])
    refused = program("wh.zhang").post(f"complaints/{complaint.matter.number}/dispatch")
    fits(told, "Problem", refused.json())
    done = program("kf.agent").post_read(f"complaints/{complaint.matter.number}/judge_complete", {"complete": True})
    fits(told, "Receipt", done.json())
    again = program("kf.agent").post_read(f"complaints/{complaint.matter.number}/judge_complete", {"complete": True})
    assert again.status_code == 409
    fits(told, "Problem", again.json())


def way(play: Play) -> Complaint:
    """Returned once, then answered by another unit."""
    begun = play("register", "kf.agent", play("forward", "yc.chen"), channel="forward")
    handed = play("hand_off", "wh.contact", play("dispatch", "kf.agent", begun))
    returned = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", handed))
    handed = play("hand_off", "yc.contact", play("dispatch", "kf.agent", returned, unit="YC"), to="yc.chen")
    return play("answer", "yc.chen", play("propose_solution", "yc.chen", play("accept", "yc.chen", handed)))


def test_it_is_told_in_the_language_asked_for(program: ProgramOf) -> None:
    of = {
        language: program("sj.plain").get("schema/", Accept_Language=language).json()["paths"][
            "/api/v1/complaints/{number}/accept"]["post"]["summary"]
        for language in ("zh-hans", "en")
    }  # fmt: skip
    assert of["en"].isascii()
    assert not of["zh-hans"].isascii()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_it_tells_every_verb_and_asks_nobody_else(client_for: Any, language: str) -> None:
    page = client_for("wh.zhang").get("/api/docs/", headers={"Accept-Language": language})
    text = page.content.decode()
    for kind in KINDS:
        assert [entry.name for entry in kind.verbs if f"<code>{entry.name}</code>" not in text] == []
    assert not re.findall(r"""(?:src|href|action)=["']?(?:https?:)?//""", text)
    assert "<style" not in text
    usual = client_for("wh.zhang").get("/inbox/").headers["Content-Security-Policy"]
    assert sorted(page.headers["Content-Security-Policy"].split("; ")) == sorted(usual.split("; "))


def test_a_token_does_not_open_the_page(program: ProgramOf) -> None:
    assert program("kf.agent").get("/api/docs/").status_code == 302


def test_a_stranger_is_told_nothing_of_it() -> None:
    assert Client().get("/api/v1/schema/").status_code == 401


def test_it_is_made_once_in_each_language() -> None:
    assert description("en") is description("en")
