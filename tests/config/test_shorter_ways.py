"""The shorter ways give what Django's own give, letter for letter."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.signals import post_init
from django.template import Context, RequestContext, Template, Variable, VariableDoesNotExist
from django.template.base import VariableNode, render_value_in_context
from django.utils import html
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from accountability.db import sql
from complaints.models import Complaint
from config import shorter_ways

HOSTILE = "<script>alert('1')</script>\"&amp;"


class Word(str):
    """A text of another class."""


TEXTS = ["", "投诉", HOSTILE, mark_safe("<b>"), gettext_lazy("投诉"), Word(HOSTILE), 7, None, Decimal("1.5"), ["<"]]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_a_text_is_escaped_as_django_does(text):
    assert html.escape(text) == escape(str(text))
    assert hasattr(html.escape(text), "__html__")
    assert html.format_html("{}{a}", text, a=text) == f"{html.conditional_escape(text)}" * 2


def test_what_was_typed_is_escaped_and_what_is_safe_is_not():
    made = html.format_html("<i>{}{}</i>", HOSTILE, mark_safe("<b>"))
    assert made == "<i>&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&quot;&amp;amp;<b></i>"
    assert hasattr(made, "__html__")
    assert not hasattr(made + HOSTILE, "__html__")


def test_taking_the_ways_twice_is_harmless():
    before = html.escape, html.mark_safe, Variable._resolve_lookup, VariableNode.render  # type: ignore[attr-defined]
    shorter_ways.take()
    assert (html.escape, html.mark_safe, Variable._resolve_lookup, VariableNode.render) == before  # type: ignore[attr-defined]


# Objects of rows


def told(thing: Model) -> tuple[dict[str, Any], bool, str | None]:
    return {k: v for k, v in vars(thing).items() if k != "_state"}, thing._state.adding, thing._state.db


def both(model: type[Model], names: list[str], values: list[Any]) -> list[Any]:
    django = sql._from_db.__func__
    return [make(model, "default", names, values) for make in (sql.object_of_row, django)]


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_a_row_becomes_the_object_that_django_makes(model):
    names = [field.attname for field in model._meta.concrete_fields]
    values = [f"value {n}" for n, _name in enumerate(names)]
    for some in (slice(None), slice(1), slice(0, None, 2), slice(2, None)):
        ours, django = both(model, names[some], values[some])
        assert told(ours) == told(django)
        assert type(ours) is type(django)
        assert ours._state.fields_cache == {}
        assert ours.get_deferred_fields() == django.get_deferred_fields()


def test_each_object_has_a_state_of_its_own():
    first, second = (Complaint.from_db("default", ["matter_id"], [n]) for n in (1, 2))
    assert isinstance(first._state, ModelState)
    assert first._state is not second._state


def test_who_listens_to_new_objects_hears_of_them():
    heard: list[Any] = []

    def hear(instance: Model, **_more: Any) -> None:
        heard.append(instance.pk)

    post_init.connect(hear, sender=Complaint)
    try:
        Complaint.from_db("default", ["matter_id"], [5])
    finally:
        post_init.disconnect(hear, sender=Complaint)
    assert heard == [5]


# Variables of templates


class Gone(ObjectDoesNotExist):
    pass


class Thing:
    word, items, letter = "投诉", "an attribute", {"a": 1}

    def call(self) -> str:
        return "called"

    def needs(self, argument: int) -> int:
        return argument

    def alters(self) -> None:
        raise AssertionError("it was called")

    alters.alters_data = True  # type: ignore[attr-defined]

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    @property
    def gone(self) -> str:
        raise Gone

    @property
    def fails(self) -> str:
        raise ZeroDivisionError


class Left(Thing):
    do_not_call_in_templates = True

    def __call__(self) -> str:
        raise AssertionError("it was called")


GIVEN: dict[str, Any] = {
    "thing": Thing(), "left": Left(), "kind": Left, "lazy": SimpleLazyObject(Thing), "list": ["a", "b"],
    "dict": {"items": "a key", "1": "one", "call": lambda: "called"}, "many": defaultdict(list), "none": None,
    "call": lambda: "called", "word": HOSTILE, "number": 1234567, "text": gettext_lazy("投诉"),
}  # fmt: skip
STEPS = (
    "thing", "thing.word", "thing.items", "thing.call", "thing.needs", "thing.alters", "thing.broken", "thing.gone",
    "thing.fails", "thing.missing", "thing.word.upper", "thing.letter.a", "thing.letter.b", "left", "left.word", "kind",
    "kind.word", "lazy.word", "lazy.call", "lazy.missing", "list.0", "list.9", "list.x", "dict.items", "dict.keys",
    "dict.1", "dict.call", "dict.missing", "many.x", "none", "none.x", "call", "word", "word.0", "number", "text",
    "missing", "missing.x", "template", "autoescape", "push", "request", "render_context",
)  # fmt: skip


def outcome(look_up: Any, name: str, context: Any) -> Any:
    try:
        found = look_up(Variable(name), context)
    except Exception as error:
        return type(error), str(error)
    return type(found), found if not callable(found) else repr(found)[:30]


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("kind", [Context, RequestContext])
def test_a_variable_is_what_django_finds(name, kind, rf):
    def context() -> Any:
        made = kind(GIVEN) if kind is Context else kind(rf.get("/"), GIVEN)
        made.template = Template("")
        made.push(thing=GIVEN["thing"])
        return made

    ours, django = (outcome(look_up, name, context()) for look_up in (shorter_ways.look_up, shorter_ways._look_up))
    if ours[0] is VariableDoesNotExist and "missing" in name:
        assert django[0] is VariableDoesNotExist
    else:
        assert repr(ours)[:60] == repr(django)[:60]


VALUES = [*TEXTS, True, 1234567, 0.5, date(2026, 11, 24), datetime(2026, 11, 24, 7, 0, tzinfo=UTC)]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("autoescape", [True, False])
def test_a_variable_is_shown_as_django_shows_it(value, autoescape):
    context = Context({"value": value}, autoescape=autoescape)
    shown = Template("{{ value }}").render(context)
    with context.bind_template(Template("")):
        assert shown == render_value_in_context(value, context)
    assert not autoescape or "<script" not in shown
