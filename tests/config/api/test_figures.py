"""Figures as a program reads them: the numbers of the dashboard, for those who read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from assessment.dashboards.sections import TABLES
from tests.assessment.rankings.made_rankings import FOUR, Rankings
from tests.config.api.conftest import ProgramOf, is_problem, told
from tests.factories import Play
from tests.shared_world import shared

ClientFor = Callable[[str], Client]

PERIOD = "from=2026-11-01&to=2026-11-30"


def worked(play: Play) -> Rankings:
    """Rounds of four units that were judged, and one late."""
    rankings = Rankings(play, play.now)
    rankings.year(FOUR)
    rankings.late("WH")
    return rankings


stage, own_copy, now, cast, play, client_for, rankings = shared(worked)


def counts(table: Any) -> list[tuple[str, dict[str, int]]]:
    return [(row.line.label, dict(row.line.counts)) for row in table.rows]


@pytest.mark.parametrize("username", ["sc.officer", "sj.auditor", "kf.agent", "wh.head", "wh.contact", "yc.leader"])
@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_numbers_are_those_of_the_dashboard(
    program: ProgramOf, client_for: ClientFor, username: str, name: str
) -> None:
    body = told(program(username), f"figures?table={name}&{PERIOD}", "Figures")
    assert (body["compared_with"] is not None) == (name == "units")
    shown = client_for(username).get(f"/dashboard/?table={name}&{PERIOD}").context["table"]
    if name == "hours":
        assert body["hours"] == shown.cells
        return
    assert [(row["label"], row["counts"]) for row in body["rows"]] == counts(shown)
    assert (body["total"] or {}).get("counts") == (dict(shown.total.line.counts) if shown.total else None)
    assert body["period"] == {"from": "2026-11-01", "to": "2026-11-30"}


def test_the_shares_are_of_the_counts(program: ProgramOf) -> None:
    body = told(program("sc.officer"), f"figures?{PERIOD}", "Figures")
    of = {row["key"]: row for row in body["rows"]}
    among = {each["name"]: each["among"] for each in body["measures"]}
    assert among["resolved"] == "closed_in_scope"
    counted = of["YC"]["counts"]
    assert of["YC"]["shares"]["resolved"] == counted["resolved"] / counted["closed_in_scope"] == 0.5
    assert of["SJ"]["shares"]["resolved"] is None
    assert body["compared_with"] == {"from": "2026-10-01", "to": "2026-10-31"}


def test_a_unit_reads_its_own_numbers_alone(program: ProgramOf) -> None:
    asking = program("wh.head")
    assert [row["key"] for row in told(asking, f"figures?{PERIOD}", "Figures")["rows"]] == ["WH"]
    theirs, nobodys = (asking.get(f"figures?unit={code}&{PERIOD}") for code in ("YC", "NONE"))
    assert is_problem(theirs, 400) == is_problem(nobodys, 400)


@pytest.mark.parametrize("username", ["wh.zhang", "wh.li", "sj.plain"])
def test_who_reads_no_figures_is_told_so(program: ProgramOf, client_for: ClientFor, username: str) -> None:
    is_problem(program(username).get("figures"), 403)
    assert client_for(username).get("/dashboard/").status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=yesterday", "from"), ("from=2026-12-01&to=2026-11-01", "to"), ("preset=never", "from"),
     ("table=x", "table"), ("step=hour", "step"), ("unit=nowhere", "unit"), ("colour=red", "colour"),
     ("head=x", "head"), ("fields=table,secret", "fields"), ("risk=late", "risk")],
)  # fmt: skip
def test_a_question_that_is_not_understood_is_not_answered(program: ProgramOf, query: str, field: str) -> None:
    assert set(is_problem(program("sc.officer").get(f"figures?{query}"), 400)["errors"]) == {field}


def test_what_has_not_changed_is_not_sent_again(program: ProgramOf, rankings: Rankings) -> None:
    asking, where = program("sc.officer"), f"figures?{PERIOD}"
    tag = asking.get(where).headers["ETag"]
    assert asking.get(where, If_None_Match=tag).status_code == 304
    assert program("sc.leader").get(where, If_None_Match=tag).status_code == 200
    assert set(asking.get(f"{where}&fields=total,table").json()) == {"total", "table"}
    rankings.round("YC")
    assert asking.get(where, If_None_Match=tag).status_code == 200
