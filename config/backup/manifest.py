"""The manifest, the last part of a backup: what it must hold."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, field
from typing import Any

import django
from django.db import connection

FORMAT = 1


@dataclass
class Part:
    """Bytes that were counted as they went by. `digest` of the files is that of their names and digests, in order."""

    count: int = 0
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256, repr=False)

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)

    def add_file(self, name: str, size: int, digest: str) -> None:
        self.count += 1
        self.size += size
        self._hash.update(f"{digest} {size} {name}\n".encode())

    def described(self) -> dict[str, Any]:
        return {"count": self.count, "bytes": self.size, "sha256": self._hash.hexdigest()}


@dataclass(frozen=True)
class Manifest:
    """`vendor` of the database, `tables`: the rows of each, `migrations`: the last of each app."""

    format: int
    made_at: str
    vendor: str
    versions: dict[str, str]
    migrations: dict[str, str]
    tables: dict[str, int]
    database: dict[str, Any]
    files: dict[str, Any]

    def written(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()


def read(data: bytes) -> Manifest:
    """Raises ValueError where it is none, or of a format that this version doesn't know."""
    told = json.loads(data)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError("another format")
    try:
        return Manifest(**told)
    except TypeError as error:
        raise ValueError("other fields") from error


def versions() -> dict[str, str]:
    server = ".".join(str(part) for part in connection.get_database_version())
    return {"python": platform.python_version(), "django": django.get_version(), connection.vendor: server}


def counted(of: Any) -> dict[str, int]:
    """The rows of each table."""
    with of.cursor() as cursor:
        tables = sorted(info.name for info in of.introspection.get_table_list(cursor) if info.type in ("t", "p"))
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {of.ops.quote_name(table)}")  # noqa: S608 a quoted name
            found[table] = cursor.fetchone()[0]
    return found


def migrations(of: Any) -> dict[str, str]:
    """The last migration of each app."""
    with of.cursor() as cursor:
        cursor.execute("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app")
        return dict(cursor.fetchall())
