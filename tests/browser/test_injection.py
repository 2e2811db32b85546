"""Markup that came into a page all the same, since an escape failed somewhere: it does nothing in the reader's name.

Nothing carries the token but the forms of ours, and from a form it goes to those addresses alone that the form names.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, Route

from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.asvs("3.5.1"), pytest.mark.lesson(13)]

INJECT = """([place, markup]) => {
    const at = document.querySelector(place);
    at.insertAdjacentHTML("beforeend", markup);
    window.htmx.process(at);
    at.querySelectorAll("[data-click]").forEach((one) => one.click());
}"""

OUTSIDE, IN_A_FORM, UNDER_DISABLE = "main", "#intake", "#messages"

WITH_TOKENS = "hx-include='[name=csrfmiddlewaretoken]'"

INJECTED = (
    (OUTSIDE, "<i hx-post=/seized/ hx-trigger=load></i>"),
    (OUTSIDE, f"<i hx-post=/seized/ hx-trigger=load {WITH_TOKENS}></i>"),
    (OUTSIDE, f"<form hx-post=/seized/ action=/seized/ hx-trigger=load {WITH_TOKENS}></form>"),
    (OUTSIDE, f"<form hx-post=/seized/ action=/seized/ hx-trigger=load {WITH_TOKENS}>"
              "<input name=csrfmiddlewaretoken></form>"),
    (OUTSIDE, f"<i hx-get=/seized/ hx-trigger=load {WITH_TOKENS}></i>"),
    (OUTSIDE, "<button data-click form=intake formnovalidate formaction=/seized/>x</button>"),
    (OUTSIDE, "<button data-click form=intake formnovalidate formaction=/seized/ formmethod=get>x</button>"),
    (IN_A_FORM, "<i hx-post=/seized/ hx-trigger=load></i>"),
    (IN_A_FORM, "<i hx-put=/seized/ hx-trigger=load></i>"),
    (IN_A_FORM, "<i hx-delete=/seized/ hx-trigger=load></i>"),
    (IN_A_FORM, "<button data-click formnovalidate formaction=/seized/>x</button>"),
    (UNDER_DISABLE, "<i hx-get=/seized/ hx-trigger=load></i>"),
    (UNDER_DISABLE, f"<i data-hx-post=/seized/ data-hx-trigger=load {WITH_TOKENS}></i>"),
)  # fmt: skip


def test_markup_in_a_page_takes_no_token_along_and_is_no_htmx_where_typed_text_is_shown(office: Office) -> None:
    page = office.page("kf.agent")
    seized = {markup: found for place, markup in INJECTED if (found := asked_by(page, place, markup))}
    assert seized == {}


def asked_by(page: Page, place: str, markup: str) -> list[str]:
    """What the markup sent with the token in it; where htmx is off, whatever it sent."""
    asked: list[Request] = []

    def keep(route: Route) -> None:
        asked.append(route.request)
        route.abort()

    page.goto("/complaints/new/")
    token = page.locator("#intake [name=csrfmiddlewaretoken]").input_value()
    page.route("**/seized/**", keep)
    page.evaluate(INJECT, [place, markup])
    page.wait_for_timeout(200)
    page.unroute("**/seized/**")
    sent = [f"{one.method} {one.url} {(one.post_data_buffer or b'').decode(errors='replace')}" for one in asked]
    return [one for one in sent if token in one or place == UNDER_DISABLE]
