"""Programs that ask the interface with a token of somebody's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.models import ApiToken, Employee
from accountability.signin import tokens
from config.api.members import SCHEMAS
from tests.accountability.signin.conftest import door
from tests.assessment.conftest import docket, rankings
from tests.factories import Cast, Now

__all__ = ["docket", "door", "rankings"]

PLACE = "/api/v1/"


class Program:
    """A program with a secret. It keeps no cookies; its client is one, since a new one sets up all middleware anew."""

    def __init__(self, secret: str, address: str = "10.1.1.1") -> None:
        self.secret, self.address = secret, address
        self.client = Client(enforce_csrf_checks=True)

    def ask(self, method: str, place: str, body: Any = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.secret}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        data = "" if body is None else body if isinstance(body, (str, bytes)) else json.dumps(body)
        self.client.cookies.clear()
        return self.client.generic(
            method, PLACE + place if not place.startswith("/") else place, data,
            content_type="application/json", headers=given, REMOTE_ADDR=self.address,
        )  # fmt: skip

    def get(self, place: str, **headers: str) -> Any:
        return self.ask("GET", place, **headers)

    def post_read(self, place: str, body: Any = None, **headers: str) -> Any:
        """Act on a complaint as it is read now."""
        tag = self.get(place.rpartition("/")[0]).headers["ETag"]
        return self.post(place, body, If_Match=tag, **headers)

    def post(self, place: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", place, {} if body is None else body, **headers)


Issue = Callable[..., tuple[ApiToken, str]]
ProgramOf = Callable[..., Program]


@pytest.fixture
def issue(cast: Cast, now: Now) -> Issue:
    """A token of somebody's, and its secret."""

    def issued(username: str, **said: Any) -> tuple[ApiToken, str]:
        usual: dict[str, Any] = {"name": "热线", "days": 30, "networks": []}
        usual |= dict.fromkeys(("reads", "acts", "organises"), True)
        person = Employee.objects.get(username=username)
        return tokens.issue(person, now.at, **usual | said)

    return issued


@pytest.fixture
def program(issue: Issue) -> ProgramOf:
    return lambda username, **said: Program(issue(username, **said)[1])


def told(program: Program, where: str, name: str) -> Any:
    """The answer, which is as it is described."""
    answer = program.get(where)
    assert answer.status_code == 200, answer.content.decode()
    described = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    jsonschema.Draft202012Validator(described).validate(answer.json())
    return answer.json()


def asked(program: Program, where: str) -> int:
    """How many statements the answer took."""
    with CaptureQueriesContext(connection) as statements:
        assert program.get(where).status_code == 200
    return len(statements)


def is_problem(response: Any, status: int) -> dict[str, Any]:
    """What a refusal says, which is a problem of this status."""
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    return told
