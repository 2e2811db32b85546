"""Whether anybody can read and work a page: in each theme and language, narrow, by keyboard, by a reading aid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from tests.browser.office import DESKTOP

SCRIPT = Path(__file__).with_name("anybody.js").read_text(encoding="utf-8")

LIGHT: dict[str, Any] = {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"}
OTHER_THEMES: dict[str, dict[str, Any]] = {
    "dark": LIGHT | {"color_scheme": "dark"},
    "high contrast": LIGHT | {"contrast": "more"},
    "high contrast, dark": LIGHT | {"color_scheme": "dark", "contrast": "more"},
    "forced colours": LIGHT | {"forced_colors": "active"},
    "forced colours, dark": LIGHT | {"color_scheme": "dark", "forced_colors": "active"},
}

NARROW: ViewportSize = {"width": 320, "height": 256}
"""1280 × 1024 pixels at 400 % zoom."""

Faults = dict[str, list[str]]


class Anybody:
    """Asks pages one after the other. What is asked of colours is asked of whatever looks new, in every theme."""

    def __init__(self) -> None:
        self._met: set[str] = set()

    def faults(self, page: Page) -> Faults:
        """What is wrong with the page that is open; afterwards it isn't what it was."""
        page.emulate_media(**LIGHT)
        page.evaluate(AXE_SCRIPT)
        page.evaluate(SCRIPT)
        found = {
            "focus unseen": page.evaluate("anybody.unmarked()"),
            "focus covered": page.evaluate("anybody.obscured()"),
            "light": page.evaluate("anybody.thin() ?? anybody.axe([])"),
        }
        found |= self._in_other_themes(page)
        page.emulate_media(**LIGHT)
        page.set_viewport_size(NARROW)
        found["too wide"] = page.evaluate("anybody.wide()")
        found["focus covered, narrow"] = page.evaluate("anybody.obscured()")
        found["narrow"] = page.evaluate("anybody.axe(['target-size', 'scrollable-region-focusable'])")
        page.set_viewport_size(DESKTOP)
        return {question: wrong for question, wrong in found.items() if wrong}

    def _in_other_themes(self, page: Page) -> Faults:
        new = page.evaluate("(known) => anybody.fresh(known)", list(self._met))
        self._met |= set(new)
        return {theme: self._colours(page, media) for theme, media in OTHER_THEMES.items() if new}

    @staticmethod
    def _colours(page: Page, media: dict[str, Any]) -> list[str]:
        """Once no colour fades into the other any more (the administration's links do)."""
        page.emulate_media(**media)
        page.evaluate("Promise.allSettled(document.getAnimations().map((fading) => fading.finished))")
        wrong: list[str] = page.evaluate("anybody.axe(['color-contrast'], true)")
        return wrong
