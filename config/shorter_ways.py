"""Shorter ways to what Django does thousands of times for a page. Each gives what Django's gives, and leaves to Django
whatever isn't usual.

- What escapes a text, or marks what `format_html` made of escaped ones, looks through its arguments for lazy texts with
  a generator, even where there is one plain text.
- A row's object gets its values one by one through `setattr`, though all but a few just lie in its dictionary.
- A template's variable is first looked up as a key of each object on its way, by an exception if there is none.
- What a variable gives is taken for an instant and a number before it is taken for a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, wraps
from inspect import getattr_static
from itertools import compress
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.signals import post_init, pre_init
from django.template.base import Variable, VariableDoesNotExist, VariableNode, render_value_in_context
from django.template.context import Context, RequestContext
from django.utils import html

TAKE_LAZY_TEXTS = ("escape", "mark_safe")
"""Functions of `django.utils.html`, which its others call."""

SHORT = "is_shorter"
"""The attribute of a function that is so already."""

_from_db: Any = Model.from_db
_look_up: Any = Variable._resolve_lookup  # type: ignore[attr-defined]

NOT_THERE = (TypeError, AttributeError, LookupError, ValueError)
"""What says that a step of a variable leads nowhere this way."""

JUST_KEPT = {ForeignKeyDeferredAttribute}
"""It forgets the object that the key led to before, which a new object hasn't."""


def take() -> None:
    """Put our ways before Django's own, before any model is made. Doing it twice is harmless."""
    for name in TAKE_LAZY_TEXTS:
        setattr(html, name, shorter(getattr(html, name)))
    Model.from_db = classmethod(from_db)  # type: ignore[assignment]
    Variable._resolve_lookup = look_up  # type: ignore[attr-defined]
    VariableNode.render = rendered  # type: ignore[method-assign, assignment]


def shorter(takes_lazy_texts: Any) -> Any:
    """The same function, without the search where it is given one plain text."""
    if SHORT in vars(takes_lazy_texts):
        return takes_lazy_texts
    for_plain_texts = takes_lazy_texts.__wrapped__

    @wraps(takes_lazy_texts)
    def function(text: Any) -> Any:
        return for_plain_texts(text) if type(text) is str else takes_lazy_texts(text)

    vars(function)[SHORT] = True
    return function


def from_db(model: type[Model], db: str | None, field_names: Sequence[str], values: Sequence[Any]) -> Model:
    """As Django's: an object that is in the database, with these values and the other fields deferred."""
    if pre_init.receivers or post_init.receivers or not _is_plain(model):
        made: Model = _from_db.__func__(model, db, field_names, values)
        return made
    names, with_setters = _attributes(model)
    if len(values) != len(names):
        names = tuple(compress(names, [name in field_names for name in names]))
    new = model.__new__(model)
    state = new._state = ModelState()
    state.adding, state.db = False, db
    new.__dict__.update(zip(names, values, strict=False))
    if with_setters:
        for name in with_setters.intersection(names):
            setattr(new, name, new.__dict__.pop(name))
    return new


@cache
def _is_plain(model: type[Model]) -> bool:
    """Whether objects are made as Django's own are."""
    return model.__init__ is Model.__init__ and "__new__" not in vars(model) and not model._meta.abstract


@cache
def _attributes(model: type[Model]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names of all columns, and of those whose attribute does something more when it is set."""
    names = tuple(field.attname for field in model._meta.concrete_fields)
    setters = {name: type(getattr_static(model, name, None)) for name in names}
    more = (name for name, setter in setters.items() if hasattr(setter, "__set__") and setter not in JUST_KEPT)
    return names, frozenset(more)


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
