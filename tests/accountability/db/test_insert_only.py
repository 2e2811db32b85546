"""What is only ever added to: the database itself refuses to change or delete it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F, Model

from accountability.actions.rules import confirm_reading
from accountability.db import insert_only
from accountability.documents.phrases import PHRASES, Phrase
from accountability.gate.perform import Refused, perform
from accountability.gate.subjects import Organisation
from accountability.models import (
    AccessLog,
    AnswerTemplate,
    CalendarYear,
    LedgerEntry,
    Matter,
    PaperWording,
    PersonalData,
    PrivacyPolicy,
    RuleReading,
    RulesVersion,
    Seal,
    SearchText,
    SignInPolicy,
    TimeLimits,
    Verification,
    rules_in_force,
)
from assessment.models import Ranking, RankingRound
from tests import casework
from tests.factories import Play
from tests.looking import contents

TABLES: dict[str, type[Model]] = {
    model._meta.db_table: model
    for model in (
        LedgerEntry,
        AccessLog,
        Seal,
        Verification,
        CalendarYear,
        TimeLimits,
        PaperWording,
        AnswerTemplate,
        RulesVersion,
        RuleReading,
        SignInPolicy,
        LogEntry,
        PrivacyPolicy,
        RankingRound,
    )
}
HISTORIES: dict[str, type[Model]] = {
    model._meta.db_table: model for model in apps.get_models() if model.__name__.startswith("Historical")
}
ATTEMPTS: dict[str, Callable[[type[Model]], object]] = {
    "update": lambda model: model._base_manager.update(id=F("id")),
    "delete": lambda model: model._base_manager.all()._raw_delete(using="default"),
}


def test_these_tables_are_guarded() -> None:
    assert set(insert_only.LOG_TABLES) == set(TABLES)
    assert set(insert_only.insert_only_tables()) == {*TABLES, *HISTORIES}


@pytest.mark.asvs("16.4.2")
@pytest.mark.compliance(3)
def test_every_model_that_keeps_history_has_its_history_guarded() -> None:
    """Found by what such a model has, not by how the guards look for it."""
    kept: list[Any] = [model for model in apps.get_models() if hasattr(model, "history")]
    assert {model.history.model._meta.db_table for model in kept} == set(insert_only.history_tables()) == set(HISTORIES)
    assert {"complaints_historicalround", "assessment_historicalpenalty"} < set(HISTORIES)


def triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
            if connection.vendor == "postgresql"
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.compliance(3)
@pytest.mark.django_db
def test_the_database_has_both_triggers_on_each() -> None:
    assert {f"{table}_no_{event}" for table in insert_only.insert_only_tables() for event in ATTEMPTS} <= triggers()


@pytest.mark.compliance(19)
def test_the_texts_of_an_act_and_what_is_searched_can_be_erased(play: Play) -> None:
    complaint = play.upto("registered")
    rows = PersonalData.objects.filter(matter_id=complaint.pk)
    assert (rows.update(sealed=None, erased_at=play.now.at), SearchText.objects.all().delete()[0]) == (1, 1)


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
    at, log = play.now.at, LogEntry(user=play.cast["sc.officer"], action_flag=2, object_repr="x")
    log.save()
    Seal.objects.create(number=1, at=at, hmac="0" * 64, entries=1, matters=1, rows=1)
    Verification.objects.create(at=at, entries=1, seals=1, found=0)
    matter = Matter.objects.create(kind="ranking", number="PM2025", opened_at=at)
    frozen: Any = {"frozen_at": at, "drafted_by": play.cast["sc.officer"], "state": "drafted"}
    ranking = Ranking.objects.create(matter=matter, year=2025, edition=1, **frozen)
    unit = play.cast.unit("WH")
    RankingRound.objects.create(ranking=ranking, edition=1, round_id=complaint.pk, unit=unit, resolved=True)
    assert {name: model._base_manager.exists() for name, model in TABLES.items()} == dict.fromkeys(TABLES, True)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_database_refuses(table: str, attempt: str) -> None:
    before = contents(without=())
    with pytest.raises(DatabaseError, match=f"{table} is insert-only"), transaction.atomic():
        ATTEMPTS[attempt](TABLES[table])
    assert contents(without=()) == before


@pytest.mark.asvs("16.4.2")
@pytest.mark.compliance(3)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_database_refuses_to_touch_any_history(play: Play, attempt: str) -> None:
    case = casework.issue(play, casework.missed(play))
    list(casework.played(play, case, casework.TO_THE_END))
    filled = {table: model for table, model in HISTORIES.items() if model._base_manager.exists()}
    assert {"complaints_historicalcomplaint", "assessment_historicalcase", "assessment_historicalpenalty"} < set(filled)
    for table, model in filled.items():
        key = model._meta.pk.column
        statement = f"UPDATE {table} SET {key} = {key}" if attempt == "update" else f"DELETE FROM {table}"  # noqa: S608
        with pytest.raises(DatabaseError, match=f"{table} is insert-only"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.compliance(2)
@pytest.mark.parametrize(("action", "result"), [("reveal", "ok"), ("sign_in", "ok"), ("dispatch", "refused")])
def test_nobody_does_anything_unnamed(play: Play, action: str, result: str) -> None:
    with pytest.raises(IntegrityError, match="no_null_actor"), transaction.atomic():
        AccessLog.objects.create(at=play.now.at, action=action, result=result)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(
            matter=play.upto("registered").matter, seq=9, verb="x", at=play.now.at, recorded_at=play.now.at, hmac="00"
        )
    assert AccessLog.objects.filter(actor=None).count() == 0


def test_whoever_bears_no_known_name_may_be_refused_unnamed(play: Play) -> None:
    AccessLog.objects.create(at=play.now.at, action="sign_in", result="refused")
    assert AccessLog.objects.count() == 1


@pytest.mark.usefixtures("filled")
def test_the_owner_may_take_the_guards_off_and_put_them_on_again() -> None:
    insert_only.remove(connection)
    assert ATTEMPTS["delete"](AccessLog) is not None
    assert AccessLog.objects.count() == 0
    insert_only.install(connection)
    insert_only.install(connection)
    AccessLog.objects.create(at=CalendarYear.objects.all()[0].in_force_from, action="sign_in", result="refused")
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
    insert_only.remove(connection)  # not the triggers refuse here
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), as_application():
        connection.cursor().execute(statement.format(table))


@pytest.mark.postgresql
@pytest.mark.usefixtures("application_role")
def test_the_application_cannot_take_the_guards_off(play: Play) -> None:
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic(), as_application():
        insert_only.remove(connection)


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
