"""One instant for a long read: everything read inside is as of its beginning, though people work meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees nothing written after it began. Inside another transaction it is that one."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
