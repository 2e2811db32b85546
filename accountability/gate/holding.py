"""The held state: after a restore or a long outage nothing is judged of what fell due while nobody was served, until
two people have ruled on it.

Web processes write the mark of life (`note_served`). Whoever is about to judge asks first (`look`,
`lookups.windows_at`): a mark that is too old begins a hold, whose window reaches from the mark until it is fresh again.
So does a restore, however young the mark is (`begin_after_restore`).
A matter is held while one of its limits fell due in the window and isn't judged. Nothing happens to a held matter: the
sweep and its reminders leave it alone, and acts on it are refused. Everything else goes on as always.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, FilteredRelation, Max, Q
from django.utils.translation import gettext_lazy as _

from accountability.deadlines import clock
from accountability.deadlines.limits import show_instant
from accountability.models import Alarm, Appointment, Deadline, Hold, Notification, PeopleServed
from accountability.permissions import MARKETING_ROLES, Role

KIND = "held"
"""The kind of the alarm, and of the notice."""

TOLD = {Role.SYSTEM_ADMIN, Role.CSC_SUPERVISOR, *MARKETING_ROLES}

ASKED_EVERY = 10.0
"""Seconds for which a process takes an answer without a hold as still true."""

RECENT = timedelta(minutes=1)
"""A mark of life that is older wasn't written by processes that live."""

MARGIN = timedelta(seconds=15)
"""So much before a hold could begin a kept answer is no longer taken: more than a lock may be waited for, and clocks
may differ.
"""


REFUSAL = _("本件有时限在系统停摆期间（%(window)s）到期，裁定前不记超时，也不能办理；市场部两人裁定后继续。")


@dataclass(frozen=True)
class Window:
    """What a hold holds at an instant: limits that fell due from `since` to `to`. `until`: when people were served
    again.
    """

    pk: int
    since: datetime
    until: datetime | None
    to: datetime
    is_ruled: bool

    @property
    def words(self) -> str:
        """From when to when nobody was served."""
        return f"{show_instant(self.since)} – {show_instant(self.until) if self.until else '…'}"

    @property
    def refusal(self) -> str:
        """What is said of a held matter."""
        return str(REFUSAL) % {"window": self.words}

    def covers(self, deadline: Deadline) -> bool:
        return deadline.is_running and deadline.due_at is not None and self.since <= deadline.due_at <= self.to


@dataclass(frozen=True)
class Answer:
    """What the database said: when people were last served, and what is held."""

    served_at: datetime | None
    windows: tuple[Window, ...]
    asked: float
    true_until: datetime | None = None
    """Until when no hold can have begun since, as long as the database wasn't replaced meanwhile: by itself one begins
    only where the mark is too old, and the mark only gets younger. None: it can't begin at all.
    """

    def judged_until(self, at: datetime) -> datetime:
        """As of which instant the sweep judges: not beyond the mark of life. Either the mark becomes fresh, or a hold
        begins, and then nothing of its window has been judged.
        """
        if self.served_at is None or not settings.HOLD_AFTER:
            return at
        return min(at, self.served_at)

    @property
    def is_away(self) -> bool:
        """Whether a hold began already and nobody is served yet."""
        return any(window.until is None and not window.is_ruled for window in self.windows)


kept: Answer | None = None
"""The last answer in this process; `lookups.windows_at` uses it."""


def forget() -> None:
    """Ask again, whatever was answered."""
    global kept
    kept = None


def is_too_old(served_at: datetime, at: datetime) -> bool:
    """Whether so much time has passed since the mark of life that a hold begins."""
    return bool(settings.HOLD_AFTER) and at - served_at > settings.HOLD_AFTER


def is_serving(at: datetime) -> bool:
    """Whether people are served, as far as this process knows: a mark of life is recent, or there never was one."""
    served_at = (kept or look(at)).served_at
    return served_at is None or not settings.HOLD_AFTER or at - served_at <= RECENT


def is_recent(at: datetime) -> bool:
    """Whether the mark of life is one of processes that live."""
    return PeopleServed.objects.filter(pk=PeopleServed.ONE, at__gt=at - RECENT).exists()


def look(at: datetime) -> Answer:
    """Ask the database, and begin a hold if the mark of life is too old. A clock that is wrong can't tell that."""
    global kept
    found = _read(at)
    begins = found.served_at is not None and is_too_old(found.served_at, at) and not found.is_away
    if begins and abs(clock.skew(at)) <= clock.MOST_SKEW:
        with transaction.atomic():
            _begin_if_due(PeopleServed.objects.select_for_update().get(pk=PeopleServed.ONE), at)
        found = _read(at)
    kept = found
    return found


def _read(at: datetime) -> Answer:
    """The mark and what is held, in one statement."""
    asked = monotonic()
    holding = FilteredRelation("holds", condition=~Q(holds__state=Hold.State.RELEASED))
    marks = PeopleServed.objects.filter(pk=PeopleServed.ONE).annotate(holding=holding)
    columns = ("pk", "since", "until", "approved_at")
    found = list(marks.order_by("holding__pk").values_list("at", *(f"holding__{name}" for name in columns)))
    windows = tuple(
        Window(pk, since, until, until or at, approved_at is not None)
        for _at, pk, since, until, approved_at in found
        if pk is not None
    )
    served_at: datetime | None = found[0][0] if found else None
    if served_at is None or not settings.HOLD_AFTER:
        return Answer(served_at, windows, asked)
    return Answer(served_at, windows, asked, true_until=served_at + settings.HOLD_AFTER - MARGIN)


def would_hold(at: datetime) -> tuple[datetime | None, list[datetime]]:
    """For a copy that isn't started yet: when people were last served, and since when it would hold what fell due, a
    window each. Nothing is written.
    """
    found = _read(at)
    served, since = found.served_at, [window.since for window in found.windows]
    begins = served is not None and is_too_old(served, at) and all(window.is_ruled for window in found.windows)
    return served, [*since, served] if begins and served else since


def note_served(at: datetime) -> None:
    """A web process can serve people now. If nobody was served for long, the hold begins and its window ends here: the
    mark that proves it is overwritten in the same transaction.
    """
    with transaction.atomic():
        mark = PeopleServed.objects.select_for_update().filter(pk=PeopleServed.ONE).first()
        if mark is None:
            PeopleServed.objects.get_or_create(pk=PeopleServed.ONE, defaults={"at": at})
        elif at > mark.at:
            _begin_if_due(mark, at)
            Hold.objects.undecided().filter(until=None).update(until=at)
            mark.at = at
            mark.save(update_fields=["at"])


def begin_after_restore(at: datetime, made_at: datetime | None = None) -> datetime | None:
    """A copy was put back: what people did after its mark of life is lost, however short a time that is. Returns since
    when it is held; None without a mark, or where HOLD_AFTER is 0. `made_at` is when the copy was made, if that is
    known: a web process that was left running may have written a mark since.
    """
    with transaction.atomic():
        mark = PeopleServed.objects.select_for_update().filter(pk=PeopleServed.ONE).first()
        if mark is None or not settings.HOLD_AFTER:
            return None
        mark.at = min(mark.at, made_at or mark.at)
        _begin(mark, max(at, mark.at))
        # Notices that were written before the copy was made, and sent after it, would go again.
        Hold.objects.undecided().update(noticed_at=at)
    forget()
    return mark.at


def _begin_if_due(mark: PeopleServed, at: datetime) -> None:
    """Under the lock of the mark."""
    if is_too_old(mark.at, at):
        _begin(mark, at)


def _begin(mark: PeopleServed, at: datetime) -> None:
    """Where a hold is undecided its window reaches further now, and what somebody proposed for the shorter one is
    void.
    """
    hold = Hold.objects.undecided().select_for_update().first()
    if hold is None:
        hold = Hold.objects.create(mark=mark, since=mark.at, noticed_at=at)
    elif hold.until is not None:
        hold.until, hold.noticed_at = None, at
        hold.drop_proposal()
        hold.save()
    else:
        return
    _tell(hold, at)


def _tell(hold: Hold, at: datetime) -> None:
    """Raise the alarm, and notify those who rule on it and those who look after system and centre."""
    facts = {"since": hold.since.isoformat()}
    serving = Appointment.objects.serving(at).filter(role__in=TOLD, employee__is_active=True)
    people = serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()
    Notification.objects.bulk_create(
        [Notification(recipient_id=pk, kind=KIND, facts=facts, created_at=at) for pk in people]
    )
    with suppress(IntegrityError), transaction.atomic():  # it stands already
        Alarm(key=KIND, kind=KIND, facts=facts, since=hold.since, raised_at=at).save(force_insert=True)


def withheld_before(windows: tuple[Window, ...]) -> datetime | None:
    """Before which instant a notice was written that isn't sent now; None if all are. What is written after the hold
    was noticed goes, its own alarm and fresh hand-offs among it.
    """
    if not windows:
        return None
    unsettled = Hold.objects.holding().filter(messages_settled_at=None)
    return unsettled.aggregate(latest=Max("noticed_at"))["latest"]


# Which matters are held: asked by the sweep and its reminders, by every act, and by pages


def holding_of(deadlines: Iterable[Deadline], windows: Iterable[Window]) -> Window | None:
    """The window that holds the matter of these deadlines; None if none does."""
    known_windows = tuple(windows)
    if not known_windows:
        return None
    return next((window for deadline in deadlines for window in known_windows if window.covers(deadline)), None)


def holding_matter(matter_id: int | None, windows: tuple[Window, ...]) -> Window | None:
    """The window that holds this matter; None if none does."""
    if matter_id is None:
        return None
    return holding_of(held_limits(windows).filter(matter=matter_id), windows)


def held_limits(windows: Iterable[Window]) -> Any:
    """The limits because of which matters are held: the same as `Window.covers`, for a query."""
    within = Q(pk=None)
    for window in windows:
        within |= Q(due_at__range=(window.since, window.to))
    of_now = Q(part=0) | Q(part=F("matter__part"))  # as an act has them
    return Deadline.objects.running().filter(within, of_now)


def not_held(rows: Any, windows: tuple[Window, ...], path: str = "matter") -> Any:
    """The rows whose matter isn't held. Without a hold the query stays as it is."""
    return rows.exclude(**{f"{path}__in": held_limits(windows).values("matter")}) if windows else rows
