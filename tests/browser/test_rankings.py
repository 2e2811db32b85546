"""The year's ranking before it is confirmed: readable for anybody, in both languages and every theme."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.assessment.rankings.made_rankings import FOUR, Rankings
from tests.browser.anybody import Anybody, Faults
from tests.browser.office import Office
from tests.factories import Now, Play

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_anybody_can_read_the_pages_of_a_ranking(office: Office, play: Play, now: Now) -> None:
    ranking = Rankings(play, now).draft(FOUR)
    place, anybody = f"/ranking/of/{ranking}/", Anybody()
    page = office.page("sc.leader")
    wrong: dict[tuple[str, str], Faults] = {}
    answers = []
    for address in ("/ranking/2026/", place, f"{place}check/", f"{place}do/confirm_barred/"):
        for language in ("zh-hans", "en"):
            page.context.add_cookies(
                [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": office.address}]
            )
            answer = page.goto(address)
            answers.append(answer.status if answer else 0)
            found = anybody.faults(page)
            wrong |= {(address, language): found} if found else {}
    assert wrong == {}
    assert answers == [200] * 8
