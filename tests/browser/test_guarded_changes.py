"""A second person approves in their own session: from the list to the decision, on every screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accountability.models import Appointment, GuardedChange
from tests.browser.office import Office
from tests.browser.test_every_page import looks
from tests.factories import Cast, Play

pytestmark = pytest.mark.browser


def test_the_audit_administrator_reads_the_request_and_approves_it(office: Office, play: Play, cast: Cast) -> None:
    today = play.now.at.date()
    play("appoint_administrator", "sj.security", employee="sj.plain", role="auditor", starts_on=today, reason="新任。")
    place = f"/organisation/approve_change/?change={GuardedChange.objects.get().pk}"
    assert looks(office, ("sj.auditadmin", "/changes/"), ("sj.auditadmin", place), ("sj.security", "/changes/")) == {}
    page = office.page("sj.auditadmin")
    page.goto("/changes/")
    page.get_by_role("link", name="批准变更").first.click()
    expect(page.locator("main")).to_contain_text("新任。")
    page.get_by_role("button", name="批准变更").click()
    expect(page.locator("main")).to_contain_text("已批准")
    assert Appointment.objects.get(employee=cast["sj.plain"]).role == "auditor"
