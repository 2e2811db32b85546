"""What everybody may look up: as on the pages of units, categories, limits and the calendar."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import CalendarYear, Category, Unit
from tests.config.api.conftest import Program, ProgramOf, is_problem, told
from tests.factories import Cast, Now, Play


@pytest.fixture
def reader(program: ProgramOf) -> Program:
    return program("wh.wang")


def test_units_with_their_contacts(reader: Program) -> None:
    units = {each["code"]: each for each in told(reader, "units?limit=100", "Units")["items"]}
    assert len(units) == Unit.objects.count()
    wh = units["WH"]
    assert ([each["username"] for each in wh["contacts"]], wh["head"]["username"]) == (["wh.contact"], "wh.head")
    assert [each["username"] for each in wh["deputies"]] == ["wh.deputy"]
    assert units["ZD"]["contacts"] == []


def test_people_of_a_unit_with_their_leaders(reader: Program, play: Play) -> None:
    people = {each["username"]: each for each in told(reader, "people?unit=WH", "People")["items"]}
    assert set(people) == {"wh.contact", "wh.deputy", "wh.zhang", "wh.li", "wh.wang", "wh.leader", "wh.head"}
    assert (people["wh.zhang"]["leader"]["username"], people["wh.wang"]["leader"]) == ("wh.leader", None)
    play("dismiss", "sc.officer", employee="wh.li", reason="离职。")
    assert "wh.li" not in {each["username"] for each in told(reader, "people?unit=WH", "People")["items"]}
    for where in ("people?unit=NONE", "people?unit=", "people?after=x", "units?before=x"):
        is_problem(reader.get(where), 400)


def test_all_people_page_by_page(reader: Program) -> None:
    found, where = [], "people?limit=7"
    while where:
        page = told(reader, where, "People")
        found += [each["username"] for each in page["items"]]
        where = page["next"]
    assert found == sorted(set(found))
    assert {"kf.agent", "wh.zhang", "sc.leader"} <= set(found)
    assert not {"system", "sj.system", "sj.security", "sj.auditadmin"} & set(found)


@pytest.mark.parametrize("where", ["people", "units"])
def test_more_of_them_ask_the_database_no_more(reader: Program, cast: Cast, where: str) -> None:
    reader.get(where)
    counts = []
    for limit in (1, 100):
        with CaptureQueriesContext(connection) as statements:
            assert reader.get(f"{where}?limit={limit}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_categories_with_their_leaves(reader: Program, play: Play) -> None:
    heads = told(reader, "categories", "Categories")["items"]
    assert len(heads) == 10
    network = next(each for each in heads if each["path"] == "网络质量")
    assert network["has_network_limits"]
    taken = network["leaves"][0]["path"] if network["leaves"] else network["path"]
    assert play("register", "kf.agent", category=taken).category.path == taken
    Category.objects.filter(parent__name="网络质量", name=taken.partition("/")[2]).update(is_active=False)
    assert taken not in {
        each["path"] for head in told(reader, "categories", "Categories")["items"] for each in head["leaves"]
    }


def test_limits_in_force_now_and_not_before(reader: Program, play: Play, now: Now) -> None:
    before = told(reader, "limits", "Limits")
    play("set_limits", "sc.leader", handling={"P1": "6h"}, reason="试行。")
    now.forward(days=1)
    after = told(reader, "limits", "Limits")
    assert (before["by_priority"]["handling"]["P1"], after["by_priority"]["handling"]["P1"]) == ("8h", "6h")
    assert after["version"] == before["version"] + 1


def test_the_calendar_of_a_year_that_is_published(reader: Program, play: Play) -> None:
    year = CalendarYear.objects.order_by("-year", "-version").first()
    assert year is not None
    found = told(reader, f"calendar/{year.year}", "Calendar")
    assert (found["days_off"], found["version"]) == (year.days_off, year.version)
    play("publish_calendar", "sc.officer", year=year.year, days_off=year.days_off, days_worked=year.days_worked)
    assert told(reader, f"calendar/{year.year}", "Calendar")["version"] == year.version + 1
    for unpublished in (year.year + 5, 1999, 99999999):
        is_problem(reader.get(f"calendar/{unpublished}"), 404)


@pytest.mark.parametrize("where", ["units?x=1", "people?x=1", "categories?x=1", "limits?x=1", "calendar/2026?x=1"])
def test_a_parameter_that_nobody_reads_is_refused(reader: Program, where: str) -> None:
    assert set(is_problem(reader.get(where), 400)["errors"]) == {"x"}


@pytest.mark.parametrize("where", ["units", "people", "categories", "limits", "calendar/2026"])
def test_a_token_that_may_not_read_reads_nothing(program: ProgramOf, where: str) -> None:
    is_problem(program("wh.wang", reads=False).get(where), 403)


def test_no_number_of_a_colleague_is_told(reader: Program) -> None:
    """Who handles the same complaint sees the office number on its page; a list of all of them is nobody's."""
    assert set(told(reader, "people?unit=WH", "People")["items"][0]) == {"username", "name", "unit", "leader"}
