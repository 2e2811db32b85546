"""The gallery in a real browser: nothing breaks the content policy, anybody can read it, and the comforts work."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path
from playwright.sync_api import Page, Route

from tests.design.context import AT, gallery_context

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.design.test_gallery")]

HERE = Path(__file__).parent
SITE = "http://shouwen.test"
POLICY = "; ".join(
    f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

NAMES = (
    "home", "sign_in", "sign_out", "activate", "inbox", "mark_read", "my_sessions", "preferences", "rules", "pulse",
    "search", "stay", "tour",
)  # fmt: skip

QUIET = {"unread": 0, "round": None, "sound": False, "title": True, "every": 30, "left": 7200, "warn": 300}
"""What a page is told that asks what is new."""

urlpatterns = [
    path("language/", include("django.conf.urls.i18n")),
    *[path(f"{name}/", lambda request: HttpResponse(), name=name) for name in NAMES],
]


def render(name: str) -> str:
    """One page of the gallery as the contact of 武汉 sees it at AT."""
    request: Any = RequestFactory().get("/")
    request.at = AT
    request.user = SimpleNamespace(pk=3, is_authenticated=True, name="王敏", username="wh.contact", unit=None)
    if name == "sign-in":
        account = {"username": "kf.agent", "password": "demo", "name": "林晓", "unit": "客服", "role": "坐席"}
        context = {"form": AuthenticationForm(), "next": "/", "demo_accounts": [account]}
        return render_to_string("accountability/signin/login.html", context, request)
    if name.isdigit():
        return render_to_string(f"{name}.html", {}, request)
    template = engines["django"].from_string((HERE / f"{name}.html").read_text())
    return template.render(gallery_context(request), request)


@pytest.fixture
def show(page: Page) -> Callable[..., list[str]]:
    """Opens a page of the gallery under the system's own content policy; returns what the console complained of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def answer(route: Route) -> None:
        address = route.request.url.removeprefix(SITE)
        if address.startswith("/static/"):
            found = str(finders.find(address.removeprefix("/static/")))
            route.fulfill(path=found, content_type=TYPES[Path(found).suffix])
        elif address == "/pulse/":
            route.fulfill(json=QUIET)
        else:
            headers = {"content-security-policy": POLICY, "content-type": "text/html; charset=utf-8"}
            route.fulfill(body=render(address.split("?")[0].strip("/")), headers=headers)

    def show(name: str, width: int = 1280, scheme: Literal["light", "dark"] = "light") -> list[str]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{SITE}/{name}")
        return complaints

    page.route("**/*", answer)
    return show


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", ["gallery", "sheet", "sign-in", "403", "404", "400", "500"])
def test_a_page_is_readable_for_anybody(show, page, name, width, scheme):
    assert show(name, width, scheme) == []
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_countdown_goes_on_by_the_servers_time_and_turns_late(show, page):
    page.clock.install(time="2030-01-01T00:00:00Z")
    show("gallery")
    clock = page.locator("aside .clock[data-due]").first
    told = clock.locator(".clock__left")
    page.clock.run_for(2_000)
    assert told.inner_text()[:6] == "尚余 24分"
    page.clock.run_for(26 * 60 * 1000)
    assert told.inner_text()[:5] == "已超 1分"
    assert "tone-danger" in (clock.get_attribute("class") or "")


def test_the_theme_is_chosen_and_kept(show, page):
    show("sign-in")
    theme = "document.documentElement.dataset.theme"
    button = page.locator("[data-theme-switch]")
    assert button.inner_text() == "外观：随系统"
    button.click()
    button.click()
    assert (button.inner_text(), page.evaluate(theme)) == ("外观：深色", "dark")
    page.reload()
    assert page.evaluate(theme) == "dark"


def test_a_second_click_sends_nothing(show, page):
    show("gallery")
    page.evaluate("document.querySelector('main form.form').noValidate = true")
    page.evaluate("document.querySelector('main form.form').target = 'elsewhere'")
    button = page.locator("main form.form button[type=submit]")
    with page.context.expect_page():
        button.click()
    assert (button.is_disabled(), button.get_attribute("aria-busy")) == (True, "true")


def test_a_draft_outlives_a_reload_but_not_a_sending(show, page):
    show("draft")
    page.evaluate("sessionStorage.setItem('draft:3:register', JSON.stringify({values: {phone: '13900000021'}}))")
    show("draft")
    assert page.locator("#id_phone").input_value() == "13900000021"
    assert page.locator("[data-draft-note]").is_visible()
    page.locator("#id_content").fill("五月账单")
    page.wait_for_timeout(600)
    page.reload()
    assert page.locator("#id_content").input_value() == "五月账单"
    page.locator("main .form button[type=submit]").click()
    page.wait_for_load_state()
    assert page.locator("#id_content").input_value() == ""


@pytest.mark.parametrize("place", [".bar__tools", ".bar__tools [data-search]", ".bar__nav"])
def test_a_menu_closes_with_escape_and_gives_the_focus_back(show, page, place):
    show("gallery")
    menu = page.locator(place if "data-search" in place else f"{place} .menu:not([data-search])")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.locator(".menu__panel").is_visible()
    page.keyboard.press("Escape")
    assert menu.locator(".menu__panel").is_visible() is False
    assert menu.locator("summary").evaluate("summary => summary === document.activeElement") is True


def seen(page: Page, place: str) -> list[str]:
    return [" ".join(found.inner_text().split()) for found in page.locator(place).all() if found.is_visible()]


@pytest.mark.browser_context_args(java_script_enabled=False)
@pytest.mark.parametrize(
    ("width", "in_the_bar", "under_more"),
    [
        (1280, ["工作台", "投诉", "登记", "单位", "更多"], ["日历与时限"]),
        (320, ["工作台", "投诉", "登记", "更多"], ["单位", "日历与时限"]),
    ],
)
def test_every_place_is_in_the_bar_or_under_more_without_a_script(show, page, width, in_the_bar, under_more):
    show("gallery", width)
    assert seen(page, ".bar__item") == in_the_bar
    page.locator(".bar__nav summary").click()
    assert seen(page, ".bar__nav .menu__panel a") == under_more
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator(".bar__tools .menu:not([data-search]) > summary").click()
    panels = [menu.is_visible() for menu in page.locator(".bar .menu__panel").all()]
    assert (panels, page.locator(".alarm .menu__panel").is_visible()) == ([False, False, True], False)


def test_on_paper_only_the_sheet_is_left(show, page):
    show("sheet")
    page.emulate_media(media="print")
    shown = {part: page.locator(part).first.is_visible() for part in (".bar", ".alarm", ".messages", ".foot", ".paper")}
    assert shown == {".bar": False, ".alarm": False, ".messages": False, ".foot": False, ".paper": True}
