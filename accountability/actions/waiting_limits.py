"""Gives limits that waited for a year's working calendar their due instants, once it is published (S44).

A year is published by a verb, or by an upgrade that brings its days. The sweep releases whatever waits for a published
year; the verb itself releases the first few, so that marketing sees at once what it did.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from accountability.deadlines.limits import WorkingCalendar, day_of, end_of_day
from accountability.declarations.limits import DEADLINE_KINDS
from accountability.declarations.registry import listed
from accountability.gate.act import Act, computed, lock, sync_warning
from accountability.models import CalendarYear, Deadline, LedgerEntry
from accountability.models.timekeeping import DeadlineQuerySet

LEAST_TIME = timedelta(hours=4)
"""What is left of the day at least, where a limit runs until 24:00 of a day that nobody chose: else until the next."""

MOST_AT_ONCE = 50
"""The matters that the verb releases: its work doesn't grow with the number of those that wait."""


def releasable() -> DeadlineQuerySet:
    """Limits that wait for a year that is published. One that began while the year was being published is among them,
    since its act had read the calendar before.
    """
    published = CalendarYear.objects.values("year")
    # That it awaits any is said besides, for the index that holds these alone.
    found: DeadlineQuerySet = Deadline.objects.filter(awaits_year__isnull=False, awaits_year__in=published)
    return found


def release_first(act: Act, published: CalendarYear) -> None:
    """Release the first matters that wait for the year which this act publishes, each by an act of its own. The sweep
    finds what is locked or held now.
    """
    waiting = Deadline.objects.filter(awaits_year=published.year).order_by("matter_id").distinct()
    first = waiting.values_list("matter_id", flat=True)[:MOST_AT_ONCE]
    skip_locked = connection.features.has_select_for_update_skip_locked
    for other in act.batch.acts_of_each(lock(first, skip_locked=skip_locked)):
        other.actor = act.actor
        if other.held:
            other.dropped = True
        else:
            release(other, published)


def release(act: Act, published: CalendarYear | None = None) -> int:
    """Give the matter's waiting limits what the calendar gives, record it, and tell those who owe them. `published` is
    a year that isn't stored yet. Return how many limits have their instants now.
    """
    calendar = act.batch.once("calendar of every year", lambda _: _every_year())
    if published is not None:
        calendar = calendar.with_year(published.rules)
    # First the limits that others are never due before.
    waited_for = {kind.not_before for kind in DEADLINE_KINDS.values()}
    in_order = sorted(_waiting(act), key=lambda d: (d.kind not in waited_for, d.pk))
    awaited = {deadline.pk: deadline.awaits_year or 0 for deadline in in_order}
    filled = [deadline for deadline in in_order if _fill(act, deadline, calendar)]
    by = act.actor.employee if act.actor else act.batch.system
    for year in sorted({awaited[deadline.pk] for deadline in filled}):
        limits = [deadline.facts for deadline in filled if awaited[deadline.pk] == year]
        facts = {"year": year, "version": calendar.version_of(year), "limits": limits}
        act.record("publish_calendar", by, facts=facts)
    act.dropped = all(deadline.awaits_year == awaited[deadline.pk] for deadline in in_order)
    return len(filled)


def _every_year() -> WorkingCalendar:
    return WorkingCalendar({row.year: row.rules for row in CalendarYear.objects.order_by("version")})


def _waiting(act: Act) -> list[Deadline]:
    """The matter's waiting limits. Those of rounds long over aren't loaded with the matter; their instants are filled
    in for the record.
    """
    found = act.batch.once("waiting limits", _waiting_by_matter).get(act.matter.pk, [])
    loaded = {deadline.pk for deadline in act.deadlines}
    for deadline in found:
        if deadline.pk not in loaded:
            act.deadlines.append(deadline)
            act.changes.watch(deadline)
    return [deadline for deadline in act.deadlines if deadline.awaits_year is not None]


def _waiting_by_matter(matters: list[int]) -> dict[int, list[Deadline]]:
    found: dict[int, list[Deadline]] = {}
    for deadline in Deadline.objects.filter(matter_id__in=matters, awaits_year__isnull=False).order_by("pk"):
        found.setdefault(deadline.matter_id, []).append(deadline)
    return found


def _fill(act: Act, deadline: Deadline, calendar: WorkingCalendar) -> bool:
    """Give the limit its due instant, or the next year that it waits for. One that waited and would already have passed
    runs until 24:00 of this day, since nobody could know it. A suspended one begins anew anyway, or not at all.
    """
    not_before = DEADLINE_KINDS[deadline.kind].not_before
    floor = act.latest(not_before) if not_before else None
    deadline.awaits_year = floor.awaits_year if floor else None
    due = None if deadline.awaits_year else deadline.limit.after(deadline.started_at, calendar)
    if due and floor and floor.due_at:
        due = max(due, floor.due_at)
        deadline.floor_at = floor.due_at
    if due and deadline.waits_for_calendar and not deadline.is_window and not deadline.suspended_at:
        due = due if due >= act.at else _today(act)
        for person_id in _concerned(act, deadline):
            act.tell(person_id, "calendar_gives", kind=deadline.kind, part=deadline.part, until=due.isoformat())
    deadline.due_at = due
    computed(deadline, deadline.limit, calendar, act.batch.limits_of(deadline))
    return due is not None


def _today(act: Act) -> datetime:
    """24:00 of this day. The sweep, which may release at any hour, leaves a few hours at least."""
    return end_of_day(day_of(act.at if act.actor else act.at + LEAST_TIME))


def _concerned(act: Act, deadline: Deadline) -> set[int | None]:
    """Who owes it; all who answer for it while the matter is with others, as a round whose return was asked for is."""
    owes = act.subject.owed_by(deadline, act.batch)
    person = act.batch.person(owes)
    if person is not None and deadline.unit_id in (None, person.unit_id):
        return {owes}
    return {*act.subject.told_of_miss(deadline, act.batch)}


def give_time_again(act: Act, deadline: Deadline | None) -> None:
    """After a duty was reopened: if it had been done while it waited, and its instant was filled in and has passed
    since, it runs until 24:00 of this day, as if it had waited still. Nobody could know the instant in time. The act's
    entry names it.
    """
    if deadline is None or not deadline.is_running or deadline.due_at is None or deadline.due_at >= act.at:
        return
    if not (deadline.limit.needs_calendar or deadline.floor_at):
        return
    given = LedgerEntry.objects.filter(matter=act.matter, verb="publish_calendar", at__gte=deadline.due_at)
    if any(deadline.facts in listed(entry.facts, "limits") for entry in given):
        deadline.due_at = end_of_day(day_of(act.at + LEAST_TIME))
        act.note(given=[*listed(act.entry.facts if act.entry else {}, "given"), deadline.facts])
        sync_warning(deadline, act.batch.calendar_for(deadline.limit), act.batch.limits_of(deadline))
