"""What marketing may edit in papers: prefixes of numbers, names of departments, standing texts; each with its default.

The two departments that every kind of paper names stand here; apps declare the rest in `ready()`. What marketing
changed stands in versions of `PaperWording` (R15).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import in_force_if_any
from accountability.gate.act import Batch
from accountability.models import PaperWording


@dataclass(frozen=True)
class Phrase:
    """`placeholders` are the names in braces that its text may use; each is filled in when a paper is composed.

    A name that ends in `_prefix` is the beginning of numbers (发文代字).
    """

    name: str
    label: Any
    default: str
    placeholders: tuple[str, ...] = ()
    rows: int = 1

    @property
    def is_prefix(self) -> bool:
        return self.name.endswith("_prefix")

    @property
    def most(self) -> int:
        """Letters: a prefix must fit into a number, a line into a line."""
        return 20 if self.is_prefix else 60 if self.rows == 1 else 1000


PHRASES: dict[str, Phrase] = {}


def declare(*phrases: Phrase) -> None:
    """Under each name one phrase: of two, whichever app came last would say what marketing edits."""
    for phrase in phrases:
        if PHRASES.setdefault(phrase.name, phrase) is not phrase:
            raise ValueError(f"the phrase {phrase.name} is declared twice")


declare(
    Phrase("marketing", _("市场部名称"), "省公司市场部"),
    Phrase("centre", _("客服中心名称"), "省客户服务中心"),
)


class Wording:
    """The phrases as they are at an instant."""

    def __init__(self, changed: dict[str, str]) -> None:
        self._changed = changed

    def __getitem__(self, name: str) -> str:
        return self._changed.get(name) or PHRASES[name].default

    def text(self, name: str, **values: object) -> str:
        """The phrase with its placeholders filled in; a brace that is none stays as it is."""
        text = self[name]
        for placeholder, value in values.items():
            text = text.replace("{" + placeholder + "}", str(value))
        return text


def wording_of(batch: Batch) -> Wording:
    """The words and prefixes of papers as they are at the instant of these acts, read once."""
    found: Wording = batch.once("wording", lambda _ids: wording_at(batch.at))
    return found


def wording_at(at: datetime) -> Wording:
    """One query."""
    found = in_force_if_any(PaperWording, at)
    return Wording(found.phrases if found else {})
