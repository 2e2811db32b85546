"""One instant for a long read: everything read inside is as of its beginning, though people work meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from accountability.db import replica


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees nothing written after it began, of the database that is read at present. Inside another
    transaction it is that one.
    """
    connection = connections[replica.alias()]
    with transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
