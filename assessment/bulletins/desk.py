"""The desk: bulletins for a supervisor of the centre to send (R54), rankings for a leader to confirm (R53)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.permissions import Actor
from accountability.web.desk import Block, Clock, OwnLimit, Waiting, limits_by_matter
from assessment.models import Bulletin, BulletinState, Ranking, RankingState


def bulletin_block(actor: Actor, at: datetime) -> Block | None:
    """None if nothing waits; a single one is linked directly. There is one a month, so all are counted."""
    waiting = []
    if actor.is_csc_supervisor:
        waiting.append(_to_send(at))
    if actor.leads_marketing:
        waiting.append(_to_confirm(actor))
    there = [each for each in waiting if each.total]
    return Block(_("定期通报与排名"), reverse("bulletins"), there) if there else None


TO_SEND = _("待发送的定期通报")


def own_limits(actor: Actor, _at: datetime) -> Iterator[OwnLimit]:
    """For a person's calendar."""
    if actor.is_csc_supervisor:
        yield from limits_by_matter(_drafted(), TO_SEND, "bulletin")


def _drafted() -> QuerySet[Bulletin]:
    return Bulletin.objects.filter(state=BulletinState.DRAFTED)


def _to_send(at: datetime) -> Waiting:
    found = list(_drafted().values_list("matter__number", "matter__work_due_at", "matter__work_warned"))
    counts: Counter[str] = Counter(
        Clock.LATE if due < at else Clock.WARN if warned else Clock.OK for _number, due, warned in found
    )
    where = reverse("bulletin", args=[found[0][0]]) if len(found) == 1 else reverse("bulletins")
    return Waiting("bulletins", TO_SEND, where, counts, is_timed=False)


def _to_confirm(actor: Actor) -> Waiting:
    """Without those that this person drafted."""
    drafted = Ranking.objects.filter(state=RankingState.DRAFTED).exclude(drafted_by=actor.pk)
    numbers = list(drafted.values_list("matter__number", flat=True))
    where = reverse("ranking_numbered", args=numbers) if len(numbers) == 1 else reverse("rankings")
    return Waiting("rankings", _("待确认的年度排名"), where, {Clock.OK: len(numbers)}, is_timed=False)
