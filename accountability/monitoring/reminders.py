"""What the sweep says besides judging misses: warnings at 50 % and 80 % (if not revised), alarms of what waits too
long, missing calendars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction

from accountability.actions import waiting_limits
from accountability.deadlines.limits import day_of
from accountability.gate import holding
from accountability.gate.act import Act, Batch, lock, sync_warning
from accountability.gate.changes import flush
from accountability.gate.isolation import isolated, name_of_matter
from accountability.gate.lookups import windows_at
from accountability.models import Alarm, CalendarYear, Deadline, Matter
from accountability.monitoring import missing_contacts
from accountability.notices import alarms
from accountability.organisation import succession

BATCH = 200

MOST_RELEASED = 1000
"""Matters whose waiting limits one run releases. A year that is published late may have many thousands, and they must
hold up no judging.
"""

LONGEST_PAUSE = timedelta(minutes=5)
"""A watch looks after many matters, so one that fails is tried again soon."""

WATCHES: list[Callable[[datetime], object]] = []
"""Other checks that the sweep makes each time; each app adds its own where their verbs are."""


def remind(at: datetime) -> None:
    """Send and pass on everything the sweep owes at this instant, apart from judging what fell due. A watch that fails
    holds up no other.
    """
    every: list[Callable[[datetime], object]] = [
        succession.sweep,
        warn,
        raise_alarms,
        *WATCHES,
        release_waiting,
        check_calendar,
        missing_contacts.check,
    ]
    watches = {f"{watch.__module__}.{watch.__name__}": watch for watch in every}

    def keep_watch(names: list[str]) -> int:
        for name in names:
            watches[name](at)
        return len(names)

    isolated(
        "watch", watches, keep_watch, at=at, size=None, name_of=lambda name: (name, None), longest_pause=LONGEST_PAUSE
    )  # fmt: skip


def warn(at: datetime) -> int:
    """Warn of every limit whose share has passed; after an outage only the later warning is sent. Return how many."""
    due = Deadline.objects.filter(warn_at__lte=at).order_by("warn_at").values_list("matter_id", flat=True)
    return over_matters("warning", due, at, _warn_of)


def _warn_of(act: Act) -> int:
    warned = 0
    for deadline in act.deadlines:
        if deadline.warn_at is None or deadline.warn_at > act.at:
            continue
        limits = act.batch.limits_of(deadline)
        first, second = limits.warn_percents
        while deadline.warn_at is not None and deadline.warn_at <= act.at:
            deadline.warned = first if deadline.warned < first else second
            sync_warning(deadline, act.batch.calendar, limits)
        owes = act.subject.owed_by(deadline, act.batch)
        alone = deadline.warned == first and owes is not None
        told = {owes} if alone else {owes, *act.subject.told_of_miss(deadline, act.batch)}
        for person_id in told:
            act.tell(person_id, "warned", kind=deadline.kind, part=deadline.part, percent=deadline.warned)
        warned += 1
    return warned


def raise_alarms(at: datetime) -> int:
    """Raise an alarm for every matter that has waited too long in its state; once, until the state changes."""
    waiting = Matter.objects.filter(alarm_at__lte=at).order_by("alarm_at").values_list("pk", flat=True)
    return over_matters("waiting", waiting, at, _alarm_of)


def _alarm_of(act: Act) -> int:
    matter = act.matter
    if matter.waiting_since is None or matter.alarm_at is None or matter.alarm_at > act.at:
        return 0
    act.changes.new(
        Alarm(
            key=f"waiting:{matter.pk}", kind="waiting", matter=matter, unit_id=matter.holder_unit_id,
            facts={"awaits": matter.awaits}, since=matter.waiting_since, raised_at=act.at,
        )
    )  # fmt: skip
    matter.alarm_at = None
    unit = act.batch.unit_by_id(matter.holder_unit_id)
    for person_id in {matter.holder_id, unit.head_id if unit else None, *act.subject.told_of_waiting(act.batch)}:
        act.tell(person_id, "waiting", verb=matter.awaits)
    return 1


def release_waiting(at: datetime) -> int:
    """Give limits that waited for a year's calendar their due instants once the year is published. Return how many."""
    waiting = waiting_limits.releasable().order_by("pk").values_list("matter_id", flat=True)
    return over_matters("calendar", waiting, at, waiting_limits.release, most=MOST_RELEASED)


def over_matters(
    what: str, ids: Iterable[int], at: datetime, work: Callable[[Act], int], *, most: int | None = None
) -> int:
    """Do the work on each matter under its lock, in small transactions; locked matters are left for the next run, and
    so are those after the `most`. A matter that fails holds up no other, and held matters are left alone. `what` names
    the work in the alarm.
    """
    if windows := windows_at(at):
        held = set(holding.held_limits(windows).values_list("matter_id", flat=True))
        ids = [pk for pk in ids if pk not in held]
    return isolated(what, ids, partial(_each, at=at, work=work), at=at, size=BATCH, most=most, name_of=name_of_matter)


def _each(ids: list[int], *, at: datetime, work: Callable[[Act], int]) -> int:
    batch, done = Batch(at), 0
    for act in batch.acts_of_each(lock(ids, skip_locked=connection.features.has_select_for_update_skip_locked)):
        if act.held:
            act.dropped = True
        else:
            done += work(act)
    flush(batch)
    return done


def check_calendar(at: datetime) -> None:
    """Raise an alarm while this year's calendar is unpublished, next year's from November on, or any that a limit waits
    for.

    Nothing is judged by an unpublished year, and nothing is guessed (S44).
    """
    today = day_of(at)
    needed = {today.year} if today.month < 11 else {today.year, today.year + 1}
    others = Deadline.objects.waiting().exclude(awaits_year__in=needed)
    needed.update(year for year in others.values_list("awaits_year", flat=True).distinct() if year)
    missing = needed.difference(CalendarYear.objects.values_list("year", flat=True))
    open_alarms = Alarm.objects.filter(kind="calendar", cleared_at=None)
    raised = set(open_alarms.values_list("key", flat=True))
    keys = {f"calendar:{year}": year for year in sorted(missing)}
    if raised == set(keys):
        return
    with transaction.atomic():
        open_alarms.exclude(key__in=keys).update(cleared_at=at)
        batch = Batch(at)
        for key in keys.keys() - raised:
            _alarm_calendar(keys[key], key, batch)


def _alarm_calendar(year: int, key: str, batch: Batch) -> None:
    alarms.raise_once(
        key, "calendar", {"year": year}, at=batch.at, notice="calendar_missing", people=batch.marketing_ids
    )
