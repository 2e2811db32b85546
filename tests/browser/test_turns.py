"""The tests' own server: a test may ask the database for something while pages are being answered."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from tests.browser.office import Office
from tests.factories import Play
from tests.signing_in import signed_in

pytestmark = pytest.mark.browser

ASK = """() => {
    window.answers = [];
    for (let turn = 0; turn < 8; turn += 1) {
        fetch("/complaints/").then((answer) => window.answers.push(answer.status));
    }
}"""


def test_neither_the_test_nor_a_page_finds_a_table_locked(office: Office, play: Play) -> None:
    page = office.page("kf.agent")
    page.goto("/")
    before = Session.objects.count()
    page.evaluate(ASK)
    for _turn in range(8):
        signed_in(play.cast["kf.agent"])
        play("register", "kf.agent")
    page.wait_for_function("() => window.answers.length === 8")
    assert page.evaluate("window.answers") == [200] * 8
    assert Session.objects.count() - before == 8
