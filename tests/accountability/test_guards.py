"""What is only ever added to: the database itself refuses to change or delete it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import F, Model

from accountability import guards
from accountability.actions.rules import confirm_reading
from accountability.documents.phrases import PHRASES, Phrase
from accountability.gate import Refused, perform
from accountability.models import (
    AccessLog,
    AnswerTemplate,
    CalendarYear,
    LedgerEntry,
    PaperWording,
    PrivacyPolicy,
    RuleReading,
    RulesVersion,
    SignInPolicy,
    TimeLimits,
    rules_in_force,
)
from accountability.subjects import Organisation
from tests import casework
from tests.factories import Play
from tests.looking import contents

TABLES: dict[str, type[Model]] = {
    model._meta.db_table: model
    for model in (
        LedgerEntry,
        AccessLog,
        CalendarYear,
        TimeLimits,
        PaperWording,
        AnswerTemplate,
        RulesVersion,
        RuleReading,
        SignInPolicy,
        PrivacyPolicy,
    )
}
ATTEMPTS: dict[str, Callable[[type[Model]], object]] = {
    "update": lambda model: model._base_manager.update(id=F("id")),
    "delete": lambda model: model._base_manager.all()._raw_delete(using="default"),
}


def test_these_tables_are_guarded() -> None:
    assert set(guards.INSERT_ONLY_TABLES) == set(TABLES)


@pytest.fixture
def filled(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something in every guarded table."""
    complaint = play.upto("registered")
    with pytest.raises(Refused):
        play("dispatch", "wh.contact", complaint)
    confirm_reading(play.cast["wh.zhang"], rules_in_force(play.now.at), at=play.now.at)
    monkeypatch.setitem(PHRASES, "office", Phrase("office", "市场部", "省公司市场部"))
    told: Any = {"phrases": {"office": "新名"}, "reason": "更名"}
    perform(Organisation.standing(), "set_papers", by=play.cast["sc.officer"], at=play.now.at, **told)
    play("set_template", "kf.supervisor", name="致歉", use="reply", text="为此向您致歉。", reason="常用")
    SignInPolicy.objects.create(version=1, in_force_from=play.now.at, author=play.cast["sj.plain"])
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


@pytest.mark.postgresql
@pytest.mark.usefixtures("application_role")
def test_the_application_can_pursue_a_case_to_its_end(play: Play) -> None:
    with as_application():
        case = casework.issue(play, casework.missed(play))
        *_before, (_name, case) = casework.played(play, case, casework.TO_THE_END)
    assert case.state == "annulled"
