"""Counting on a standby of the database (`REPLICA_URL`), so that it doesn't slow acts down. What is read there may be
seconds old, so only figures are: nothing that decides, no list, no right.

Where the standby doesn't answer, takes writes or is too far behind, the database itself is asked as if there were none.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections

from accountability.db.away import is_of_the_database

log = logging.getLogger(__name__)
T = TypeVar("T")

ALIAS = "replica"

ASKED_EVERY = 5.0
"""Seconds between two questions how far behind the standby is."""

GOOD_FOR = 15.0
"""Seconds for which an answer holds: the thread that asks may hang at a standby that is frozen."""

HOW_FAR = "SELECT pg_is_in_recovery(), EXTRACT(EPOCH FROM now() - pg_last_xact_replay_timestamp())"
"""The age of the newest change that the standby has. Each web process writes a mark of life every five seconds, so that
an old one doesn't only mean that nobody worked.
"""

TOO_SLOW = "57014"
"""The code of a statement that was broken off at its own time limit: the database would take as long for it."""


class State(Enum):
    FOLLOWS = "follows"
    BEHIND = "behind"
    AWAY = "away"
    NO_STANDBY = "no standby"
    """It takes writes: it was promoted, or it is the database itself."""


class Standing(NamedTuple):
    """How the standby stood when it was asked, and by how many seconds it was behind, where that is known."""

    state: State
    behind: float | None = None


class Where(Enum):
    """What is read from the standby at present."""

    NOTHING = 0
    FIGURES = 1
    EVERYTHING = 2


WHERE: ContextVar[Where] = ContextVar("read_on_replica", default=Where.NOTHING)


@dataclass
class Known:
    """The latest answer."""

    standing: Standing | None = None
    at: float = 0.0
    is_asked_apart: bool = False
    """A thread of this process asks."""


_known = Known()


def is_there() -> bool:
    return ALIAS in settings.DATABASES


def alias() -> str:
    """The database of what is read at present."""
    return DEFAULT_DB_ALIAS if WHERE.get() == Where.NOTHING else ALIAS


def read(question: Callable[[], T], *, everything: bool = False) -> T:
    """What this function finds, counted on the standby where that follows. The function only reads, and gives values,
    no query that is still to be sent.

    The router (config/databases.py) sends there what figures count; people, units and roles are read from the database.
    Whose a round or a case is, is asked where it is counted, and is as old. `everything`: people and units too, for a
    command that asks for nobody's rights.
    """
    if not is_there() or standing().state != State.FOLLOWS:
        return question()
    before = WHERE.set(Where.EVERYTHING if everything else Where.FIGURES)
    try:
        return question()
    except Error as error:
        if not is_of_the_database(error) or getattr(error.__cause__, "pgcode", None) == TOO_SLOW:
            raise
        log.warning("the replica broke off, the database is asked: %s", type(error).__name__)
        _note(Standing(State.AWAY))
        connections[ALIAS].close()
    finally:
        WHERE.reset(before)
    return question()


def standing() -> Standing:
    """How the standby stands: as the thread of this web process last heard, or asked now where there is none."""
    age = time.monotonic() - _known.at
    if _known.is_asked_apart:
        return _known.standing if _known.standing and age < GOOD_FOR else Standing(State.AWAY)
    return _known.standing if _known.standing and age < ASKED_EVERY else ask()


def keep_asking() -> None:
    """Ask as long as the process lives, in a thread of its own: no page waits for a standby that is frozen."""
    _known.is_asked_apart = True
    while True:
        ask()
        connections[ALIAS].close()
        time.sleep(ASKED_EVERY)


def ask() -> Standing:
    """Ask the standby how far behind it is, and keep the answer. It never raises."""
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(HOW_FAR)
            is_standby, behind = cursor.fetchone()
        found = _judged(is_standby, behind)
    except Exception as error:
        log.warning("the replica doesn't answer: %s", type(error).__name__)
        connections[ALIAS].close()
        found = Standing(State.AWAY)
    _note(found)
    return found


def _judged(is_standby: bool, behind: float | None) -> Standing:
    """Behind as well is one that has taken in no change since it started: nobody knows how old it is."""
    if not is_standby:
        return Standing(State.NO_STANDBY)
    if behind is None:
        return Standing(State.BEHIND)
    seconds = max(0.0, float(behind))
    return Standing(State.BEHIND if seconds > settings.REPLICA_LAG else State.FOLLOWS, seconds)


def _note(found: Standing) -> None:
    _known.standing, _known.at = found, time.monotonic()
