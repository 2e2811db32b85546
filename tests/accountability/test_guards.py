"""What is only ever added to: the database itself refuses to change or delete it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import F, Model

from accountability import guards
from accountability.gate import Refused
from accountability.models import AccessLog, CalendarYear, LedgerEntry, TimeLimits
from tests.factories import Play
from tests.looking import contents

TABLES: dict[str, type[Model]] = {
    model._meta.db_table: model for model in (LedgerEntry, AccessLog, CalendarYear, TimeLimits)
}
ATTEMPTS: dict[str, Callable[[type[Model]], object]] = {
    "update": lambda model: model._base_manager.update(id=F("id")),
    "delete": lambda model: model._base_manager.all()._raw_delete(using="default"),
}


def test_these_tables_are_guarded() -> None:
    assert set(guards.INSERT_ONLY_TABLES) == set(TABLES)


@pytest.fixture
def filled(play: Play) -> None:
    """Something in every guarded table."""
    complaint = play.upto("registered")
    with pytest.raises(Refused):
        play("dispatch", "wh.contact", complaint)
    assert {name: model._base_manager.exists() for name, model in TABLES.items()} == dict.fromkeys(TABLES, True)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_database_refuses(table: str, attempt: str) -> None:
    before = contents(without=())
    with pytest.raises(DatabaseError, match=f"{table} is insert-only"), transaction.atomic():
        ATTEMPTS[attempt](TABLES[table])
    assert contents(without=()) == before


@pytest.mark.usefixtures("filled")
def test_the_owner_may_take_the_guards_off_and_put_them_on_again() -> None:
    guards.remove(connection)
    assert ATTEMPTS["delete"](AccessLog) is not None
    assert AccessLog.objects.count() == 0
    guards.install(connection)
    guards.install(connection)
    AccessLog.objects.create(at=CalendarYear.objects.all()[0].published_at, action="x", result="ok")
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        ATTEMPTS["delete"](AccessLog)


@contextmanager
def as_application() -> Iterator[None]:
    """As the role the application signs in with; inside a savepoint where it is to fail."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE an_app")
        yield
        cursor.execute("RESET ROLE")  # after a failure the savepoint's end has done it


@pytest.fixture
def application_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_app NOLOGIN")
        cursor.execute("GRANT an_app TO CURRENT_USER")
    call_command("database_roles", app="an_app", verbosity=0)


@pytest.mark.postgresql
@pytest.mark.usefixtures("application_role", "filled")
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", TABLES)
def test_the_application_has_not_even_the_right(table: str, statement: str) -> None:
    guards.remove(connection)  # not the triggers refuse here
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), as_application():
        connection.cursor().execute(statement.format(table))


@pytest.mark.postgresql
@pytest.mark.usefixtures("application_role")
def test_the_application_cannot_take_the_guards_off(play: Play) -> None:
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic(), as_application():
        guards.remove(connection)


@pytest.mark.postgresql
@pytest.mark.usefixtures("application_role")
def test_the_application_can_do_its_work(play: Play) -> None:
    with as_application():
        complaint = play.upto("archived")
        with pytest.raises(Refused):
            play("escalate", "kf.agent", complaint)
    assert complaint.state == "archived"
    assert AccessLog.objects.count() == 1
