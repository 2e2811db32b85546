"""A world for tests whose transactions end: the first of a module plays it, the others have a copy laid out.

`tests/shared_world.py` does the same for tests that are rolled back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from tests.demo import database
from tests.factories import Play


class Kept:
    """`kept.lay_out(play)` in a database with nothing but the cast; gives what `build(play)` gave."""

    def __init__(self, build: Callable[[Play], Any]) -> None:
        self._build = build
        self._copy: sqlite3.Connection | None = None
        self._made: tuple[Any, datetime] | None = None

    def lay_out(self, play: Play) -> Any:
        """The people stand in the copy too: whoever holds them reads them anew. PostgreSQL has no copy, it plays."""
        if connection.vendor != "sqlite":
            return self._build(play)
        if self._copy is None:
            self._made = self._build(play), play.now.at
            self._copy = sqlite3.connect(":memory:", check_same_thread=False)
            database().backup(self._copy)
        else:
            self._copy.backup(database())
            play.cast.read_again()
        assert self._made is not None
        made, play.now.at = deepcopy(self._made)
        return made

    def forget(self) -> None:
        if self._copy is not None:
            self._copy.close()


def kept_of(build: Callable[[Play], Any]) -> Any:
    """The fixture of a module that keeps such a world."""

    @pytest.fixture(scope="module")
    def kept() -> Iterator[Kept]:
        made = Kept(build)
        yield made
        made.forget()

    return kept
