"""Pieces of pages that are written in Python are escaped as Django escapes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import html
from django.utils.functional import lazystr
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from accountability.security import markup

pytestmark = [pytest.mark.asvs("1.2.1", "1.2.2", "1.1.2"), pytest.mark.lesson(13)]

HOSTILE = "\"><script>alert('1')</script>&amp;{0}{}"


class Marked:
    """A thing that says itself what its markup is."""

    def __html__(self) -> str:
        return "<i>x</i>"


class Kind(str):
    """A text of a class of its own, such as a choice of a model."""

    __slots__ = ()


VALUES: list[Any] = [
    "", "文", HOSTILE, SafeString(HOSTILE), lazystr(HOSTILE), gettext_lazy("不限"), Marked(), Kind(HOSTILE), None, 7,
    1.5, [HOSTILE], {"a": HOSTILE}, SafeString("<b>") + HOSTILE, SafeString("<b>") + SafeString("</b>"),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_escaped_as_django_escapes_it(value: Any) -> None:
    for ours, theirs in (
        (markup.format_html("<a>{}</a>", value), html.format_html("<a>{}</a>", value)),
        (markup.format_html('<a title="{x}">', x=value), html.format_html('<a title="{x}">', x=value)),
        (
            markup.format_html_join(value, "<a>{}</a>", ((value,), (1,))),
            html.format_html_join(value, "<a>{}</a>", ((value,), (1,))),
        ),
    ):
        assert (ours, type(ours)) == (theirs, SafeString)


@given(st.text(), st.text())
def test_any_text_is(one: str, other: str) -> None:
    form = "<b>{} {said}</b>"
    assert markup.format_html(form, one, said=other) == html.format_html(form, one, said=other)
    assert markup.escaped(SafeString(one)) == one
    assert markup.escaped(one) == html.escape(one)


def test_a_gap_is_filled_with_text() -> None:
    drawn = markup.filled(SafeString('<a href="/m1/">m2</a>'), (("m1", HOSTILE), ("m2", SafeString("<b>x</b>"))))
    assert (drawn, type(drawn)) == (f'<a href="/{html.escape(HOSTILE)}/"><b>x</b></a>', SafeString)


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_a_part_of_an_address_is_quoted_as_reverse_quotes_it(number: str) -> None:
    assert reverse("complaint", args=[number]) == f"/complaints/{markup.in_address(number)}/"
