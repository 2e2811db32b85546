"""Compares rows that only their history tells of with it: regions and categories, which are edited in the admin and not
by acts. The hourly seals prove the history itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from accountability.audit.sealed_tables import readable
from accountability.audit.verify_export import Finding
from accountability.declarations.proofs import PROVED


def kept_by_history() -> list[Any]:
    """The models with a history whose rows the ledger doesn't prove."""
    return [model for model in apps.get_models() if hasattr(model, "history") and model._meta.label_lower not in PROVED]


def unlike_history() -> Iterator[Finding]:
    """A finding for each row that isn't what the newest row of its history says, that is missing, or has none. Such
    tables are short: they are read whole.
    """
    for model in kept_by_history():
        yield from _differences(model, model.history.model)


def _differences(model: Any, history: type[models.Model]) -> Iterator[Finding]:
    label, key = model._meta.label_lower, model._meta.pk.attname
    kept = {field.attname for field in history._meta.concrete_fields}
    names = [field.attname for field in model._meta.concrete_fields if field.attname in kept]
    newest: dict[Any, tuple[Any, ...]] = {}
    for _pk, values in readable(history._base_manager.all(), ["history_type", *names]):
        if values is not None:
            newest[values[1 + names.index(key)]] = values
    for pk, present in readable(model._base_manager.all(), names):
        said = newest.pop(pk, None)
        if said is None or said[0] == "-":
            yield Finding("kept_nowhere", note=f"{label} {pk}")
        elif present is None or present != said[1:]:
            differing = [name for name, was, now in zip(names, said[1:], present or (), strict=False) if was != now]
            yield Finding("kept_changed", note=f"{label} {pk}: {', '.join(differing)}")
    for pk, said in newest.items():
        if said[0] != "-":
            yield Finding("kept_missing", note=f"{label} {pk}")
