"""Schemathesis sends to every described operation what fits its description and what doesn't: no fault of the program,
and no answer that isn't described (docs/adr/0032-rest-api.md).
"""

from __future__ import annotations

from copy import deepcopy
from itertools import cycle
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings

from config.api import reference
from config.api.problems import PREFIX
from config.api.schema import description
from tests.assessment.docket import Docket
from tests.assessment.rankings.made_rankings import Rankings
from tests.config.api.conftest import Issue
from tests.factories import Play
from tests.looking import undone

EXAMPLES = 6
"""Of each operation, and of each way of making them."""
PEOPLE = ("kf.supervisor", "sc.leader", "wh.head", "wh.zhang")
ORIGIN = "http://testserver"

Found = list[tuple[str, str]]


class Askers:
    """The tokens of several people in turn, the matters that they ask about, and the statuses that they got."""

    def __init__(self, secrets: list[str], numbers: dict[str, str]) -> None:
        self.secrets, self.numbers = cycle(secrets), numbers
        self.turns = cycle([True, False])
        self.got: set[int] = set()

    def ask(self, case: Any) -> Any:
        """Every second time of a matter that is there. What it does is undone."""
        if next(self.turns) and "{number}" in case.path:
            case.path_parameters["number"] = self.numbers[case.path.removeprefix(PREFIX).partition("/")[0]]
        with undone():
            answer = case.call(ORIGIN, headers={"Authorization": f"Bearer {next(self.secrets)}"})
        self.got.add(answer.status_code)
        return answer


@pytest.fixture
def askers(play: Play, docket: Docket, rankings: Rankings, issue: Issue) -> Askers:
    """With a matter of each kind, by its place in the address."""
    complaint, case = play.upto("accepted"), docket.upto("report waits")
    there: dict[str, Any] = {"complaints": complaint, "cases": case, "rankings": rankings.draft()}
    numbers = {place: str(subject.matter) for place, subject in there.items()}
    return Askers([issue(username)[1] for username in PEOPLE], numbers)


def schema_of(told: Any) -> Any:
    from schemathesis import openapi

    schema = openapi.from_dict(deepcopy(told))
    schema.app = WSGIHandler()
    return schema


def faults(schema: Any, mode: str, askers: Askers, only: str = "") -> Found:
    """What was answered otherwise than it is described, by operation."""
    from schemathesis import GenerationMode

    found: Found = []
    for result in schema.get_all_operations():
        operation = result.ok()
        name = f"{operation.method.upper()} {operation.path}"
        if only and name != only:
            continue
        found += [(name, told) for told in problems_of(operation.as_strategy(GenerationMode(mode)), askers)]
    return found


def problems_of(strategy: Any, askers: Askers) -> list[str]:
    """What is wrong with the answers to some of what the strategy makes."""
    problems: list[str] = []

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def ask(case: Any) -> None:
        problems.extend(wrong_in(case, askers.ask(case)))

    ask()
    return problems


def wrong_in(case: Any, answer: Any) -> list[str]:
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as of_openapi

    asked = [
        checks.not_a_server_error, of_openapi.status_code_conformance, of_openapi.content_type_conformance,
        of_openapi.response_schema_conformance, of_openapi.response_headers_conformance,
    ]  # fmt: skip
    try:
        case.validate_response(answer, checks=asked)
    except BaseExceptionGroup as wrong:
        return [str(each)[:500] for each in wrong.exceptions]
    return []


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_operation_answers_as_it_is_described(mode: str, askers: Askers) -> None:
    assert faults(schema_of(description("en")), mode, askers) == []
    usual = {200, 403, 404, 422} if mode == "positive" else {400, 403, 404, 422}
    assert usual <= askers.got  # so they weren't all sent away at the door


@pytest.mark.slow
def test_what_is_not_described_is_found(askers: Askers) -> None:
    """A status, and a member."""
    told, place = deepcopy(description("en")), f"{PREFIX}limits"
    del told["paths"][place]["get"]["responses"]["200"]
    assert faults(schema_of(told), "positive", askers, f"GET {place}")
    told = deepcopy(description("en"))
    limits = told["components"]["schemas"]["Limits"]
    del limits["properties"]["version"]
    limits["required"].remove("version")
    assert faults(schema_of(told), "positive", askers, f"GET {place}")


@pytest.mark.slow
def test_a_fault_of_the_program_is_found(askers: Askers, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(at: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(reference, "limits_in_force", broken)
    assert faults(schema_of(description("en")), "positive", askers, f"GET {PREFIX}limits")
