"""Who asks, their unit and how they serve: one statement reads all three for a request."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import ActingEmployee, Appointment, Employee, actor_for
from accountability.models.serving import actor_of_person, person_serving

PEOPLE = '"accountability_employee" e '
"""How the statement names the table."""


def test_the_person_and_the_unit_are_those_that_are_stored(cast, now):
    for person in Employee.objects.select_related("unit"):
        with CaptureQueriesContext(connection) as queries:
            read = person_serving(person.pk, now.at)
            assert read is not None
            assert (read.__dict__["_state"].adding, read._state.db) == (False, "default")
            assert (read, read.unit) == (person, person.unit)
            for row, stored in ((read, person), (read.unit, person.unit)):
                columns = row._meta.concrete_fields if row else ()
                assert [getattr(row, f.attname) for f in columns] == [getattr(stored, f.attname) for f in columns]
        assert len(queries) == 1
    assert person_serving(0, now.at) is None


def test_the_actor_is_the_same_by_either_way(cast, now):
    for person in Employee.objects.all():
        read, asked = person_serving(person.pk, now.at), actor_for(person.pk, now.at)
        assert read is not None
        made = actor_of_person(read)
        assert (made is None) == (asked is None) == (not person.is_active)
        if made and asked:
            names = [field.name for field in fields(ActingEmployee)]
            assert [getattr(made, name) for name in names] == [getattr(asked, name) for name in names]


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact", "wh.head", "sc.officer"])
@pytest.mark.usefixtures("sent_as_written")
def test_a_request_reads_its_person_once(client_for, username):
    client = client_for(username)
    client.get("/preferences/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/preferences/").status_code == 200
    asked = [query["sql"] for query in queries if PEOPLE in query["sql"] and "serves_as" in query["sql"]]
    assert len(asked) == 1


def test_roles_are_those_of_the_request_not_of_an_earlier_one(client_for, cast, now):
    """The session outlives an appointment; the roles don't."""
    client = client_for("kf.agent")
    assert client.get("/complaints/new/").status_code == 200
    Appointment.objects.filter(employee=cast["kf.agent"]).update(ends_on=(now.at - timedelta(days=2)).date())
    assert client.get("/complaints/new/").status_code == 403
