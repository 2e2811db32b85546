"""Schemathesis sends to every described operation what fits its description and what doesn't: no fault of the program,
and no answer that isn't described (docs/adr/0032-rest-api.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


@pytest.fixture
def numbers(play: Play, docket: Docket, rankings: Rankings) -> dict[str, str]:
    """A matter of each kind, by its place in the address."""
    complaint = play.upto("accepted")
    case = docket.upto("report waits")
    return {
        "complaints": str(complaint.matter),
        "cases": str(case.matter),
        "rankings": str(rankings.draft().matter),
    }


@pytest.fixture
def secrets(numbers: dict[str, str], issue: Issue) -> Iterator[str]:
    """The tokens of several people in turn."""
    return cycle([issue(username)[1] for username in PEOPLE])


def schema_of(told: Any) -> Any:
    from schemathesis import openapi

    schema = openapi.from_dict(deepcopy(told))
    schema.app = WSGIHandler()
    return schema


def faults(schema: Any, mode: str, secrets: Iterator[str], numbers: dict[str, str], only: str = "") -> Found:
    """What was answered otherwise than it is described, by operation."""
    from schemathesis import GenerationMode

    found: Found = []
    for result in schema.get_all_operations():
        operation = result.ok()
        name = f"{operation.method.upper()} {operation.path}"
        if only and name != only:
            continue
        ask = asking(operation.as_strategy(GenerationMode(mode)), secrets, numbers)
        found += [(name, told) for told in ask()]
    return found


def asking(strategy: Any, secrets: Iterator[str], numbers: dict[str, str]) -> Callable[[], list[str]]:
    """Asks with some of what the strategy makes, each by another person; every second time of what there is, read just
    before where that must be named.
    """
    problems: list[str] = []
    turns = cycle([True, False])

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def ask(case: Any) -> None:
        given = {"Authorization": f"Bearer {next(secrets)}"}
        if next(turns) and "{number}" in case.path:
            case.path_parameters["number"] = numbers[case.path.removeprefix(PREFIX).partition("/")[0]]
        with undone():
            answer = case.call(ORIGIN, headers=given)
        problems.extend(wrong_in(case, answer))

    def all_of_them() -> list[str]:
        ask()
        return problems

    return all_of_them


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
def test_every_operation_answers_as_it_is_described(mode: str, secrets: Iterator[str], numbers: dict[str, str]) -> None:
    assert faults(schema_of(description("en")), mode, secrets, numbers) == []


@pytest.mark.slow
def test_what_is_not_described_is_found(secrets: Iterator[str], numbers: dict[str, str]) -> None:
    """A status that isn't described, a member that isn't, and a fault of the program."""
    told, place = deepcopy(description("en")), f"{PREFIX}limits"
    del told["paths"][place]["get"]["responses"]["200"]
    assert faults(schema_of(told), "positive", secrets, numbers, f"GET {place}")
    told = deepcopy(description("en"))
    del told["components"]["schemas"]["Limits"]["properties"]["version"]
    assert faults(schema_of(told), "positive", secrets, numbers, f"GET {place}")


@pytest.mark.slow
def test_a_fault_of_the_program_is_found(
    secrets: Iterator[str], numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(at: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(reference, "limits_in_force", broken)
    assert faults(schema_of(description("en")), "positive", secrets, numbers, f"GET {PREFIX}limits")
