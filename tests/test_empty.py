"""Where nothing is yet, a page says what will stand there and what to do now."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.shared_world import shared

stage, own_copy, now, cast, play, client_for, _world = shared()

EMPTY: dict[tuple[str, str], tuple[str, str]] = {
    ("sj.plain", "/"): ("现在没有需要您处理的投诉", "/complaints/forward/"),
    ("wh.zhang", "/complaints/?list=all&q=TS2026"): ("没有符合条件的投诉", "/complaints/"),
    ("wh.zhang", "/inbox/"): ("还没有通知", "/preferences/"),
    ("wh.zhang", "/inbox/?unread=1"): ("没有未读通知", "/inbox/"),
    ("wh.zhang", "/complaints/views/"): ("还没有保存的视图", "/complaints/"),
    ("wh.zhang", "/circulars/"): ("还没有通报", "/bulletins/"),
    ("wh.zhang", "/bulletins/"): ("还没有定期通报", "/ranking/"),
    ("wh.zhang", "/ranking/"): ("还没有公布的年度排名", "/bulletins/"),
    ("kf.agent", "/mass/"): ("没有大面积投诉", "/limits/"),
    ("kf.agent", "/sheets/"): ("没有互动单", "/leads/"),
    ("kf.agent", "/leads/?aside=1"): ("没有不予采用的线索", "/leads/"),
    ("kf.supervisor", "/templates/"): ("还没有模板", "/templates/set_template/"),
    ("kf.agent", "/templates/"): ("还没有模板", ""),
    ("kf.agent", "/rules/?q=%E9%B2%B8%E9%B1%BC"): ("没有符合的规则", "/rules/"),
    ("sj.plain", "/plans/"): ("没有整改方案", ""),
    ("sj.plain", "/search/"): ("可以搜索什么", ""),
}
"""By reader and page: what its empty state is called, and where it leads."""


def said(page: str) -> list[tuple[str, bool, str]]:
    """Title, whether something is told, and the next step, of each empty state of the page."""
    found = []
    for part in re.findall(r'<div class="empty">(.*?)</div>', page, re.DOTALL):
        title = re.search(r"<strong>(.*?)</strong>", part)
        link = re.search(r'<a href="([^"]+)"', part)
        found.append((title[1] if title else "", "<p>" in part, link[1] if link else ""))
    return found


def test_an_empty_page_says_what_to_do(client_for: Callable[[str], Client]) -> None:
    shown = {(who, place): said(client_for(who).get(place).content.decode()) for who, place in EMPTY}
    assert shown == {where: [(title, True, link)] for where, (title, link) in EMPTY.items()}


@pytest.mark.parametrize("who", ["wh.contact", "sj.auditor"])
def test_where_the_next_step_leads_there_is_a_page(client_for: Callable[[str], Client], who: str) -> None:
    client = client_for(who)
    links = {link for page in ("/inbox/", "/circulars/", "/bulletins/", "/ranking/", "/cases/")
             for _title, _told, link in said(client.get(page, follow=True).content.decode()) if link}  # fmt: skip
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
