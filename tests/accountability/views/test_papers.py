"""The pages of papers: who may read one, its files, and drafts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.documents import keeping
from accountability.documents.kinds import KINDS
from accountability.gate.act import Refused
from accountability.gate.subjects import Organisation
from accountability.models import AccessLog, Paper, PaperFile
from tests.accountability.files.made_files import OFFICER
from tests.factories import Cast, Now

GiveOut = Callable[..., list[Paper]]
ClientFor = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _never_set_in_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the task makes files; here it makes them of what it is told."""
    monkeypatch.setattr(keeping, "make", lambda content, form, mark: f"{content.title} {form} {mark}".encode())
    monkeypatch.setattr(keeping, "wake", lambda: None)


@pytest.fixture
def paper(give_out: GiveOut) -> Paper:
    (made,) = give_out()
    return made


def page(paper: Paper) -> str:
    return reverse("paper", args=[paper.token])


def file(paper: Paper, form: str) -> str:
    return reverse("paper_file", args=[paper.token, form])


def logged() -> list[tuple[str, str, str, str]]:
    rows = AccessLog.objects.order_by("pk").values_list("actor__username", "action", "result", "detail")
    return [(str(who), action, result, detail) for who, action, result, detail in rows]


def test_the_page_shows_the_frozen_words_and_how_far_the_files_are(
    paper: Paper, client_for: ClientFor, cast: Cast
) -> None:
    reader = client_for("wh.contact")
    shown = reader.get(page(paper))
    text = shown.content.decode()
    assert shown["Refresh"] == "5"
    assert "关于第1件事的通知" in text
    assert "paper__mark" not in text
    assert paper.digest in text
    assert (text.count("正在生成</span>"), text.count("生成 HTML")) == (2, 1)

    tasks.make_papers()
    shown = reader.get(page(paper))
    text = shown.content.decode()
    assert "Refresh" not in shown
    assert [file(paper, form) in text for form in ("pdf", "docx")] == [True, True]
    assert all(row.sha256 in text for row in paper.files.all())
    assert 'style="' not in text


def test_a_file_is_saved_under_its_number_and_title_never_shown(paper: Paper, client_for: ClientFor) -> None:
    reader = client_for("wh.contact")
    assert reader.get(file(paper, "pdf")).status_code == 404
    tasks.make_papers()
    saved = reader.get(file(paper, "pdf"))
    assert saved.content == "关于第1件事的通知 pdf ".encode()
    assert saved["Content-Type"] == "application/pdf"
    assert saved["Content-Disposition"].startswith("attachment; filename=\"file.pdf\"; filename*=UTF-8''%E9%84%82")
    assert saved["Content-Disposition"].endswith("%E9%80%9A%E7%9F%A5.pdf")
    assert (saved["X-Content-Type-Options"], saved["Cache-Control"]) == ("nosniff", "private, no-store")
    assert saved["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert reader.get(file(paper, "docx"))["Content-Type"].endswith("wordprocessingml.document")


def test_a_form_that_nobody_asked_for_is_made_when_somebody_does(paper: Paper, client_for: ClientFor) -> None:
    reader = client_for("wh.contact")
    tasks.make_papers()
    answer = reader.post(file(paper, "html"))
    assert (answer.status_code, answer["Location"]) == (302, page(paper))
    assert reader.post(file(paper, "html")).status_code == 302
    assert PaperFile.objects.filter(form="html").count() == 1
    assert tasks.make_papers() == 1
    saved = reader.get(file(paper, "html"))
    assert saved["Content-Type"] == "text/html; charset=utf-8"
    assert saved["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("form", ["xlsx", "exe", "PDF"])
def test_a_form_it_has_not_is_not_found(paper: Paper, client_for: ClientFor, method: str, form: str) -> None:
    assert getattr(client_for("wh.contact"), method)(file(paper, form)).status_code == 404
    assert PaperFile.objects.count() == 2


def test_whoever_may_not_read_it_gets_what_an_unknown_token_gets(paper: Paper, client_for: ClientFor) -> None:
    tasks.make_papers()
    stranger = client_for("yc.contact")
    unknown = Paper(token="x" * 32)
    for address in (page, lambda one: file(one, "pdf")):
        theirs, none = stranger.get(address(paper)), stranger.get(address(unknown))
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert without_tokens(theirs.content, paper.token) == without_tokens(none.content, unknown.token)
    assert stranger.post(file(paper, "html")).status_code == 404
    assert PaperFile.objects.count() == 2


def without_tokens(content: bytes, token: str) -> str:
    """Without what differs from one request to the next: the form's token, and the address that was asked for."""
    return re.sub(r"csrf[^>]*", "", content.decode()).replace(token, "")


def test_each_reading_and_each_attempt_is_noted(paper: Paper, client_for: ClientFor) -> None:
    tasks.make_papers()
    client_for("wh.contact").get(page(paper))
    client_for("wh.contact").get(file(paper, "pdf"))
    client_for("yc.contact").get(page(paper))
    client_for("yc.contact").get(file(paper, "pdf"))
    said = f"letter {paper.pk}"
    assert logged() == [
        ("wh.contact", "paper", "ok", said),
        ("wh.contact", "paper_file", "ok", f"{said} pdf"),
        ("yc.contact", "paper", "refused", said),
        ("yc.contact", "paper_file", "refused", f"{said} pdf"),
    ]


def test_a_strange_person_signs_in_first(paper: Paper) -> None:
    assert Client().get(page(paper)).status_code == 302


def test_earlier_versions_are_linked(paper: Paper, give_out: GiveOut, now: Now, client_for: ClientFor) -> None:
    now.forward(minutes=1)
    (second,) = give_out()
    text = client_for("wh.contact").get(page(second)).content.decode()
    assert [page(paper) in text, "第 1 版" in text, "第 2 版" in text] == [True, True, True]


def test_a_failed_file_can_be_asked_for_again(paper: Paper, client_for: ClientFor) -> None:
    PaperFile.objects.update(failures=keeping.MOST_FAILURES)
    reader = client_for("wh.contact")
    text = reader.get(page(paper)).content.decode()
    assert text.count("多次生成失败") == 2
    assert reader.post(file(paper, "pdf")).status_code == 302
    assert tasks.make_papers() == 1


def test_of_an_erased_paper_the_page_says_so(
    paper: Paper, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.make_papers()
    paper.content.sealed = None
    paper.content.save()
    reader = client_for("wh.contact")
    text = reader.get(page(paper)).content.decode()
    assert "公文内容已清除" in text
    assert paper.digest in text
    assert reader.get(file(paper, "pdf")).status_code == 404


def test_a_file_missing_from_the_folder_is_not_found(paper: Paper, client_for: ClientFor, folder: Any) -> None:
    tasks.make_papers()
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    assert client_for("wh.contact").get(file(paper, "pdf")).status_code == 404


# Drafts


def draft_place(kind: str = "letter", number: str = Organisation.NUMBER, part: int = 1) -> str:
    return reverse("paper_draft", args=[kind, number, part])


def test_a_draft_shows_how_it_would_read(letters: None, client_for: ClientFor) -> None:
    officer = client_for(OFFICER)
    answer = officer.post(draft_place())
    (made,) = Paper.objects.all()
    assert answer["Location"] == page(made)
    text = officer.get(page(made)).content.decode()
    assert "paper__mark" in text
    assert "草稿，未印发" in text
    assert client_for("sc.leader").get(page(made)).status_code == 404
    officer.post(file(made, "pdf"))
    tasks.make_papers()
    assert officer.get(file(made, "pdf")).content == "关于第1件事的通知 pdf 草稿".encode()


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("wh.contact", draft_place()),
        (OFFICER, draft_place(kind="unheard-of")),
        (OFFICER, draft_place(number="TS20261124000009")),
        (OFFICER, draft_place(part=10**30)),
    ],
)
def test_who_may_not_draft_it_gets_what_an_unknown_one_gets(
    letters: None, client_for: ClientFor, who: str, place: str
) -> None:
    assert client_for(who).post(place).status_code == 404
    assert Paper.objects.count() == 0


def test_what_cannot_be_drafted_yet_is_said(
    letters: None, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_early(_orders: Any) -> list[Any]:
        raise Refused("condition", "尚无内容可拟。")

    kind = KINDS["letter"]
    monkeypatch.setitem(KINDS, "letter", replace(kind, compose=too_early))
    answer = client_for(OFFICER).post(draft_place(), follow=True)
    assert "尚无内容可拟。" in answer.content.decode()


def test_a_draft_is_made_by_post_alone(letters: None, client_for: ClientFor) -> None:
    assert client_for(OFFICER).get(draft_place()).status_code == 405
