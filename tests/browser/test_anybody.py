"""What the walks ask only once: pages of one shape, words of one look."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.anybody import Anybody

pytestmark = pytest.mark.browser

STYLES = """
body { color: #000; background: #fff } [aria-current="page"], .pale input { color: #ccc; background: #fff }
@media (prefers-color-scheme: dark) { .night { color: #ccc; background: #fff } }
"""


def shown(page: Page, body: str, *, lang: str = "en") -> Page:
    page.set_content(f'<html lang="{lang}"><title>t</title><style>{STYLES}</style><main>{body}</main></html>')
    return page


def shape(page: Page, body: str, *, lang: str = "en") -> str:
    Anybody().begin(shown(page, body, lang=lang))
    found: str = page.evaluate("anybody.shape()")
    return found


def test_a_page_has_one_shape_in_both_languages_unless_a_word_is_missing(page: Page) -> None:
    said = '<h1>{}</h1><button lang="{}" aria-label="{}">x</button>'
    english = shape(page, said.format("Desk", "zh-hans", "Go"))
    assert shape(page, said.format("工作台", "en", "去"), lang="zh-hans") == english
    for other in (said.format("", "en", "去"), said.format("工作台", "en", ""), said.format("工作台", "xx", "去")):
        assert shape(page, other, lang="zh-hans") != english
    assert shape(page, said.format("Desk", "zh-hans", "Go"), lang="xx") != english


def wrong_in(page: Page, body: str, walk: Anybody) -> set[str]:
    walk.begin(shown(page, body))
    dark = {"dark": {"color_scheme": "dark"}}
    return {theme for theme, wrong in walk.colours(page, dark).items() if wrong}


def test_colours_are_asked_of_each_new_look_in_light_as_in_dark(page: Page) -> None:
    """A look is a class, a place in the page, and whatever the style sheets ask of attributes."""
    walk = Anybody()
    assert wrong_in(page, '<a href="/">left</a><p>right</p>', walk) == set()
    assert wrong_in(page, '<a href="/">left</a><p>other</p>', walk) == set()
    assert wrong_in(page, '<a href="/" aria-current="page">left</a><p>right</p>', walk) == {"light colours", "dark"}
    assert wrong_in(page, '<p class="night">right</p>', walk) == {"dark"}
    field = '<label class="pale">left <input value="pale"></label>'
    assert wrong_in(page, field, walk) == {"light colours", "dark"}
    assert wrong_in(page, field, walk) == set()


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        ("", {"unseen": [], "covered": []}),
        ("<style>.right { outline: none !important }</style>", {"unseen": ["right"], "covered": []}),
        ('<div style="position: fixed; inset: 0; background: #fff"></div>',
         {"unseen": [], "covered": ["left", "right"]}),
    ],
)  # fmt: skip
def test_the_focus_is_looked_for_on_all_that_can_have_it(page: Page, beside: str, found: dict[str, list[str]]) -> None:
    """Whether it is drawn, and whether something that stands still is before it; a button that is off has none."""
    links = "".join(f'<a class="{name}" href="/">{name}</a>' for name in ("left", "right"))
    off = "<style>a:focus-visible { outline: 2px solid }</style><button disabled>off</button>"
    Anybody().begin(shown(page, f"{off}{links}{beside}"))
    told = page.evaluate("anybody.focused()")
    names = {question: [name for name in ("left", "right", "off") for one in wrong if f">{name}<" in one]
             for question, wrong in told.items()}  # fmt: skip
    assert names == found
