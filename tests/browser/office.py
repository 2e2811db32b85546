"""The office as its people meet it: pages in a browser, each person with a session of their own.

What no page may ever do is watched on every one of them, and asked for at the end of each test.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)

from tests.factories import Cast
from tests.signing_in import signed_in

PASSWORD = "kai-men-jian-shan"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 375, "height": 812}

POLICY = {name: " ".join(values) for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()}

SAVED = {"sandbox": "", "default-src": "'none'"}
"""A file that is saved, never shown, may do nothing at all."""

HARMLESS = ("Failed to load resource", "htmx:sendAbort", "htmx:sendError", "htmx:afterRequest")
"""Chromium writes a line for every answer of 4xx, which a refusal is; htmx two for a fetch that was given up
or found no line."""


UNSAID = """(() => {
    const ask = window.fetch;
    window.fetch = (url, ...more) =>
        String(url).endsWith("/presence/") ? Promise.reject(new Error("unsaid")) : ask(url, ...more);
})()"""
"""A page that keeps to itself that it shows a complaint: a sign of life comes by itself, between any two steps of a
test, and changes what other pages show.
"""


def go_to(page: Page, address: str) -> Response | None:
    """Open the address. A page whose files are being made loads itself again every two seconds, now and then at this
    very instant: then it is asked once more.
    """
    try:
        return page.goto(address)
    except Error as broken:
        if "interrupted by another navigation" not in str(broken):
            raise
        return page.goto(address)


class Office:
    """`office.page("wh.contact", viewport=PHONE)`: a new page of that person, whose one session is kept."""

    def __init__(self, browser: Browser, address: str, cast: Cast) -> None:
        self.browser, self.address, self.cast = browser, address, cast
        self.faults: list[str] = []
        self.says_who_is_there = False
        self._sessions: dict[tuple[str, bool, bool], BrowserContext] = {}

    def page(self, username: str, *, javascript: bool = True, viewport: Any = DESKTOP, touch: bool = False) -> Page:
        """A page of somebody who has signed in already; with `touch` on a screen that can be tapped."""
        session = self._sessions.get((username, javascript, touch))
        if session is None:
            session = self._sessions[username, javascript, touch] = self._context(javascript, touch)
            session.add_cookies([self._session_of(username)])
        page = session.new_page()
        page.set_viewport_size(viewport)
        return page

    def strangers_page(self, *, javascript: bool = True, viewport: Any = DESKTOP) -> Page:
        """A page of a browser that nobody has signed in with."""
        page = self._context(javascript).new_page()
        page.set_viewport_size(viewport)
        return page

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()

    def _context(self, javascript: bool, touch: bool = False) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            has_touch=touch,
        )
        context.set_default_timeout(10_000)
        if not self.says_who_is_there:
            context.add_init_script(UNSAID)
        context.on("request", self._watch_request)
        context.on("response", self._watch_response)
        context.on("console", self._watch_console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        return context

    def _session_of(self, username: str) -> Any:
        client = signed_in(self.cast[username])
        return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.address}

    def _watch_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:")):
            self.faults.append(f"foreign: {request.url}")

    def _watch_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if path.startswith("/static/"):
            if response.status >= 400:
                self.faults.append(f"{response.status}: {path}")
        elif response.status != 302 and policy_of(response) != (SAVED if is_saved(response) else POLICY):
            self.faults.append(f"policy: {path} {response.headers.get('content-security-policy')}")

    def _watch_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(HARMLESS):
            self.faults.append(f"console: {message.text}")


def is_saved(response: Response) -> bool:
    return response.headers.get("content-disposition", "").startswith("attachment")


def policy_of(response: Response) -> dict[str, str]:
    """The content policy an answer came with, by directive."""
    said = response.headers.get("content-security-policy", "")
    return {name: values for name, _space, values in (part.strip().partition(" ") for part in said.split(";"))}


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """By the form, as people do."""
    page.goto("/sign-in/")
    page.get_by_label("工号").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/")


def number_of(page: Page) -> str:
    """The complaint whose page is open."""
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def let_through(page: Page) -> None:
    """Send forms without the browser's own check of required fields: the server's refusal is what is looked at."""
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")


def wait_until_settled(page: Page) -> None:
    """Whatever htmx asked for stands in the page. That the answer has come doesn't say so: it's put in afterwards."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def said_at(page: Page, field: str) -> str:
    """The sentence that a screen reader hears at the field with this id, for what is wrong with it."""
    control = page.locator(f"#{field}")
    if control.get_attribute("aria-invalid") != "true":
        return ""
    return page.locator(f"#{field}_error").inner_text()


def choose_category(page: Page, path: str) -> None:
    choose(page, "category", "投诉类别", path)


def choose_region(page: Page, name: str) -> None:
    choose(page, "region", "归属地市", name)


def choose_unit(page: Page, name: str) -> None:
    choose(page, "unit", "首问责任部门", name)


def choose(page: Page, field: str, label: str, named: str) -> None:
    """By typing into the box that finds it; without a script from the list."""
    page.wait_for_load_state()  # the script turns the one into the other
    listed = page.locator(f"select[name={field}]")
    if listed.is_visible():
        option = listed.locator("option").filter(has_text=re.compile(f"^{re.escape(named)}$"))
        listed.select_option(named if "/" in named else option.get_attribute("value"))
        return
    box = page.get_by_role("combobox", name=label)
    box.fill(named.replace("/", " "))
    box.press("Enter")
    expect(box).to_have_value(named)
