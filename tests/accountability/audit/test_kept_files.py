"""The bytes of files of papers, and of those handed in: each night they are what they were, or they are named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability import tasks
from accountability.audit.kept_files import bent_files
from accountability.audit.reconciliation import whole
from accountability.db import insert_only
from accountability.documents import keeping
from accountability.models import Attachment, Matter, Paper, PaperFile
from accountability.security import file_store
from accountability.security.encryption import seal_bytes
from tests.factories import Now, Play

GiveOut = Callable[..., list[Paper]]

pytestmark = [pytest.mark.compliance(3)]


@pytest.fixture
def made(give_out: GiveOut, founded: None, monkeypatch: pytest.MonkeyPatch) -> list[PaperFile]:
    """Two papers, each as two files."""
    monkeypatch.setattr(keeping, "make", lambda content, form, mark: f"{content.title} {form} {mark}".encode())
    monkeypatch.setattr(keeping, "wake", lambda: None)
    give_out(count=2)
    tasks.make_papers()
    return list(PaperFile.objects.select_related("paper").order_by("pk"))


def kinds() -> list[tuple[str, str]]:
    return [(finding.kind, finding.note) for finding in bent_files()]


def test_a_file_that_was_replaced_swapped_or_deleted_is_named(made: list[PaperFile], now: Now) -> None:
    assert ([str(finding) for finding in whole(now.at).findings], len(made)) == ([], 4)
    one, other, third, _whole = made
    kept = {file.pk: file_store.get(str(file.place)) for file in made}
    forged = seal_bytes(b"another paper", token=one.paper.token, part=one.sealed_as)
    for bytes_now in (b"garbage", forged, kept[other.pk], kept[third.pk]):
        file_store.replace(str(one.place), bytes_now)
        assert kinds() == [("file_changed", f"accountability.paperfile {one.pk}")]
    file_store.replace(str(one.place), kept[one.pk])
    file_store.discard(str(other.place))
    found = whole(now.at).findings
    assert [(each.kind, each.matter, each.number) for each in found] == [("file_missing", other.paper.matter_id, "ORG")]


def test_the_digest_of_the_row_is_no_other(made: list[PaperFile]) -> None:
    insert_only.remove(connection)
    PaperFile.objects.filter(pk=made[0].pk).update(sha256="0" * 64)
    assert kinds() == [("file_changed", f"accountability.paperfile {made[0].pk}")]


@pytest.mark.parametrize("place", ["..", "a\0"])
def test_a_place_that_is_no_file_is_named_and_the_others_are_read(made: list[PaperFile], place: str) -> None:
    if connection.vendor == "postgresql" and "\0" in place:
        place = "."  # PostgreSQL stores no NUL
    insert_only.remove(connection)
    PaperFile.objects.filter(pk=made[0].pk).update(place=place)
    assert kinds() == [("file_changed", f"accountability.paperfile {made[0].pk}")]


def test_an_erased_paper_has_no_files_to_look_at(made: list[PaperFile], now: Now) -> None:
    content = made[0].paper.content
    assert content is not None
    type(content).objects.filter(pk=content.pk).update(sealed=None, erased_at=now.at)
    for file in made[:2]:
        file_store.discard(str(file.place))
    assert kinds() == []


def test_the_number_of_statements_doesnt_grow(made: list[PaperFile], give_out: GiveOut) -> None:
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert kinds() == []
        counts.append(len(captured))
        give_out(count=3)
        tasks.make_papers()
    assert counts == [2, 2]


# What people handed in


@pytest.fixture
def handed_in(play: Play, now: Now, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Attachment]:
    monkeypatch.setattr(settings, "ATTACHMENTS_DIR", tmp_path)
    matter = Matter.objects.get(pk=play.upto("registered").pk)
    return [_kept(matter, play, now, number) for number in range(2)]


def _kept(matter: Matter, play: Play, now: Now, number: int) -> Attachment:
    content, token = f"evidence {number}".encode(), f"token-{number}"
    return Attachment.objects.create(
        matter=matter, kind="evidence", token=token, uploaded_by=play.cast["wh.zhang"], uploaded_at=now.at,
        claimed_at=now.at, media_type="text/plain", size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        sealed=seal_bytes(b"a.txt", token=token, part="name"),
        place=file_store.put(seal_bytes(content, token=token, part="content"), at=now.at),
    )  # fmt: skip


def test_evidence_that_was_replaced_swapped_or_deleted_is_named(handed_in: list[Attachment]) -> None:
    one, other = handed_in
    first, second = file_store.get(one.place), file_store.get(other.place)
    assert kinds() == []
    for bytes_now in (b"garbage", first[:-1], second):
        file_store.replace(one.place, bytes_now)
        assert kinds() == [("file_changed", f"accountability.attachment {one.pk}")]
    file_store.replace(other.place, first)
    assert kinds() == [("file_changed", f"accountability.attachment {file.pk}") for file in handed_in]
    file_store.discard(one.place)
    assert kinds()[0] == ("file_missing", f"accountability.attachment {one.pk}")
    assert {finding.matter for finding in bent_files()} == {one.matter_id}


def test_evidence_that_was_erased_is_missed_by_nobody(handed_in: list[Attachment], now: Now) -> None:
    for file in handed_in:
        file_store.discard(file.place)
    Attachment.objects.update(sealed=None, erased_at=now.at)
    assert kinds() == []
