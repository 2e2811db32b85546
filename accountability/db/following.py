"""Follows foreign keys with one statement for each table.

Joined in one statement, the people and units of a complaint are ten to fifteen tables, and PostgreSQL then plans for
longer than it reads. `select_related` stays right for the few that are needed row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db.models import Field, Model, QuerySet
from django.db.models.query import ModelIterable

from accountability.db.sql import by_key

Followed = tuple[Iterable[Model | None], Iterable[str]]
"""Rows, and the paths from them (`agent__unit`)."""


class Following(QuerySet[Any]):
    """A queryset whose rows come with what `following` names."""

    _followed: tuple[str, ...] = ()

    def following(self, *paths: str) -> Self:
        found: Self = self._chain()  # type: ignore[attr-defined]
        found._followed = tuple(dict.fromkeys((*self._followed, *paths)))
        return found

    def alone(self) -> Self:
        """Without what `following` named, for a reader of few columns."""
        found: Self = self._chain()  # type: ignore[attr-defined]
        found._followed = ()
        return found

    def _clone(self) -> Self:
        found: Self = super()._clone()  # type: ignore[misc]
        found._followed = self._followed
        return found

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._followed and issubclass(self._iterable_class, ModelIterable):
            follow((self._result_cache or (), self._followed))


Known = Mapping[type[Model], Mapping[Any, Model]]
"""Rows by primary key, by model."""


def follow(*several: Followed) -> Known:
    """Set what the paths lead to; give all that they met. What is set already is kept, and used for other rows too."""
    steps = [(row, path.split("__")) for rows, paths in several for path in paths for row in rows if row is not None]
    known: dict[type[Model], dict[Any, Model]] = defaultdict(dict)
    for row, path in steps:
        _remember(row, path, known)
    while steps:
        steps = _step(steps, known)
    return known


def _remember(row: Model, path: list[str], known: dict[type[Model], dict[Any, Model]]) -> None:
    """Note the rows that a path meets already."""
    for name in path:
        field: Any = row._meta.get_field(name)
        if not field.is_cached(row) or (there := field.get_cached_value(row)) is None:
            return
        known[type(there)].setdefault(there.pk, there)
        row = there


def _step(
    steps: list[tuple[Model, list[str]]], known: dict[type[Model], dict[Any, Model]]
) -> list[tuple[Model, list[str]]]:
    """One step on each path, those first that go on from there: what they meet is then loaded with the others'."""
    fields: list[tuple[Model, Any, list[str]]] = [(row, row._meta.get_field(path[0]), path[1:]) for row, path in steps]
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    goes_on = {field.related_model for _row, field, rest in fields if rest}
    for row, field, _rest in fields:
        if field.related_model in goes_on or not goes_on:
            wanted[field.related_model].add(getattr(row, field.attname))
    for model, keys in wanted.items():
        known[model].update(by_key(model, keys - known[model].keys()))
    later = []
    for (row, field, rest), step in zip(fields, steps, strict=True):
        if field.related_model not in wanted:
            later.append(step)
        elif (there := _put(row, field, known)) is not None and rest:
            later.append((there, rest))
    return later


def _put(row: Model, field: Field[Any, Any], known: dict[type[Model], dict[Any, Model]]) -> Model | None:
    to: Any = field
    if not to.is_cached(row):
        there = known[to.related_model].get(getattr(row, to.attname))
        if there is None:
            return None
        to.set_cached_value(row, there)
    found: Model | None = to.get_cached_value(row)
    return found
