"""A bulletin in the browser: read with its charts, sent with the figures on the page; readable for anybody (R54)."""

from __future__ import annotations

import pytest

from assessment.models import Bulletin
from tests.assessment.bulletins.made_bulletins import Bulletins
from tests.browser.office import Office
from tests.browser.test_every_page import looks
from tests.factories import Now, Play

pytestmark = [pytest.mark.browser, pytest.mark.rule("R54")]


def test_a_supervisor_reads_and_sends_it(office: Office, play: Play, now: Now) -> None:
    bulletin = Bulletins(play).drafted()
    supervisor, contact = office.page("kf.supervisor"), office.page("wh.contact")
    supervisor.goto("/")
    supervisor.get_by_role("link", name="待发送的定期通报", exact=True).click()
    supervisor.get_by_role("img", name="各单位解决率").wait_for()
    supervisor.get_by_label("情况说明").fill("十月总体平稳。")
    supervisor.get_by_role("button", name="发送通报").click()
    supervisor.get_by_text("“发送通报”已完成。").wait_for()
    assert Bulletin.objects.get().state == "sent"
    contact.goto("/bulletins/")
    contact.get_by_role("link", name="2026-10").click()
    contact.get_by_text("十月总体平稳。").wait_for()
    contact.get_by_role("row", name="武汉分公司").get_by_role("link", name="4", exact=True).first.click()
    contact.get_by_role("heading", level=1).wait_for()
    assert contact.url.endswith("/figures/received/?from=2026-10-01&to=2026-10-31&unit=WH")
    assert str(bulletin) == "TB2026-10"


@pytest.mark.slow
def test_anybody_can_read_the_pages(office: Office, play: Play, now: Now) -> None:
    bulletins = Bulletins(play)
    bulletin = bulletins.drafted()
    place = f"/bulletins/{bulletin}/"
    wrong = looks(office, ("kf.supervisor", place), ("kf.supervisor", f"{place}do/send_bulletin/"))
    bulletins("send_bulletin", "kf.supervisor", bulletin)
    wrong |= looks(
        office, ("kf.supervisor", place), ("wh.contact", place), ("sj.plain", place), ("wh.head", "/bulletins/")
    )
    assert wrong == {}
