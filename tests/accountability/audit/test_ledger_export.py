"""The ledger verified without the system: one file of the standard library, an export, the key."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from accountability.audit import ledger_export, seals, verification, verify_export
from accountability.gate.changes import entry_hmac
from accountability.models import LedgerEntry
from tests.accountability.audit import tampering
from tests.factories import INTAKE, Play

pytestmark = [pytest.mark.compliance(3), pytest.mark.asvs("16.4.2")]

PROGRAM = verify_export.__file__


def offline(file: Path, *arguments: str, key: str | None = None) -> tuple[int, list[str]]:
    """In a Python that has nothing but its standard library, in a folder that has nothing of ours."""
    found = subprocess.run(
        ["python3", "-I", "-S", PROGRAM, str(file), *arguments],
        env={"PATH": os.environ["PATH"], "LEDGER_KEY": settings.LEDGER_KEY if key is None else key},
        cwd=file.parent, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return found.returncode, (found.stdout or found.stderr).splitlines()


def exported(folder: Path, name: str = "ledger.jsonl.gz") -> Path:
    ledger_export.export(folder / name)
    return folder / name


def test_the_chain_is_the_ledgers(play: Play) -> None:
    """Two ways to say the same: the ledger's own for rows being made, and the verifier's for rows that are read."""
    complaint = play.upto("archived")
    previous = ""
    for entry, row in zip(tampering.rows(complaint.pk), verification.entries(complaint.pk), strict=True):
        assert verify_export.entry_hmac(settings.LEDGER_KEY.encode(), previous, row) == entry_hmac(entry, previous)
        previous = entry.hmac


@pytest.mark.usefixtures("record")
def test_an_untouched_export_holds(tmp_path: Path) -> None:
    count = LedgerEntry.objects.count()
    code, lines = offline(exported(tmp_path))
    assert (code, lines[-1].startswith(f"{count} entries of "), lines[-1].endswith("3 seals: 0 findings")) == (
        0, True, True,
    )  # fmt: skip


@pytest.mark.compliance(14)
@pytest.mark.usefixtures("record")
def test_no_text_and_no_name_is_in_it(tmp_path: Path, play: Play) -> None:
    with gzip.open(exported(tmp_path), "rt", encoding="utf-8") as file:
        text = file.read()
    assert [word for word in (INTAKE["customer"], INTAKE["content"], "1390000", "王", "kf.agent") if word in text] == []
    assert oct((tmp_path / "ledger.jsonl.gz").stat().st_mode & 0o777) == "0o600"


@pytest.mark.usefixtures("loose")
@pytest.mark.parametrize("way", tampering.WAYS.values(), ids=tampering.WAYS)
def test_the_offline_verifier_finds_what_the_system_finds(
    play: Play, record: list[int], tmp_path: Path, way: Callable[..., tampering.Named]
) -> None:
    with transaction.atomic():
        named = way(random.Random(way.__name__), record)
        account = verification.verify(play.now.at)
        code, lines = offline(exported(tmp_path))
        transaction.set_rollback(True)
    assert named in [(finding.kind, finding.matter, finding.place) for finding in account.findings]
    assert (code, lines[:-1]) == (1, [str(finding) for finding in account.findings])


@pytest.mark.usefixtures("record")
def test_another_key_finds_everything_wrong_and_no_key_is_refused(tmp_path: Path) -> None:
    file = exported(tmp_path)
    assert (offline(file, key="another")[0], offline(file, key="")[0]) == (1, 2)
    (tmp_path / "key").write_text(settings.LEDGER_KEY + "\n")
    assert offline(file, "--key-file", str(tmp_path / "key"), key="")[0] == 0


def lines_of(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


def written(file: Path, lines: list[dict[str, Any]]) -> Path:
    with gzip.open(file, "wt", encoding="utf-8") as opened:
        opened.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return file


def test_a_file_that_lost_lines_or_seals_is_not_whole(record: list[int], folder: Path, tmp_path: Path) -> None:
    lines = lines_of(exported(tmp_path))
    entries = [place for place, line in enumerate(lines) if "entry" in line]
    shorter = written(tmp_path / "shorter.gz", [line for line in lines if line != lines[entries[-1]]])
    assert (offline(shorter)[0], len(offline(shorter)[1])) == (1, 3)
    without = [line for line in lines if "seal" not in line or line["seal"]["number"] != 2]
    assert offline(written(tmp_path / "without.gz", without))[1][0] == "seal 2: is missing"
    matter = record[2]
    less = [line for line in lines if line.get("matter", [0])[0] != matter and line.get("entry", [0])[0] != matter]
    assert offline(written(tmp_path / "less.gz", less))[1][:-1] != []
    total = sum("entry" in line for line in less)
    less[-1] = {"end": [total, lines[-1]["end"][1]]}
    less = [line for line in less if "seal" not in line]
    assert offline(written(tmp_path / "less.gz", less), "--seals", str(tmp_path / "none"))[1][:-1] == [
        "seal 1: is missing",
        "seal 2: is missing",
        f": the file isn't whole ({total} of {total} entries in the file)",
    ]
    cut = [line for line in lines if "seal" not in line]
    assert offline(written(tmp_path / "cut.gz", cut), "--seals", str(folder))[0] == 0


@pytest.mark.usefixtures("record")
def test_seals_left_out_at_the_end_are_missed_by_the_acts_since(play: Play, folder: Path, tmp_path: Path) -> None:
    play.upto("registered", phone="13911112222")
    lines = lines_of(exported(tmp_path))
    for left in (2, 1):
        fewer = [line for line in lines if "seal" not in line or line["seal"]["number"] <= left]
        named = [f"seal {number}: is missing" for number in range(left + 1, 4)]
        assert offline(written(tmp_path / f"{left}.gz", fewer))[1][:-1] == named


@pytest.mark.usefixtures("record")
def test_a_seal_written_during_the_export_is_left_out_or_named_by_no_act(
    play: Play, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next seal is written after the folder was looked at, and an act follows, which the export has as well."""
    read = ledger_export.snapshot

    @contextmanager
    def late() -> Iterator[None]:
        play.now.forward(hours=1)
        seals.seal(play.now.at)
        play.upto("registered", phone="13911112222")
        with read():
            yield

    monkeypatch.setattr(ledger_export, "snapshot", late)
    assert offline(exported(tmp_path))[0] == 0


def test_an_export_without_seals_proves_nothing_of_what_is_missing(play: Play, folder: Path, tmp_path: Path) -> None:
    """A matter is gone from the database, and no seal was ever written: every chain holds."""
    complaint = play.upto("accepted")
    play.upto("registered", phone="13911112222")
    with transaction.atomic():
        tampering.loosen()
        tampering.removed(random.Random(1), [complaint.pk])
        code, lines = offline(exported(tmp_path))
        transaction.set_rollback(True)
    assert (code, lines[0][:18]) == (1, ": there is no seal")


@pytest.mark.usefixtures("founded")
def test_the_commands_tell_and_leave_with_1(play: Play, record: list[int], tmp_path: Path, capsys: Any) -> None:
    call_command("verify_ledger")
    call_command("export_ledger", str(tmp_path / "a.gz"))
    said = capsys.readouterr().out
    assert ("3 seals: 0 findings" in said, "times a bare read" in said, "a.gz: " in said) == (True, True, True)
    tampering.loosen()
    named = tampering.changed(random.Random("a"), record)
    with pytest.raises(SystemExit) as left:
        call_command("verify_ledger")
    assert (left.value.code, f"entry {named[2]} " in capsys.readouterr().out) == (1, True)
