"""Looking at what an act left behind: whole tables, deadlines, ledger entries."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.template import Template

from accountability.gate.act import Refused
from accountability.models import AccessLog, Deadline, LedgerEntry, PersonalData, SignInAttempt

Tables = dict[str, list[dict[str, Any]]]

OWN_KEYS = frozenset({"hmac", "ledger_head", "marks", "sealed", "token"})
"""Columns that differ between two equal worlds: they hold keys' work over the row's own numbers, a nonce, or chance."""


NOT_BUSINESS = (AccessLog, Session, SignInAttempt)
"""What a refusal may write: that it was refused, and that a password was tried."""


OPENING_READS = re.compile(
    r'UPDATE "accountability_notification" SET "read_at" = %s WHERE .+ '
    r'U1\."number" = %s AND U0\."recipient_id" = %s\)\)'
)
"""What opening a matter writes, and nothing else does: the reader's own notices of it are read."""

PROBE = re.compile(r'(?:INSERT INTO|UPDATE) "accountability_heartbeat" .+')
"""What `/readyz` writes, and no other address does: whether the database takes a write."""


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def contents(*, without: Iterable[type[models.Model]] = (AccessLog,), of: Collection[str] | None = None) -> Tables:
    """Every row of every table, the access log left out (a refusal writes there, and nowhere else); with `of` of these
    tables alone (`Writes.tables`).
    """
    return {
        model._meta.db_table: list(model._base_manager.order_by("pk").values(*_columns(model)))
        for model in apps.get_models(include_auto_created=True)
        if model not in set(without) and (of is None or model._meta.db_table in of)
    }


# What was written

READS = re.compile(
    r"\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|EXPLAIN|PRAGMA|SET|SHOW|LOCK|EXECUTE standing_\d+)\b", re.IGNORECASE
)
"""What is prepared (`standing_…`) is what pages ask, which changes nothing."""

GIVEN = r"(?:WITH given \(.*?\) AS \(VALUES .*\) (?=UPDATE))?"
TARGET = re.compile(
    rf"\s*{GIVEN}(?:INSERT|UPDATE|DELETE)\b(?: OR \w+)?(?: INTO| FROM)?\s+\"?(\w+)", re.IGNORECASE | re.DOTALL
)


class Writes:
    """The statements that changed a row and weren't rolled back to a savepoint, each with its table ("" where the
    statement doesn't begin with its name): an execute wrapper, for a connection whose transaction stays open.
    """

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self._savepoints: dict[str, int] = {}

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        text = str(sql)
        if text.startswith("SAVEPOINT "):
            self._savepoints[text.split()[-1]] = len(self.done)
        elif text.startswith("ROLLBACK TO SAVEPOINT "):
            del self.done[self._savepoints.get(text.split()[-1], 0) :]
        elif not READS.match(text) and (" RETURNING " in text or context["cursor"].rowcount != 0):
            target = TARGET.match(text)
            self.done.append((target[1] if target else "", text))
        return answer

    def but(self, *models_left_out: type[models.Model]) -> list[str]:
        """The statements, without those to the tables of these models."""
        left_out = {model._meta.db_table for model in models_left_out}
        return [text for table, text in self.done if table not in left_out]

    def tables(self) -> set[str] | None:
        """The tables that they changed; None where a statement doesn't say."""
        found = {table for table, _text in self.done}
        return None if "" in found else found


OF_THE_TEST = Writes()
"""What the test that runs has written so far by this thread's connection; tests/conftest.py listens and empties it."""


def writes(*, without: Iterable[type[models.Model]] = (AccessLog,)) -> list[str]:
    """What has been written so far and stands, the access log left out (a refusal writes there, and nowhere else).

    `before = writes()`, then `assert writes() == before`: nothing was written meanwhile. Stricter than comparing
    tables, and hundreds of times faster. Another connection's writes aren't heard, nor is the end of an outermost
    transaction: tests of several connections compare `contents()`.
    """
    assert connection.in_atomic_block
    assert OF_THE_TEST in connection.execute_wrappers
    return OF_THE_TEST.but(*without)


# Two worlds
def refusal_of(run: Callable[[], Any]) -> Refused:
    """The refusal that `run` meets. Checks that it changed nothing."""
    look = writes if connection.in_atomic_block else contents
    before = look()
    with pytest.raises(Refused) as caught:
        run()
    assert look() == before
    return caught.value


def why(refusal: Refused) -> tuple[str, list[str]]:
    """Its code and the fields that it names."""
    return refusal.code, sorted(refusal.fields)


def normal(tables: Tables, *, of: Collection[str] | None = None) -> Tables:
    """The tables (with `of` these alone) with every primary key written as the row's place, so that two worlds can be
    compared.

    Sealed rows are put in order of their matters: a paper's is inserted after all acts' own, whichever way they came.
    """
    sealed = PersonalData._meta.db_table
    tables = tables | {sealed: sorted(tables[sealed], key=lambda row: row["matter_id"])}
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    keys = {name: known[name]._meta.pk.attname for name in tables}
    places = {name: {row[keys[name]]: place for place, row in enumerate(rows)} for name, rows in tables.items()}
    wanted = tables.keys() if of is None else tables.keys() & set(of)
    return {name: [_normal_row(known[name], row, places) for row in tables[name]] for name in wanted}


def _normal_row(model: Any, row: dict[str, Any], places: dict[str, dict[Any, int]]) -> dict[str, Any]:
    placed = {}
    for field in model._meta.concrete_fields:
        target, value = _refers_to(model, field), row[field.attname]
        placed[field.attname] = value if target is None or value is None else places[target._meta.db_table][value]
    return {name: value for name, value in placed.items() if name not in OWN_KEYS}


def _refers_to(model: Any, field: Any) -> Any:
    """The model whose primary key the column holds; a history row holds that of the row it is about."""
    kept_of = getattr(model, "instance_type", None)
    if kept_of is not None and field.attname == kept_of._meta.pk.attname:
        return kept_of
    return field.related_model if field.is_relation else model if field.primary_key else None


def deadlines(complaint: Any, kind: str, part: int = 0) -> list[Deadline]:
    """The cycles of a duty, oldest first."""
    return list(Deadline.objects.filter(matter_id=complaint.matter_id, kind=kind, part=part).order_by("cycle"))


def deadline(complaint: Any, kind: str, part: int = 0) -> Deadline:
    """The latest cycle of a duty."""
    return deadlines(complaint, kind, part)[-1]


def verbs_of(complaint: Any) -> list[str]:
    """The words of the complaint's ledger, in its order."""
    return list(
        LedgerEntry.objects.filter(matter_id=complaint.matter_id).order_by("seq").values_list("verb", flat=True)
    )


def refuse_inserts(table: str) -> None:
    """From now on the database takes no row into the table: a disk that is full, a right that is missing."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION take_nothing() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'takes nothing'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER take_nothing BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION take_nothing()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER take_nothing BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'takes nothing'); END"
            )


class Lines(logging.Handler):
    """Keeps what was logged, without the stacks."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        self.lines.append(f"{record.getMessage()} {fault or ''}")


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile, at every level, which is written nowhere else."""
    root, kept = logging.getLogger(), Lines()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = [kept]
    root.setLevel(logging.DEBUG)
    try:
        with no_contexts():
            yield kept.lines
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


RENDER = Template._render  # type: ignore[attr-defined]
"""Before Django's tests have it tell of every rendering."""


@contextmanager
def no_contexts() -> Iterator[None]:
    """Django's client copies the context of every template that is rendered; a walk reads nothing but what comes back,
    and these copies took a twentieth of it.
    """
    telling = Template._render  # type: ignore[attr-defined]
    Template._render = RENDER  # type: ignore[attr-defined]
    try:
        yield
    finally:
        Template._render = telling  # type: ignore[attr-defined]


@contextmanager
def silence() -> Iterator[None]:
    """A refusal is logged with its whole stack; over many thousands of them that takes longer than asking. Whoever asks
    often is silent around it all: to begin and end silence, every logger is gone through.
    """
    if logging.root.manager.disable >= logging.CRITICAL:
        yield
        return
    logging.disable(logging.CRITICAL)
    try:
        with no_contexts():
            yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def undone() -> Iterator[list[str]]:
    """What is asked inside is rolled back; gives the writes to business tables that it would have left."""
    writes, wrote = Writes(), list[str]()
    with transaction.atomic(), silence():
        with connection.execute_wrapper(writes):
            yield wrote
        wrote += writes.but(*NOT_BUSINESS)
        transaction.set_rollback(True)
