"""Tables that have grown become tables in parts by year: nothing is moved, and the system doesn't notice."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors

from tests.config.backup.test_commands import Place
from tests.migrated import MigratedServer
from tests.postgres.partitioning import Known, after, before, part, statements, turn

pytestmark = [pytest.mark.postgresql]

TABLES = (
    "accountability_ledgerentry", "accountability_notification", "accountability_accesslog",
    "complaints_historicalround", "complaints_historicalcomplaint",
)  # fmt: skip
ROLE = "shouwen_app"

PLAY = """
from accountability.audit import access_log
from accountability.models import AccessLog
from tests.factories import Cast, Now, Play
play = Play({cast}, Now())
for number in range({begin}, {end}):
    play.upto("accepted", phone=f"139{{number:08d}}")
    AccessLog.objects.create(at=play.now.at, actor=play.cast["kf.agent"], action="view", result="ok")
"""


@pytest.fixture(scope="module")
def owner(migrated_server: MigratedServer) -> Iterator[str]:
    with migrated_server.copy() as address:
        yield address


@pytest.fixture(scope="module")
def place(owner: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """As it is deployed: the role that may only add to the record."""
    folder = tmp_path_factory.mktemp("parted")
    Place(folder, owner).done("shell", "-v0", "-c", PLAY.format(cast="Cast()", begin=0, end=1))
    Place(folder, owner).done("database_roles", "--app", ROLE)
    app = os.environ["APP_DATABASE_URL"].rpartition("/")[0]
    return Place(folder, f"{app}/{owner.rpartition('/')[2]}")


def play(place: Place, number: int) -> None:
    place.done("shell", "-v0", "-c", PLAY.format(cast="Cast.standing()", begin=number, end=number + 1))


def rows(cursor: Any, table: str) -> Any:
    cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")  # noqa: S608
    return cursor.fetchone()


def number(cursor: Any, table: str) -> int:
    """Without what its parts hold."""
    cursor.execute(f"SELECT count(*) FROM ONLY {table}")  # noqa: S608
    return int(cursor.fetchone()[0])


def parted(cursor: Any, table: str, year: int) -> float:
    """Part it, and return for how many seconds others waited."""
    for statement in list(before(cursor, table, year)):
        cursor.execute(statement)
    written = list(statements(cursor, table, year, ROLE))
    cursor.execute("BEGIN")
    begun = time.perf_counter()
    for statement in written:
        cursor.execute(statement)
    cursor.execute("COMMIT")
    held = time.perf_counter() - begun
    for statement in list(after(cursor, table)):
        cursor.execute(statement)
    return held


@pytest.fixture(scope="module")
def years(place: Place, owner: str) -> Iterator[Any]:
    """Every table in parts, with an act in each: before, in 2027, in 2028."""
    line = psycopg2.connect(owner)
    line.autocommit = True
    cursor = line.cursor()
    for table in TABLES:
        known = rows(cursor, table)
        assert known[0] > 0
        assert parted(cursor, table, 2027) < 5
        assert rows(cursor, table) == known
    play(place, 1)
    for table in TABLES:
        found = Known(cursor, table)
        for statement in part(table, 2028, Known(cursor, f"{table}_2027").unique, ROLE):
            cursor.execute(statement)
        cursor.execute(turn(table, found.key, 2028))
    play(place, 2)
    yield cursor
    line.close()


@pytest.mark.parametrize("table", TABLES)
def test_each_year_has_its_own_part(years: Any, table: str) -> None:
    assert all(number(years, f"{table}_{year}") for year in ("before", "2027", "2028"))
    assert number(years, table) == 0


SEALING = "from accountability.tasks import seal; assert seal() == 1"


@pytest.mark.usefixtures("years")
def test_the_chains_verify_over_all_parts(place: Place) -> None:
    """Nothing is found but the cast, which no act has made; once sealed, since years without any seal are a finding."""
    place.manage("shell", "-c", SEALING)
    said = place.manage("verify_ledger").stdout
    found = [line for line in said.splitlines() if line.startswith((":", "matter")) or " findings" not in line]
    assert [line for line in found if "no act left this row" not in line and "entries a second" not in line] == []
    assert int(re.search(r"(\d+) entries of", said)[1]) > 9  # type: ignore[index]


FORBIDDEN = ("UPDATE {} SET {key} = {key}", "DELETE FROM {}", "TRUNCATE {}")


@pytest.mark.parametrize("table", [table for table in TABLES if table != "accountability_notification"])
def test_no_part_can_be_rewritten(years: Any, place: Place, owner: str, table: str) -> None:
    """The role that the system runs as has no right to it, and the owner is stopped by the triggers."""
    key = Known(years, f"{table}_2027").key
    for name in (table, *(f"{table}_{year}" for year in ("before", "2027", "2028"))):
        for statement in FORBIDDEN:
            with pytest.raises(errors.InsufficientPrivilege):
                sent(place.address, statement.format(name, key=key))
        for statement in FORBIDDEN[:2]:
            with pytest.raises(errors.RaiseException, match="is insert-only"):
                sent(owner, statement.format(name, key=key))


def sent(address: str, statement: str) -> None:
    line = psycopg2.connect(address)
    try:
        with line.cursor() as cursor:
            cursor.execute(statement)
    finally:
        line.close()


def test_a_release_finds_its_tables(years: Any, place: Place, owner: str) -> None:
    """Migrations, triggers and rights are laid on again without an error, and acts go on."""
    whole = Place(place.folder, owner)
    whole.done("migrate", "-v0")
    whole.done("database_roles", "--app", ROLE)
    play(place, 3)


def test_a_place_of_a_chain_is_unique_within_a_year_alone(years: Any) -> None:
    """The price: a primary key over all parts can hold nothing else unique over them."""
    years.execute(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'u' AND conrelid::regclass::text LIKE"
        " 'accountability_ledgerentry%' ORDER BY 1"
    )
    assert [name for (name,) in years.fetchall()] == [
        f"accountability_ledgerentry_{year}" for year in ("2027", "2028", "before")
    ]
