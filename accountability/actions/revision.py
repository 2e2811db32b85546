"""The only way to add a new version of anything (R15)."""

from __future__ import annotations

from typing import Any, TypeVar

from accountability.gate.act import Act
from accountability.models import Version

V = TypeVar("V", bound=Version)


def revise(act: Act, model: type[V], *, series: dict[str, Any] | None = None, **changed: Any) -> V:
    """Add the next version, in force from this act on: a copy of the last one with the `changed` values.

    `series` says which thing it is a version of, where a table holds versions of several things.
    """
    assert act.actor is not None
    series = series or {}
    last = model.last(**series)
    kept = [f.attname for f in model._meta.concrete_fields if not f.primary_key] if last else []
    version = model(**{name: getattr(last, name) for name in kept})
    number = last.version + 1 if last else 1
    now = {"version": number, "in_force_from": act.at, "author_id": act.actor.pk}
    for name, value in (series | changed | now).items():
        setattr(version, name, value)
    act.changes.new(version)
    act.note(version=number)
    return version
