"""Papers are frozen in the act that issues them, made once by a worker, and kept as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability import permissions, tasks
from accountability.documents import keeping, making
from accountability.documents.content import Content
from accountability.documents.pdf import NoPango
from accountability.documents.reading import may_read, papers_of
from accountability.files import attachments
from accountability.gate.act import Act
from accountability.gate.fields import Text
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, Verb
from accountability.models import Alarm, LedgerEntry, Matter, Notification, Paper, PaperFile, PersonalData, actor_for
from accountability.monitoring import reminders
from accountability.security import file_store
from tests.accountability.files.made_files import OFFICER
from tests.factories import Cast, Now
from tests.failing import Failures

GiveOut = Callable[..., list[Paper]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Title and form of whatever is made, in bytes that differ each time; the real setters have tests of their own."""
    made: list[tuple[str, str]] = []

    def make(content: Content, form: str, *, mark: str) -> bytes:
        made.append((content.title, form))
        return f"{len(made)} {content.title} {form} {mark}".encode()

    monkeypatch.setattr(keeping, "make", make)
    return made


def files_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def organisation() -> Matter:
    return Organisation.standing().matter


# Issuing


def test_a_paper_is_frozen_with_its_act_and_its_digest_stands_in_the_ledger(give_out: GiveOut, cast: Cast) -> None:
    first, second = give_out(2, text="请于三日内报送。")
    entry = LedgerEntry.objects.get(verb="give_out")
    assert entry.facts["papers"] == [first.digest, second.digest]
    assert first.text is not None
    content = Content.from_text(first.text)
    assert (content.number, content.digest) == ("鄂市通〔2026〕1号", first.digest)
    assert "请于三日内报送。" in content.as_lines()
    assert (first.issued_by, first.version) == (cast[OFFICER], 1)


def test_issued_again_it_is_the_next_version(give_out: GiveOut, now: Now) -> None:
    give_out()
    now.forward(minutes=1)
    (again,) = give_out()
    assert (again.version, Paper.objects.count()) == (2, 2)


def test_giving_out_many_takes_as_many_statements_as_giving_out_one(give_out: GiveOut, now: Now) -> None:
    with CaptureQueriesContext(connection) as for_one:
        give_out(1)
    now.forward(minutes=1)
    with CaptureQueriesContext(connection) as for_many:
        give_out(20)
    assert len(for_many) == len(for_one)


def test_two_hundred_papers_in_one_go(give_out: GiveOut, printed: list[Any]) -> None:
    """The act sets none of them; the worker makes each file once, so many a run."""
    papers = give_out(200)
    assert (len(papers), printed) == (200, [])
    runs = 0
    while tasks.make_papers():
        runs += 1
    assert runs == 400 // keeping.MOST_A_RUN
    assert sorted(printed) == sorted((paper.title, form) for paper in papers for form in ("pdf", "docx"))
    assert PaperFile.objects.filter(made_at=None).count() == 0


# Making and keeping


def test_what_was_made_is_never_made_again(give_out: GiveOut, now: Now, printed: list[Any], cast: Cast) -> None:
    (paper,) = give_out()
    assert tasks.make_papers() == 2
    before = {file.form: keeping.bytes_of(file) for file in paper.files.all()}
    now.forward(days=3)
    for form in ("pdf", "docx"):
        keeping.ask(paper, form, by=cast[OFFICER], at=now.at)
    assert tasks.make_papers() == 0
    assert {file.form: keeping.bytes_of(file) for file in paper.files.all()} == before
    for file in paper.files.all():
        assert (file.sha256, file.size) == (hashlib.sha256(before[file.form]).hexdigest(), len(before[file.form]))
    assert len(printed) == 2


def test_the_bytes_lie_sealed(give_out: GiveOut, printed: list[Any], folder: Path) -> None:
    (paper,) = give_out()
    tasks.make_papers()
    assert files_in(folder) == 2
    assert not any("通知".encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    file = paper.files.get(form="pdf")
    file.form = "docx"
    with pytest.raises(InvalidTag):
        keeping.bytes_of(file)


def test_the_database_refuses_to_change_what_was_made_or_issued(give_out: GiveOut, printed: list[Any]) -> None:
    (paper,) = give_out()
    PaperFile.objects.filter(form="docx").update(failures=1)
    tasks.make_papers()
    changes: list[Callable[[], object]] = [
        lambda: PaperFile.objects.filter(paper=paper).update(sha256="0" * 64),
        lambda: PaperFile.objects.filter(paper=paper).update(made_at=None, place=None),
        lambda: Paper.objects.filter(pk=paper.pk).update(title="另一个标题"),
        lambda: Paper.objects.filter(pk=paper.pk)._raw_delete("default"),
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match="is insert-only"), transaction.atomic():
            change()


def test_two_workers_do_not_make_one_twice(give_out: GiveOut, now: Now, printed: list[Any]) -> None:
    give_out()
    first = keeping._claim(now.at)
    second = keeping._claim(now.at)
    assert first is not None
    assert second is not None
    assert {first.form, second.form} == {"pdf", "docx"}
    assert keeping._claim(now.at) is None
    assert keeping._make(first, now.at) is True
    # One that was thought lost comes back late: what the other kept stays, and its own bytes go.
    assert keeping._make(first, now.at) is False
    assert (
        PaperFile.objects.get(pk=first.pk).sha256
        == hashlib.sha256(f"1 关于第1件事的通知 {first.form} ".encode()).hexdigest()
    )


def test_a_worker_that_died_leaves_its_file_to_the_next(give_out: GiveOut, now: Now, printed: list[Any]) -> None:
    give_out()
    assert keeping._claim(now.at) is not None
    assert tasks.make_papers() == 1
    now.forward(minutes=3)
    assert tasks.make_papers() == 1


def test_a_paper_that_cannot_be_made_is_given_up_and_said(
    give_out: GiveOut,
    now: Now,
    cast: Cast,
    printed: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    failures: Failures,
) -> None:
    tries = []

    def fail(content: Content, form: str, *, mark: str) -> bytes:
        tries.append(form)
        raise RuntimeError("no")

    works = keeping.make
    monkeypatch.setattr(keeping, "make", fail)
    (paper,) = give_out()
    for _minute in range(20):
        tasks.make_papers()
        now.forward(minutes=3)
    assert len(tries) == 2 * keeping.MOST_FAILURES
    standing = Alarm.objects.filter(cleared_at=None)
    assert list(standing.values_list("key", "facts")) == [("papers", {"papers": 2})]
    assert len(failures) == len(tries)
    told = Notification.objects.filter(kind="papers_failed").values_list("recipient__username", flat=True)
    assert sorted(told) == ["sc.leader", "sc.officer", "sc.officer2"]

    monkeypatch.setattr(keeping, "make", works)
    assert tasks.make_papers() == 0
    for form in ("pdf", "docx"):
        keeping.ask(paper, form, by=cast[OFFICER], at=now.at)
    assert tasks.make_papers() == 2
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_a_paper_that_cannot_be_made_holds_up_no_other_and_is_tried_again_after_growing_pauses(
    give_out: GiveOut, now: Now, printed: list[Any], monkeypatch: pytest.MonkeyPatch, failures: Failures
) -> None:
    works = keeping.make

    def fail(content: Content, form: str, *, mark: str) -> bytes:
        if (content.number, form) == (papers[0].number, "pdf"):
            raise RuntimeError("no")
        return works(content, form, mark=mark)

    monkeypatch.setattr(keeping, "make", fail)
    papers = give_out(3)
    assert tasks.make_papers() == 5
    alarm = Alarm.objects.get(cleared_at=None)
    assert (alarm.kind, alarm.facts["name"], alarm.matter_id) == ("stuck", papers[0].number, papers[0].matter_id)
    begun = now.at
    while now.at <= begun + timedelta(minutes=8):
        tasks.make_papers()
        failures.note_times(now.at - begun)
        now.forward(seconds=30)
    assert [span.total_seconds() / 60 for span in failures.times] == [0, 1, 3, 7]
    monkeypatch.setattr(keeping, "make", works)
    assert tasks.make_papers() == 0
    now.forward(minutes=8)
    assert tasks.make_papers() == 1
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_a_missing_library_is_said_once_and_nothing_is_given_up(
    give_out: GiveOut, now: Now, printed: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lacking(content: Content, form: str, *, mark: str) -> bytes:
        raise NoPango

    works = keeping.make
    monkeypatch.setattr(keeping, "make", lacking)
    give_out()
    for _minute in range(10):
        tasks.make_papers()
        now.forward(minutes=3)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [str(NoPango())]
    assert list(PaperFile.objects.values_list("failures", flat=True)) == [0, 0]
    assert list(Alarm.objects.values_list("facts", flat=True)) == [{"problem": "pango"}]
    monkeypatch.setattr(keeping, "make", works)
    assert tasks.make_papers() == 2
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_the_sweep_leaves_kept_files_alone(give_out: GiveOut, now: Now, printed: list[Any], folder: Path) -> None:
    give_out()
    tasks.make_papers()
    later = now.forward(days=30)
    for drawer in range(file_store.DRAWERS):
        attachments._clear_idle(drawer, later)
    assert files_in(folder) == 2


def test_the_real_thing(give_out: GiveOut) -> None:
    (paper,) = give_out()
    keeping.ask(paper, "html", by=paper.issued_by, at=paper.dated)
    assert tasks.make_papers() == 3
    made = {file.form: keeping.bytes_of(file)[:4] for file in paper.files.all()}
    assert made == {"pdf": b"%PDF", "docx": b"PK\x03\x04", "html": b"<!DO"}


# Erasing


@pytest.fixture
def wipe(give_out: GiveOut, monkeypatch: pytest.MonkeyPatch, cast: Cast, now: Now) -> Callable[[], Any]:
    def erase(act: Act, *, note: str) -> None:
        keeping.erase(act, Paper.objects.filter(matter=act.matter))

    entry = Verb(
        name="wipe", label="清除", model=Organisation, facts=(Text(name="note"),), run=erase,
        permission=permissions.set_limits,
    )  # fmt: skip
    monkeypatch.setitem(VERBS, ("organisation", "wipe"), entry)
    return lambda: perform(Organisation.standing(), "wipe", by=cast[OFFICER], at=now.at, note="依申请清除")


def test_erased_the_words_and_files_go_and_the_digests_stay(
    give_out: GiveOut, wipe: Callable[[], Any], printed: list[Any], folder: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    (paper,) = give_out()
    tasks.make_papers()
    hashes = list(paper.files.order_by("pk").values_list("sha256", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        wipe()
    after = Paper.objects.get(pk=paper.pk)
    assert (after.text, after.is_erased, after.digest, after.title) == (None, True, paper.digest, paper.title)
    assert list(after.files.order_by("pk").values_list("sha256", flat=True)) == hashes
    assert files_in(folder) == 0
    with pytest.raises(FileNotFoundError):
        keeping.bytes_of(after.files.all()[0])


def test_erased_before_it_was_made_it_never_is(
    give_out: GiveOut, wipe: Callable[[], Any], printed: list[Any], now: Now, folder: Path
) -> None:
    give_out()
    in_hand = keeping._claim(now.at)
    wipe()
    assert in_hand is not None
    assert keeping._make(in_hand, now.at) is False
    assert (tasks.make_papers(), files_in(folder), Alarm.objects.count()) == (0, 0, 0)


# Drafts


def test_a_draft_is_frozen_and_gone_after_a_day(
    letters: None, cast: Cast, now: Now, printed: list[Any], folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    def draft() -> Paper:
        return keeping.freeze_draft(
            "letter", Organisation.standing(), organisation(), part=1, by=cast[OFFICER], at=now.at
        )

    made = draft()
    assert (made.issued_at, made.drafted_at, draft().pk) == (None, now.at, made.pk)
    keeping.ask(made, "pdf", by=cast[OFFICER], at=now.at)
    tasks.make_papers()
    assert keeping.bytes_of(made.files.get()) == "1 关于第1件事的通知 pdf 草稿".encode()
    now.forward(hours=23)
    reminders.remind(now.at)
    assert Paper.objects.count() == 1
    now.forward(hours=2)
    with django_capture_on_commit_callbacks(execute=True):
        reminders.remind(now.at)
    assert (Paper.objects.count(), PaperFile.objects.count(), files_in(folder)) == (0, 0, 0)
    assert not PersonalData.objects.filter(kind="paper").exists()


def test_drafts_of_one_person_do_not_pile_up(letters: None, cast: Cast, now: Now) -> None:
    for part in range(keeping.DRAFTS_MOST + 5):
        keeping.freeze_draft("letter", Organisation.standing(), organisation(), part=part, by=cast[OFFICER], at=now.at)
    parts = sorted(Paper.objects.values_list("part", flat=True))
    assert parts == list(range(5, keeping.DRAFTS_MOST + 5))


# Reading


def test_papers_of_matters_are_those_one_may_read_in_a_constant_number_of_queries(
    give_out: GiveOut, cast: Cast, now: Now, django_assert_num_queries: Any
) -> None:
    give_out(30)
    keeping.freeze_draft("letter", Organisation.standing(), organisation(), part=1, by=cast[OFFICER], at=now.at)
    reader, stranger = (actor_for(cast[name].pk, now.at) for name in ("wh.contact", "yc.contact"))
    assert reader is not None
    assert stranger is not None
    matter = organisation().pk
    with django_assert_num_queries(1):
        assert len(papers_of([matter], reader)) == 30
    assert papers_of([matter], stranger) == []
    assert [paper.part for paper in papers_of([matter], reader, "letter", 7)] == [7]
    assert papers_of([matter], reader, "other") == []
    assert papers_of([], reader) == []


def test_a_kind_that_is_no_more_is_read_by_nobody(give_out: GiveOut, cast: Cast, now: Now) -> None:
    (paper,) = give_out()
    paper.kind = "gone"
    actor = actor_for(cast[OFFICER].pk, now.at)
    assert actor is not None
    assert may_read(paper, actor) is False


def test_a_draft_is_for_whoever_made_it(letters: None, cast: Cast, now: Now) -> None:
    draft = keeping.freeze_draft("letter", Organisation.standing(), organisation(), part=1, by=cast[OFFICER], at=now.at)
    actors = {name: actor_for(cast[name].pk, now.at + timedelta(minutes=1)) for name in (OFFICER, "sc.leader")}
    assert {name: may_read(draft, actor) for name, actor in actors.items() if actor} == {
        OFFICER: True, "sc.leader": False,
    }  # fmt: skip


def test_the_setters_are_reached_by_name() -> None:
    assert set(making.MEDIA_TYPES) == set(PaperFile.Form.values)
