"""Whose fault an error is: the database's, which is away, busy or too slow, or that of what was asked."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, OperationalError


def is_of_the_database(error: BaseException | None) -> bool:
    """Whether the same may succeed later. The driver sometimes tells a server that dies in mid-statement as a plain
    `DatabaseError` without a code.
    """
    if type(error) is DatabaseError:
        return getattr(error.__cause__, "pgcode", "") is None
    return isinstance(error, (OperationalError, InterfaceError))
