"""Several workers at the same papers, on real row locks: each file is made by one of them, once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accountability.documents import keeping
from accountability.documents.content import Content
from accountability.models import Matter, Paper, PaperFile, PersonalData
from tests.accountability.papers import LETTER
from tests.factories import Cast, Now, Play
from tests.postgres.test_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    return Play(Cast(), now)


def a_paper(play: Play, part: int) -> Paper:
    matter = Matter.objects.get(kind="organisation")
    row = PersonalData.of(matter, "paper", {"content": LETTER.as_text()})
    row.save(force_insert=True)
    paper = Paper.objects.create(
        matter=matter, kind="letter", part=part, title=LETTER.title, content=row, digest=LETTER.digest,
        issued_at=play.now.at, issued_by=play.cast["sc.officer"], token=f"token-{part}",
    )  # fmt: skip
    for form in ("pdf", "docx"):
        PaperFile.objects.create(paper=paper, form=form, asked_at=play.now.at, asked_by=play.cast["sc.officer"])
    return paper


def test_four_workers_make_each_file_once(play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("django.conf.settings.ATTACHMENTS_DIR", tmp_path)
    made: list[str] = []

    def make(content: Content, form: str, *, mark: str) -> bytes:
        made.append(form)
        return form.encode()

    monkeypatch.setattr(keeping, "make", make)
    for part in range(12):
        a_paper(play, part)
    counts = at_once(*[lambda: keeping.make_pending(play.now.at)] * 4)
    assert (sum(counts), Counter(made)) == (24, {"pdf": 12, "docx": 12})
    assert PaperFile.objects.filter(made_at=None).count() == 0
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 24


def test_asked_for_by_many_at_once_there_is_one_file(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "wake", lambda: None)
    paper = a_paper(play, 1)
    people = [play.cast[name] for name in ("sc.officer", "sc.leader", "wh.contact", "yc.contact")]
    files = at_once(*[lambda by=by: keeping.ask(paper, "html", by=by, at=play.now.at) for by in people])
    assert len({file.pk for file in files}) == 1
