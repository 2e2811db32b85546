"""Follows foreign keys with one statement for all tables, and for what their rows lead to next.

Joined in one statement, the people and units of a complaint are ten to fifteen tables, and PostgreSQL then plans for
longer than it reads. `select_related` stays right for the few that are needed row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

from accountability.db.sql import Through, Together
from accountability.db.writing import key_column

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

Met = dict[type[Model], dict[Any, Model]]
Step = tuple[list[Any], list[str]]
"""Rows of one model, and the path that goes on from them."""


def follow(*several: Followed, together: Together | None = None) -> Known:
    """Set what the paths lead to; give all that was met and read. What is set is kept, and used for other rows too.
    What else was asked for `together` is read with it.
    """
    together = together or Together()
    known: Met = defaultdict(dict)
    steps = [step for rows, paths in several for path in paths for step in _steps(rows, path.split("__"))]
    for rows, path in steps:
        _remember(rows, path, known)
    while steps:
        steps = _follow_one(steps, known, together)
    return known


def _steps(rows: Iterable[Model | None], path: list[str]) -> Iterator[Step]:
    """A step for the rows of each model, if there are any."""
    by_model: dict[type[Model], list[Model]] = defaultdict(list)
    for row in rows:
        if row is not None:
            by_model[type(row)].append(row)
    for same in by_model.values():
        yield same, path


def _field(rows: list[Any], name: str) -> Any:
    return rows[0]._meta.get_field(name)


def _remember(rows: list[Any], path: list[str], known: Met) -> None:
    """Note the rows that a path meets already."""
    for name in path:
        cached = _field(rows, name).cache_name
        rows = [there for row in rows if (there := row._state.fields_cache.get(cached)) is not None]
        if not rows:
            return
        known[type(rows[0])].update({there.pk: there for there in reversed(rows)} | known[type(rows[0])])


def _follow_one(steps: list[Step], known: Met, together: Together) -> list[Step]:
    """One step on each path. What the paths lead to next is read with it, in the same statement."""
    fields = [_field(rows, path[0]) for rows, path in steps]
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    ahead: dict[type[Model], set[Any]] = defaultdict(set)
    for field, (rows, path) in zip(fields, steps, strict=True):
        wanted[field.related_model].update([getattr(row, field.attname) for row in rows])
        if path[1:]:
            ahead[field.related_model].add(field.related_model._meta.get_field(path[1]))
    _read(wanted, ahead, known, together)
    later = []
    for field, (rows, path) in zip(fields, steps, strict=True):
        if (met := _put(rows, field, known[field.related_model])) and path[1:]:
            later.append((met, path[1:]))
    return later


def _read(
    wanted: Mapping[type[Model], set[Any]], ahead: Mapping[type[Model], set[Any]], known: Met, together: Together
) -> None:
    """Read the rows with these keys that aren't known, and those that the fields `ahead` of them lead to."""
    missing = {model: keys - known[model].keys() - {None} for model, keys in wanted.items()}
    direct: dict[type[Model], set[Any]] = defaultdict(set, {model: set(keys) for model, keys in missing.items()})
    through = []
    for model, nexts in ahead.items():
        for field in nexts:
            there, here = field.related_model, [known[model][key] for key in wanted[model] & known[model].keys()]
            direct[there] |= {getattr(row, field.attname) for row in here} - known[there].keys() - {None}
            if missing[model]:
                through.append((there, Through(model, field.name, key_column(model), missing[model])))
    found = [(model, together.rows(model, **{key_column(model): keys})) for model, keys in direct.items()]
    found += [(model, together.rows(model, **{key_column(model): keys})) for model, keys in through]
    for model, rows in found:
        for key, row in rows.by_key().items():
            known[model].setdefault(key, row)


def _put(rows: list[Any], field: Any, known: Mapping[Any, Model]) -> list[Any]:
    """Set the field of each row, unless it is set; give what the rows then lead to."""
    cached, met = field.cache_name, []
    for row in rows:
        links = row._state.fields_cache
        key = None if cached in links else getattr(row, field.attname)
        if key is not None and key in known:
            links[cached] = known[key]
        if links.get(cached) is not None:
            met.append(links[cached])
    return met
