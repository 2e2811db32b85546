"""The bytes of papers' files: each night they are what was made, or they are named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability import tasks
from accountability.audit.paper_files import bent_files
from accountability.audit.reconciliation import whole
from accountability.db import insert_only
from accountability.documents import keeping
from accountability.models import Paper, PaperFile
from accountability.security import file_store
from accountability.security.encryption import seal_bytes
from tests.factories import Now

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
    assert counts == [1, 1]
