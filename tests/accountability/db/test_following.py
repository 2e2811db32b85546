"""Rows that foreign keys lead to, loaded by their keys."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.db.following import follow
from accountability.models import Employee, Unit
from complaints.models import Complaint


@pytest.fixture
def listed(play):
    def made(number: int) -> None:
        for place in range(number):
            play.upto("accepted", phone=f"139{number:04d}{place:04d}")

    return made


def test_people_and_units_take_one_statement_however_many_rows(listed):
    counted = []
    for size in (1, 9, 90):
        listed(size)
        with CaptureQueriesContext(connection) as queries:
            found = list(Complaint.objects.with_everything().order_by("pk"))
            told = [(row.agent.name, row.latest_round.unit.name, str(row.category), row.matter.number) for row in found]
        assert len(told) == Complaint.objects.count()
        counted.append(len(queries))
    assert counted == [2, 2, 2]


def test_what_is_followed_is_what_a_join_finds(listed):
    listed(3)
    joined = Complaint.objects.select_related("agent", "forwarded_by", "latest_round__unit").order_by("pk")
    for mine, theirs in zip(Complaint.objects.with_everything().order_by("pk"), joined, strict=True):
        assert (mine.agent, mine.forwarded_by, mine.latest_round.unit) == (
            theirs.agent, theirs.forwarded_by, theirs.latest_round.unit,
        )  # fmt: skip


def test_values_and_counts_load_nothing(listed):
    listed(1)
    with CaptureQueriesContext(connection) as queries:
        assert list(Complaint.objects.with_everything().values_list("pk", flat=True))
        assert Complaint.objects.with_everything().exists()
    assert len(queries) == 2


def test_a_path_goes_on_and_what_is_there_is_used_again(cast):
    people = list(Employee.objects.filter(username__in=("wh.zhang", "wh.head")))
    with CaptureQueriesContext(connection) as queries:
        follow((people, ("unit__head", "supervisor")))
        assert {person.unit.head.username for person in people if person.unit and person.unit.head} == {"wh.head"}
    several = len(queries)
    with CaptureQueriesContext(connection) as queries:
        follow((people, ("unit__head", "supervisor")))
    assert (several, len(queries)) == (1, 0)


def test_nothing_to_follow_is_no_statement(cast):
    with CaptureQueriesContext(connection) as queries:
        follow(([None], ("unit",)), ([Employee(username="x", unit=None)], ("unit", "supervisor")))
    assert len(queries) == 0


def test_what_is_set_to_nothing_stays_so(cast):
    """As an outer join that found no row sets it."""
    person = Employee.objects.get(username="wh.zhang")
    person._state.fields_cache["unit"] = None
    follow(([person], ("unit",)))
    assert person._state.fields_cache["unit"] is None


def test_who_leads_to_nothing_gets_nothing_of_others(cast):
    new = Unit(code="NEW", name="新")
    of_new, of_none = Employee(username="x", unit=new), Employee(username="y")
    follow(([of_new, of_none], ("unit",)))
    assert (of_new.unit, of_none.unit) == (new, None)
