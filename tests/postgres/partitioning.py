"""A table that has grown becomes one in parts, without a row being moved: docs/scale.md, "Partitions by year".

The old table becomes the part of all keys before a year, and each year from then on has keys, and a part, of its own.
It is written down here as statements for PostgreSQL, by what the catalogue knows of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Cursor = Any


def first_key(year: int) -> int:
    """Keys still grow with time. A table is parted by its own key, which stays the primary key: what refers to it and
    every statement stay as they are.
    """
    return year * 10**12


def before(cursor: Cursor, table: str, year: int) -> Iterator[str]:
    """While people work: the second reads the table, and lets everybody pass."""
    key, bound = Known(cursor, table).key, first_key(year)
    yield f"ALTER TABLE {table} ADD CONSTRAINT {table}_until CHECK ({key} < {bound}) NOT VALID"
    yield f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_until"


def statements(cursor: Cursor, table: str, year: int, role: str) -> Iterator[str]:
    """In one transaction, which holds the table and those that refer to it. None of them reads a table."""
    known, bound = Known(cursor, table), first_key(year)
    old = f"{table}_before"
    yield from (f"ALTER TABLE {other} DROP CONSTRAINT {name}" for other, name, _said in known.referring)
    yield from (f"DROP TRIGGER {name} ON {table}" for name, _said in known.triggers)
    yield f"ALTER TABLE {table} RENAME TO {old}"
    yield from (f"ALTER INDEX {name} RENAME TO {name[:50]}_before" for name, _said in known.indexes)
    yield f"ALTER TABLE {old} ALTER COLUMN {known.key} DROP IDENTITY"
    yield f"CREATE TABLE {table} (LIKE {old} INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE ({known.key})"
    yield f"CREATE SEQUENCE {table}_{known.key}_seq START {bound} OWNED BY {table}.{known.key}"
    yield f"ALTER TABLE {table} ALTER COLUMN {known.key} SET DEFAULT nextval('{table}_{known.key}_seq')"
    yield f"ALTER TABLE {table} ADD PRIMARY KEY ({known.key})"
    yield from (said for _name, said in known.indexes if " UNIQUE " not in said)
    yield from (f"ALTER TABLE {table} ADD CONSTRAINT {name} {said}" for name, said in known.constraints)
    yield f"ALTER TABLE {table} ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ({bound})"
    yield f"ALTER TABLE {old} DROP CONSTRAINT {table}_until"
    yield from part(table, year, known.unique, role)
    yield from (said for _name, said in known.triggers)
    for other, name, said in known.referring:
        yield f"ALTER TABLE {other} ADD CONSTRAINT {name} {said} NOT VALID"
    yield f"REVOKE ALL ON {table}, {old} FROM {role}"
    yield from (f"GRANT {right} ON {table} TO {role}" for right in known.rights(role))
    yield f"GRANT USAGE, SELECT ON SEQUENCE {table}_{known.key}_seq TO {role}"


def part(table: str, year: int, unique: list[str], role: str) -> Iterator[str]:
    """The part of a year, made before it begins; what is unique is so within it. Nobody asks a part by its own name."""
    name = f"{table}_{year}"
    yield f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ({first_key(year)}) TO ({first_key(year + 1)})"
    yield from (f"ALTER TABLE {name} ADD {said}" for said in unique)
    yield f"REVOKE ALL ON {name} FROM {role}"


def turn(table: str, key: str, year: int) -> str:
    """At the turn of the year: from now on keys are the year's."""
    return f"SELECT setval('{table}_{key}_seq', {first_key(year)}, false)"


def after(cursor: Cursor, table: str) -> Iterator[str]:
    """While people work: the tables that refer to it are read, and everybody passes."""
    for other, name, _said in Known(cursor, table).referring:
        yield f"ALTER TABLE {other} VALIDATE CONSTRAINT {name}"


class Known:
    """What the catalogue says of a table."""

    def __init__(self, cursor: Cursor, table: str) -> None:
        self.cursor, self.table = cursor, table
        ((self.key,),) = self._asked(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid = %s::regclass AND i.indisprimary"
        )
        self.indexes = self._asked("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s ORDER BY 1")
        said = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype"
        self.constraints = self._asked(f"{said} IN ('f', 'c') AND conname <> '{table}_until' ORDER BY 1")
        self.unique = [said for _name, said in self._asked(f"{said} = 'u'")]
        self.triggers = self._asked(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        )
        self.referring = self._asked(
            "SELECT conrelid::regclass::text, conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '')"
            " FROM pg_constraint WHERE confrelid = %s::regclass AND contype = 'f' AND conparentid = 0 ORDER BY 1, 2"
        )

    def rights(self, role: str) -> list[str]:
        """What this role may do with all of the table, as `database_roles` gave it."""
        said = "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = %s AND grantee = %s"
        self.cursor.execute(said, [self.table, role])
        return sorted(name for (name,) in self.cursor.fetchall())

    def _asked(self, statement: str) -> list[Any]:
        self.cursor.execute(statement, [self.table])
        return list(self.cursor.fetchall())
