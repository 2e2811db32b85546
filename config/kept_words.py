"""Keeps what a page looks up hundreds of times: translations by language, the labels of a field's choices, and which
language, time zone and list of addresses hold for the thread.

Django asks a chain of catalogues for every text, and makes a dictionary of all choices for each label that it shows:
half of what a list of 25 rows cost. Catalogues and choices don't change while a process runs.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from types import ModuleType
from typing import Any

from django.db.models import Field, Model
from django.urls import base as addresses
from django.utils import timezone
from django.utils.choices import BaseChoiceIterator
from django.utils.encoding import force_str
from django.utils.translation import trans_real
from django.utils.translation.trans_real import DjangoTranslation

MOST = 20_000
"""Texts kept by language: far more than the product has. What people typed must not fill the memory."""

OF_THE_THREAD: tuple[tuple[ModuleType, str], ...] = (
    (trans_real, "_active"), (timezone, "_active"), (addresses, "_prefixes"), (addresses, "_urlconfs"),
)  # fmt: skip
"""Where Django notes the language, the time zone and the addresses that hold. Its notes are made for tasks that take
turns in one thread, and each look goes through a lock and eight calls, five hundred times a page. Here a thread has one
request at a time: nothing of ours is asynchronous.
"""

_KEPT = "kept_labels"
_load, _label_of = DjangoTranslation.__init__, Model._get_FIELD_display  # type: ignore[attr-defined]


def keep() -> None:
    """Put our look-ups before Django's own, before any model is made. Doing it twice is harmless."""
    DjangoTranslation.__init__ = load  # type: ignore[method-assign, assignment]
    Model._get_FIELD_display = label_of  # type: ignore[attr-defined]
    for module, name in OF_THE_THREAD:
        before, now = getattr(module, name), threading.local()
        if hasattr(before, "value"):  # what `django.setup` has noted already
            now.value = before.value
        setattr(module, name, now)


def load(catalogue: DjangoTranslation, *args: Any, **kwargs: Any) -> None:
    """Load a language; it keeps what it is asked from then on."""
    _load(catalogue, *args, **kwargs)
    catalogue.gettext = lru_cache(maxsize=MOST)(catalogue.gettext)  # type: ignore[method-assign]


def label_of(thing: Model, field: Field[Any, Any]) -> Any:
    """As `get_FIELD_display` says it."""
    choices = field.choices
    if isinstance(choices, BaseChoiceIterator):  # made by a function each time
        return _label_of(thing, field)
    of, labels = field.__dict__.get(_KEPT, (None, {}))
    if of is not choices:
        labels = dict(field.flatchoices)
        field.__dict__[_KEPT] = choices, labels
    value = getattr(thing, field.attname)
    try:
        return force_str(labels.get(value, value), strings_only=True)
    except TypeError:  # a list can't be a key
        return _label_of(thing, field)
