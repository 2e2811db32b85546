"""How far a complaint is, told to whoever has its number and the code in the customer's message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from complaints.customer_word.links import code_of
from complaints.models import Complaint
from config import limits
from tests.factories import INTAKE, Now, Play
from tests.test_nonsense import NONSENSE


def ask(customer: Client, number: str, code: str) -> Any:
    return customer.post("/c/", {"number": number, "code": code})


def stages(answer: Any) -> list[str]:
    return [stage.label for stage in answer.context["progress"].stages]


@pytest.mark.parametrize(
    ("position", "told"),
    [("registered", ["已受理", "处理中"]), ("accepted", ["已受理", "处理中"]), ("completed", ["已受理", "处理中"]),
     ("replied", ["已受理", "处理中", "已答复"]), ("archived", ["已受理", "处理中", "已答复", "已办结"])],
)  # fmt: skip
def test_how_far_it_is(play: Play, customer: Client, position: str, told: list[str]) -> None:
    complaint = play.upto(position)
    answer = ask(customer, str(complaint.matter), code_of(complaint))
    assert (answer.status_code, stages(answer)) == (200, told)


@pytest.mark.rule("R6")
def test_the_first_reply_is_promised_while_it_is_ahead(play: Play, customer: Client, now: Now) -> None:
    complaint = play.upto("registered")
    assert "2026-11-26 09:00" in ask(customer, str(complaint.matter), code_of(complaint)).content.decode()
    now.forward(hours=49)
    assert "首次回复" not in ask(customer, str(complaint.matter), code_of(complaint)).content.decode()


def test_it_names_nobody(play: Play, customer: Client) -> None:
    complaint = play.upto("accepted")
    page = ask(customer, str(complaint.matter), code_of(complaint)).content.decode()
    assert [text for text in INTAKE.values() if text != "none" and text in page] == []
    assert "武汉" not in page


def test_number_and_code_are_taken_as_people_type_them(play: Play, customer: Client) -> None:
    complaint = play.upto("registered")
    number, code = str(complaint.matter), code_of(complaint)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    for typed in ((f" {number.lower()} ", code.lower().replace("-", " ")), (wide, code.replace("-", ""))):
        assert ask(customer, *typed).status_code == 200


def test_another_number_and_another_code_answer_alike(play: Play, customer: Client) -> None:
    one, two = play.upto("registered"), play.upto("registered", phone="13900000000")
    wrong = [
        ask(customer, number, code)
        for number, code in (
            (str(one.matter), code_of(two)), ("TS20200101000001", code_of(one)), (str(one.matter), "-"), ("-", "-"),
            ("%", code_of(one)), (str(one.matter)[:-1], code_of(one)), ("x" * 5000, "y" * 5000),
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in wrong} == {422}
    assert all("编号与查询码不符" in answer.content.decode() for answer in wrong)


@pytest.mark.django_db
def test_what_was_typed_is_still_there(customer: Client) -> None:
    page = ask(customer, 'TS"><b>', "ab").content.decode()
    assert ('value="TS&quot;&gt;&lt;b&gt;"' in page, 'value="ab"' in page) == (True, True)


def test_one_that_nobody_has_registered_is_none(play: Play, customer: Client) -> None:
    complaint: Complaint = play("forward", "yc.chen")
    assert ask(customer, str(complaint.matter), code_of(complaint)).status_code == 422


@pytest.fixture
def counted(settings: Any, tmp_path: Path) -> None:
    settings.LIMITS_COUNT, settings.LIMITS_FILE = True, tmp_path / "limits" / "limits.sqlite3"
    settings.CELERY_BROKER_URL = "memory://"


def spellings(number: str) -> list[str]:
    """All of them are looked up as this number."""
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    return [number, number.lower(), f" {number}", wide, number.replace("TS", "TS-"), f"T\x00S{number[2:]}",
            " " * 40 + number, f"{number}。"]  # fmt: skip


def guess(number: str, place: int, address: str) -> int:
    typed = {"number": spellings(number)[place % 8], "code": "AAAA-AAAA"}
    return Client(REMOTE_ADDR=address).post("/c/", typed).status_code


def test_every_spelling_is_the_same_number(play: Play, customer: Client) -> None:
    complaint = play.upto("registered")
    for number in spellings(str(complaint.matter)):
        assert ask(customer, number, code_of(complaint)).status_code == 200


def test_a_code_is_guessed_ten_times_an_hour_however_the_number_is_spelled(play: Play, now: Now, counted: None) -> None:
    complaint = play.upto("registered")
    number = str(complaint.matter)
    found = [guess(number, place, "198.51.100.7") for place in range(11)]
    assert found == [422] * 10 + [429]
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), number, code_of(complaint)).status_code == 200
    now.forward(hours=1)
    assert ask(Client(REMOTE_ADDR="198.51.100.7"), number, code_of(complaint)).status_code == 200


def test_all_together_guess_a_code_a_hundred_times_an_hour(
    play: Play, counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.ALL_GUESSES.address == 100
    monkeypatch.setattr(limits, "ALL_GUESSES", replace(limits.ALL_GUESSES, address=12))
    number = str(play.upto("registered").matter)
    found = [guess(number, place, f"198.51.{place}.7") for place in range(13)]
    assert found == [422] * 12 + [429]


def test_neither_number_nor_code_stands_in_an_address(play: Play, customer: Client) -> None:
    complaint = play.upto("registered")
    answer = customer.get("/c/", {"number": str(complaint.matter), "code": code_of(complaint)})
    assert (answer.context["progress"], answer.context["form"].is_bound) == (None, False)


def test_no_nonsense_breaks_it(play: Play, customer: Client) -> None:
    complaint = play.upto("registered")
    for value in NONSENSE:
        for typed in ({"number": value, "code": code_of(complaint)}, {"number": str(complaint.matter), "code": value}):
            assert customer.post("/c/", typed).status_code == 422


def test_what_ended_without_a_reply_is_not_said_to_be_answered(play: Play, customer: Client) -> None:
    complaint = play("withdraw", "kf.agent", play.upto("registered"), reason="客户撤诉。")
    assert stages(ask(customer, str(complaint.matter), code_of(complaint))) == ["已受理", "处理中", "已办结"]


def test_what_went_wrong_is_told_in_words_of_no_desk(customer: Client, client_for: Callable[[str], Client]) -> None:
    """A customer has no desk to go back to and no session; staff are told of theirs."""
    strangers, staff = Client(enforce_csrf_checks=True), client_for("wh.contact")
    asked = (customer.get("/c/AAAA-AAAA/"), strangers.post("/c/", {"number": "x"}))
    assert [answer.status_code for answer in asked] == [404, 403]
    for page in (answer.content.decode() for answer in asked):
        assert [word for word in ("工作台", "案件", "登录状态", 'href="/"') if word in page] == []
    assert "回到工作台" in staff.get("/c/AAAA-AAAA/").content.decode()


def test_a_code_that_the_page_does_not_keep_is_asked_for_again(play: Play, customer: Client, counted: None) -> None:
    """After too many tries: the number is kept, the code isn't, and the page says so."""
    complaint = play.upto("registered")
    for _try in range(limits.GUESSES.address):
        ask(customer, str(complaint.matter), "AAAA-AAAA")
    answer = ask(customer, str(complaint.matter), code_of(complaint))
    page = answer.content.decode()
    assert (answer.status_code, str(complaint.matter) in page, code_of(complaint) in page) == (429, True, False)
    assert "口令和各种码除外" in page
