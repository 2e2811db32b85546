"""A picture is a page of somebody, opened in Chromium; what it shows is a function from the open page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import chromium
from tests.fonts import fonts_file
from tests.screenshots.pictures import PICTURES, Picture
from tests.screenshots.stage import NOW, cookies, stage

FOLDER = settings.BASE_DIR / "docs" / "screens"
COLOURS = 96
"""In a picture's palette: the pages have few, and a picture is a third as large."""


def take(folder: Path, only: list[str]) -> None:
    """All pictures, or those that are named."""
    wanted = [picture for picture in PICTURES if not only or picture.name in only]
    FOLDER.mkdir(exist_ok=True)
    # Playwright's loop runs in this thread, where Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with stage() as address, _chromium(folder) as browser:
        for picture in wanted:
            file = FOLDER / f"{picture.name}.png"
            file.write_bytes(_small(_shot(browser, picture, address)))
            print(f"{file.relative_to(settings.BASE_DIR)}: {file.stat().st_size // 1024} KB")


@contextmanager
def _chromium(folder: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN", "FONTCONFIG_FILE": str(fonts_file(folder))},
        )  # fmt: skip
        yield browser
        browser.close()


def _shot(browser: Browser, picture: Picture, address: str) -> bytes:
    look: Any = {"color_scheme": "dark" if picture.dark else "light", "contrast": "more" if picture.contrast else None}
    context = browser.new_context(
        base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce",
        viewport={"width": picture.width, "height": picture.height}, **look,
    )  # fmt: skip
    context.add_cookies(cookies(picture.who, picture.language, address))
    page = context.new_page()
    # The browser's clock stands too, so that no countdown ticks.
    page.clock.set_fixed_time(NOW)
    picture.show(page)
    _settle(page)
    taken = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return taken


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.mouse.move(0, 0)


def _small(taken: bytes) -> bytes:
    out = BytesIO()
    image = Image.open(BytesIO(taken)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
