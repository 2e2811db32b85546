"""The pages of the addresses that events are sent to, as anybody must be able to read them, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accountability.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from tests.browser.office import Office
from tests.browser.test_pulse import faults
from tests.factories import Play

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.EVENTS_OUT = True


def test_an_address_is_added_enabled_by_another_and_its_log_read(office: Office, play: Play) -> None:
    page = office.page("sj.security")
    page.goto(reverse("webhooks"))
    assert faults(page) == []
    page.get_by_role("link", name="添加推送地址").click()
    assert faults(page) == []
    page.get_by_label("推送地址").fill("https://hooks.example/events")
    page.get_by_role("button", name="添加推送地址").click()
    expect(page.locator("code")).to_contain_text("whsec_")
    assert faults(page) == []
    endpoint = WebhookEndpoint.objects.get()
    second = office.page("sj.auditadmin")
    second.goto(f"{reverse('organisation_act', args=['enable_webhook'])}?webhook={endpoint.token}")
    expect(second.locator("main")).to_contain_text("https://hooks.example/events")
    assert faults(second) == []
    second.get_by_role("button", name="启用推送地址").click()
    expect(second.locator("main")).to_contain_text("已启用")
    play.upto("registered")
    event, now = WebhookEvent.objects.get(), play.now.at
    WebhookDelivery.objects.create(event=event, endpoint=endpoint, planned_at=now, next_try_at=now)
    page.goto(reverse("webhook", args=[endpoint.token]))
    expect(page.locator("main")).to_contain_text("complaint.register")
    assert faults(page) == []
    page.get_by_role("button", name="重发").click()
    expect(page.locator("#messages")).to_contain_text("已安排重发")
