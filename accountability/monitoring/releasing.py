"""Carries out what two people ruled on a hold: everything held is judged, in batches, and the hold ends.

It may be broken off at any point. What was judged isn't held any more, so the next run of the sweep goes on with the
rest. A matter that fails holds up no other; it stays held until it can be judged.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from accountability.gate import holding
from accountability.gate.isolation import isolated, name_of_matter
from accountability.gate.lookups import windows_at
from accountability.gate.sweeper import AFTER, BATCH, judge_locked, settle
from accountability.models import Alarm, Delivery, Hold, Notification

WORK = "release"


def carry_on(at: datetime) -> int:
    """Go on with every release that isn't complete. Returns how many limits were missed."""
    ruled = {window.pk: window for window in windows_at(at) if window.is_ruled}
    if not ruled:
        return 0
    holds = Hold.objects.filter(pk__in=ruled, state=Hold.State.RELEASING)
    together = holds.select_related("proposed_by", "approved_by", "reason").order_by("pk")
    return sum(_carry_out(hold, ruled[hold.pk], at) for hold in together)


def _carry_out(hold: Hold, window: holding.Window, at: datetime) -> int:
    if hold.messages_settled_at is None:
        _settle_messages(hold, at)
    held = holding.held_limits([window]).order_by("due_at").values_list("matter_id", flat=True)
    # Judged up to the approval, because until then people were refused.
    assert hold.approved_at is not None
    judge = partial(settle, before=hold.approved_at + AFTER, ruled=hold)
    work = partial(judge_locked, judge=judge, at=at)
    missed = isolated(WORK, held, work, at=at, size=BATCH, name_of=name_of_matter)
    if not held.all().exists():
        _end(hold, at)
    return missed


def _settle_messages(hold: Hold, at: datetime) -> None:
    """What waits since before the hold: sent from now on as if it were new, or never; in the inbox it is either way."""
    with transaction.atomic():
        mine = Hold.objects.select_for_update().filter(pk=hold.pk, messages_settled_at=None)
        if not mine.exists():
            return
        waiting = Delivery.objects.filter(
            state=Delivery.State.WAITING, notification__created_at__lt=hold.noticed_at
        )  # fmt: skip
        if hold.messages == Hold.Messages.SEND:
            waiting.update(planned_at=at, next_try_at=at)
        else:
            waiting.update(state=Delivery.State.DROPPED, problem="held")
            Notification.objects.filter(sent_at=None, created_at__lt=hold.noticed_at).update(sent_at=at)
        Hold.objects.filter(pk=hold.pk).update(messages_settled_at=at)


def _end(hold: Hold, at: datetime) -> None:
    ended = Hold.objects.filter(pk=hold.pk, state=Hold.State.RELEASING)
    ended.update(state=Hold.State.RELEASED, released_at=at)
    if not Hold.objects.holding().exists():
        Alarm.objects.filter(key=holding.KIND, cleared_at=None).update(cleared_at=at)
