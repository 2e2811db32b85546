"""Names that an organisation gives to its units and categories, in the reader's language."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import get_language


class Named(Protocol):
    name: str
    name_en: str


def in_readers_language(thing: Named) -> str:
    """The English name for an English reader, where there is one. Papers and exports use `name`: they are Chinese."""
    return thing.name_en if thing.name_en and (get_language() or "").startswith("en") else thing.name
