"""What is read on the standby, and when it is left alone. On a real one: tests/postgres/test_replica.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InternalError, OperationalError, connections
from django.test import Client, override_settings
from psycopg2 import errors

from accountability.db import replica
from accountability.db.replica import State
from accountability.models import Employee, Heartbeat
from accountability.monitoring import system_health
from assessment.figures.measures import MEASURES
from complaints.models import Round
from config import production, serving
from config.databases import COUNTED, Router
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
STANDING = replica.standing
FOLLOWS = replica.Standing(State.FOLLOWS, 0.1)


@pytest.fixture
def standing(db: None) -> Iterator[pytest.MonkeyPatch]:
    """A standby that follows: by its name the database itself is asked. It goes before the test's transaction does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.DATABASES, replica.ALIAS, dict(settings.DATABASES[DEFAULT_DB_ALIAS]))
        connections[replica.ALIAS] = connections[DEFAULT_DB_ALIAS]
        patch.setattr(replica, "standing", lambda: FOLLOWS)
        patch.setattr(replica, "_known", replica.Known())
        with override_settings(DATABASE_ROUTERS=["config.databases.Router"]):
            yield patch
    del connections[replica.ALIAS]


@pytest.fixture
def read_there(standing: pytest.MonkeyPatch) -> set[str]:
    """The models that are read on the standby from now on."""
    found: set[str] = set()
    decide = Router.db_for_read

    def noted(self: Router, model: Any, **hints: Any) -> str:
        alias = decide(self, model, **hints)
        if alias == replica.ALIAS:
            found.add(model._meta.label_lower)
        return alias

    standing.setattr(Router, "db_for_read", noted)
    return found


# Which


def test_what_figures_count_is_known_to_the_router() -> None:
    assert {measure.source.rows().model._meta.label_lower for measure in MEASURES.values()} == COUNTED


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/dashboard/", {"complaints.round", "accountability.deadline"}),
        ("/dashboard/?table=units", {"complaints.round", "accountability.deadline"}),
        ("/dashboard/units.csv", {"complaints.round", "accountability.deadline"}),
        ("/ranking/2026/", {"complaints.round"}),
    ],
)
def test_figures_are_counted_there(
    address: str, there: set[str], read_there: set[str], play: Play, client_for: ClientFor
) -> None:
    """And people, units and rights are read from the database meanwhile."""
    play.upto("delivered")
    assert client_for("sc.officer").get(address).status_code == 200
    assert there <= read_there <= COUNTED


@pytest.mark.parametrize("address", ["/", "/complaints/", "/figures/received/?from=2026-01-01", "/inbox/"])
def test_no_list_is_read_there(address: str, read_there: set[str], play: Play, client_for: ClientFor) -> None:
    play.upto("delivered")
    assert client_for("sc.officer").get(address).status_code == 200
    assert read_there == set()


def test_no_act_reads_there(read_there: set[str], play: Play) -> None:
    play.upto("archived")
    assert read_there == set()


def test_few_places_ask_there() -> None:
    """Whoever adds one says why it may be seconds old (docs/scale.md)."""
    python = [path for app in ("accountability", "complaints", "assessment", "config") for path in _modules(app)]
    assert {name for name, text in python if "replica.read(" in text} == {
        "assessment/dashboards/sections.py", "assessment/views/rankings.py",
        "config/management/commands/export_events.py",
    }  # fmt: skip


def _modules(app: str) -> Iterator[tuple[str, str]]:
    for path in (settings.BASE_DIR / app).rglob("*.py"):
        yield str(path.relative_to(settings.BASE_DIR)), path.read_text(encoding="utf-8")


def test_writing_and_migrating_are_not_for_it(standing: pytest.MonkeyPatch) -> None:
    router = Router()
    assert replica.read(lambda: (router.db_for_write(Round), replica.alias()), everything=True) == (
        "default",
        "replica",
    )
    assert (router.allow_migrate("replica", "complaints"), router.allow_migrate("default", "complaints")) == (
        False,
        True,
    )
    assert router.db_for_read(Round) == replica.alias() == "default"
    assert replica.read(lambda: [router.db_for_read(model) for model in (Round, Employee)]) == ["replica", "default"]
    everything = replica.read(lambda: [router.db_for_read(model) for model in (Round, Employee)], everything=True)
    assert everything == ["replica", "replica"]


@pytest.mark.django_db
def test_what_came_from_there_is_kept_in_the_database(standing: pytest.MonkeyPatch, now: Now) -> None:
    Heartbeat.objects.create(name="one", at=now.at, host="a")
    found = replica.read(lambda: Heartbeat.objects.get(name="one"), everything=True)
    assert found._state.db == "replica"
    found.host = "b"
    found.save()
    assert (found._state.db, Heartbeat.objects.get(name="one").host) == ("default", "b")


# When


@pytest.mark.parametrize("state", [State.AWAY, State.BEHIND, State.NO_STANDBY])
def test_one_that_does_not_follow_is_left_alone(state: State, standing: pytest.MonkeyPatch, now: Now) -> None:
    standing.setattr(replica, "standing", lambda: replica.Standing(state))
    assert replica.read(replica.alias, everything=True) == "default"
    assert system_health.replica_follows(now.at).tone == "danger"


def test_without_one_nothing_is_asked(now: Now) -> None:
    assert replica.read(replica.alias) == "default"
    assert system_health.replica_follows(now.at).tone == "neutral"
    assert list(production.unlike_replica()) == []


def broken(error: type[Exception], cause: Exception) -> Callable[[], str]:
    """A question that fails on the standby alone."""

    def question() -> str:
        if replica.alias() == "replica":
            raise error("told") from cause
        return "counted"

    return question


@pytest.mark.parametrize("cause", [psycopg2.OperationalError("server closed"), errors.SerializationFailure("recovery")])
def test_where_it_breaks_off_the_database_is_asked(cause: Exception, standing: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    there: Any = SimpleNamespace(close=lambda: closed.append("closed"))
    connections[replica.ALIAS] = there
    assert replica.read(broken(OperationalError, cause)) == "counted"
    assert (closed, replica.alias()) == (["closed"], "default")
    assert replica._known.standing == replica.Standing(State.AWAY)


class TooSlow(Exception):
    pgcode = replica.TOO_SLOW


@pytest.mark.parametrize(
    ("error", "cause"),
    [(OperationalError, TooSlow()), (InternalError, errors.ReadOnlySqlTransaction()), (KeyError, KeyError())],
)
@pytest.mark.usefixtures("standing")
def test_what_would_fail_in_the_database_too_is_not_asked_again(error: type[Exception], cause: Exception) -> None:
    with pytest.raises(error):
        replica.read(broken(error, cause))
    assert (replica.alias(), replica._known.standing) == ("default", None)


# How it stands


@contextmanager
def answering(row: tuple[Any, ...] | Exception) -> Iterator[Any]:
    if isinstance(row, Exception):
        raise row
    yield SimpleNamespace(execute=lambda _statement: None, fetchone=lambda: row)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((True, 0.2), (State.FOLLOWS, 0.2)), ((True, 60), (State.FOLLOWS, 60)), ((True, 60.1), (State.BEHIND, 60.1)),
        ((True, -3), (State.FOLLOWS, 0)), ((True, None), (State.BEHIND, None)),
        ((False, None), (State.NO_STANDBY, None)), (OperationalError("gone"), (State.AWAY, None)),
    ],
)  # fmt: skip
def test_the_answer_is_judged(row: Any, told: tuple[State, float | None], standing: pytest.MonkeyPatch) -> None:
    there: Any = SimpleNamespace(cursor=lambda: answering(row), close=lambda: None)
    connections[replica.ALIAS] = there
    assert replica.ask() == told == replica._known.standing


def test_in_a_web_process_a_thread_asks_and_its_answer_grows_old(standing: pytest.MonkeyPatch) -> None:
    asked: list[None] = []
    there: Any = SimpleNamespace(close=lambda: None)
    connections[replica.ALIAS] = there
    standing.setattr(replica, "standing", STANDING)
    standing.setattr(replica, "ask", lambda: asked.append(None))

    def slept(seconds: float) -> None:
        raise InterruptedError(seconds)

    standing.setattr(time, "sleep", slept)
    with pytest.raises(InterruptedError):
        replica.keep_asking()
    for age, state in ((1, State.FOLLOWS), (replica.GOOD_FOR + 1, State.AWAY)):
        replica._known.standing, replica._known.at = FOLLOWS, time.monotonic() - age
        assert replica.standing().state == state
    assert len(asked) == 1


def test_a_command_asks_by_itself_and_not_for_each_question(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[None] = []

    def ask() -> replica.Standing:
        asked.append(None)
        replica._note(FOLLOWS)
        return FOLLOWS

    monkeypatch.setattr(replica, "ask", ask)
    monkeypatch.setattr(replica, "_known", replica.Known())
    assert [replica.standing() for _question in range(3)] == [FOLLOWS] * 3
    assert len(asked) == 1
    replica._known.at -= replica.ASKED_EVERY
    assert (replica.standing(), len(asked)) == (FOLLOWS, 2)


def test_each_web_process_has_the_thread_where_there_is_a_standby(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def thread(name: str, **_more: Any) -> Any:
        return SimpleNamespace(start=lambda: begun.append(name))

    monkeypatch.setattr(serving.threading, "Thread", thread)
    serving.post_worker_init(None)
    assert "replica" not in begun
    monkeypatch.setitem(settings.DATABASES, replica.ALIAS, {})
    serving.post_worker_init(None)
    assert begun.count("replica") == 1


@pytest.mark.usefixtures("standing")
def test_a_start_refuses_what_can_be_no_standby() -> None:
    if connections["default"].vendor == "sqlite":
        assert [each.id for each in production.unlike_replica()] == ["shouwen.E036"]


def test_the_way_to_it_is_as_safe_as_to_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    far: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "HOST": "standby.example", "OPTIONS": {}}
    for mode, told in (("require", ["REPLICA_URL doesn't check whose database it is."]), ("verify-full", [])):
        monkeypatch.setitem(settings.DATABASES, replica.ALIAS, far | {"OPTIONS": {"sslmode": mode}})
        found = [str(each.msg) for each in production._plain_connections() if each.id == "shouwen.E011"]
        assert found == told
