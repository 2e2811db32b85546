"""A row with the row that it refers to, in one statement."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.db.sql import by_key_with
from accountability.models import Employee, TimeLimits, Unit


def test_the_person_and_the_unit_are_those_that_are_stored(cast):
    for person in Employee.objects.select_related("unit"):
        with CaptureQueriesContext(connection) as queries:
            read = by_key_with(Employee, person.pk, "unit")
            assert read is not None
            assert (read.__dict__["_state"].adding, read._state.db) == (False, "default")
            assert (read, read.unit) == (person, person.unit)
            for row, stored in ((read, person), (read.unit, person.unit)):
                fields = row._meta.concrete_fields if row else ()
                assert [getattr(row, f.attname) for f in fields] == [getattr(stored, f.attname) for f in fields]
        assert len(queries) == 1
    assert by_key_with(Employee, 0, "unit") is None


def test_who_has_no_unit_has_none(cast):
    with CaptureQueriesContext(connection) as queries:
        read = by_key_with(Employee, Employee.objects.get(username="system").pk, "unit")
        assert read is not None
        assert read.unit is None
    assert len(queries) == 2


def test_columns_of_both_are_converted(cast):
    unit = Unit.objects.filter(head__isnull=False).first()
    assert unit is not None
    read = by_key_with(Unit, unit.pk, "head")
    assert read is not None
    assert (read.name, read.head) == (unit.name, unit.head)
    limits = TimeLimits.objects.latest("version")
    read_limits = by_key_with(TimeLimits, limits.pk, "author")
    assert read_limits is not None
    assert read_limits.in_force_from == limits.in_force_from
