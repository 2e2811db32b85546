"""Papers on a page: in the layout of their PDF, apart from what follows them, and readable for anybody."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from accountability.gate.sweeper import sweep
from accountability.models import Paper
from tests.assessment.office import Stage
from tests.browser.office import DESKTOP, PHONE, Office
from tests.browser.test_every_page import looks
from tests.factories import Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.browser

MEASURED = """() => {
    const box = (one) => one && one.getBoundingClientRect();
    const paper = document.querySelector(".paper");
    const after = [...document.querySelectorAll(".card")].map(box).filter((one) => one.top >= box(paper).top);
    const signed = box(paper.querySelector(".paper__signed"));
    const middle = box(paper).left + box(paper).width / 2;
    return {
        papers: document.querySelectorAll(".paper").length,
        gap: Math.min(...after.map((one) => Math.max(one.top - box(paper).bottom, one.left - box(paper).right))),
        signedAtTheRight: !signed || signed.left > middle,
        head: paper.querySelector(".paper__issuer")?.innerText ?? "",
    };
}"""


def places(play: Play, now: Now) -> dict[str, tuple[str, str]]:
    """Who looks at which paper of a complaint or of a case, by its kind."""
    table = play.upto("concluded", phone="13871240001")
    urged = play.upto("accepted", phone="13871250002", priority="P1")
    stage = Stage(play)
    closed = stage.closed()
    now.forward(hours=33)
    sweep(now.at)
    number = {name: found.matter.number for name, found in (("table", table), ("urged", urged))}
    late = deadline(urged, "handling", 1).pk
    order = Paper.objects.get(matter=closed.pk, kind="order")
    return {
        "dispatch_notice": ("wh.zhang", f"/complaints/{number['table']}/rounds/1/notice/"),
        "minutes": ("wh.zhang", f"/complaints/{number['table']}/coordinations/1/minutes/"),
        "minutes of the invited": ("yc.contact", f"/complaints/{number['table']}/coordinations/1/minutes/"),
        "urging": ("wh.zhang", f"/complaints/{number['urged']}/deadlines/{late}/urging/"),
        "sheet": ("sc.officer", f"/sheets/{closed.sheet.number}/"),
        "circular": ("wh.head", f"/circulars/{closed.circular_rows[0].pk}/"),
        "order": ("wh.head", f"/papers/{order.token}/"),
    }


def measured(page: Page, place: str) -> dict[str, Any]:
    page.goto(place)
    found: dict[str, Any] = page.evaluate(MEASURED)
    return found


def test_each_paper_is_laid_out_like_its_file(office: Office, play: Play, now: Now) -> None:
    found = {}
    for kind, (person, place) in places(play, now).items():
        for name, viewport in (("wide", DESKTOP), ("narrow", PHONE)):
            page = office.page(person, viewport=viewport)
            found[kind, name] = measured(page, place)
            page.close()
    assert {place: one["papers"] for place, one in found.items()} == dict.fromkeys(found, 1)
    assert [place for place, one in found.items() if one["gap"] < 12 or not one["signedAtTheRight"]] == []
    heads = {kind: one["head"] for (kind, name), one in found.items() if name == "wide"}
    centre, marketing = "省客户服务中心", "省公司市场部文件"
    assert heads == {
        "dispatch_notice": "", "minutes": "武汉分公司", "minutes of the invited": "武汉分公司", "urging": centre,
        "sheet": "", "circular": marketing, "order": marketing,
    }  # fmt: skip


@pytest.mark.slow
def test_each_paper_is_readable_for_anybody(office: Office, play: Play, now: Now) -> None:
    assert looks(office, *places(play, now).values()) == {}
