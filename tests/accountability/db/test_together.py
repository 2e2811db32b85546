"""Rows of several tables by one statement are those that each table's own statement gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accountability.db import sql
from accountability.db.sql import Through, Together
from accountability.models import Category, Deadline, Employee, LedgerEntry, PersonalData, TimeLimits, Unit
from complaints.models import Complaint, MassMember, Round
from tests.factories import Play
from tests.shared_world import shared


def two_complaints(play: Play) -> list[Any]:
    return [play.upto("answered"), play.upto("delivered", phone="13871239999")]


stage, own_copy, _now, _cast, _play, _client_for, world = shared(two_complaints, signs_in=False)


def columns(rows: list[Any]) -> list[dict[str, Any]]:
    return [{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} for row in rows]


EACH: list[tuple[type[models.Model], str]] = [
    (Deadline, "matter_id"), (Complaint, "matter_id"), (Round, "complaint_id"), (LedgerEntry, "matter_id"),
    (PersonalData, "matter_id"), (MassMember, "complaint_id"),
]  # fmt: skip


def test_one_statement_reads_what_several_would(world: list[Any]) -> None:
    ids, together = [complaint.pk for complaint in world], Together()
    later = [together.rows(model, **{column: ids}) for model, column in EACH]
    with CaptureQueriesContext(connection) as queries:
        found = [one() for one in later]
    assert len(queries) == 1
    for (model, column), rows in zip(EACH, found, strict=True):
        assert columns(rows) == columns(sql.rows(model, **{column: ids}))
    assert [len(rows) > 1 for rows in found] == [True] * 5 + [False]


def test_what_is_asked_later_is_read_by_the_next_statement(world: list[Any]) -> None:
    together = Together()
    first = together.rows(Round, complaint_id=[world[0].pk])
    assert [row.complaint_id for row in first()] == [world[0].pk]
    second = together.rows(Round, complaint_id=[world[1].pk])
    with CaptureQueriesContext(connection) as queries:
        assert [row.complaint_id for row in second()] == [world[1].pk]
        assert [row.complaint_id for row in first()] == [world[0].pk]
    assert len(queries) == 1


def test_no_keys_ask_nothing(world: list[Any]) -> None:
    together = Together()
    later = [together.rows(Unit, id=()), together.rows(Unit, id=Through(Employee, "unit", "id", ()))]
    with CaptureQueriesContext(connection) as queries:
        assert [one() for one in later] == [[], []]
    assert len(queries) == 0


def test_rows_are_found_through_others(world: list[Any]) -> None:
    together, person = Together(), world[0].agent_id
    units = together.rows(Unit, id=Through(Employee, "unit", "id", [person]))
    leaf = Category.objects.exclude(parent=None).order_by("pk")[0]
    heads = together.rows(Category, id=Through(Category, "parent", "id", [leaf.pk]))
    assert [unit.pk for unit in units()] == [Employee.objects.get(pk=person).unit_id]
    assert [head.pk for head in heads()] == [leaf.parent_id]


@pytest.mark.parametrize("days", [-20_000, 0])
def test_the_version_in_force_is_the_newest_of_its_instant(world: list[Any], days: int) -> None:
    at = world[0].registered_at + timedelta(days=days)
    expected = TimeLimits.objects.filter(in_force_from__lte=at).order_by("-version").first()
    assert columns(Together().in_force(TimeLimits, at)()) == columns([expected] if expected else [])
