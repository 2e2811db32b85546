"""Customers' requests about their data in a browser: readable for anybody, and what was cleared says so."""

from __future__ import annotations

import os
from typing import Any

import pytest

from accountability.privacy import retention
from tests.browser.office import Office
from tests.browser.test_every_page import look
from tests.complaints.data_rights.test_requests import INTAKE, LEADER, OTHER, SUPERVISOR, Rights
from tests.factories import Now, Play

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_anybody_can_read_them(office: Office, play: Play, now: Now) -> None:
    rights = Rights(play)
    archived = play.upto("archived", **INTAKE)
    play.upto("accepted", **INTAKE)
    play.upto("registered", **(INTAKE | {"phone": OTHER}))
    copy, gone = rights.proposed("copy", archived), rights.open("delete")
    places: list[tuple[str, str]] = [
        (SUPERVISOR, "/rights/"), (SUPERVISOR, "/rights/new/"), (SUPERVISOR, f"/rights/{gone.matter}/"),
        (LEADER, f"/rights/{copy.matter}/"), (SUPERVISOR, f"/rights/{gone.matter}/do/propose_fulfilment/"),
        ("sj.auditor", f"/rights/{gone.matter}/"), ("sj.auditor", "/rights/?all=1"),
    ]  # fmt: skip
    wrong: dict[Any, Any] = {}
    for place, (person, address) in enumerate(places):
        page = office.page(person)
        answer = page.goto(address)
        assert (address, answer.status if answer else 0) == (address, 200)
        found = look(page)
        wrong |= {address: found} if found else {}
        if folder := os.environ.get("LOOK"):
            page.emulate_media(color_scheme="light")
            page.screenshot(path=f"{folder}/rights{place}.png", full_page=True)
    assert wrong == {}


def test_what_was_cleared_says_so(office: Office, play: Play, now: Now) -> None:
    complaint = play.upto("archived", **INTAKE)
    retention.retain(now.set("2029-11-25 09:00"))
    page = office.page("sj.auditor")
    page.goto(f"/complaints/{complaint.matter}/")
    assert (page.locator("#cleared").count(), look(page)) == (1, {})
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/cleared.png", full_page=True)
