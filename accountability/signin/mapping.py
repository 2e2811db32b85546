"""Reads the mapping table: what claims of the company's account, or attributes of its entry in the directory, mean
here. What it doesn't name means nothing.

A CSV file with the columns `claim`, `value`, `means`, `what`; a line of it each:

    groups,complaint-agents,role,agent
    department,1001,unit,KF
    groups,left,leaver,

The offices that take two people (0027) can't be named: no directory gives them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from accountability.permissions import BUSINESS_ROLES, GUARDED_ROLES
from accountability.signin.provider import text

COLUMNS = ["claim", "value", "means", "what"]
ROLES = {str(role) for role in BUSINESS_ROLES - GUARDED_ROLES}
LONGEST, MOST = 500, 1000
"""Characters of a value (the name of a group in a directory is long), and values of a claim, that are looked at."""


class BadMapping(ValueError):
    """The table can't be used; the text says where and why."""


@dataclass(frozen=True)
class Row:
    claim: str
    value: str
    means: str
    what: str


@dataclass(frozen=True)
class Said:
    """What claims mean: units (codes), roles, and whether the person has left."""

    units: tuple[str, ...]
    roles: tuple[str, ...]
    has_left: bool

    @property
    def kept(self) -> dict[str, list[str]]:
        return {"units": list(self.units), "roles": list(self.roles)}


@cache
def rows_of(path: str) -> tuple[Row, ...]:
    """The rows of the file, read once by each process; none where no file is named. Raises BadMapping."""
    if not path:
        return ()
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadMapping(f"{path} ({type(error).__name__})") from error
    if not lines or lines[0] != COLUMNS:
        raise BadMapping(f"the first line must be {','.join(COLUMNS)}")
    return tuple(_row(number, line) for number, line in enumerate(lines[1:], 2) if any(line))


def _row(number: int, cells: list[str]) -> Row:
    if len(cells) != len(COLUMNS) or not (cells[0] and cells[1]):
        raise BadMapping(f"line {number} must have {len(COLUMNS)} cells")
    row = Row(*cells)
    fits = {"role": row.what in ROLES, "unit": bool(row.what), "leaver": not row.what}.get(row.means, False)
    if not fits:
        raise BadMapping(f"line {number} must say role, unit or leaver, and a role that one person alone may give")
    return row


def _rows() -> tuple[Row, ...]:
    """The table of the way that people come here."""
    return rows_of(settings.LDAP_MAPPING if settings.LDAP_URI else settings.OIDC_MAPPING)


def claims() -> set[str]:
    """What the table asks for."""
    return {row.claim for row in _rows()}


def means(claims: dict[str, Any]) -> Said:
    """What the table says of these claims."""
    found = [row for row in _rows() if row.value in values_of(claims, row.claim)]

    def named(kind: str) -> tuple[str, ...]:
        return tuple(sorted({row.what for row in found if row.means == kind}))

    return Said(named("unit"), named("role"), any(row.means == "leaver" for row in found))


def mapped_roles() -> set[str]:
    """The roles that the table names: of all others the directory says nothing."""
    return {row.what for row in _rows() if row.means == "role"}


def says_second_factor(claims: dict[str, Any]) -> bool:
    """Whether the token says that a second factor was shown at the provider."""
    return any(
        value in values_of(claims, claim)
        for claim, _colon, value in (entry.partition(":") for entry in settings.OIDC_SECOND_FACTOR)
    )


def values_of(claims: dict[str, Any], claim: str) -> set[str]:
    """The texts of a claim that is one text or a list of them."""
    value = claims.get(claim)
    several: Iterable[Any] = value[:MOST] if isinstance(value, list) else [value]
    return {found for each in several if (found := text(each, LONGEST))}
