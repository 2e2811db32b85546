"""A written record that a unit leaves unconfirmed: after two hours an alarm to its head, until it is settled (R30).

Only while it can be confirmed: not while the round awaits a ruling or the centre's judgement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accountability.acts import Act
from accountability.models import Alarm, TimeLimits, limits_in_force
from accountability.reminders import WATCHES, over_matters
from complaints.models import Cooperation

HOURS = 2
"""Where the time-limit table says nothing else for `confirm_task`."""


def _patience(limits: TimeLimits) -> timedelta:
    return timedelta(hours=float(limits.waiting.get("confirm_task", HOURS)))


def watch_unconfirmed(at: datetime) -> int:
    """Raise an alarm, once a record, of every part that has waited too long for its unit; returns how many matters."""
    since = at - _patience(limits_in_force(at))
    late = Cooperation.objects.to_confirm().filter(alarmed_at=None, coordination__recorded_at__lte=since)
    ids = late.order_by("coordination__recorded_at").values_list("coordination__round__complaint_id", flat=True)
    return over_matters(ids, at, _alarm)


def _alarm(act: Act) -> int:
    since = act.at - _patience(act.batch.limits)
    late = [part for part in act.subject.open_parts if part.is_to_confirm and part.alarmed_at is None]
    late = [part for part in late if part.coordination.recorded_at <= since]
    for part in late:
        act.changes.watch(part)
        part.alarmed_at = act.at
        act.changes.new(
            Alarm(
                key=_key(part), kind="unconfirmed", matter=act.matter, unit=part.unit,
                since=part.coordination.recorded_at, raised_at=act.at,
            )
        )  # fmt: skip
        act.tell(part.unit.head_id, "unconfirmed")
        table = part.coordination
        for person_id in {table.convener_id, table.round.works_on_it}:
            act.tell(person_id, "unconfirmed", unit=part.unit.name)
    return bool(late)


def _key(part: Cooperation) -> str:
    return f"unconfirmed:{part.pk}"


def settle_alarms(act: Act, parts: Iterable[Cooperation]) -> None:
    """Confirmed, put in writing anew, over, or not to be confirmed just now: alarms raised of these parts end.

    Whatever is still unconfirmed when it can be confirmed again is watched like any other record.
    """
    alarmed = [part for part in parts if part.alarmed_at]
    keys = [_key(part) for part in alarmed]
    for part in alarmed:
        act.changes.watch(part)
        part.alarmed_at = None
    for alarm in Alarm.objects.filter(key__in=keys, cleared_at=None) if keys else ():
        act.changes.watch(alarm)
        alarm.cleared_at = act.at


WATCHES.append(watch_unconfirmed)
