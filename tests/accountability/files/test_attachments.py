"""Files handed in: which are taken, whose they are, who reads them, and that nothing of them is left when erased."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.test import Client

from accountability.files import attachments, inspection
from accountability.files.attachments import clear_out, content_of
from accountability.files.fields import GONE, Files
from accountability.files.inspection import BadFile
from accountability.gate.act import Batch
from accountability.gate.fields import BadFact
from accountability.gate.perform import Refused, perform
from accountability.gate.subjects import Organisation
from accountability.models import Attachment, LedgerEntry, actor_for
from accountability.monitoring import reminders
from accountability.security import file_store
from config.replay.files import stand_in
from tests.accountability.files.made_files import LEADER, OFFICER, PLAIN, on_disk
from tests.factories import Cast, Now

# How they are kept


def test_content_and_name_are_sealed(hand_in: Callable[..., Attachment], folder: Path) -> None:
    file = hand_in("王建国的账单.txt", "王建国 13871234567".encode())
    (path,) = on_disk(folder)
    kept = path.read_bytes() + bytes(file.sealed or b"")
    assert (file.name, content_of(file)) == ("王建国的账单.txt", "王建国 13871234567".encode())
    assert ("王建国".encode() in kept, b"13871234567" in kept) == (False, False)
    assert path.relative_to(folder).parts == (file.place[:2], file.place[2:4], file.place)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[\w-]{32}", file.token) is not None


def test_a_content_put_in_anothers_place_is_not_read(hand_in: Callable[..., Attachment], folder: Path) -> None:
    one, other = hand_in(), hand_in("b.txt", b"other")
    file_store._path(one.place).write_bytes(file_store.get(other.place))
    with pytest.raises(InvalidTag):
        content_of(one)
    other.sealed = one.sealed
    with pytest.raises(InvalidTag):
        other.name  # noqa: B018 - reading it is the test


def test_a_file_is_taken_in_its_persons_turn(
    hand_in: Callable[..., Attachment], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "_looked_at", {person.pk for person in cast})
    monkeypatch.setattr(inspection, "_waiting", {person.pk for person in cast})
    with pytest.raises(BadFile, match="您的其他文件正在检查"):
        hand_in()


def test_a_row_that_cannot_be_written_leaves_no_file(
    hand_in: Callable[..., Attachment], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_values: Any) -> None:
        raise OSError

    monkeypatch.setattr(Attachment.objects, "create", fail)
    with pytest.raises(OSError):  # noqa: PT011 - it has no words
        hand_in()
    assert on_disk(folder) == []


def test_a_disk_that_fails_leaves_no_half_file_and_no_row(
    hand_in: Callable[..., Attachment], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        hand_in()
    assert (on_disk(folder), Attachment.objects.count()) == ([], 0)


def test_too_many_drafts_of_one_person_are_refused(hand_in: Callable[..., Attachment], settings: Any) -> None:
    settings.ATTACHMENT_DRAFTS_MOST = 2
    hand_in(), hand_in()
    with pytest.raises(BadFile, match="过多未提交的文件"):
        hand_in()
    assert hand_in(by=LEADER).uploaded_by.username == LEADER


def test_a_double_click_that_overtakes_itself_makes_one_file(
    hand_in: Callable[..., Attachment], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request finds no row yet, and comes second to the database."""
    put, first = file_store.put, []

    def put_late(sealed: bytes, *, at: datetime) -> str:
        monkeypatch.setattr(file_store, "put", put)
        first.append(hand_in(key="k1"))
        return put(sealed, at=at)

    monkeypatch.setattr(file_store, "put", put_late)
    assert hand_in(key="k1") == first[0]
    assert [path.name for path in on_disk(folder)] == [first[0].place]


# Whose they are


def test_an_act_claims_its_files(hand_in: Callable[..., Attachment], file_it: Callable[..., Any], now: Now) -> None:
    one, other = hand_in(), hand_in("b.txt", b"other")
    now.forward(minutes=1)
    entry = file_it(other, one.token).entries[0]
    matter = Organisation.standing().matter
    rows = list(Attachment.objects.values_list("pk", "matter", "claimed_at"))
    assert rows == [(one.pk, matter.pk, now.at), (other.pk, matter.pk, now.at)]
    assert LedgerEntry.objects.get(pk=entry.pk).facts == {"evidence": [other.pk, one.pk]}


def test_a_file_is_claimed_once(hand_in: Callable[..., Attachment], file_it: Callable[..., Any]) -> None:
    file = hand_in()
    file_it(file)
    with pytest.raises(Refused) as refused:
        file_it(file.token)
    assert refused.value.fields == {"evidence": str(GONE)}


def test_a_claim_reads_anew(hand_in: Callable[..., Attachment], cast: Cast, now: Now, file_it: Any) -> None:
    """Two acts that both held the draft in their hands: the second is refused under the lock."""
    file = hand_in()
    stale = Attachment.objects.get(pk=file.pk)
    file_it(file)
    act = Batch(now.at).acts_for([Organisation.standing()])[0]
    act.actor = actor_for(cast[OFFICER].pk, now.at)
    with pytest.raises(Refused) as refused:
        attachments.claim(act, [stale], field_name="evidence")
    assert refused.value.fields == {"evidence": str(GONE)}


@pytest.mark.parametrize("token", ["nothing", "x" * 5000, "' OR 1=1 --", "\u202e"])
def test_a_token_that_names_nothing_is_refused(token: str, cast: Cast, now: Now) -> None:
    with pytest.raises(BadFact) as bad:
        Files(name="evidence").clean([token], Batch(now.at))
    assert str(bad.value) == str(GONE)


def test_anothers_draft_is_refused_like_one_that_is_not_there(
    hand_in: Callable[..., Attachment], file_it: Callable[..., Any]
) -> None:
    file = hand_in(by=LEADER)
    said = []
    for token in (file.token, "nothing"):
        with pytest.raises(Refused) as refused:
            file_it(token)
        said.append(refused.value.fields)
    file.refresh_from_db()
    assert said == [{"evidence": str(GONE)}] * 2
    assert (file.matter_id, LedgerEntry.objects.filter(verb="file_evidence").count()) == (None, 0)


def test_a_file_handed_in_for_something_else_is_refused(hand_in: Callable[..., Attachment], file_it: Any) -> None:
    with pytest.raises(Refused) as refused:
        file_it(hand_in(kind="portrait"))
    assert refused.value.fields == {"evidence": str(GONE)}


def test_so_many_files_to_an_act(hand_in: Callable[..., Attachment], file_it: Callable[..., Any]) -> None:
    drafts = [hand_in(f"{number}.txt", str(number).encode()) for number in range(11)]
    with pytest.raises(Refused) as refused:
        file_it(*drafts)
    assert refused.value.fields == {"evidence": "一次最多 10 个文件，现有 11 个。"}
    assert len(file_it(*drafts[:10]).entries[0].facts["evidence"]) == 10


def test_the_fact_costs_one_query(hand_in: Callable[..., Attachment], now: Now, django_assert_num_queries: Any) -> None:
    tokens = [hand_in(f"{number}.txt", str(number).encode()).token for number in range(9)]
    for count in (1, 9):
        with django_assert_num_queries(1):
            Files(name="evidence").clean(tokens[:count], Batch(now.at))


# Erasing and clearing away


def test_an_erased_file_leaves_neither_name_nor_content(
    hand_in: Callable[..., Attachment], file_it: Any, folder: Path, readers: set[str], officer: Client, cast: Cast,
    now: Now, django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    file = hand_in("王建国.txt")
    file_it(file)
    with django_capture_on_commit_callbacks(execute=True):
        perform(Organisation.standing(), "wipe", by=cast[OFFICER], at=now.at, note="客户要求")
    file.refresh_from_db()
    assert (file.name, file.sealed, file.erased_at, on_disk(folder)) == (None, None, now.at, [])
    assert officer.get(f"/files/{file.token}/").status_code == 404


def test_a_refused_erasure_erases_nothing(
    hand_in: Callable[..., Attachment], file_it: Any, folder: Path, cast: Cast, now: Now,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    file = hand_in()
    file_it(file)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Refused):
        perform(Organisation.standing(), "wipe", by=cast[PLAIN], at=now.at, note="x")
    assert (content_of(file), len(on_disk(folder))) == ("退费依据".encode(), 1)


def test_the_sweep_clears_what_nobody_claimed_within_a_day(
    hand_in: Callable[..., Attachment], file_it: Any, folder: Path, now: Now, django_capture_on_commit_callbacks: Any
) -> None:
    old, claimed = hand_in(), hand_in("b.txt", b"other")
    file_it(claimed)
    now.forward(hours=12)
    young = hand_in("c.txt", b"young")
    for hours, left in ((24, {old, claimed, young}), (24.001, {claimed, young})):
        with django_capture_on_commit_callbacks(execute=True):
            clear_out(old.uploaded_at + timedelta(hours=hours))
        assert set(Attachment.objects.all()) == left
    assert {path.name for path in on_disk(folder)} == {claimed.place, young.place}


def test_the_sweep_clears_files_that_no_row_names(
    hand_in: Callable[..., Attachment], file_it: Callable[..., Any], folder: Path, now: Now
) -> None:
    """All drawers come by in little more than twenty minutes of sweeps."""
    kept = hand_in()
    file_it(kept)
    file_store.put(b"orphan", at=now.at)
    half = file_store._path(file_store.put(b"half", at=now.at))
    half.rename(half.with_suffix(".part"))
    for age, left in ((23, 3), (25, 1)):
        for tick in range(file_store.DRAWERS):
            clear_out(now.at + timedelta(hours=age, seconds=5 * tick))
        assert len(on_disk(folder)) == left
    assert content_of(kept) == "退费依据".encode()


def test_clearing_away_is_a_watch_of_the_sweep() -> None:
    assert clear_out in reminders.WATCHES


def test_an_idle_sweep_costs_one_query(now: Now, db: None, folder: Path, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        clear_out(now.at)


# Elsewhere


def test_a_throw_away_folder_stands_apart(
    hand_in: Callable[..., Attachment], folder: Path, tmp_path: Path, now: Now, cast: Cast
) -> None:
    """A replay's sweep knows no row of the real files, and must not come by them."""
    file_store.put(b"unknown to the replay", at=now.at)
    with file_store.elsewhere(tmp_path / "away"):
        (file,) = stand_in(["现场照片.jpg"], cast[OFFICER], now.at)
        for tick in range(file_store.DRAWERS):
            clear_out(now.at + timedelta(hours=23, seconds=5 * tick))
            clear_out(now.at + timedelta(days=2, seconds=5 * tick))
        assert file.name == "现场照片.jpg"
    assert len(on_disk(folder)) == 1


def test_files_that_a_scenario_names_are_drafts_without_content(cast: Cast, now: Now, folder: Path) -> None:
    found = stand_in(["a.pdf", "b.pdf"], cast[OFFICER], now.at)
    assert [(file.name, file.size, content_of(file), file.is_draft) for file in found] == [
        ("a.pdf", 0, b"", True),
        ("b.pdf", 0, b"", True),
    ]
