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
    """Asks pages one after the other.

    What is asked of a page's structure is asked once of each shape: a page without its words, so that its two languages
    have one, unless a word is missing in one of them. What is asked of colours is asked of whatever looks new, in every
    theme, light too; what a width does to words is asked of each page in each language.
    """

    def __init__(self) -> None:
        self._shapes: set[str] = set()
        self._looks: set[str] = set()
        self._themes: dict[Page, dict[str, Any]] = {}

    def faults(self, page: Page) -> Faults:
        """What is wrong with the page that is open; afterwards it isn't what it was."""
        self.begin(page)
        focus = page.evaluate("anybody.focused()")
        found = {"focus unseen": focus["unseen"], "focus covered": focus["covered"]}
        page.evaluate("anybody.thin()")
        found["light"] = self.structure(page)
        found |= self.colours(page, OTHER_THEMES)
        self._show_in(page, LIGHT)
        page.set_viewport_size(NARROW)
        found["too wide"] = page.evaluate("anybody.wide()")
        found["focus covered, narrow"] = page.evaluate("anybody.focused()")["covered"]
        found["narrow"] = page.evaluate("anybody.axe(['target-size', 'scrollable-region-focusable'])")
        page.set_viewport_size(DESKTOP)
        return {question: wrong for question, wrong in found.items() if wrong}

    @staticmethod
    def ready(page: Page) -> Page:
        """A page that many are opened on: it loads axe with each of them, which is quicker than handing axe in."""
        page.add_init_script(AXE_SCRIPT)
        return page

    def begin(self, page: Page) -> None:
        self._show_in(page, LIGHT)
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        page.evaluate(SCRIPT)

    def structure(self, page: Page, *, sizes: bool = True) -> list[str]:
        """By all of axe's rules but the colours', if no page of this shape was asked before."""
        shape = page.evaluate("anybody.shape()")
        if shape in self._shapes:
            return []
        self._shapes.add(shape)
        wrong: list[str] = page.evaluate("(sizes) => anybody.axe([], false, sizes)", sizes)
        return wrong

    def colours(self, page: Page, themes: dict[str, dict[str, Any]]) -> Faults:
        """In light and in these themes. The page tells its looks: to be told those of the whole walk took it longer."""
        looks = page.evaluate("anybody.looks()")
        new = [place for place, look in enumerate(looks) if look not in self._looks]
        if not new:
            return {}
        self._looks |= set(looks)
        page.evaluate("(places) => anybody.choose(places)", new)
        return {theme: self._contrast(page, media) for theme, media in {"light colours": LIGHT, **themes}.items()}

    def _show_in(self, page: Page, theme: dict[str, Any]) -> None:
        """Put in a theme, the page is laid out and painted anew, also in the one that it is in already."""
        if self._themes.get(page) != theme:
            page.emulate_media(**theme)
            self._themes[page] = theme

    def _contrast(self, page: Page, theme: dict[str, Any]) -> list[str]:
        """Once no colour fades into the other any more (the administration's links do)."""
        self._show_in(page, theme)
        page.evaluate("Promise.allSettled(document.getAnimations().map((fading) => fading.finished))")
        wrong: list[str] = page.evaluate("anybody.axe(['color-contrast'], true)")
        return wrong
