"""What every test may use: which database it runs on, and a Chromium that can write Chinese."""

import math
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from pytest_django.plugin import DjangoDbBlocker

from accountability.db import insert_only
from accountability.deadlines import clock
from accountability.gate import holding, isolation
from config import probes
from config.cycles import look_rarely
from config.messages import compile_messages
from tests.chromium import chromium
from tests.demo import Demo
from tests.factories import Cast, Now, Play
from tests.failing import Failures
from tests.fonts import fonts_file
from tests.looking import OF_THE_TEST
from tests.migrated import Migrated, MigratedServer
from tests.signing_in import signed_in
from tests.statements import Notes, adds_something

hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
"""On a busy machine drawing the examples takes seconds; counts fail a test, seconds never do."""

ON_BOTH = ("config", "audit")
"""Folders whose tests all run on PostgreSQL too: how it is served, and whether each tampering is named there."""

LONGEST = {
    "test_access_matrix.py", "test_all_pages.py", "test_canary.py", "test_canary_channels.py",
    "test_case_of_the_unit.py", "test_demo_play.py", "test_every_page.py", "test_figures.py", "test_invariants.py",
    "test_lessons_of_access.py", "test_markup.py", "test_mass_assignment.py", "test_matrix.py", "test_nasty.py",
    "test_nonsense.py", "test_own_and_other.py", "test_parameters.py", "test_queue.py", "test_replay_command.py",
    "test_secrecy.py", "test_translations.py", "test_xss.py",
}  # fmt: skip


STATEMENTS = Path(os.environ["STATEMENTS"]) if "STATEMENTS" in os.environ else None
"""Where the fast tests note on SQLite what they send, so that PostgreSQL isn't asked the same again."""

MADE = Path(os.environ["MADE"]) if os.environ.get("MADE") else None
"""Where .ci/run keeps what is made once, for all its tiers: they are of one commit, on one machine."""


def pytest_configure(config: pytest.Config) -> None:
    if STATEMENTS and connection.vendor == "sqlite":
        config.pluginmanager.register(Notes(STATEMENTS))


def pytest_sessionstart(session: pytest.Session) -> None:
    """English pages need their compiled messages; one process compiles for all."""
    if not hasattr(session.config, "workerinput"):
        for folder in settings.LOCALE_PATHS:
            compile_messages(folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On SQLite leave out what only PostgreSQL has; .ci/run runs it there, without what touches neither database nor
    broker, or sends what another test sends too, and has run before. The longest files first, so that no worker is
    left alone with one at the end.
    """
    items.sort(key=lambda item: item.path.name not in LONGEST)
    wanted = runs_on_postgresql() if connection.vendor == "postgresql" else runs_on_sqlite
    left_out = [item for item in items if not wanted(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if wanted(item)]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """The thousands of tests that stay to the end needn't be looked through for cycles again and again: a sixth of the
    tests' processor time.
    """
    look_rarely()


def runs_on_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is None


def runs_on_postgresql() -> Callable[[pytest.Item], bool]:
    if STATEMENTS is None:
        return touches_a_server
    adds = adds_something(STATEMENTS)
    return lambda item: touches_a_server(item) and (item.path.parent.name in ON_BOTH or adds(item))


def touches_a_server(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    marks = ("django_db", "postgresql")
    return bool(asked) or item.path.parent.name == "config" or any(item.get_closest_marker(mark) for mark in marks)


@pytest.fixture(scope="session")
def chinese_fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fontconfig file that adds the packaged Noto fonts, for a machine that has no Chinese font of its own."""
    return fonts_file(tmp_path_factory.mktemp("fonts"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, chinese_fonts: Path) -> dict:
    """From its start to the session's end Playwright's loop runs in this thread: Django would refuse every query."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {
        **browser_type_launch_args,
        "executable_path": chromium(),
        "args": ["--no-sandbox"],
        "env": {**os.environ, "FONTCONFIG_FILE": str(chinese_fonts)},
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """The reader of the pages sits in Hubei."""
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session", autouse=True)
def _attachments_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files handed in by tests stand in a folder of the session; a sweep must never come by real ones."""
    settings.ATTACHMENTS_DIR = tmp_path_factory.mktemp("attachments")


@pytest.fixture(scope="session", autouse=True)
def _seals_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Seals of tests never stand beside real ones."""
    settings.SEALS_DIR = tmp_path_factory.mktemp("seals")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Played by the first test that needs it, of whichever worker."""
    return Demo(_of_the_run(tmp_path_factory) / "demo")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """Made by the first test that needs it, of whichever worker."""
    return Migrated(_of_the_run(tmp_path_factory) / "migrated")


@pytest.fixture(scope="session")
def migrated_server(tmp_path_factory: pytest.TempPathFactory) -> MigratedServer:
    """Made on PostgreSQL by the first test that needs it, of whichever worker."""
    return MigratedServer(_of_the_run(tmp_path_factory) / "migrated-server")


def _of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers share, and all tiers of .ci/run."""
    if MADE:
        MADE.mkdir(exist_ok=True)
        return MADE
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def _clocks_agree() -> Iterator[None]:
    """A test's clock stands still; PostgreSQL's goes on, and would call it wrong."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "compare", lambda _connection: None)
        patched.setattr(clock, "compared", None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _readiness_asks_here() -> Iterator[None]:
    """In the test's thread: no other one sees its transaction."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(probes, "answer", probes.answer_here)
        yield


@pytest.fixture
def sessions_stand(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Django reckons the end of a session by the machine's clock, whatever `now` says. Here it stands still, at this
    instant, so that what is left of a session is told to the second however long the test takes.
    """
    at = datetime.now(UTC)
    monkeypatch.setattr(timezone, "now", lambda: at)
    return at


@pytest.fixture
def sent_as_written(settings: Any) -> None:
    """For a test that reads what is sent: of a prepared statement PostgreSQL is sent the name alone, of which nothing
    can be read. As behind PgBouncer, nothing is prepared.
    """
    settings.DATABASE_POOLED = True


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    """The clock, standing at a Tuesday morning until the test moves it; requests arrive at its instant."""
    standing = Now()
    monkeypatch.setattr(clock, "read", standing)
    return standing


@pytest.fixture
def transactional_db(transactional_db: None) -> Iterator[None]:
    """The flush that follows deletes rows of insert-only tables; it seeds and guards them again by itself.

    The guards go however the test ends, in its setup too: if a flush fails, each later test finds the rows of this one.
    """
    yield
    insert_only.remove(connection)


@pytest.fixture
def cast(db: None) -> Cast:
    """The standing cast of the scenario contract, an auditor and a bystander beside it."""
    return Cast()


@pytest.fixture
def play(cast: Cast, now: Now) -> Play:
    """Runs verbs: `play("dispatch", "kf.agent", complaint, unit="YC")`, `play.upto("accepted")`."""
    return Play(cast, now)


@pytest.fixture
def client_for(cast: Cast, now: Now) -> Callable[[str], Client]:
    """A signed-in browser: `client_for("wh.contact").get("/")`."""

    def sign_in(username: str) -> Client:
        return signed_in(cast[username])

    return sign_in


@pytest.fixture(autouse=True)
def _writes() -> Iterator[None]:
    """`tests.looking.writes()` tells what the test has written so far."""
    OF_THE_TEST.done.clear()
    with connection.execute_wrapper(OF_THE_TEST):
        yield


@pytest.fixture(autouse=True)
def _nothing_fails_unseen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Failures]:
    """In production a failure becomes an alarm and the rest goes on; here it fails the test, unless it is awaited."""
    seen, note = Failures(), isolation._Run.note_failure

    def noted(run: isolation._Run, item: int | str, error: Exception) -> None:
        seen.append((run.work, item))
        note(run, item, error)

    monkeypatch.setattr(isolation._Run, "note_failure", noted)
    yield seen
    assert seen.are_awaited or not seen


@pytest.fixture
def failures(_nothing_fails_unseen: Failures) -> Failures:
    _nothing_fails_unseen.are_awaited = True
    return _nothing_fails_unseen


@pytest.fixture(autouse=True)
def _not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mark of life is in a test's database, so that acts needn't ask. A test that writes one calls `forget`."""
    monkeypatch.setattr(holding, "kept", holding.Answer(None, (), asked=math.inf))


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """A page asked for in English leaves its language behind in this thread; the next test starts in Chinese again."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """On PostgreSQL the live server's threads keep their connections for a minute; the database couldn't be dropped."""
    yield
    if connection.vendor != "postgresql":
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
