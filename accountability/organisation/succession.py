"""Succession: work delivered to an absent person passes to the one who receives in their place.

Apps whose matters are delivered register here how their work passes on. It happens in the act that takes the person
away, and in the sweep for what begins or ends automatically: a leave, a turn of duty, an appointment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accountability.gate import holding
from accountability.gate.act import Act, Batch, lock
from accountability.gate.changes import flush
from accountability.models import Employee

PASSED_ON = "pass_on"
"""The verb of the ledger entry that says whose work went to whom."""

ON_AWAY: list[Callable[[Batch, Act | None, Employee | None], int]] = []
"""`(batch, cause, gone)`: passes on what is delivered to `gone`, who is away from now on by the act `cause`; without
them, whatever is delivered to somebody who can't receive it. Returns how many.
"""


@dataclass(frozen=True)
class OpenWork:
    """Something that somebody still has to do: the matter's number, its page, and the person's part in it."""

    number: str
    url: str
    role: Any


OPEN_WORK: list[Callable[[Collection[int]], Iterable[tuple[int, OpenWork]]]] = []
"""What people (primary keys) still have to do, for the list of what must be reassigned when they leave."""

ON_LEAVER: list[Callable[[Act, Employee], None]] = []
"""What an app does with the open work of a leaver: notify those who can reassign it."""


def away(act: Act, person: Employee) -> int:
    """From this act on the person receives no work as the contact; what they have passes on."""
    return sum(pass_on(act.batch, act, person) for pass_on in ON_AWAY)


def left(act: Act, person: Employee) -> None:
    """The person leaves the operator or the unit: notify those who can reassign their open work."""
    for tell in ON_LEAVER:
        tell(act, person)


def hand_on(batch: Batch, model: Any, stuck: Collection[int], *, recorded: bool = False) -> int:
    """In the sweep: give these matters, whose holder can't act, to who can. The holder is derived, so writing the
    matter again corrects it and notifies the new one. Those that are locked or held wait for the next run. Return how
    many.
    """
    skip, passed = connection.features.has_select_for_update_skip_locked, 0
    for act in batch.acts_of(model, lock(sorted(stuck), skip_locked=skip)) if stuck else ():
        before = act.matter.holder_id
        act.dropped = act.held is not None or act.subject.who_holds(batch)[0] == before
        if recorded and not act.dropped:
            act.record(PASSED_ON, batch.system, facts={} if before is None else {"from": before})
        passed += not act.dropped
    return passed


def sweep(at: datetime) -> int:
    """Pass on what is delivered to people who can't receive it any more; return how many. None while nobody is served:
    what fell due meanwhile isn't judged yet, and who owed it must not change.
    """
    if not holding.is_serving(at):
        return 0
    with transaction.atomic():
        batch = Batch(at)
        passed = sum(pass_on(batch, None, None) for pass_on in ON_AWAY)
        flush(batch)
    return passed


def open_work(person_ids: Collection[int]) -> dict[int, list[OpenWork]]:
    """Open work by person; a constant number of queries."""
    found: dict[int, list[OpenWork]] = {}
    for tell in OPEN_WORK:
        for person_id, work in tell(person_ids):
            found.setdefault(person_id, []).append(work)
    return found
