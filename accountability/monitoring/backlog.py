"""How much work waits and how late it is, in numbers for a monitor: each by one statement that an index answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from accountability.gate.lookups import windows_at
from accountability.gate.sweeper import fallen_due
from accountability.models import Alarm, Deadline, Delivery, Heartbeat, Notification, PaperFile
from accountability.monitoring import heartbeats


@dataclass(frozen=True)
class Number:
    """A number at this instant, or one for each value of `label`; the values are names of the program's own."""

    name: str
    said: str
    values: dict[str, float]
    label: str = field(default="", kw_only=True)


def numbers(at: datetime) -> Iterator[Number]:
    """Every number, for `/metrics`. The number of statements is constant."""
    due = fallen_due(at, windows=windows_at(at)).aggregate(count=Count("pk"), oldest=Min("due_at"))
    yield _one("due", "Deadlines that fell due and aren't judged yet", due["count"])
    yield _one("sweep_lag_seconds", "How long the oldest of them waits", _age(due["oldest"], at))
    yield _one("open", "Deadlines that run", Deadline.objects.running().count())
    missed = Deadline.objects.filter(missed_at__isnull=False, voided_at=None)
    yield _one("missed", "Deadlines that were missed, ever", missed.count())
    unsent = Notification.objects.filter(sent_at=None).order_by().aggregate(count=Count("pk"), oldest=Min("created_at"))
    yield _one("unsent_notices", "Notices that aren't in the inbox yet", unsent["count"])
    yield _one("unsent_notices_lag_seconds", "How long the oldest of them waits", _age(unsent["oldest"], at))
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).order_by()
    yield _one("unsent_messages", "Messages off-screen that wait", waiting.count())
    yield _one("papers_to_make", "Files of papers that wait", PaperFile.objects.filter(made_at=None).count())
    alarms = Alarm.objects.filter(cleared_at=None).order_by().values_list("kind").annotate(Count("pk"))
    yield Number("alarms", "Alarms that aren't over", dict(alarms), label="kind")
    last = dict(Heartbeat.objects.filter(name__in=heartbeats.scheduled()).values_list("name", "at"))
    ages = {name.rpartition(".")[2]: _age(beat, at) for name, beat in last.items()}
    yield Number("heartbeat_age_seconds", "Since a scheduled task last succeeded", ages, label="task")


def _one(name: str, said: str, value: Any) -> Number:
    return Number(name, said, {"": float(value)})


def _age(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0
