"""Writing what acts did, with a constant number of statements: new rows, papers, changed columns, the chained ledger,
notices, the history rows.

`QuerySet.update` and `bulk_create` write no history of their own, so it is written here, with the actor and instant
of the act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accountability.db import sql
from accountability.deadlines.limits import day_of
from accountability.declarations.notices import ALARMS
from accountability.gate.chain import chain
from accountability.models import NO_DUE, Alarm, Deadline, Matter, PersonalData, Series

if TYPE_CHECKING:
    from accountability.gate.act import Act, Batch

ON_PAPERS: list[Callable[[list[Act]], None]] = []
"""Composes the papers of acts once their new rows are inserted and before their ledger entries are chained."""

ON_WORDS: list[Callable[[list[Act]], None]] = []
"""Keeps what acts said, to be searched, once their ledger entries are inserted."""


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
            sql.insert(things)

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
        sql.update(things[0], fields)
    else:
        model._base_manager.bulk_update(things, [f.name for f in fields])


def _keep(history: Any, things: list[Any], act: Any, update: bool) -> None:
    sql.keep(
        history, things,
        history_user=(act.actor.employee if act.actor else act.batch.system).pk, history_date=act.at,
        history_type="~" if update else "+", history_change_reason=act.entry.verb if act.entry else "miss",
    )  # fmt: skip


@cache
def _history_of(model: Any) -> Any:
    """The model of its history rows, if it keeps any; asked once, since each asking builds a manager class."""
    manager = getattr(model, "history", None)
    return None if manager is None else manager.model


def flush(batch: Batch) -> None:
    """Write all acts of the batch that weren't dropped."""
    acts = [act for act in batch.acts if not act.dropped]
    if not acts:
        return
    _give_numbers(acts)
    for act in acts:
        _settle_matter(act)
    changes = Changes.of(act.changes for act in acts)
    changes.insert()
    if any(act.papers for act in acts):
        for compose in ON_PAPERS:
            compose(acts)
    for act in acts:
        for entry in act.entries:
            take_keys(entry)
        chain(act.matter, act.entries)
    changes.update()
    sql.insert([entry for act in acts for entry in act.entries])
    if any(act.said for act in acts) or any(isinstance(thing, PersonalData) for thing in changes.all()):
        for keep in ON_WORDS:
            keep(acts)
    sql.insert([notice for act in acts for notice in act.notices])
    changes.write_history(acts)
    if batch.alarms_over:
        over = Alarm.objects.filter(matter__in=batch.alarms_over, cleared_at=None)
        over.exclude(kind__in=[kind.name for kind in ALARMS.values() if kind.lasts]).update(cleared_at=batch.at)


def _give_numbers(acts: Iterable[Act]) -> None:
    """To each new matter its number, where its kind has a series the next of it; one statement a series."""
    begun: dict[str, list[Act]] = {}
    for act in acts:
        if act.matter.number is None:
            begun.setdefault(act.subject.series, []).append(act)
    for act in begun.pop("", []):
        act.matter.number = act.subject.make_number(act.at)
    for series, several in begun.items():
        first = sql.take_from(Series, series, len(several))
        for place, act in enumerate(several, start=first):
            act.matter.number = f"{series}{day_of(act.at):%Y%m%d}{place:06d}"


def _settle_matter(act: Act) -> None:
    """Bring the matter's own columns in line with what happened: holder, what it awaits, urgency, nearest instant,
    alarm.
    """
    matter, subject = act.matter, act.subject
    matter.holder_id, matter.holder_unit_id = subject.who_holds(act.batch)
    matter.awaits = subject.awaits
    matter.work_rank = subject.work_rank
    pressing = _pressing(act)
    matter.work_due_at = min((deadline.due_at for deadline in pressing if deadline.due_at), default=NO_DUE)
    matter.work_warned = any(deadline.warned for deadline in pressing)
    _end_chases(act)
    if subject.position != act.position_before:
        _restart_alarm(act)
    if matter.holder_id != act.holder_before and matter.awaits:
        act.tell(matter.holder_id, "to_do", verb=matter.awaits)


def _pressing(act: Act) -> list[Deadline]:
    """What somebody now works towards: not those of a round that is over, nor a clock that stands still."""
    parts = (0, act.subject.current_part)
    running = (d for d in act.deadlines if d.is_outstanding and d.due_at and not d.suspended_at and d.part in parts)
    return [deadline for deadline in running if act.subject.presses(deadline)]


def _end_chases(act: Act) -> None:
    """Nobody is chased for what was excused, is void or belongs to a round that is over."""
    for deadline in act.deadlines:
        over = deadline.voided_at or deadline.excused_at or not act.subject.is_pursued(deadline)
        if deadline.is_chased and over:
            deadline.chase_at = None


def _restart_alarm(act: Act) -> None:
    """A new position: earlier alarms are over, and the next is due when this one has waited too long."""
    matter = act.matter
    if matter.waiting_since and matter.alarm_at is None:
        act.batch.alarms_over.append(matter)
    if not matter.awaits:
        matter.waiting_since = matter.alarm_at = None
        matter.closed_at = (act.subject.ended_at or act.at) if matter.kind != Matter.Kind.ORGANISATION else None
        return
    matter.closed_at = None
    matter.waiting_since = act.at
    matter.alarm_at = act.at + act.subject.may_wait(act.batch.limits)
