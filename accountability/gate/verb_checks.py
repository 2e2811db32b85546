"""Checks at start that everything a verb's declaration refers to exists."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core import checks

from accountability.gate.fields import Code, Text
from accountability.gate.verbs import VERBS, Verb


def _drawn(pattern: str, file: str) -> list[str]:
    """All matches of the pattern in a static file."""
    path = finders.find(f"shouwen/{file}")
    assert isinstance(path, str)
    return re.findall(pattern, Path(path).read_text())


KNOWN: dict[str, Callable[[], Collection[str]]] = {
    "icon": lambda: _drawn(r'<symbol id="([a-z-]+)"', "icons.svg"),
    "tone": lambda: _drawn(r"\.tone-([a-z]+) \{", "tokens.css"),
    "undone_by": lambda: {name for _kind, name in VERBS},
}
"""The allowed words of each field of `Verb`; apps add their own."""

BY_VERB: dict[str, Callable[[], Collection[str]]] = {}
"""Apps' tables with verbs as keys, named `<kind of matter>.<table>`: every key must be a verb of that kind."""


@checks.register
def verbs_name_what_is_there(**_options: Any) -> list[checks.CheckMessage]:
    found = [*_words(), *_tables(), *_unsealed()]
    return [checks.Error(sentence, id="shouwen.E010") for sentence in found]


def _unsealed() -> Iterator[str]:
    """The ledger can't forget: a text that anybody types may name a person, so it is sealed or has a pattern."""
    for (kind, name), entry in VERBS.items():
        for fact in entry.facts:
            if isinstance(fact, Text) and not fact.is_text and not isinstance(fact, Code):
                yield f"The verb {name} of {kind} puts what is typed as {fact.name} into the ledger"


def _words() -> Iterator[str]:
    for field, known in KNOWN.items():
        allowed = {"", *known()}
        for (kind, name), entry in VERBS.items():
            for word in _held(entry, field):
                if word not in allowed:
                    yield f"The verb {name} of {kind} has an unknown {field}: {word}"


def _held(entry: Verb, field: str) -> tuple[str, ...]:
    value = getattr(entry, field)
    return value if isinstance(value, tuple) else (value,)


def _tables() -> Iterator[str]:
    for table, keys in BY_VERB.items():
        kind, _dot, _name = table.partition(".")
        for name in keys():
            if (kind, name) not in VERBS:
                yield f"The table {table} names no verb: {name}"
