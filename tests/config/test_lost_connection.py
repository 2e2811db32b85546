"""The driver tells a lost connection in two ways; both are the database's fault, and nobody else's."""

from __future__ import annotations

from types import SimpleNamespace

import psycopg2
import pytest
from django.db import IntegrityError, InternalError, OperationalError, connection
from psycopg2 import errors

from accountability.gate.isolation import OF_THE_DATABASE
from config.later import is_of_the_database
from config.postgresql.base import Errors


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (psycopg2.DatabaseError("server closed the connection unexpectedly"), OperationalError),
        (psycopg2.OperationalError("SSL connection has been closed unexpectedly"), OperationalError),
        (errors.UniqueViolation("a key is there already"), IntegrityError),
        (errors.IndexCorrupted("a page can't be read"), InternalError),
    ],
)
def test_a_server_that_dies_in_mid_statement_is_the_databases_fault(told: Exception, kind: type[Exception]) -> None:
    wrapper = SimpleNamespace(Database=psycopg2, errors_occurred=False)
    with pytest.raises(kind) as caught, Errors(wrapper):
        raise told
    assert (type(caught.value), caught.value.__cause__) == (kind, told)
    assert is_of_the_database(caught.value) == isinstance(caught.value, OF_THE_DATABASE) == (kind is OperationalError)
    assert wrapper.errors_occurred == (kind is not IntegrityError)


@pytest.mark.postgresql
def test_every_connection_to_postgresql_tells_it_so(db: None) -> None:
    with pytest.raises(OperationalError), connection.wrap_database_errors:
        raise psycopg2.DatabaseError("server closed the connection unexpectedly")
