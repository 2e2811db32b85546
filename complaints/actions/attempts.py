"""The verbs for a customer who can't be reached: attempts are recorded, then the complaint is archived (R7, R37)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Text
from accountability.gate.verbs import verb
from accountability.models import LedgerEntry
from accountability.permissions import Actor
from complaints import permissions
from complaints.actions.ending import archive
from complaints.models import Complaint, Ending, conditions
from complaints.models.states import State

ATTEMPTS, DAYS = 3, 2
"""A customer counts as unreachable after this many attempts on this many days, Shanghai time."""

REACHED = ("judge_complete", "reply")
"""Verbs after which the count of attempts starts again: there is a result to tell, or the customer was reached."""


def attempts_among(entries: Iterable[LedgerEntry]) -> list[datetime]:
    """The attempts since the customer was last reached, oldest first. `entries` are one complaint's, in their order."""
    found: list[datetime] = []
    for entry in entries:
        if entry.verb in REACHED:
            found = []
        elif entry.verb == "record_attempt":
            found.append(entry.at)
    return found


def suffice(attempts: list[datetime]) -> bool:
    return len(attempts) >= ATTEMPTS and _days(attempts) >= DAYS


def _days(attempts: list[datetime]) -> int:
    return len({day_of(at) for at in attempts})


def _attempts(complaint: Complaint) -> list[datetime]:
    told = LedgerEntry.objects.filter(matter_id=complaint.pk, verb__in=(*REACHED, "record_attempt"))
    return attempts_among(told.order_by("seq"))


def _enough(complaint: Complaint, actor: Actor) -> bool:
    return suffice(_attempts(complaint))


@verb(
    Complaint, _("记录联系未果"), Text(name="note", label=_("联系情况"), rows=2), rule="R37",
    permission=permissions.record_attempt, states=[State.COMPLETED, State.REPLIED], when=[conditions.not_yet_asked],
    icon="phone", tone="warn", timeline="talks", group="unreachable",
)  # fmt: skip
def record_attempt(act: Act, *, note: str) -> None:
    """The customer couldn't be reached. After three attempts on two days the complaint may be archived."""
    if suffice([*_attempts(act.subject), act.at]):
        for person_id in act.subject.told_at_centre(act.batch):
            act.tell(person_id, "unreachable")


@verb(
    Complaint, _("联系不上归档"), Text(name="reason", label=_("理由"), rows=2), rule="R7", offered=_enough,
    permission=permissions.archive_unreachable,
    icon="square-full", tone="neutral", group="unreachable", grave=True,
)  # fmt: skip
def archive_unreachable(act: Act, *, reason: str) -> None:
    """Archive after three attempts on two days. The complaint is left out of the rate."""
    attempts = _attempts(act.subject)
    count = {"count": len(attempts), "days": _days(attempts)}
    refuse_unless(suffice(attempts), _("须至少在两天内联系三次，现有 %(count)s 次、%(days)s 天。") % count)
    act.subject.archive_unreachable()
    archive(act, Ending.UNREACHABLE)
