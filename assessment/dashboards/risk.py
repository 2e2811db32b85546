"""The rounds at risk: running ones whose limit is missed or at least half over, one line each, in R12's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accountability.models import Deadline
from accountability.permissions import Actor
from accountability.web.desk import AT_MOST, number
from assessment.dashboards.asked import Asked
from complaints.declarations.limits import Kind
from complaints.lists.clocks import clocks_of
from complaints.lists.worklists import Line, lines
from complaints.models import Complaint, State
from complaints.models.rounds import rounds_of
from complaints.models.visibility import ComplaintQuerySet, invited

AT_RISK, LATE, RUNNING = "", "late", "all"
CHOICES = {AT_RISK: _("临近或超过时限"), LATE: _("已超时"), RUNNING: _("全部在办")}


def rounds_at_risk(actor: Actor, at: datetime, asked: Asked, which: str = AT_RISK) -> ComplaintQuerySet:
    """Complaints with a running round and a limit, known to this person, in the state asked for."""
    pressing = clocks_of(actor).filter(matter_id=OuterRef("pk")).filter(_pressing(which, at))
    found = Complaint.objects.visible_to(actor).filter(Exists(pressing), state=State.DISPATCHED)
    if asked.filters.get("unit"):
        found = found.filter(latest_round__unit__code=asked.filters["unit"])
    if asked.narrow and not actor.reads_every_complaint:
        # A person who only forwarded it doesn't know how it was registered, so a filter must not tell them either.
        found = found.filter(rounds_of(actor) | invited(actor))
    return found.filter(**asked.narrow)


def _pressing(which: str, at: datetime) -> Q:
    """A limit is near once its first warning is due: half of it has run."""
    late = Q(due_at__lt=at)
    near = Q(warned__gt=0) | Q(warn_at__lte=at)
    return {LATE: late, AT_RISK: late | near}.get(which, Q())


def count_late(actor: Actor, at: datetime, asked: Asked) -> str:
    return number(rounds_at_risk(actor, at, asked, LATE).order_by()[:AT_MOST].count())


@dataclass(frozen=True)
class AtRisk:
    """A line with a dashboard's additions: the 30-minute hand-over, and how often the complaint was returned."""

    line: Line
    handoff: Deadline | None
    returns: int | None


def at_risk(complaints: Sequence[Complaint], actor: Actor, at: datetime) -> list[AtRisk]:
    """One statement more than the lines need. Returns of earlier rounds concern other units, so they are shown only to
    those who read every complaint.
    """
    handoffs = _handoffs([complaint.pk for complaint in complaints])
    return [
        AtRisk(
            line,
            handoffs.get(line.complaint.pk) if line.knows_present else None,
            line.complaint.out_of_scope_returns if actor.reads_every_complaint else None,
        )
        for line in lines(complaints, actor, at)
    ]


def _handoffs(ids: list[int]) -> dict[int, Deadline]:
    """The hand-over limits of the running rounds."""
    binding = Deadline.objects.binding().filter(kind=Kind.HANDOFF, part=F("matter__part"))
    return {deadline.matter_id: deadline for deadline in binding.filter(matter_id__in=ids)}
