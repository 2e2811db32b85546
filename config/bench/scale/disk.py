"""What a complaint takes on the disk with all that belongs to it, and where it goes, by table."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from complaints.models import Complaint

SHOWN = 12
"""Tables that are told by name."""

SIZES = """
SELECT c.relname, pg_relation_size(c.oid), pg_indexes_size(c.oid), coalesce(pg_total_relation_size(t.oid), 0)
FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(c.oid) DESC
"""
Sizes = tuple[str, int, int, int]
"""Table, and bytes of its heap, its indexes and its toast."""


def sizes() -> tuple[list[Sizes], int]:
    """The largest table first, and the number of complaints."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        return cursor.fetchall(), Complaint.objects.count()


def bytes_of(database: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(%s)", [database])
        return int(cursor.fetchone()[0])


def disk_table(found: list[Sizes], complaints: int) -> Iterator[str]:
    """Bytes for each complaint, as a table of the document."""
    yield "| table | heap | indexes | toast | together |"
    yield "|---|---|---|---|---|"
    named, others = found[:SHOWN], found[SHOWN:]
    lines = [(name, (heap, indexes, toast)) for name, heap, indexes, toast in named]
    for name, parts in (*lines, (f"{len(others)} others", _sums(others)), ("**together**", _sums(found))):
        cells = " | ".join(f"{part / complaints:,.0f}" for part in (*parts, sum(parts)))
        yield f"| {name} | {cells} |"


def _sums(found: list[Sizes]) -> tuple[int, int, int]:
    return sum(one[1] for one in found), sum(one[2] for one in found), sum(one[3] for one in found)
