"""Declares the phrases in papers that marketing may edit: prefixes of numbers, department names, fixed texts.

The names of the two departments in every kind of paper are declared here; apps declare the rest in `ready()`. Each has
a default; marketing's changes are stored in versions of `PaperWording` (R15).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Together
from accountability.documents.template_fields import in_words
from accountability.gate.act import Batch
from accountability.models import PaperWording


@dataclass(frozen=True)
class Phrase:
    """A phrase. `placeholders` are the names in braces that its text may use, filled in when a paper is composed.

    A phrase whose name ends in `_prefix` is a prefix of numbers (发文代字).
    """

    name: str
    label: Any
    default: str
    placeholders: tuple[str, ...] = ()
    rows: int = 1

    @property
    def written_placeholders(self) -> list[str]:
        """The placeholders as people write them."""
        return [in_words(f"{{{name}}}") for name in self.placeholders]

    @property
    def is_prefix(self) -> bool:
        return self.name.endswith("_prefix")

    @property
    def most(self) -> int:
        """The most characters: a prefix must fit into a number, a one-line phrase into a line."""
        return 20 if self.is_prefix else 60 if self.rows == 1 else 1000


PHRASES: dict[str, Phrase] = {}


def declare(*phrases: Phrase) -> None:
    """Declare phrases. Declaring a name twice raises ValueError, because one declaration would replace the other."""
    for phrase in phrases:
        if PHRASES.setdefault(phrase.name, phrase) is not phrase:
            raise ValueError(f"the phrase {phrase.name} is declared twice")


declare(
    Phrase("marketing", _("市场部名称"), "省公司市场部"),
    Phrase("centre", _("客服中心名称"), "省客户服务中心"),
)


class Wording:
    """The phrases that apply at an instant."""

    def __init__(self, changed: dict[str, str]) -> None:
        self._changed = changed

    def __getitem__(self, name: str) -> str:
        return self._changed.get(name) or PHRASES[name].default

    def text(self, name: str, **values: object) -> str:
        """The phrase with its placeholders filled in; other braces stay unchanged."""
        text = self[name]
        for placeholder, value in values.items():
            text = text.replace("{" + placeholder + "}", str(value))
        return text


def wording_of(batch: Batch) -> Wording:
    """The phrases that apply at the instant of these acts, read once for the batch."""
    return ask_wording(batch)()


def ask_wording(batch: Batch) -> Callable[[], Wording]:
    """The same, to be read with what else these acts ask for."""
    asked: Callable[[], Wording] = batch.once("wording", lambda _ids: wording_with(batch.together, batch.at))
    return asked


def wording_at(at: datetime) -> Wording:
    """The phrases that apply at the instant; one query."""
    return wording_with(Together(), at)()


def wording_with(together: Together, at: datetime) -> Callable[[], Wording]:
    """The same, to be read with what else is asked for."""
    found = together.in_force(PaperWording, at)
    return cache(lambda: Wording(next((version.phrases for version in found()), {})))
