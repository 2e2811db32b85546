"""An export in the browser: asked for with the number of rows in view, approved by another person, fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from assessment.actions import export_files
from assessment.models import Export
from tests.assessment.exports.made_exports import Exports
from tests.browser.office import Office
from tests.browser.test_every_page import looks
from tests.factories import Now, Play

pytestmark = [pytest.mark.browser, pytest.mark.compliance(16)]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_from_the_request_to_the_file(office: Office, play: Play, now: Now) -> None:
    play.upto("accepted", customer="欧阳建国", phone="13871234567")
    supervisor, leader = office.page("kf.supervisor"), office.page("sc.leader")
    supervisor.goto("/exports/")
    supervisor.get_by_role("link", name="申请导出").first.click()
    supervisor.get_by_label("导出内容").select_option("complaints")
    press(supervisor, "下一步")
    supervisor.get_by_label("文本表格（csv）").check()
    supervisor.get_by_label("自", exact=False).first.fill("2026-11-01")
    supervisor.get_by_label("至", exact=False).first.fill("2026-11-30")
    expect(supervisor.get_by_role("status").get_by_text("符合条件的有 1 行")).to_be_visible()
    supervisor.get_by_label("用途和理由").fill("月度分析。")
    press(supervisor, "申请导出")
    supervisor.get_by_text("导出申请已提交").wait_for()
    leader.goto("/exports/?asked=decide")
    leader.get_by_role("link", name=str(Export.objects.get())).click()
    press(leader, "批准导出")
    leader.get_by_text("“批准导出”已完成。").wait_for()
    assert export_files.make_pending(now.at) == 1
    supervisor.reload()
    with supervisor.expect_download() as coming:
        press(supervisor, "下载文件")
    file = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    assert ("欧***" in file, "欧阳建国" in file, coming.value.suggested_filename.endswith(".csv")) == (
        True,
        False,
        True,
    )
    supervisor.reload()
    expect(supervisor.get_by_text("已下载 1 次，最多 3 次")).to_be_visible()


@pytest.mark.slow
def test_anybody_can_read_the_pages(office: Office, play: Play, now: Now) -> None:
    play.upto("accepted")
    exports = Exports(play)
    made, waiting = exports.made(), exports.requested("sc.officer", format="xlsx")
    bare = exports.requested(unmasked=True, unmask_reason="逐一回访。")
    declined = exports("decline_export", "sc.leader", exports.requested())
    begin = reverse("begin_export")
    places = [
        ("kf.supervisor", "/exports/"), ("sc.leader", "/exports/?asked=decide"), ("sj.auditor", "/exports/?asked=mine"),
        ("kf.supervisor", begin), ("kf.supervisor", f"{begin}?what=complaints"),
        ("sc.officer", f"{begin}?what=readings"), ("kf.supervisor", f"/exports/{made}/"),
        ("sc.leader", f"/exports/{waiting}/"), ("sc.leader", f"/exports/{bare}/"),
        ("kf.supervisor", f"/exports/{declined}/"), ("sc.leader", f"/exports/{waiting}/do/decline_export/"),
    ]  # fmt: skip
    assert looks(office, *places) == {}
