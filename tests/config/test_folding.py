"""What says the same on every page of a language is rendered once for it; whatever may differ is rendered each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template, engines
from django.template.base import Node, NodeList, TextNode, VariableNode
from django.template.defaulttags import URLNode
from django.template.loader import get_template
from django.test import override_settings
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch
from django.utils import translation
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from accountability.templatetags import shouwen
from complaints.models import State
from config import folding
from config.folding import Folded, Linked, Said, fold

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LOADED = "{% load i18n static shouwen %}"
CONSTANT = (
    '{% translate "投诉" %}', '{% translate "件" context "count" %}', "{% blocktranslate %}投诉{% endblocktranslate %}",
    '{% url "home" %}', '{% static "shouwen/app.js" %}', '{% icon "plus" %}', "{% number_pattern %}",
    '{% rule "R12" %}', "{% comment %}x{% endcomment %}",
)  # fmt: skip
DIFFERING = (
    "{{ word }}", '{{ "投诉" }}', "{% translate word %}", '{% translate "投诉"|cut:word %}',
    '{% translate "投诉" as word %}', '{% translate "投诉" context word %}', "{% icon word %}",
    '{% icon "plus" as word %}', '{% url "complaint" word %}', '{% url word %}', '{% url "home" as word %}',
    '{% url "admin:index" %}', "{% static word %}", '{% static "shouwen/app.js" as word %}', "{% csrf_token %}",
    "{% blocktranslate %}投诉 {{ word }}{% endblocktranslate %}", '{% now "Y" %}', "{% get_current_language as word %}",
    "{% blocktranslate count n=word %}一{% plural %}多{% endblocktranslate %}", "{% if word %}x{% endif %}",
    '{% include "includes/theme.html" %}', "{% lasting word %}", "{% fields word %}", "{% page_title %}",
)  # fmt: skip


def folded(source: str) -> Template:
    made = Template(source)
    fold(made.nodelist)
    return made


def nodes(inside: NodeList) -> Iterator[Node]:
    for node in inside:
        yield node
        for below in folding._below(node):
            yield from nodes(below)


@pytest.mark.parametrize("tag", CONSTANT)
def test_a_constant_is_folded_with_its_neighbours(tag):
    made = folded(f"{LOADED}<p>{tag}</p>{{{{ word }}}}{tag}")
    assert [type(node).__name__ for node in made.nodelist] == ["Folded", "Said", "Folded"]
    assert made.render(Context({"word": "&"})) == Template(f"{LOADED}<p>{tag}</p>&amp;{tag}").render(Context())


@pytest.mark.parametrize("tag", DIFFERING)
def test_what_may_differ_is_not_folded(tag):
    made = folded(f"{LOADED}<p>{tag}</p>")
    assert [type(node).__name__ for node in made.nodelist[::2]] == ["Folded", "TextNode"]
    assert type(made.nodelist[1]) is not Folded


def test_it_is_folded_below_other_tags_too():
    inner = f"{{% for x in word %}}{CONSTANT[3]}{{% endfor %}}"
    made = folded(f"{LOADED}{{% if word %}}<p>{CONSTANT[0]}</p>{{% else %}}{inner}{{% endif %}}")
    assert sum(type(node) is Folded for node in nodes(made.nodelist)) == 3


def test_it_is_rendered_once_in_each_language(monkeypatch):
    made, rendered, plain = folded(f"{LOADED}{CONSTANT[0]}"), [], Folded._rendered

    def note(part: Folded, context: Context) -> str:
        rendered.append(part)
        return plain(part, context)

    monkeypatch.setattr(Folded, "_rendered", note)
    said = {}
    for language in ("zh-hans", "en", "zh-hans", "en"):
        with translation.override(language):
            said[language] = made.render(Context())
    assert (len(rendered), said["zh-hans"], said["zh-hans"] != said["en"]) == (2, "投诉", True)


def test_another_place_of_addresses_or_files_is_told():
    made = folded(f"{LOADED}{CONSTANT[3]} {CONSTANT[4]}")
    assert made.render(Context()).startswith("/ ")
    with override_script_prefix("/elsewhere/"):
        assert made.render(Context()).startswith("/elsewhere/ ")
    before = made.render(Context())
    with override_settings(STATIC_URL="/files/"):
        assert made.render(Context()) != before
    assert made.render(Context()) == before


def test_without_escaping_nothing_is_kept():
    made = folded(f"{LOADED}{CONSTANT[0]}")
    assert made.render(Context(autoescape=False)) == made.render(Context())
    assert len(made.nodelist[0].kept) == 1  # type: ignore[attr-defined]


def test_not_everything_is_kept():
    made = folded(f"{LOADED}{CONSTANT[3]}")
    for n in range(folding.MOST + 5):
        with override_script_prefix(f"/{n}/"):
            assert made.render(Context()) == f"/{n}/"
    assert len(made.nodelist[0].kept) == folding.MOST  # type: ignore[attr-defined]


class Marked:
    """Markup of another maker, as a widget is."""

    def __html__(self):
        return "<b>&</b>"


VALUES = (
    "", "投诉", "<a href='x'>&\"</a>", mark_safe("<b>&</b>"), lazy(lambda: "<&", str)(),
    lazy(lambda: mark_safe("<b>"), str)(), lazy(lambda: 3, int)(), gettext_lazy("投诉"), State.ARCHIVED,
    SimpleLazyObject(lambda: "<"), 0, 1234567, 1.5, Decimal("1234.50"), True, None, date(2026, 12, 1),
    datetime(2026, 12, 1, 3, tzinfo=UTC), time(3), ["<"], {"<": 1}, Marked(), object,
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_variable_is_said_as_django_says_it(value):
    source = "{{ value }}{{ value|default:'<' }}{{ value|safe }}{% if value %}{{ value }}{% endif %}{{ none.such }}"
    plain, ours = Template(source), folded(source)
    assert [type(node) for node in nodes(ours.nodelist) if isinstance(node, VariableNode)] == [Said] * 5
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for escaping in (True, False):
                context = Context({"value": value}, autoescape=escaping)
                assert ours.render(context) == plain.render(context)


@pytest.mark.parametrize("part", ["WH", mark_safe("WH"), "W H&<'", "武汉", 7, State.ARCHIVED])
def test_an_address_is_written_as_django_writes_it(part):
    source = "{% url 'unit' part %}"
    plain, ours = Template(source), folded(source)
    assert type(ours.nodelist[0]) is Linked
    for escaping in (True, False):
        context = Context({"part": part}, autoescape=escaping)
        assert ours.render(context) == plain.render(context)


@pytest.mark.parametrize("source", [
    "{% url 'admin:index' %}", "{% url name part %}", "{% url 'unit' part as address %}", "{% url 'unit' code=part %}",
])  # fmt: skip
def test_an_address_that_depends_on_the_page_is_djangos(source):
    assert type(folded(source).nodelist[0]) is URLNode


@pytest.mark.parametrize("part", ["", "W/H"])
def test_an_address_that_is_none_fails_as_djangos(part):
    with pytest.raises(NoReverseMatch):
        folded("{% url 'unit' part %}").render(Context({"part": part}))


def test_the_templates_of_pages_are_folded():
    (loader,) = engines["django"].engine.template_loaders  # type: ignore[attr-defined]
    assert isinstance(loader, folding.Loader)
    base: Any = get_template("base.html")
    found = list(nodes(base.template.nodelist))
    assert sum(type(node) is Folded for node in found) > 10
    assert {type(node) for node in found if isinstance(node, VariableNode)} == {Said}
    left = [node.token.contents for node in found if folding.is_constant(node) and type(node) is not TextNode]  # type: ignore[union-attr]
    assert left == []


def test_no_template_changes_the_language_within_itself():
    """What is folded asks for the language once a template."""
    changing = re.compile(r"{%\s*(language|autoescape|localize|localtime|timezone)\b")
    assert [path for path in TEMPLATES.rglob("*.html") if changing.search(path.read_text())] == []


def test_the_tags_of_the_language_are_there():
    """A tag that was renamed would not be folded any more."""
    for module, name in folding.OF_THE_LANGUAGE:
        assert callable(getattr(import_module(module), name))
    assert {name for _module, name in folding.OF_THE_LANGUAGE} <= set(shouwen.register.tags)


def test_a_row_has_few_nodes_besides_its_forms():
    """It had 48; a page has up to fifty rows."""
    part: Any = get_template("complaints/lists/parts/rows.html")
    (loop,) = (node for node in part.template.nodelist if type(node).__name__ == "ForNode")
    assert len(loop.nodelist_loop) <= 9
