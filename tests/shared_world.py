"""One world for all tests of a module: it is built once, and each test finds it as it was built.

At the top of a module:

    stage, own_copy, now, cast, play, client_for, world = shared(two_units)

These are fixtures and take the places of those in tests/conftest.py. The world is built in a transaction of the
module; the transaction of each test is a savepoint inside it and is rolled back at the test's end. What stands in
memory (clock, people, things of the world) is a copy for each test. Everybody is signed in beforehand.

A test that is parametrized by `stage` itself (`indirect`) has a world of that name, `build(play, name)`; the tests of
one name run one after the other and share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accountability.deadlines import clock
from tests.factories import Cast, Now, Play
from tests.signing_in import signed_in


class Stage(NamedTuple):
    """What was built for the module: people and clock, their world, a session of everybody since `signed_in_at`."""

    play: Play
    world: Any
    sessions: dict[str, str]
    signed_in_at: datetime


def shared(build: Callable[..., Any] = lambda play: None, *, signs_in: bool = True) -> tuple[Any, ...]:
    """The fixtures of a module whose tests share the world that `build` makes; nothing but the cast where none does.
    Where the tests ask for no page, nobody needs to be signed in.
    """

    @pytest.fixture(scope="module")
    def stage(
        request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
    ) -> Iterator[Stage]:
        named = (request.param,) if hasattr(request, "param") else ()
        with undone_at_the_end(django_db_blocker), pytest.MonkeyPatch.context() as patched:
            with django_db_blocker.unblock():
                built = _built(lambda play: build(play, *named), patched, signs_in=signs_in)
            patched.undo()
            yield built

    @pytest.fixture
    def own_copy(db: None, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
        play, world = deepcopy((stage.play, stage.world))
        monkeypatch.setattr(clock, "read", play.now)
        return stage._replace(play=play, world=world)

    return stage, own_copy, *_parts()


@contextmanager
def undone_at_the_end(blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around everything inside; whoever uses the database there unblocks it."""
    around = transaction.atomic()
    with blocker.unblock():
        around.__enter__()
    try:
        yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


def _built(build: Callable[[Play], Any], patched: pytest.MonkeyPatch, *, signs_in: bool) -> Stage:
    now = Now()
    patched.setattr(clock, "read", now)
    play = Play(Cast(), now)
    world = build(play)
    people = list(play.cast) if signs_in else []
    sessions = {person.username: str(signed_in(person).session.session_key) for person in people}
    return Stage(play, world, sessions, now.at)


def _parts() -> tuple[Any, ...]:
    """What a test asks for by name, each a part of its own copy."""

    @pytest.fixture
    def now(own_copy: Stage) -> Now:
        return own_copy.play.now

    @pytest.fixture
    def cast(own_copy: Stage) -> Cast:
        return own_copy.play.cast

    @pytest.fixture
    def play(own_copy: Stage) -> Play:
        return own_copy.play

    @pytest.fixture
    def client_for(own_copy: Stage) -> Callable[[str], Client]:
        """A signed-in browser; where the clock was moved, its session begins at the new instant."""

        def sign_in(username: str) -> Client:
            if own_copy.play.now.at != own_copy.signed_in_at or username not in own_copy.sessions:
                return signed_in(own_copy.play.cast[username])
            client = Client()
            client.cookies[settings.SESSION_COOKIE_NAME] = own_copy.sessions[username]
            return client

        return sign_in

    @pytest.fixture
    def world(own_copy: Stage) -> Any:
        return own_copy.world

    return now, cast, play, client_for, world
