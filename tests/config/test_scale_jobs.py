"""The bench of what the worker does, against raw SQL for the same rows; and of the disk."""

from __future__ import annotations

import pytest
from django.db import connection

from accountability.gate.sweeper import sweep
from accountability.models import LedgerEntry
from config.bench.scale.disk import disk_table
from config.bench.scale.exporting import COLUMNS, lines
from config.bench.scale.sweeping import Left, began, fall_due, sweeps, undone
from tests.factories import Now, Play


def test_bytes_are_told_for_a_complaint_and_add_up():
    found = [(f"table_{n}", 1000, 500, 100 * n) for n in range(14)]
    *_head, others, together = disk_table(found, 10)
    assert others == "| 2 others | 200 | 100 | 250 | 550 |"
    assert together == "| **together** | 1,400 | 700 | 910 | 3,010 |"


def test_the_export_and_the_copy_have_the_same_rows(play: Play, now: Now) -> None:
    for place in range(3):
        play.upto(("archived", "accepted", "registered")[place], phone=f"1390000000{place}")
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS + "2")
        names = [one[0] for one in cursor.description]
        copied = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    exported = list(lines(2, now.at))
    assert [row[0] for row in exported] == [row["number"] for row in copied]
    assert [(row[6], row[7], row[10]) for row in exported] == [
        (row["region"], row["priority"], row["round_count"]) for row in copied
    ]


@pytest.mark.postgresql
def test_the_sweep_and_raw_sql_leave_the_same_rows(play: Play, now: Now) -> None:
    play.upto("delivered")
    play.upto("accepted", phone="13900000001")
    with undone():
        assert fall_due(now.at, 2) == 2
        with undone():
            start = began()
            assert sweep(now.at) == 2
            left = Left.since(start)
        assert LedgerEntry.objects.filter(verb="miss").count() == 0
        again = left.loaded()
        with undone():
            start = began()
            again()
            assert {name: sorted(rows.splitlines()) for name, rows in Left.since(start).rows.items()} == {
                name: sorted(rows.splitlines()) for name, rows in left.rows.items()
            }
    assert LedgerEntry.objects.filter(verb="miss").count() == 0


@pytest.mark.postgresql
def test_both_rows_of_the_sweep_are_measured_and_nothing_is_left(play: Play, now: Now) -> None:
    play.upto("delivered", phone="13900000001")
    before = LedgerEntry.objects.count()
    due, nothing = sweeps(now.at, 1)
    assert (due.name, nothing.name) == ("sweep, limits due (1)", "sweep, nothing due")
    assert due.processor > 0
    assert nothing.wall > 0
    assert LedgerEntry.objects.count() == before
