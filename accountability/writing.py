"""Writing what acts changed: inserts first, then updates of changed columns only, then the history rows.

`QuerySet.update` and `bulk_create` write no history of their own, so it is written here, with the actor and instant
of the act.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Self

from django.db import models

from accountability import statements


def _columns(thing: models.Model) -> dict[str, Any]:
    return {f.attname: thing.__dict__.get(f.attname) for f in thing._meta.concrete_fields}


class Changes:
    """The objects an act watches and those it makes."""

    def __init__(self) -> None:
        self.made: list[models.Model] = []
        self.watched: list[tuple[models.Model, dict[str, Any]]] = []

    @classmethod
    def of(cls, several: Iterable[Changes]) -> Self:
        """One set of changes out of those of several acts."""
        joined = cls()
        for changes in several:
            joined.made += changes.made
            joined.watched += changes.watched
        return joined

    def new(self, thing: models.Model, *, first: bool = False) -> None:
        """To be inserted; changes until then are part of the insert. `first`: others refer to it."""
        self.made.insert(0 if first else len(self.made), thing)

    def watch(self, thing: models.Model) -> None:
        """To be updated if a column changes from now on."""
        if all(thing is not known for known, _before in self.watched):
            self.watched.append((thing, _columns(thing)))

    def insert(self) -> None:
        """One statement a model, in the order in which the models first appear: a row comes before what refers to
        it.
        """
        for things in _by_model(self.made).values():
            for thing in things:
                take_keys(thing)
            statements.insert(things)

    def update(self) -> None:
        """One statement a model, over the columns that changed."""
        self.updated: list[models.Model] = []
        changed: dict[int, set[str]] = {}
        for thing, before in self.watched:
            take_keys(thing)
            names = {name for name, value in _columns(thing).items() if value != before[name]}
            if names:
                changed[id(thing)] = names
                self.updated.append(thing)
        for model, things in _by_model(self.updated).items():
            names = set().union(*(changed[id(thing)] for thing in things))
            _update(model, things, names)

    def write_history(self, acts: Iterable[Any]) -> None:
        """A history row for each made or changed object whose model keeps history."""
        owners = {id(thing): act for act in acts for thing in act.changes.all()}
        for things, update in ((self.made, False), (self.updated, True)):
            for model, rows in _by_model(things).items():
                if (history := _history_of(model)) is not None:
                    _keep(history, rows, owners[id(rows[0])], update)

    def all(self) -> Iterable[models.Model]:
        yield from self.made
        yield from (thing for thing, _before in self.watched)


def _by_model(things: Iterable[models.Model]) -> dict[type[models.Model], list[Any]]:
    grouped: dict[type[models.Model], list[Any]] = {}
    for thing in things:
        grouped.setdefault(type(thing), []).append(thing)
    return grouped


def take_keys(thing: models.Model) -> None:
    """Take over the keys of related objects that were inserted after they were assigned."""
    fields: tuple[Any, ...] = thing._meta.concrete_fields
    for f in fields:
        if f.is_relation and thing.__dict__.get(f.attname) is None and f.is_cached(thing):
            related = f.get_cached_value(thing)
            if related is not None and related.pk is not None:
                thing.__dict__[f.attname] = related.pk


def _update(model: type[models.Model], things: list[Any], names: set[str]) -> None:
    fields = [f for f in model._meta.concrete_fields if f.attname in names]
    if len(things) == 1:
        statements.update(things[0], fields)
    else:
        model._base_manager.bulk_update(things, [f.name for f in fields])


def _keep(history: Any, things: list[Any], act: Any, update: bool) -> None:
    statements.keep(
        history, things,
        history_user=(act.actor.employee if act.actor else act.batch.system).pk, history_date=act.at,
        history_type="~" if update else "+", history_change_reason=act.entry.verb if act.entry else "miss",
    )  # fmt: skip


@cache
def _history_of(model: Any) -> Any:
    """The model of its history rows, if it keeps any; asked once, since each asking builds a manager class."""
    manager = getattr(model, "history", None)
    return None if manager is None else manager.model
