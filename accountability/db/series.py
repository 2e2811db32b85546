"""Takes numbers of a series, such as those of papers, and gives them back."""

from __future__ import annotations

from django.db import connection, models

from accountability.db.writing import quoted


def take_from(model: type[models.Model], name: str, count: int) -> int:
    """Take the next `count` numbers of a series and return the first. The series' row stays locked until the
    transaction ends, so that no number is skipped or given twice.
    """
    table = quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (name, last) VALUES (%s, %s) "  # noqa: S608
            f"ON CONFLICT (name) DO UPDATE SET last = {table}.last + excluded.last RETURNING last",
            [name, count],
        )
        (last,) = cursor.fetchone()
    return int(last) - count + 1


def give_back(model: type[models.Model], name: str, count: int) -> None:
    """Give back the last `count` numbers, which were taken in this transaction but not used."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quoted(model._meta.db_table)} SET last = last - %s WHERE name = %s",  # noqa: S608
            [count, name],
        )
