"""Columns that are computed from another one of the row, such as the pinyin of a name; their fields say `follows`."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models


@cache
def _computed(model: type[models.Model]) -> list[Any]:
    return [f for f in model._meta.concrete_fields if hasattr(f, "follows")]


def compute(thing: models.Model, changed: set[str]) -> set[str]:
    """Compute the columns that follow one of those that changed; their names."""
    found = [f for f in _computed(thing._meta.model) if f.follows in changed]
    for f in found:
        f.pre_save(thing, False)
    return {f.attname for f in found}
