"""Keeps what a page looks up hundreds of times: translations by language, and the labels of a field's choices.

Django asks a chain of catalogues for every text, and makes a dictionary of all choices for each label that it shows:
half of what a list of 25 rows cost. Catalogues and choices don't change while a process runs; a translation that is
loaded anew begins with nothing kept.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Model
from django.utils import translation
from django.utils.encoding import force_str
from django.utils.translation import trans_real

MOST = 20_000
"""Texts kept by language: far more than the product has. What people typed must not fill the memory."""

_KEPT = "kept_words"


def keep() -> None:
    """Put our look-ups before Django's own. Doing it twice is harmless."""
    trans_real.gettext = translation._trans.gettext = gettext  # type: ignore[attr-defined]
    Model._get_FIELD_display = label_of  # type: ignore[attr-defined]


_look_up, _label_of = trans_real.gettext, Model._get_FIELD_display  # type: ignore[attr-defined]


def gettext(message: str) -> str:
    """The translation in the language of this thread."""
    language = getattr(trans_real._active, "value", None)  # type: ignore[attr-defined]
    if language is None or type(message) is not str:
        return _look_up(message)
    kept: dict[str, str] = language.__dict__.setdefault(_KEPT, {})
    found = kept.get(message)
    if found is None:
        found = _look_up(message)
        if len(kept) < MOST:
            kept[message] = found
    return found


def label_of(thing: Model, field: Field[Any, Any]) -> Any:
    """As `get_FIELD_display` says it."""
    choices = field.choices
    of, labels = field.__dict__.get(_KEPT, (None, {}))
    if of is not choices:
        labels = dict(field.flatchoices)
        field.__dict__[_KEPT] = choices, labels
    value = getattr(thing, field.attname)
    try:
        return force_str(labels.get(value, value), strings_only=True)
    except TypeError:  # a list can't be a key
        return _label_of(thing, field)
