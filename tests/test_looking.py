"""What was written is heard: a row that changed and stands, by whatever way, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from accountability.db.sql import Recurring, fetched_again
from accountability.db.writing import update_each
from accountability.models import AccessLog, Employee, Matter, Unit
from tests.factories import Cast, Now
from tests.looking import writes

NOBODY = "UPDATE accountability_unit SET name = name WHERE code = 'none'"
EVERYBODY = "UPDATE accountability_unit SET name = name"


def run(sql: str, *rows: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows) if rows else cursor.execute(sql)


WAYS: dict[str, Callable[[], object]] = {
    "update": lambda: Unit.objects.filter(code="WH").update(name="武汉"),
    "save": lambda: Unit(code="X1", name="一").save(),
    "many": lambda: Unit.objects.bulk_create([Unit(code="X2", name="二"), Unit(code="X3", name="三")]),
    "delete": lambda: Unit.objects.filter(code="WC").delete(),
    "raw": lambda: run(EVERYBODY),
    "raw, many": lambda: run("UPDATE accountability_unit SET name = %s WHERE code = %s", ["四", "WH"], ["五", "YC"]),
    "several": lambda: update_each(list(Unit.objects.all()[:2]), [Unit._meta.get_field("name")]),
    "raw, begun otherwise": lambda: run(f"/* so */ {EVERYBODY}"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_change_is_heard(cast: Cast, way: str) -> None:
    Unit(code="WC", name="无").save()
    before = writes()
    WAYS[way]()
    assert len(writes()) > len(before)


def test_reading_is_not_writing(cast: Cast) -> None:
    before = writes()
    list(Matter.objects.select_for_update())
    Unit.objects.filter(code="none").update(name="武汉")
    run(NOBODY)
    assert writes() == before


@pytest.mark.postgresql
def test_asking_what_is_prepared_is_not_writing(cast: Cast) -> None:
    before = writes()
    assert [fetched_again((Recurring("SELECT %s::bigint + 1"), (n,))) for n in (1, 2)] == [[(2,)], [(3,)]]
    assert writes() == before


def test_the_log_is_left_out_where_it_is_said(cast: Cast, now: Now) -> None:
    before, with_log = writes(), len(writes(without=()))
    AccessLog.objects.create(at=now.at, actor=cast.wh_contact, action="read", result="ok")
    assert (writes(), len(writes(without=()))) == (before, with_log + 1)


def test_what_was_rolled_back_is_not_heard_but_what_was_written_around_it(cast: Cast) -> None:
    before = writes()
    with transaction.atomic():
        Unit.objects.filter(code="WH").update(name="外")
        with transaction.atomic():
            Unit.objects.filter(code="WH").update(name="内")
            with transaction.atomic():
                Employee.objects.filter(username="wh.zhang").update(name="里")
            transaction.set_rollback(True)
        with transaction.atomic():
            Unit.objects.filter(code="YC").update(name="后")
    assert len(writes()) == len(before) + 2
