"""What a test asks after a click is asked of the page that the click led to."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import sleep

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

BEGUN, REST = 0.2, 0.3
"""Seconds that pass between an answer's headers, its first half and the other one."""


class Slow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        sleep(BEGUN)
        self.wfile.write(b"<!doctype html><title>slow</title><a href='/next/'>next</a>")
        sleep(REST)
        self.wfile.write(b"<p>whole</p>")

    def log_message(self, *said: object) -> None:
        """Say nothing of a request."""


@pytest.fixture
def slow() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Slow) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        serving.join()


@pytest.mark.usefixtures("_whole_pages")
@pytest.mark.parametrize("way", ["click", "press"])
def test_a_page_that_is_led_to_is_there(browser: Browser, slow: str, way: str) -> None:
    page = browser.new_page()
    page.goto(slow)
    link = page.get_by_role("link")
    if way == "click":
        link.click()
    else:
        link.press("Enter")
    assert page.evaluate("location.pathname + document.body?.innerText").split() == ["/next/next", "whole"]
    page.close()
