"""Work over many items of which one may fail: it delays the others by at most one batch, is named in an alarm, and is
tried again later, after a longer pause each time.

The sweep, its reminders and watches, notices, papers and exports go through `isolated`. The open alarm is the memory:
it says how often the item has failed, and when it is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction

from accountability.db.away import is_of_the_database
from accountability.models import Alarm, Appointment, Matter, Notification
from accountability.permissions import MARKETING_ROLES, Role

log = logging.getLogger(__name__)

KIND = "stuck"
"""The kind of the alarm, and of the notice."""

Item = TypeVar("Item", int, str)

LONGEST_PAUSE = timedelta(hours=1)

MOST_TOLD = 5
"""Alarms of one kind of work that people are notified of; of more at the same time they read in the list."""

TOLD = {Role.SYSTEM_ADMIN, *MARKETING_ROLES}

AFTER_A_BATCH: list[Callable[[], None]] = []
"""Called when a batch was done without a failure: a run that takes long is not silent."""


def pause_after(failures: int, *, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait after so many failures in a row: 1, 2, 4, … minutes."""
    return min(timedelta(minutes=2 ** min(failures - 1, 10)), longest)


def reference(item: int | str) -> str:
    """What the log and the system administrator call the item: its key, which tells nothing of the business."""
    return item if isinstance(item, str) else f"#{item}"


def name_of_matter(pk: int) -> tuple[str, int | None]:
    """The number of the matter, and its primary key: who may not see its alarms doesn't see this one either."""
    return Matter.objects.filter(pk=pk).values_list("number", flat=True).first() or reference(pk), pk


def name_of_row(pk: int) -> tuple[str, int | None]:
    """For an item that belongs to no matter."""
    return reference(pk), None


def isolated(
    work: str, items: Iterable[Item], do: Callable[[list[Item]], int], *, at: datetime, size: int | None,
    name_of: Callable[[Item], tuple[str, int | None]], most: int | None = None,
    not_caught: tuple[type[Exception], ...] = (), longest_pause: timedelta = LONGEST_PAUSE,
) -> int:  # fmt: skip
    """Do the work on all items, `size` at a time, and return the sum of what `do` returned. `items` are all that wait
    now, in their order; `most` limits how many are done in this run.

    A batch has one transaction. If it fails, its halves are tried, so that only the failing item is left out. Without a
    `size` items are done one by one, and `do` makes the transactions that it needs.
    """
    run = _Run(work, at, name_of, not_caught, longest_pause)
    waiting = list(dict.fromkeys(items))
    wanted = [item for item in waiting if not run.is_paused(item)][:most]
    done, step = 0, size or 1
    for start in range(0, len(wanted), step):
        failed = len(run.failed)
        done += run.try_to(do, wanted[start : start + step], alone=size is None)
        if len(run.failed) == failed:
            for notify in AFTER_A_BATCH:
                notify()
    run.clear_alarms(set(waiting) - set(wanted))
    return done


class _Run:
    """One run of a kind of work, with the open alarms of earlier failures."""

    def __init__(
        self, work: str, at: datetime, name_of: Callable[..., tuple[str, int | None]],
        not_caught: tuple[type[Exception], ...], longest_pause: timedelta,
    ) -> None:  # fmt: skip
        self.work, self.at, self.name_of, self.not_caught = work, at, name_of, not_caught
        self.longest_pause = longest_pause
        open_alarms = Alarm.objects.filter(kind=KIND, cleared_at=None)
        self.alarms = {alarm.facts["item"]: alarm for alarm in open_alarms if alarm.facts["work"] == work}
        self.failed: set[int | str] = set()

    def is_paused(self, item: int | str) -> bool:
        alarm = self.alarms.get(item)
        return alarm is not None and datetime.fromisoformat(alarm.facts["again"]) > self.at

    def try_to(self, do: Callable[[list[Item]], int], items: list[Item], *, alone: bool) -> int:
        try:
            with nullcontext() if alone else transaction.atomic():
                return do(items)
        except self.not_caught:
            raise
        except Exception as error:
            if is_of_the_database(error):
                raise  # no item's fault: the whole run ends, and the next one is soon
            if len(items) == 1:
                self.note_failure(items[0], error)
                return 0
        half = len(items) // 2
        return self.try_to(do, items[:half], alone=alone) + self.try_to(do, items[half:], alone=alone)

    def note_failure(self, item: int | str, error: Exception) -> None:
        """Count the failure in the item's alarm, and raise it the first time. The exception's text stays in the log: it
        may hold what somebody typed.
        """
        log.error("%s: %s failed, and is left out for now", self.work, reference(item), exc_info=error)
        self.failed.add(item)
        alarm = self.alarms.get(item)
        failures = alarm.facts["failures"] + 1 if alarm else 1
        pause = pause_after(failures, longest=self.longest_pause)
        again = {"failures": failures, "again": (self.at + pause).isoformat()}
        if alarm:
            alarm.facts |= again
            Alarm.objects.filter(pk=alarm.pk, cleared_at=None).update(facts=alarm.facts)
        else:
            self._raise_alarm(item, {"work": self.work, "item": item, "error": type(error).__name__} | again)

    def _raise_alarm(self, item: int | str, facts: dict[str, object]) -> None:
        name, matter_id = self.name_of(item)
        alarm = Alarm(
            key=f"{KIND}:{self.work}:{item}"[:64], kind=KIND, matter_id=matter_id, facts=facts | {"name": name},
            since=self.at, raised_at=self.at,
        )  # fmt: skip
        told = self._notices(alarm) if len(self.alarms) < MOST_TOLD else []
        self.alarms[item] = alarm
        with suppress(IntegrityError), transaction.atomic():  # another worker may have raised it at the same time
            alarm.save(force_insert=True)
            Notification.objects.bulk_create(told)

    def _notices(self, alarm: Alarm) -> list[Notification]:
        """The notice names no matter: the system administrator gets none about a matter of the business."""
        facts = alarm.facts | {"name": reference(alarm.facts["item"])}
        serving = Appointment.objects.serving(self.at).filter(role__in=TOLD, employee__is_active=True)
        people = serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()
        return [Notification(recipient_id=pk, kind=KIND, facts=facts, created_at=self.at) for pk in people]

    def clear_alarms(self, untried: Collection[int | str]) -> None:
        """Clear the alarms of items that were done in this run, or that don't wait any more."""
        over = [alarm.pk for item, alarm in self.alarms.items() if item not in self.failed and item not in untried]
        if over:
            Alarm.objects.filter(pk__in=over, cleared_at=None).update(cleared_at=self.at)
