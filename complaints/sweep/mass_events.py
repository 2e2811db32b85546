"""The sweep's detection of mass events, and one reply for all of an event's members (S32).

A run without new events takes four queries, the grouped one by an index. Like the rest of the sweep it keeps no state:
it finds events from the complaints alone, so one run after an outage finds what many runs would have found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from accountability.gate.act import Act, Batch, lock
from accountability.gate.changes import flush
from accountability.gate.isolation import isolated
from accountability.gate.perform import Outcome, perform, perform_many
from accountability.models import Alarm, Category, Employee, limits_in_force
from complaints.models import Complaint, Ending, Level, MassEvent, MassMember
from complaints.models.mass import gravest

DAY = timedelta(hours=24)
LONGEST_PAUSE = timedelta(minutes=5)
"""A group that fails is tried again soon: a mass event is urgent."""

AT_ONCE = 500
"""The most newcomers added by one run, so that its transaction stays short. The next run is seconds away."""

Group = tuple[str, int]
"""A region and the key of a head."""


@dataclass(frozen=True)
class Arrival:
    """A registered complaint that belongs to no event."""

    pk: int
    at: datetime


def look_out(at: datetime) -> int:
    """Raise a warning wherever enough complaints of one region and head have come together, and add newer ones to the
    open events; a group that fails holds up no other. Returns how many warnings were raised.
    """
    limits = limits_in_force(at).mass
    opened = {(event.region, event.head_id): event.pk for event in MassEvent.objects.open()}
    least = limits["warn_count"]
    crowded = _arrivals(at).values("region", "head").annotate(number=Count("pk"))
    groups = [
        (row["region"], row["head"])
        for row in crowded.order_by("region", "head")
        if row["number"] >= least or (row["region"], row["head"]) in opened
    ]
    found = {f"{group[0]} {group[1]}": (group, came) for group, came in _by_group(at, groups).items()}

    def look_at(names: list[str]) -> int:
        group, arrivals = found[names[0]]
        if group not in opened:
            return _warn(group, arrivals, at, limits)
        _take_in(opened[group], arrivals, at)
        return 0

    return isolated(
        "mass", found, look_at, at=at, size=None, name_of=lambda name: (name, None), longest_pause=LONGEST_PAUSE
    )  # fmt: skip


def _arrivals(at: datetime) -> Any:
    """Complaints registered within a day and never in an event, even one that was dismissed or that they were removed
    from. Duplicates and imported history don't count.
    """
    known = Exists(MassMember.objects.filter(complaint=OuterRef("pk")))
    recent = Complaint.objects.filter(~known, registered_at__gt=at - DAY, registered_at__lte=at)
    recent = recent.exclude(region="").exclude(ended_as__in=(Ending.DUPLICATE, Ending.IMPORTED))
    return recent.annotate(head=Coalesce("category__parent_id", "category_id")).order_by()


def _by_group(at: datetime, groups: Sequence[Group]) -> dict[Group, list[Arrival]]:
    """The arrivals of the groups, in the order they came."""
    if not groups:
        return {}
    wanted = Q(pk=None)
    for region, head in groups:
        wanted |= Q(region=region, head=head)
    found: dict[Group, list[Arrival]] = defaultdict(list)
    rows = _arrivals(at).filter(wanted).order_by("registered_at", "pk")
    for pk, region, head, came in rows.values_list("pk", "region", "head", "registered_at"):
        found[region, head].append(Arrival(pk, came))
    return found


def came_together(arrivals: Sequence[Arrival], limits: Mapping[str, int]) -> tuple[int, datetime] | None:
    """The index of the first arrival of the event, and the instant it became one; None if they don't make an event.

    An event needs `warn_count` arrivals within `warn_minutes` (inclusive), or enough in a day for the third level.
    """
    count, span = limits["warn_count"], timedelta(minutes=limits["warn_minutes"])
    for first, last in zip(arrivals, arrivals[count - 1 :], strict=False):
        if last.at - first.at <= span:
            return arrivals.index(first), last.at
    day = limits["level3_count"]
    return (0, arrivals[day - 1].at) if len(arrivals) >= day else None


def _warn(group: Group, arrivals: list[Arrival], at: datetime, limits: Mapping[str, int]) -> bool:
    together = came_together(arrivals, limits)
    if together is None:
        return False
    first, since = together
    region, head_id = group
    event = MassEvent(region=region, head=Category.objects.get(pk=head_id), since=since)
    try:
        with transaction.atomic():
            batch = Batch(at)
            (act,) = batch.acts_for([event])
            event.warn()
            _join(act, arrivals[first:])
            _raise_alarm(act)
            flush(batch)
    except IntegrityError:
        return False  # another run was first
    return True


def _raise_alarm(act: Act) -> None:
    event: MassEvent = act.subject
    act.record("warn_mass", act.batch.system, at=event.since, facts=event.facts)
    alarm = Alarm(
        key=f"mass:{event.head_id}:{event.region}", kind="mass", matter=act.matter, facts=event.facts,
        since=event.since, raised_at=act.at,
    )  # fmt: skip
    act.changes.new(alarm)
    _tell(act, "mass_warned", event.facts)


def _tell(act: Act, notice: str, facts: dict[str, Any]) -> None:
    """Tell the centre's supervisors and the marketing department."""
    for person_id in (*act.batch.csc_supervisor_ids, *act.batch.marketing_ids):
        act.tell(person_id, notice, **facts)


def _take_in(event_id: int, arrivals: list[Arrival], at: datetime) -> None:
    """Add newcomers to an open event. If somebody is working on it at that instant, the next run does it."""
    with transaction.atomic():
        matters = lock([event_id], skip_locked=connection.features.has_select_for_update_skip_locked)
        if not matters:
            return
        batch = Batch(at)
        (act,) = batch.acts_of(MassEvent, matters)
        # Check again under the lock: another run may have added them.
        known, begun = _counted(act)
        fresh = [one for one in arrivals if one.pk not in known and one.at >= begun][:AT_ONCE]
        if act.subject.is_open and fresh:
            _join(act, fresh)
            act.record("join_mass", batch.system, facts={"complaints": [one.pk for one in fresh]})
        act.dropped = not act.entries
        flush(batch)


def _counted(act: Act) -> tuple[set[int], datetime]:
    """Its members, and when the first one counted by the sweep came. Arrivals before that don't belong to the event."""
    rows = list(act.subject.members.values_list("complaint_id", "complaint__registered_at", "added_by_id"))
    counted = [came for _pk, came, by in rows if by == act.batch.system.pk]
    return {pk for pk, _came, _by in rows}, min(counted)


def _join(act: Act, arrivals: Iterable[Arrival]) -> None:
    """Make them members, and raise the event's level with their number. It never falls automatically."""
    event: MassEvent = act.subject
    joined = [
        MassMember(event=event, complaint_id=one.pk, added_by=act.batch.system, added_at=act.at) for one in arrivals
    ]
    for member in joined:
        act.changes.new(member)
    before = event.members.filter(removed_at=None, complaint__registered_at__gt=act.at - DAY)
    counted = len(joined) + (0 if event._state.adding else before.count())
    event.peak = max(event.peak, counted)
    level = gravest(event.level, level_of(counted, act.batch.limits.mass))
    rose, event.level = level != event.level, level
    if rose and not event._state.adding:
        _tell(act, "mass_level", event.facts | {"level": level})


def level_of(count: int, limits: Mapping[str, int]) -> int:
    """The level for this many in a day: the third, the first, or none yet."""
    if count >= limits["level1_count"]:
        return Level.FIRST.value
    return Level.THIRD.value if count >= limits["level3_count"] else Level.NONE.value


def reply_to_all(
    event: MassEvent, *, by: Employee, at: datetime, key: str | None, seen: str | None, **facts: Any
) -> tuple[list[Complaint], list[Outcome]]:
    """Record the shared reply on the event, then give it to each member as its own `reply`, judged separately.

    Returns the members it was meant for and the outcome of each. A second sending with the same key goes to the same
    members and finds what was done. Raises Refused if the event itself takes no reply.
    """
    said = perform(event, "reply_all", by=by, at=at, key=key, seen=seen, **facts)
    meant = next(entry.facts["complaints"] for entry in said.entries if entry.verb == "reply_all")
    members = list(Complaint.objects.filter(pk__in=meant).select_related("matter").order_by("pk"))
    return members, perform_many(members, "reply", by=by, at=at, key=key, **facts)
