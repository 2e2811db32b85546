"""Shorter ways to what Django does thousands of times for a page. Each gives what Django's gives, and leaves to Django
whatever isn't usual.

- What escapes a text, or marks what `format_html` made of escaped ones, looks through its arguments for lazy texts with
  a generator, to put itself off. `conditional_escape` and `format_html`, which call it, have made plain texts of them.
- A row's object gets its values one by one (`object_of_row` in accountability/db/sql.py).
- A template's variable is first looked up as a key of each object on its way, by an exception if there is none.
- What a variable gives is taken for an instant and a number before it is taken for a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import unwrap
from typing import Any

from django.db.models import Model
from django.template.base import Variable, VariableDoesNotExist, VariableNode, render_value_in_context
from django.template.context import Context, RequestContext
from django.utils import html

from accountability.db.sql import object_of_row

TAKE_LAZY_TEXTS = ("escape", "mark_safe")
"""Functions of `django.utils.html`, which its others call. A lazy text given to them is told at once."""

_look_up: Any = Variable._resolve_lookup  # type: ignore[attr-defined]

NOT_THERE = (TypeError, AttributeError, LookupError, ValueError)
"""What says that a step of a variable leads nowhere this way."""


def take() -> None:
    """Put our ways before Django's own, before any model is made. Doing it twice is harmless."""
    for name in TAKE_LAZY_TEXTS:
        setattr(html, name, unwrap(getattr(html, name)))
    Model.from_db = classmethod(object_of_row)  # type: ignore[assignment]
    Variable._resolve_lookup = look_up  # type: ignore[attr-defined]
    VariableNode.render = rendered  # type: ignore[method-assign, assignment]


def look_up(variable: Variable, context: Any) -> Any:
    """The value of a variable in a template. Django looks again where a step of it can't be gone."""
    if variable.lookups is None or type(context) not in (Context, RequestContext):
        return _look_up(variable, context)
    try:
        return _followed(variable.lookups, context)
    except NOT_THERE:
        return _look_up(variable, context)
    except Exception as error:
        if getattr(error, "silent_variable_failure", False):
            return _look_up(variable, context)
        raise


def _followed(steps: Sequence[str], context: Context) -> Any:
    value = _of_context(steps[0], context)
    for step in steps[1:]:
        if hasattr(type(value), "__getitem__"):
            try:
                value = value[step]
            except NOT_THERE:
                value = getattr(value, step)
        else:
            value = getattr(value, step)
        if callable(value):
            value = _called(value)
    return value


def _of_context(name: str, context: Context) -> Any:
    for layer in reversed(context.dicts):
        if name in layer:
            value = layer[name]
            return _called(value) if callable(value) else value
    if hasattr(context, name):
        raise AttributeError  # Django knows which of them a template may have
    raise VariableDoesNotExist("Failed lookup for key [%s] in %r", (name, context))


def _called(function: Any) -> Any:
    """What a function gives, where templates may call it."""
    if getattr(function, "do_not_call_in_templates", False):
        return function
    if getattr(function, "alters_data", False):
        raise TypeError
    return function()


def rendered(node: VariableNode, context: Context) -> str:
    """What a variable gives, as text. A text is no instant and no number, so it is only escaped."""
    value = node.filter_expression.resolve(context)
    if isinstance(value, str) and context.autoescape:
        return html.conditional_escape(value)
    return render_value_in_context(value, context)
