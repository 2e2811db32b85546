"""Handing in and reading files through pages: what a form keeps, and who is served what."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from accountability.files.fields import GONE
from accountability.gate.subjects import Organisation
from accountability.models import AccessLog, Attachment, LedgerEntry
from accountability.security import file_store
from tests.accountability.files import made_files
from tests.accountability.files.made_files import LEADER, OFFICER, PLAIN, on_disk
from tests.accountability.files.test_inspection import EXE, HTML, MISMATCH, NOT_TAKEN
from tests.factories import Now

# The page


def post(client: Client, *uploads: SimpleUploadedFile, **typed: Any) -> HttpResponse:
    return client.post("/organisation/file_evidence/", {"evidence": list(uploads), **typed})  # type: ignore[return-value]


def upload(name: str = "记录.txt", content: bytes = "退费依据".encode()) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_the_form_asks_for_files_without_a_script(officer: Client) -> None:
    page = officer.get("/organisation/file_evidence/").content.decode()
    (form,) = re.findall(r"<form[^>]*organisation/file_evidence[^>]*>", page)
    (field,) = re.findall(r'<input type="file"[^>]*>', page)
    assert 'enctype="multipart/form-data"' in form
    assert ('name="evidence"' in field, "multiple" in field, "required" in field) == (True, True, True)
    assert 'accept=".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.wav,.mp3,.m4a,.amr,.txt,.csv"' in field


def test_a_form_of_other_facts_is_sent_as_before(officer: Client) -> None:
    assert "multipart" not in officer.get("/organisation/set_limits/").content.decode()


def test_what_is_sent_is_claimed_by_the_act(officer: Client, now: Now) -> None:
    response = post(officer, upload(), upload("b.pdf", made_files.pdf()), _key="k1")
    rows = Attachment.objects.order_by("pk")
    assert response.status_code == 302
    assert [(row.name, row.media_type, row.claimed_at) for row in rows] == [
        ("记录.txt", "text/plain", now.at),
        ("b.pdf", "application/pdf", now.at),
    ]


def test_a_repetition_makes_no_second_file(officer: Client, folder: Path) -> None:
    codes = [post(officer, upload(), _key="k1").status_code for _try in range(3)]
    assert (codes, Attachment.objects.count(), len(on_disk(folder))) == ([302] * 3, 1, 1)
    assert LedgerEntry.objects.filter(verb="file_evidence").count() == 1


def test_a_refusal_keeps_what_was_handed_in(officer: Client, folder: Path) -> None:
    """Nothing has to be chosen again, and nothing is there twice."""
    response = post(officer, upload("<b>账单.txt"), note="长" * 21, _key="k1")
    file, page = Attachment.objects.get(), response.content.decode()
    (field,) = re.findall(r'<input type="file"[^>]*>', page)
    assert response.status_code == 422
    assert f'<input type="hidden" name="evidence" value="{file.token}">' in page
    assert ("<bdi>_b_账单.txt</bdi>" in page, "required" in field, file.is_draft) == (True, False, True)
    again = post(officer, upload("<b>账单.txt"), evidence=file.token, note="短", _key="k1")
    assert (again.status_code, Attachment.objects.count(), len(on_disk(folder))) == (302, 1, 1)


def test_a_file_can_be_taken_out_again(officer: Client) -> None:
    post(officer, upload(), upload("b.txt", b"other"), note="长" * 21, _key="k1")
    one, other = Attachment.objects.order_by("pk")
    typed = {"evidence": [one.token, other.token], "evidence-remove": one.token, "_key": "k1"}
    assert officer.post("/organisation/file_evidence/", typed).status_code == 302
    assert list(Attachment.objects.exclude(matter=None)) == [other]


def test_a_file_that_isnt_taken_says_so_and_the_others_stay(officer: Client) -> None:
    response = post(officer, upload(), upload("a.png", HTML), upload("b.exe", EXE), _key="k1")
    page = response.content.decode()
    assert response.status_code == 422
    assert f"“a.png”未收下：{MISMATCH}。 “b.exe”未收下：{NOT_TAKEN}。" in page
    assert Attachment.objects.get().token in page
    assert LedgerEntry.objects.filter(verb="file_evidence").count() == 0
    assert list(AccessLog.objects.filter(action="upload").values_list("result", "detail")) == [("refused", "evidence")]


def test_more_files_than_an_act_may_have_are_named(officer: Client) -> None:
    many = [upload(f"{number}.txt", str(number).encode()) for number in range(12)]
    page = post(officer, *many, _key="k1").content.decode()
    assert "一次最多 10 个文件，未收下：10.txt、11.txt。" in page
    assert Attachment.objects.count() == 10


@pytest.mark.usefixtures("words")
def test_somebody_without_the_right_leaves_no_file(client_for: Callable[[str], Client], folder: Path) -> None:
    assert post(client_for(PLAIN), upload()).status_code == 403
    assert (on_disk(folder), Attachment.objects.count()) == ([], 0)


def test_anothers_draft_is_not_shown_in_a_form(
    officer: Client, hand_in: Callable[..., Attachment]
) -> None:  # fmt: skip
    file = hand_in("秘密.txt", by=LEADER)
    page = officer.post("/organisation/file_evidence/", {"evidence": file.token, "_key": "k1"}).content.decode()
    assert ("秘密" in page, file.token in page, str(GONE) in page) == (False, False, True)


@pytest.mark.parametrize(
    ("setting", "value"), [("UPLOAD_MOST_BYTES", 100), ("DATA_UPLOAD_MAX_NUMBER_FILES", 1)]
)  # fmt: skip
def test_a_request_that_is_too_large_is_a_bad_one(officer: Client, settings: Any, setting: str, value: int) -> None:
    setattr(settings, setting, value)
    assert post(officer, upload(), upload("b.txt", b"other")).status_code == 400
    assert Attachment.objects.count() == 0


# Reading


def test_a_file_is_served_to_be_saved_and_nothing_else(
    hand_in: Callable[..., Attachment], file_it: Callable[..., Any], officer: Client, readers: set[str]
) -> None:
    file = hand_in('账单 "五月".txt')
    file_it(file)
    response = officer.get(f"/files/{file.token}/")
    said = {name: response.headers[name] for name in (
        "Content-Type", "Content-Disposition", "Content-Length", "X-Content-Type-Options", "Content-Security-Policy",
        "Cross-Origin-Resource-Policy", "Cache-Control",
    )}  # fmt: skip
    assert (response.status_code, response.content) == (200, "退费依据".encode())
    assert said == {
        "Content-Type": "text/plain",
        "Content-Disposition": 'attachment; filename="file.txt"; '
        "filename*=UTF-8''%E8%B4%A6%E5%8D%95%20_%E4%BA%94%E6%9C%88_.txt",
        "Content-Length": "12",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_head_tells_without_the_content(hand_in: Callable[..., Attachment], officer: Client) -> None:
    response = officer.head(f"/files/{hand_in().token}/")
    assert (response.status_code, response.content, response.headers["Content-Length"]) == (200, b"", "12")


def test_each_read_and_each_attempt_is_noted(
    hand_in: Callable[..., Attachment], file_it: Any, readers: set[str], client_for: Callable[[str], Client], now: Now
) -> None:
    file = hand_in()
    file_it(file)
    for username in (OFFICER, PLAIN):
        client_for(username).get(f"/files/{file.token}/")
    rows = AccessLog.objects.filter(action="file").order_by("pk")
    matter = Organisation.standing().matter_id
    assert [(row.actor.username if row.actor else "", row.result, row.matter_id, row.detail) for row in rows] == [
        (OFFICER, "ok", matter, f"evidence {file.pk}"),
        (PLAIN, "refused", matter, f"evidence {file.pk}"),
    ]


def test_a_file_answers_everybody_else_like_one_that_is_not_there(
    hand_in: Callable[..., Attachment], file_it: Any, readers: set[str], client_for: Callable[[str], Client]
) -> None:
    claimed, draft = hand_in(), hand_in("b.txt", b"other")
    file_it(claimed)
    client = client_for(PLAIN)
    answers = [_plain(client.get(f"/files/{token}/"), token) for token in (claimed.token, draft.token, "x" * 32)]
    assert [status for status, _body, _headers in answers] == [404] * 3
    assert answers[0] == answers[1] == answers[2]


def _plain(response: Any, token: str) -> tuple[int, str, list[str]]:
    """What is said, without what differs from one request to the next."""
    body = response.content.decode().replace(token, "TOKEN")
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    return response.status_code, body, sorted(response.headers)


def test_nobody_reads_a_file_whose_kind_of_matter_names_no_readers(
    hand_in: Callable[..., Attachment], file_it: Callable[..., Any], officer: Client
) -> None:
    file = hand_in()
    assert officer.get(f"/files/{file.token}/").status_code == 200
    file_it(file)
    assert officer.get(f"/files/{file.token}/").status_code == 404


def test_a_file_is_only_read(hand_in: Callable[..., Attachment], officer: Client) -> None:
    token = hand_in().token
    answers = {method: officer.generic(method, f"/files/{token}/").status_code for method in ("POST", "PUT", "DELETE")}
    assert answers == {"POST": 405, "PUT": 405, "DELETE": 405}


def test_a_content_that_was_lost_is_not_found(
    hand_in: Callable[..., Attachment], officer: Client, caplog: pytest.LogCaptureFixture
) -> None:
    file = hand_in()
    file_store.discard(file.place)
    assert officer.get(f"/files/{file.token}/").status_code == 404
    assert f"attachment {file.pk}: its content is not in the folder" in caplog.text
