"""Whoever owns the database can bend the record, and is found: which matter, which entry, and how."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import connection, transaction

from accountability.audit import seals, verification
from accountability.audit.sealed_tables import sealed_models
from accountability.audit.verify_export import Finding
from accountability.gate.changes import chain
from accountability.models import AccessLog, Employee, LedgerEntry, Matter, SearchText
from tests.accountability.audit import tampering
from tests.accountability.audit.conftest import recorded
from tests.factories import Play
from tests.shared_world import shared

pytestmark = [pytest.mark.compliance(3), pytest.mark.asvs("16.4.2")]


class Record(NamedTuple):
    """Its matters, and where its seals stand."""

    matters: list[int]
    seals: Path


def kept(play: Play) -> Record:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settings, "SEALS_DIR", Path(mkdtemp(dir=settings.SEALS_DIR)))
        return Record(recorded(play), settings.SEALS_DIR)


stage, own_copy, now, cast, play, client_for, world = shared(kept, signs_in=False)


@pytest.fixture
def folder(world: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the seals, of this test's own."""
    monkeypatch.setattr(settings, "SEALS_DIR", tmp_path / "seals")
    return Path(copytree(world.seals, tmp_path / "seals"))


@pytest.fixture
def record(world: Record, folder: Path) -> list[int]:
    return world.matters


BAR = pytest.mark.parametrize("way", tampering.WAYS.values(), ids=tampering.WAYS)
Way = Callable[[random.Random, list[int]], tampering.Named]


def findings(play: Play) -> list[Finding]:
    return verification.verify(play.now.at).findings


def unnamed(play: Play, way: Way, record: list[int], times: int) -> list[str]:
    """The tamperings of one kind that weren't named, each on the sealed record as it was."""
    lost = []
    for number in range(times):
        with transaction.atomic():
            named = way(random.Random(f"{way.__name__} {number}"), record)
            found = findings(play)
            if named not in [(finding.kind, finding.matter, finding.place) for finding in found]:
                lost.append(f"{number}: {named} not in {[str(finding) for finding in found]}")
            transaction.set_rollback(True)
    return lost


def test_what_nobody_touched_holds(play: Play, record: list[int]) -> None:
    account = verification.verify(play.now.at)
    assert (account.findings, account.entries, account.seals) == ([], LedgerEntry.objects.count(), 3)
    assert account.matters == Matter.objects.count()


@BAR
@pytest.mark.usefixtures("loose")
def test_each_tampering_is_named(play: Play, record: list[int], way: Way) -> None:
    assert unnamed(play, way, record, 8) == []


@pytest.mark.slow
@BAR
@pytest.mark.usefixtures("loose")
def test_a_hundred_of_a_hundred_are_named(play: Play, record: list[int], way: Way) -> None:
    assert unnamed(play, way, record, 100) == []


def found_after(play: Play, *statements: str) -> list[str]:
    for statement in statements:
        tampering.run(statement)
    return [str(finding) for finding in findings(play)]


@pytest.mark.usefixtures("loose")
def test_the_finding_says_which_entry_of_which_complaint(play: Play, record: list[int]) -> None:
    matter = Matter.objects.get(pk=record[0])
    said = found_after(
        play, f"UPDATE accountability_ledgerentry SET verb = 'reply' WHERE matter_id = {matter.pk} AND seq = 2"
    )
    assert said == [f"matter {matter}, entry 2 (reply): was changed"]


@pytest.mark.usefixtures("loose")
def test_one_tampering_is_told_as_one(play: Play, record: list[int]) -> None:
    """Whatever follows from it isn't told as well."""
    counts = {}
    for name in ("changed", "cut", "removed", "appended"):
        with transaction.atomic():
            tampering.WAYS[name](random.Random(name), record)
            counts[name] = len(findings(play))
            transaction.set_rollback(True)
    assert counts == {"changed": 1, "cut": 1, "removed": 1, "appended": 1}


@pytest.mark.usefixtures("loose")
def test_a_tail_cut_off_and_grown_again_is_found_by_the_seals_alone(play: Play, record: list[int]) -> None:
    """The application went on from where the chain was cut: the chain is whole, and isn't what was sealed."""
    complaint = play.upto("registered", phone="13911112222")
    play("dispatch", "kf.agent", complaint, reason="归属该市。")
    play.now.forward(hours=1)
    assert seals.seal(play.now.at) is not None
    first, last = tampering.rows(complaint.pk)
    SearchText.objects.filter(entry=last).delete()
    tampering.run(f"DELETE FROM {tampering.LEDGER} WHERE id = %s", last.pk)
    Matter.objects.filter(pk=complaint.pk).update(ledger_length=1, ledger_head=first.hmac)
    play("withdraw", "kf.agent", Matter.objects.get(pk=complaint.pk).complaint, reason="客户自行撤回。")
    assert [(f.kind, f.matter, f.place, f.verb) for f in findings(play)] == [("unsealed", complaint.pk, 2, "miss")]


@pytest.mark.usefixtures("loose")
def test_whoever_has_the_key_is_found_by_the_seals(play: Play, record: list[int]) -> None:
    """An entry changed and the chain made anew behind it, with the right key."""
    entries = tampering.rows(record[-1])
    entries[1].actor = Employee.objects.get(username="kf.supervisor")
    matter = Matter(pk=record[-1])
    chain(matter, entries)
    LedgerEntry.objects.bulk_update(entries, ["actor", "hmac"])
    Matter.objects.filter(pk=matter.pk).update(ledger_head=matter.ledger_head)
    assert [(f.kind, f.matter, f.place) for f in findings(play)] == [("unsealed", matter.pk, len(entries))]


ROWS = {
    "changed": (
        "UPDATE accountability_accesslog SET result = 'ok' WHERE id = (SELECT min(id) FROM {0})",
        "was changed",
    ),
    "deleted": ("DELETE FROM accountability_accesslog WHERE id = (SELECT min(id) FROM {0})", "is missing"),
}


@pytest.mark.usefixtures("loose", "record")
@pytest.mark.parametrize(("statement", "what"), ROWS.values(), ids=ROWS)
def test_a_row_of_the_access_log_is_named(play: Play, statement: str, what: str) -> None:
    table, first = "accountability_accesslog", AccessLog.objects.order_by("pk")[0].pk
    assert found_after(play, statement.format(table)) == [f"row {first}: {what} ({table})"]


UNREADABLE = {
    "a purge that says no instant": ("purge_logs", "garbage"),
    "a purge whose instant has no zone": ("purge_logs", "2026-01-01T00:00:00 1-2: 3"),
    "a purge that says nothing": ("purge_logs", ""),
}


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize(("action", "detail"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_row_that_cant_be_read_is_a_finding_and_stops_nothing(play: Play, action: str, detail: str) -> None:
    by = Employee.objects.system()
    row = AccessLog.objects.create(at=play.now.at, actor=by, action=action, result="ok", detail=detail)
    assert found_after(play) == [f"row {row.pk}: can't be read (accountability_accesslog)"]


NO_VALUE = {"sqlite": "'2026-13-45 99:00:00'", "postgresql": "'20000-01-01'"}
"""What the type of a column lets in and Python has no value for."""


@pytest.mark.usefixtures("loose", "record")
def test_a_log_whose_instant_is_none_is_a_finding_and_the_next_row_is_read_too(play: Play) -> None:
    table, value = "accountability_accesslog", NO_VALUE[connection.vendor]
    first, second = AccessLog.objects.order_by("pk").values_list("pk", flat=True)[:2]
    assert found_after(
        play,
        f"UPDATE {table} SET at = {value} WHERE id = {first}",
        f"UPDATE {table} SET result = 'ok' WHERE id = {second}",
    ) == [f"row {first}: can't be read ({table})", f"row {second}: was changed ({table})"]
    play.now.forward(hours=1)
    assert seals.seal(play.now.at) is not None


@pytest.mark.usefixtures("loose")
@pytest.mark.parametrize("column", ["at", "recorded_at", "facts", "verb", "marks"])
def test_an_entry_that_cant_be_read_is_named_and_the_others_are_verified(
    play: Play, record: list[int], column: str
) -> None:
    value = NO_VALUE[connection.vendor]
    if column in ("facts", "verb", "marks"):
        value = "x'ff00'" if (connection.vendor, column) == ("sqlite", "verb") else "'3'"
    matter, other = record[0], record[-1]
    run = "UPDATE accountability_ledgerentry SET"
    tampering.run(f"{run} {column} = {value} WHERE matter_id = {matter} AND seq = 2")
    tampering.run(f"{run} part = 7 WHERE matter_id = {other} AND seq = 1")
    assert [(f.kind, f.matter, f.place) for f in findings(play)] == [("changed", matter, 2), ("changed", other, 1)]


@pytest.mark.usefixtures("record")
def test_a_seal_of_strange_letters_is_named(play: Play, folder: Path) -> None:
    path = sorted(folder.iterdir())[1]
    path.chmod(0o600)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"hmac": "é"}))
    assert ("seal_changed", 2) in [(finding.kind, finding.place) for finding in findings(play)]


@pytest.mark.usefixtures("loose", "record")
def test_a_row_put_in_among_sealed_ones_is_named(play: Play) -> None:
    table, columns = "accountability_accesslog", "at, actor_id, action, matter_id, result, detail, address"
    assert found_after(play, f"INSERT INTO {table} (id, {columns}) SELECT -1, {columns} FROM {table} LIMIT 1") == [
        f"row -1: was put in among rows that were sealed ({table})"
    ]


@pytest.mark.usefixtures("loose", "record")
@pytest.mark.parametrize("table", ["complaints_historicalround", "accountability_timelimits"])
def test_a_row_of_history_and_a_version_of_the_rules_are_named(play: Play, table: str) -> None:
    column = {"complaints_historicalround": "state", "accountability_timelimits": "reason"}[table]
    key = "id" if table == "accountability_timelimits" else "history_id"
    model: Any = sealed_models()[table]
    first = model._base_manager.order_by("pk")[0].pk
    said = found_after(play, f"UPDATE {table} SET {column} = 'x' WHERE {key} = {first}")
    assert said == [f"row {first}: was changed ({table})"]
