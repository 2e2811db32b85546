"""What notices say to one reader, in the inbox and in messages: the sentence, what it is about, when it is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import fetched, shape_of
from accountability.db.writing import marks, quoted_table
from accountability.declarations.notices import limit_of
from accountability.gate.subjects import SUBJECTS
from accountability.models import Deadline, Notification, Unit
from accountability.notices import sentences
from accountability.permissions import Actor

Read = Callable[[str, Keys], Iterable[Any]]
"""Reads what a person may see of the matters of a kind, as `seen_of` says."""


def seen_of(actor: Actor, kind: str, ids: Keys) -> QuerySet[Any]:
    """What this person may see of these matters of a kind, with what its name is made of."""
    model: Any = SUBJECTS[kind]
    found: QuerySet[Any] = model.objects.visible_to(actor).filter(OneOf("pk", ids))
    return found.select_related(*model.named_with) if model.named_with else found


def known_matters(rows: Iterable[Notification], actor: Actor, read: Read | None = None) -> dict[int, Any]:
    """What the notices are about, by matter, where the reader may see it now; a notice that they were taken off a
    matter has no link.
    """
    matters = {row.matter for row in rows if row.matter is not None}
    known: dict[int, Any] = {}
    for kind in {matter.kind for matter in matters}:
        ids = Keys.of(matter.pk for matter in matters if matter.kind == kind)
        if getattr(SUBJECTS[kind], "objects", None) is None:
            known |= dict.fromkeys(ids)
        else:
            known |= {subject.pk: subject for subject in (read(kind, ids) if read else seen_of(actor, kind, ids))}
    return known


def _limits(matters: Collection[int | None], kinds: Collection[str]) -> Iterator[Deadline]:
    """The limits of these kinds of these matters that have an end, the earliest first, each with its unit. Django took
    longer to build the statement than the database to answer it, and a text of it for each set of kinds is too many.
    """
    asked = [pk for pk in matters if pk], [kind for kind in kinds if kind]
    limit, unit, vendor = quoted_table(Deadline), quoted_table(Unit), connection.vendor
    of_limit, of_unit = shape_of(Deadline, vendor), shape_of(Unit, vendor)
    statement = (
        f"SELECT {of_limit.columns}, {of_unit.columns} FROM {limit} "  # noqa: S608
        f"LEFT JOIN {unit} ON {unit}.id = {limit}.unit_id "
        f"WHERE {limit}.matter_id IN ({marks(asked[0])}) AND {limit}.kind IN ({marks(asked[1])}) "
        f"AND {limit}.voided_at IS NULL AND {limit}.due_at IS NOT NULL ORDER BY {limit}.started_at, {limit}.id"
    )
    for row in fetched((statement, (*asked[0], *asked[1]))) if all(asked) else ():
        found = of_limit.made(Deadline, row[: len(of_limit.names)])
        if found.unit_id is not None:
            found.unit = of_unit.made(Unit, row[len(of_limit.names) :])
        yield found


@dataclass
class Telling:
    """What notices say to one reader: what their matters are about, and when something is due."""

    actor: Actor
    known: dict[int, Any]
    limits: Mapping[tuple[int, str], Sequence[Deadline]]
    """By matter and kind, the earliest first."""

    @classmethod
    def about(cls, rows: Sequence[Notification], actor: Actor, read: Read | None = None) -> Telling:
        found: dict[tuple[int, str], list[Deadline]] = defaultdict(list)
        for limit in _limits({row.matter_id for row in rows}, {limit_of(row.kind, row.facts) for row in rows}):
            found[limit.matter_id, limit.kind].append(limit)
        return cls(actor, known_matters(rows, actor, read), found)

    def line(self, row: Notification) -> dict[str, Any]:
        """The notice in words; without a link where the reader may no longer see what it is about."""
        is_known = row.matter_id is None or row.matter_id in self.known
        subject, limit = self.known.get(row.matter_id or 0), self._limit_of(row) if is_known else None
        named = subject.named_for(self.actor) if subject else []
        if limit and limit.unit and str(limit.unit) not in named:
            named.append(str(limit.unit))
        return {
            "row": row, "text": sentences.notice(row), "url": sentences.link(row) if is_known else "",
            "is_known": is_known, "tone": sentences.tone(row.kind), "named": named, "due": limit and limit.due_at,
        }  # fmt: skip

    def _limit_of(self, row: Notification) -> Deadline | None:
        """The limit that the notice is about, as it ran when the notice was written. Where several invited units have
        one of a kind, it is that of the reader's unit.
        """
        of_it = self.limits.get((row.matter_id or 0, limit_of(row.kind, row.facts)), ())
        before = (one for one in of_it if one.started_at <= row.created_at)
        found = [one for one in before if one.part == row.facts.get("part", one.part)]
        if len({one.party for one in found if one.part == found[-1].part}) > 1:
            found = [one for one in found if one.unit_id in self.actor.units]
        return found[-1] if found else None
