"""The places in the bar of every page, written without a template, as a row's cells are: there are twenty of them, each
twice (docs/adr/0041-constants-and-rows.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from accountability.security.markup import format_html, format_html_join

register = template.Library()

Item = Mapping[str, Any]
"""A place: its label, its URL, whether the page is there (`current`), and whether it stands under 更多 (`aside`)."""

ON_A_NARROW_BAR = 3
"""So many places stand in the bar of a narrow window; the others are under 更多 there."""

_HERE = format_html('aria-current="page"')


@register.filter
def in_the_bar(nav: Iterable[Item]) -> SafeString:
    """The places that stand in the bar."""
    return format_html_join("", "\n          {}\n        ", ((_in_the_bar(*each),) for each in enumerate(nav)))


def _in_the_bar(place: int, item: Item) -> SafeString | str:
    if item.get("aside"):
        return ""
    return format_html(
        '\n            <li {}>\n              <a class="bar__item"\n                 href="{}"\n                 {}>{}'
        "</a>\n            </li>\n          ",
        _WIDE if place >= ON_A_NARROW_BAR else "", item["url"], _HERE if item.get("current") else "", item["label"],
    )  # fmt: skip


@register.filter
def under_more(nav: Iterable[Item]) -> SafeString:
    """The places under 更多, and those that a narrow bar has no room for."""
    return format_html_join(
        "", "\n                  {}\n                ", ((_under_more(*each),) for each in enumerate(nav))
    )


def _under_more(place: int, item: Item) -> SafeString | str:
    is_aside = item.get("aside")
    if not is_aside and place < ON_A_NARROW_BAR:
        return ""
    return format_html(
        '\n                    <li {}>\n                      <a href="{}"\n                         {}>{}</a>'
        "\n                    </li>\n                  ",
        "" if is_aside else _NARROW, item["url"], _HERE if item.get("current") else "", item["label"],
    )  # fmt: skip


_WIDE, _NARROW = format_html('class="hide-s"'), format_html('class="only-s"')
