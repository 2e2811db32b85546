"""Controls are written without templates; they say what Django's own say."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from config.controls import Renderer

HOSTILE = '"><script>alert(1)</script>&amp;'
CHOICES: list[Any] = [
    ("", gettext_lazy("不限")), (1, "一"), ("b", mark_safe("<b>二</b>")), (HOSTILE, HOSTILE), (None, "无"),
    (True, "真"), ("d", date(2026, 11, 24)), (7, 12345.5),
    (date(2026, 1, 1), [(5, date(2026, 1, 2))]), ("组" + HOSTILE, [(4, "四"), ("x", HOSTILE)]),
]  # fmt: skip
ATTRIBUTES = {"id": "it", "required": True, "disabled": False, "size": 3, "data-find": HOSTILE, "data-none": None}


class Parts(HTMLParser):
    """What a browser reads: tags with their attributes in order, and words without the blanks around them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.read: list[Any] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.append((tag, [("" if value is None else value, name) for name, value in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.read.append(tag)

    def handle_data(self, data: str) -> None:
        self.read += [data.strip()] if data.strip() else []


@pytest.mark.parametrize("value", [None, "", "b", 1, HOSTILE, ["b", "x"], True])
@pytest.mark.parametrize("attributes", [{}, ATTRIBUTES, {"class": "wide"}])
@pytest.mark.parametrize(
    "kind", [forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple]
)  # fmt: skip
def test_a_choice_says_what_the_template_of_django_says(kind, attributes, value):
    same(kind(attributes, choices=CHOICES), value)


@pytest.mark.parametrize("value", [None, "", 0, "b", HOSTILE, True, False, "2026-11-24"])
@pytest.mark.parametrize("attributes", [{}, ATTRIBUTES])
@pytest.mark.parametrize("kind", [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
    forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.Textarea,
])  # fmt: skip
def test_a_box_says_what_the_template_of_django_says(kind, attributes, value):
    same(kind(attributes), value)


def same(widget: forms.Widget, value: Any) -> None:
    ours, theirs = (widget.render("a" + HOSTILE, value, renderer=each()) for each in (Renderer, DjangoTemplates))
    assert Parts(ours).read == Parts(theirs).read
    assert "<script>" not in ours


def test_the_usual_controls_need_no_template(monkeypatch):
    """Each of them would be rendered a hundred times for a page."""
    monkeypatch.setattr(Renderer, "get_template", None)
    for kind in (forms.Select, forms.RadioSelect, forms.TextInput, forms.Textarea, forms.CheckboxInput):
        kind().render("it", "", renderer=Renderer())
