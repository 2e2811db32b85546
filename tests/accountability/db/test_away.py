"""The driver tells a lost connection in two ways; both are the database's fault, and nobody else's."""

from __future__ import annotations

from datetime import datetime

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, InternalError, OperationalError, connection, transaction
from psycopg2 import errors

from accountability.db.away import is_of_the_database
from accountability.gate.isolation import isolated, name_of_row
from accountability.models import Alarm


def told(kind: type[Exception], cause: Exception) -> Exception:
    """As Django raises what the driver raised."""
    error = kind(*cause.args)
    error.__cause__ = cause
    return error


LOST = told(DatabaseError, psycopg2.DatabaseError("server closed the connection unexpectedly"))


@pytest.mark.parametrize(
    ("error", "is_its"),
    [
        (LOST, True),
        (told(OperationalError, psycopg2.OperationalError("could not connect")), True),
        (told(IntegrityError, errors.UniqueViolation("a key is there already")), False),
        (told(InternalError, errors.IndexCorrupted("a page can't be read")), False),
        (DatabaseError("of ours"), False),
        (ValueError("of ours"), False),
        (None, False),
    ],
)
def test_a_server_that_dies_in_mid_statement_is_the_databases_fault(error: Exception | None, is_its: bool) -> None:
    assert is_of_the_database(error) is is_its


def test_no_item_is_blamed_for_it(db: None) -> None:
    def dies(_items: list[int]) -> int:
        raise LOST

    with pytest.raises(DatabaseError), transaction.atomic():
        isolated("sweep", [1], dies, at=datetime.fromisoformat("2026-11-24T09:00+08:00"), size=1, name_of=name_of_row)
    assert (Alarm.objects.exists(), connection.is_usable()) == (False, True)
