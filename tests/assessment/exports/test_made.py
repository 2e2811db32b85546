"""The files of exports: made by the worker with flat memory, sealed in pieces, cleared away when nobody wants them."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import gc
import tracemalloc
from typing import Any
from weakref import ref

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from django.db.models import Model

from accountability.db.writing import quoted
from accountability.files import attachments
from accountability.models import AccessLog
from accountability.privacy import key_rotation
from accountability.security import file_store
from assessment.actions import export_files
from assessment.exports import keeping
from assessment.exports.kinds import KINDS, Scope, by_key
from assessment.models import ExportPiece, ExportWork, What
from tests.assessment.docket import Docket
from tests.assessment.exports.made_exports import Exports, content, files
from tests.factories import Now, Play
from tests.failing import Failures

pytestmark = [pytest.mark.rule("R40"), pytest.mark.compliance(16)]


@pytest.fixture(autouse=True)
def _files_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is never committed; what is done after the commit is done at once."""
    monkeypatch.setattr(transaction, "on_commit", lambda work: work())


@pytest.fixture
def exports(play: Play) -> Exports:
    play.upto("accepted")
    return Exports(play)


def test_a_failing_export_is_tried_again_and_then_given_up(
    exports: Exports, now: Now, monkeypatch: pytest.MonkeyPatch, failures: Failures
) -> None:
    """Tried again after 1, 2, 4 and 8 minutes."""
    before = files()
    export = exports.approved()

    def break_down(*_args: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(keeping.Sink, "finish", break_down)
        for time in range(export_files.MOST_FAILURES):
            assert exports.again(export).state == "approved"
            export_files.make_pending(now.at)
            now.forward(seconds=60 * 2**time - 1)
            export_files.make_pending(now.at)  # not again so soon
            now.forward(seconds=1)
            assert len(failures) == time + 1
    export = exports.again(export)
    assert (export.state, export.matter.holder.username, files()) == ("failed", "kf.supervisor", before)
    exports("retry_export", "kf.supervisor", export)
    assert (export_files.make_pending(now.at), exports.again(export).state) == (1, "made")


def test_what_a_crash_left_behind_goes_when_it_is_made(exports: Exports, now: Now) -> None:
    before = files()
    export = exports.approved()
    sink = keeping.Sink(export, now.at)
    sink.write(b"x" * (keeping.PIECE + 1))
    ExportWork.objects.update(claimed_at=now.at, failures=1)
    assert export_files.make_pending(now.at) == 0
    now.forward(minutes=31)
    assert export_files.make_pending(now.at) == 1
    assert (len(files() - before), b"x" * 100 in content(exports.again(export))) == (1, False)


def test_what_is_withdrawn_while_it_is_made_is_not_kept(
    exports: Exports, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, export, write = files(), exports.approved(), export_files.write

    def withdrawn_meanwhile(*args: Any) -> Any:
        made = write(*args)
        exports("withdraw_export", "kf.supervisor", export)
        return made

    monkeypatch.setattr(export_files, "write", withdrawn_meanwhile)
    assert export_files.make_pending(now.at) == 0
    assert (exports.again(export).state, files(), ExportPiece.objects.count()) == ("withdrawn", before, 0)


def test_the_file_is_sealed_and_its_pieces_stand_in_no_others_place(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PIECE", 100)
    export = exports.made()
    pieces = list(ExportPiece.objects.filter(export=export).order_by("number"))
    assert (len(pieces) > 2, b"".join(keeping.pieces_of(export))) == (True, content(export))
    assert [piece for piece in pieces if "投诉".encode() in file_store.get(piece.place)] == []
    first, second = pieces[:2]
    ExportPiece.objects.filter(pk=first.pk).update(number=99)
    ExportPiece.objects.filter(pk=second.pk).update(number=0)
    ExportPiece.objects.filter(pk=first.pk).update(number=1)
    with pytest.raises(InvalidTag):
        content(export)
    ExportPiece.objects.filter(pk=pieces[-1].pk).delete()
    with pytest.raises(keeping.Incomplete):
        content(export)


def test_the_sweeps_broom_leaves_it_and_new_keys_reach_it(exports: Exports, now: Now, settings: Any) -> None:
    export = exports.made()
    plain = content(export)
    now.forward(hours=30)
    for drawer in range(file_store.DRAWERS):
        attachments._clear_idle(drawer, now.at)
    assert content(export) == plain
    settings.PERSONAL_DATA_KEYS = ["a-new-key-of-thirty-two-characters", *settings.PERSONAL_DATA_KEYS]
    keeper = key_rotation.KEEPERS["exports"]
    assert (key_rotation.renew(keeper), key_rotation.renew(keeper)) == ((1, 1, []), (0, 1, []))
    settings.PERSONAL_DATA_KEYS = settings.PERSONAL_DATA_KEYS[:1]
    assert content(export) == plain


# Cost


@pytest.mark.parametrize("kind", [What.COMPLAINTS, What.ROUNDS, What.CASES, What.LEDGER])
def test_rows_are_gone_when_they_are_written(exports: Exports, play: Play, now: Now, kind: str) -> None:
    """Without a look for circles, which a worker takes rarely: nothing is left but the last one."""
    docket = Docket(play)
    for _time in range(3):
        docket.upto("notified")
    reads = KINDS[kind]
    gc.collect()
    gc.disable()
    try:
        left = [ref(row) for row in by_key(reads.found(Scope(), docket.actor("sc.officer"), now.at))]
        assert len(left) > 2
        assert sum(row() is not None for row in left) <= 1
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.asvs("15.2.2")
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_memory_is_flat_however_many_rows(exports: Exports, play: Play, now: Now, file_format: str) -> None:
    """A hundred thousand rows take no more memory than ten thousand."""
    play("set_privacy_policy", "sc.leader", export_rows=200_000, reason="测量")
    rows = [
        AccessLog(at=now.at, actor=play.cast["wh.zhang"], action="reveal", result="ok", detail=f"第{number}次")
        for number in range(10_000)
    ]
    AccessLog.objects.bulk_create(rows)
    del rows
    peaks = [peak_of(exports, file_format)]
    copy_rows(AccessLog, 9)
    assert AccessLog.objects.count() >= 100_000
    peaks.append(peak_of(exports, file_format))
    assert peaks[1] / peaks[0] < 2


def copy_rows(model: type[Model], times: int) -> None:
    """So many more of each row, by the database itself: made one by one, they took an eighth of the test's time."""
    table = model._meta.db_table
    columns = ", ".join(quoted(f.column) for f in model._meta.concrete_fields if not f.primary_key)
    each_time = ", ".join(f"({number})" for number in range(times))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) "  # noqa: S608
            f"SELECT {columns} FROM {table} CROSS JOIN (VALUES {each_time}) AS each_time"
        )


def peak_of(exports: Exports, file_format: str) -> int:
    export = exports.approved("sj.auditor", what="access_log", format=file_format)
    tracemalloc.start()
    export_files.make_pending(exports.play.now.at)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert exports.again(export).made_rows >= 10_000  # type: ignore[operator]
    return peak
