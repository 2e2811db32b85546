"""Judges what fell due: the sweep does so regularly, and every act before it runs.

It is idempotent and keeps no state: the rows say what is due, so one run after an outage does the work of all missed
runs. A miss is dated at its due instant; the instant when it was noticed is stored too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accountability.declarations.limits import DEADLINE_KINDS
from accountability.gate import holding
from accountability.gate.act import Act, Batch, lock
from accountability.gate.changes import flush
from accountability.gate.isolation import isolated, name_of_matter
from accountability.gate.verbs import Verb
from accountability.models import CHASING, Deadline, Hold
from accountability.models.timekeeping import DeadlineQuerySet

GRACE = timedelta(seconds=5)
"""The sweep only judges what fell due at least this long ago. An act waits at most 4 s for its lock, so an act that
arrived in time can't lose to the sweep.
"""

PATIENCE = timedelta(seconds=90)
"""How long the sweep waits with a miss that moves the state, since nothing takes that back: an act that arrived in time
is done by then, however slow scanner, queue and database were. Any other miss is taken back by such an act
(`Act.reopen_missed`).
"""

AFTER = timedelta(microseconds=1)
"""The sweep judges this long after a due instant, because an act at the due instant is in time."""

BATCH = 200
"""Matters per transaction, few enough that no act waits long for its lock."""

ON_MISS: dict[str, Callable[[Act, Deadline], None]] = {}
"""What follows from a miss, by kind of limit; the app that owns the kind registers it where the verb is."""

ON_ANY_MISS: list[Callable[[Act, Deadline], None]] = []
"""What other apps do after a miss, after the app that owns the kind. They may look something up for all acts of the
batch at once (`Batch.once`).
"""

ON_CHASE: dict[str, Callable[[Act, Deadline], None]] = {}
"""Takes the next step of the chase ladder, by kind of limit, and sets when the following step comes (`chase_at`)."""


def settle(act: Act, *, before: datetime, moving: datetime | None = None, ruled: Hold | None = None) -> int:
    """Judge every deadline of the act's matter that fell due strictly before the instant, oldest first, and take the
    due steps of the chase ladder for missed duties that aren't done yet. `moving` is the instant for misses that move
    the state, if it is another. `ruled`: the hold on which two people have ruled; without one a held matter is left
    alone.

    A miss can begin a new duty that has fallen due too (a hand-off after a ruling that nobody made), so this repeats
    until nothing is due, or until such a duty makes the matter a held one. Returns the number of misses.
    """
    missed, order = 0, {kind: place for place, kind in enumerate(DEADLINE_KINDS)}
    while found := [d for d in act.due(before) if moving is None or not _waits(d, moving)]:
        if ruled is None and act.held:
            break
        deadline = min(found, key=lambda d: (d.comes_at, order[d.kind]))
        act.judged += 1
        if not deadline.is_running:
            _chase(act, deadline, before, ruled)
            continue
        missed += 1
        if ruled is not None and ruled.excuses(deadline):
            _miss_excused(act, deadline, ruled)
        else:
            _miss(act, deadline)
    return missed


def _chase(act: Act, deadline: Deadline, before: datetime, ruled: Hold | None) -> None:
    """The next step of the ladder. What was chased already when the matter came to be held goes on from now: meanwhile
    nobody could do the duty.
    """
    if ruled is None or not deadline.chased:
        ON_CHASE[deadline.kind](act, deadline)
    else:
        deadline.chase_at = max(act.at, before)


def settle_for(act: Act, entry: Verb) -> int:
    """Judge what fell due before this act. With a miss that moves the state it waits as long as the sweep does, so that
    somebody else's act can't overtake one that arrived in time; an act that would keep the limit itself is late.
    """
    keeps = any(entry.name in kind.binds for kind in DEADLINE_KINDS.values() if kind.moves_state)
    return settle(act, before=act.at, moving=act.at if keeps else act.at - PATIENCE)


def _waits(deadline: Deadline, moving: datetime) -> bool:
    due = deadline.due_at if deadline.is_running and DEADLINE_KINDS[deadline.kind].moves_state else None
    return due is not None and due >= moving


def _note_miss(act: Act, deadline: Deadline, **more: Any) -> None:
    deadline.missed_at = deadline.due_at
    deadline.noticed_at = act.at
    deadline.warn_at = None
    act.record("miss", act.batch.system, at=deadline.due_at, facts=deadline.facts | more, part=deadline.part)


def _miss_excused(act: Act, deadline: Deadline, hold: Hold) -> None:
    """The miss is on record and held against nobody: no lead, no chase, no state that it would move. A limit whose miss
    would decide how the matter goes on begins again, with its whole time.
    """
    _note_miss(act, deadline, excused=True)
    deadline.excuse_proposed_by, deadline.excuse_proposed_at = hold.proposed_by, hold.proposed_at
    deadline.excused_by, deadline.excused_at, deadline.excuse_reason = hold.approved_by, act.at, hold.reason
    for person in act.subject.told_of_miss(deadline, act.batch):
        act.tell(person, "excused", kind=deadline.kind, part=deadline.part)
    kind = DEADLINE_KINDS[deadline.kind]
    if kind.moves_state or kind.ends_by_miss:
        act.start(
            deadline.kind, deadline.limit, part=deadline.part, party=deadline.party,
            unit_id=deadline.unit_id, person_id=deadline.person_id,
        )  # fmt: skip


def _miss(act: Act, deadline: Deadline) -> None:
    _note_miss(act, deadline)
    for person in act.subject.told_of_miss(deadline, act.batch):
        act.tell(person, "missed", kind=deadline.kind, part=deadline.part)
    follow = ON_MISS.get(deadline.kind)
    if follow:
        follow(act, deadline)
    for also in ON_ANY_MISS:
        also(act, deadline)


def next_due(after: datetime | None = None) -> datetime | None:
    """The earliest instant at which a deadline can be missed; None if none is running."""
    running = _by_due()
    if after is not None:
        running = running.filter(due_at__gte=after)
    return next(iter(running[:1]), None)


@cache
def _by_due() -> QuerySet[Deadline, Any]:
    """The query of `next_due`, built once because a replay runs it at every step."""
    return Deadline.objects.running().order_by("due_at").values_list("due_at", flat=True)


def sweep_until(to: datetime) -> None:
    """Run the sweep a microsecond after every due instant before `to`: the virtual clock of demo and replay. Steps of
    the chase ladder are taken in the next run, dated at their own instants. A matter that can't be judged is an error.
    """
    while (due := next_due()) is not None and due < to:
        at = due + AFTER
        judge = partial(settle, before=at)
        waiting = list(dict.fromkeys(_waiting(at, timedelta())))
        for start in range(0, len(waiting), BATCH):
            with transaction.atomic():
                judge_locked(waiting[start : start + BATCH], judge, at=at)


def sweep(at: datetime, *, grace: timedelta = GRACE) -> int:
    """Judge everything that fell due before `at - grace`. Returns how many limits were missed.

    Matters that another act has locked are skipped: that act settles them, or the next run does. A matter that can't be
    judged holds up no other. Held matters are left alone, and nothing is judged that fell due after people were last
    served: that may come to be held.
    """
    found = holding.look(at)
    by = found.judged_until(at)
    judge = partial(settle, before=by - grace, moving=by - _patience(grace))
    work = partial(judge_locked, judge=judge, at=at, windows=found.windows)
    return isolated("sweep", _waiting(by, grace, found.windows), work, at=at, size=BATCH, name_of=name_of_matter)


def fallen_due(at: datetime, grace: timedelta = GRACE, windows: tuple[holding.Window, ...] = ()) -> DeadlineQuerySet:
    """The limits that the sweep judges at this instant, apart from those of matters that are held by these windows."""
    moving = [kind.name for kind in DEADLINE_KINDS.values() if kind.moves_state]
    now = ~Q(kind__in=moving) | Q(due_at__lt=at - _patience(grace))
    found: DeadlineQuerySet = holding.not_held(Deadline.objects.running(), windows)
    return found.filter(now, due_at__lt=at - grace)


def _patience(grace: timedelta) -> timedelta:
    """A virtual clock has neither grace nor patience: nobody is still waiting for an answer."""
    return PATIENCE if grace else grace


def _waiting(at: datetime, grace: timedelta, windows: tuple[holding.Window, ...] = ()) -> list[int]:
    """The matters of limits that fell due, oldest first, then of those to be chased; once for each such limit."""
    due = fallen_due(at, grace, windows).order_by("due_at")
    chasing = holding.not_held(Deadline.objects.filter(CHASING), windows)
    chased = chasing.filter(chase_at__lt=at - grace).order_by("chase_at")
    return [*due.values_list("matter_id", flat=True), *chased.values_list("matter_id", flat=True)]


def judge_locked(
    ids: list[int], judge: Callable[[Act], int], *, at: datetime, windows: tuple[holding.Window, ...] = ()
) -> int:
    """Lock these matters, judge each of them and write what comes of it. Matters that another act has locked are left
    out. Returns how many limits were missed.
    """
    batch, missed = Batch(at), 0
    batch.windows = windows
    for act in batch.acts_of_each(lock(ids, skip_locked=connection.features.has_select_for_update_skip_locked)):
        missed += judge(act)
        act.dropped = not act.judged
    flush(batch)
    batch.acts.clear()  # an act and its batch name each other: they would stay until cycles are looked for
    return missed
