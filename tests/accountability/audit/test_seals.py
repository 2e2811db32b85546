"""A seal an hour, outside the database: chained, written once, and missed when it is gone."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from accountability.audit import seals, verification
from accountability.audit.verify_export import seal_hmac
from accountability.models import AccessLog, LedgerEntry, Matter, Seal
from tests.accountability.audit import tampering
from tests.factories import Play

pytestmark = [pytest.mark.compliance(3), pytest.mark.asvs("16.4.2", "16.4.3")]


def said(play: Play, **how: Any) -> list[str]:
    return [str(finding) for finding in verification.verify(play.now.at, **how).findings]


def contents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.iterdir())]


def test_a_seal_is_due_an_hour_after_the_last_and_written_once(play: Play, folder: Path) -> None:
    play.upto("registered")
    written = [seals.seal(play.now.at), seals.seal(play.now.at)]
    play.now.forward(minutes=59, seconds=59)
    written.append(seals.seal(play.now.at))
    play.now.forward(seconds=1)
    written.append(seals.seal(play.now.at))
    assert [row.number if row else None for row in written] == [1, None, None, 2]
    assert [path.name for path in sorted(folder.iterdir())] == ["seal-00000001.json", "seal-00000002.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o400}


def test_seals_are_chained_and_hold_what_is_new_since_the_last(play: Play, folder: Path) -> None:
    first = play.upto("registered")
    seals.seal(play.now.at)
    play.now.forward(hours=1)
    second = play.upto("archived", phone="13900001111")
    seals.seal(play.now.at)
    play.now.forward(hours=1)
    seals.seal(play.now.at)
    one, two, three = contents(folder)
    assert [seal["previous"] for seal in (one, two, three)] == ["", one["hmac"], two["hmac"]]
    matter = Matter.objects.get(pk=second.pk)
    assert (str(first.pk) in one["matters"], str(second.pk) in one["matters"]) == (True, False)
    assert two["matters"][str(second.pk)] == [matter.ledger_length, matter.ledger_head]
    assert (three["matters"], three["rows"]) == ({}, {})
    assert [seal["entries"] for seal in (one, two, three)] == [
        1,
        LedgerEntry.objects.count(),
        LedgerEntry.objects.count(),
    ]
    assert list(Seal.objects.order_by("number").values_list("hmac", flat=True)) == [
        seal["hmac"] for seal in (one, two, three)
    ]


def test_of_two_that_seal_at_once_one_writes(play: Play, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other finds the file there when it comes to put its own."""
    play.upto("registered")
    content = seals._content(seals._last(), play.now.at)
    assert seals._write(seals.path_of(1), content) is True
    monkeypatch.setattr(seals, "_last", lambda: seals._Last())
    assert (seals.seal(play.now.at), len(list(folder.iterdir()))) == (None, 1)


def test_whoever_died_before_noting_a_seal_is_made_up_for(play: Play, folder: Path) -> None:
    play.upto("registered")
    seals._write(seals.path_of(1), seals._content(seals._last(), play.now.at))
    assert Seal.objects.count() == 0
    assert seals.seal(play.now.at) is None
    assert list(Seal.objects.values_list("number", flat=True)) == [1]


def test_a_row_that_commits_late_is_sealed_by_the_next_and_is_no_finding(play: Play, folder: Path) -> None:
    """Its key was drawn before the seal, as in a long transaction; two seals later nobody believes that any more."""
    agent = play.cast["kf.agent"]
    for pk in (10, 12):
        AccessLog.objects.create(pk=pk, at=play.now.at, actor=agent, action="look_up", result="ok")
    seals.seal(play.now.at)
    play.now.forward(hours=1)
    AccessLog.objects.create(pk=11, at=play.now.at, actor=agent, action="look_up", result="ok")
    seals.seal(play.now.at)
    assert contents(folder)[1]["rows"]["accountability_accesslog"]["ids"] == [[11, 1]]
    assert said(play) == []
    for _hour in range(2):
        play.now.forward(hours=1)
        seals.seal(play.now.at)
    AccessLog.objects.create(pk=9, at=play.now.at, actor=agent, action="look_up", result="ok")
    assert said(play) == ["row 9: was put in among rows that were sealed (accountability_accesslog)"]


# What becomes of the files themselves


def rewrite(path: Path, **changes: Any) -> None:
    content = json.loads(path.read_text()) | changes
    path.chmod(0o600)
    path.write_text(json.dumps(content))


@pytest.mark.usefixtures("record")
def test_a_seal_that_was_changed_removed_or_put_in_is_named(play: Play, folder: Path) -> None:
    rewrite(seals.path_of(2), entries=1)
    assert said(play) == ["seal 2: was changed"]
    os.unlink(seals.path_of(2))
    assert said(play) == ["seal 2: is missing"]
    seals.path_of(2).write_text("{")
    assert said(play) == ["seal 2: can't be read"]


@pytest.mark.usefixtures("record")
def test_seals_cut_off_at_the_end_are_missed_by_their_rows(play: Play, folder: Path) -> None:
    os.unlink(seals.path_of(3))
    assert said(play) == ["seal 3: is missing"]
    os.unlink(seals.path_of(1))
    os.unlink(seals.path_of(2))
    assert said(play) == [f"seal {number}: is missing" for number in (1, 2, 3)]


@pytest.mark.usefixtures("record")
def test_a_seal_forged_with_another_key_is_named(play: Play, folder: Path) -> None:
    content = json.loads(seals.path_of(3).read_text()) | {"entries": 9}
    rewrite(seals.path_of(3), **(content | {"hmac": seal_hmac(b"another key", content)}))
    assert said(play) == ["seal 3: was changed"]


@pytest.mark.usefixtures("record")
def test_sealing_goes_on_after_files_were_lost_and_what_was_lost_stays_told(play: Play, folder: Path) -> None:
    for number in (1, 2, 3):
        os.unlink(seals.path_of(number))
    play.now.forward(hours=1)
    row = seals.seal(play.now.at)
    assert row is not None
    assert (row.number, said(play)) == (4, [f"seal {number}: is missing" for number in (1, 2, 3)])


@pytest.mark.usefixtures("loose")
def test_since_a_seal_only_later_ones_are_heeded(play: Play, record: list[int], folder: Path) -> None:
    os.unlink(seals.path_of(1))
    assert (said(play, since=2), said(play, since=1)) == ([], ["seal 1: is missing"])
    tampering.run("UPDATE accountability_ledgerentry SET part = 9 WHERE matter_id = %s AND seq = 1", record[-1])
    assert len(said(play, since=3)) == 1


def lose(*numbers: int) -> None:
    """Files and rows, as somebody deletes them who has both the disk and the database."""
    for number in numbers:
        os.unlink(seals.path_of(number))
    tampering.run("DELETE FROM accountability_seal WHERE number >= %s AND number <= %s", min(numbers), max(numbers))


@pytest.mark.usefixtures("loose")
@pytest.mark.parametrize("lost", [(1, 2, 3), (2, 3), (3,), (1, 2), (1,)])
def test_files_and_rows_that_are_gone_are_missed_by_the_acts_since(
    play: Play, folder: Path, lost: tuple[int, ...]
) -> None:
    play.upto("registered", phone="13911112222")
    lose(*lost)
    assert said(play) == [f"seal {number}: is missing" for number in lost]


@pytest.mark.usefixtures("loose")
def test_another_seal_in_the_place_of_one_that_is_gone_is_named(play: Play, folder: Path) -> None:
    """The next one takes the number of the one that nobody knows of any more."""
    play.upto("registered", phone="13911112222")
    lose(2, 3)
    for _hour in range(3):
        play.now.forward(hours=1)
        seals.seal(play.now.at)
    assert said(play) == [f"seal {number}: isn't the one that acts name" for number in (2, 3)]


@pytest.mark.usefixtures("record")
def test_seals_left_out_on_demand_arent_missed(play: Play, folder: Path) -> None:
    os.unlink(seals.path_of(1))
    assert [said(play, since=number) for number in (1, 2)] == [["seal 1: is missing"], []]


def test_a_record_of_two_hours_without_any_seal_is_unproved(play: Play, folder: Path) -> None:
    play.upto("registered")
    play.now.forward(hours=2)
    assert said(play) == []
    play.now.forward(seconds=1)
    assert said(play)[0][:18] == ": there is no seal"
    seals.seal(play.now.at)
    assert said(play) == []


@pytest.mark.usefixtures("record")
def test_a_seal_written_while_the_record_is_read_is_no_finding(
    play: Play, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = verification.heads

    def late(**which: Any) -> Any:
        monkeypatch.setattr(verification, "heads", heads)
        play.now.forward(hours=1)
        seals.seal(play.now.at)
        play.upto("registered", phone="13911112222")
        return heads(**which)

    monkeypatch.setattr(verification, "heads", late)
    assert said(play) == []


@pytest.mark.usefixtures("record")
def test_seals_kept_elsewhere_are_read_from_there(play: Play, folder: Path, tmp_path: Path) -> None:
    folder.rename(tmp_path / "elsewhere")
    assert (said(play, folder=tmp_path / "elsewhere"), len(said(play))) == ([], 3)
