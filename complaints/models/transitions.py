"""Transitions outside the normal flow, and the misses that may be excused.

Recall, corrected satisfaction, duplicate, withdrawal, unreachable customer, import.
"""

from __future__ import annotations

from django.utils.functional import cached_property
from django_fsm import transition

from accountability.db.sql import Read
from accountability.models import Deadline
from complaints.models.conditions import (
    customer_unsatisfied,
    ended_satisfied,
    not_yet_asked,
)
from complaints.models.rounds import in_round
from complaints.models.states import BEFORE_HANDOVER, IN_WORK, State


class BesideTheWay(Read):
    """Mixed into the complaint, whose field `state` they move."""

    class Meta:
        abstract = True

    @cached_property
    def misses(self) -> list[Deadline]:
        """Its missed deadlines, excused or not, oldest first; somebody may propose to excuse them."""
        missed = Deadline.objects.filter(matter_id=self.pk, missed_at__isnull=False, voided_at=None)
        return list(missed.select_related("unit", "excuse_proposed_by").order_by("missed_at", "pk"))

    @transition(
        field="state", source=State.DISPATCHED, target=State.REGISTERED, conditions=[in_round(*BEFORE_HANDOVER)],
    )  # fmt: skip
    def recall(self) -> None:
        """A wrong dispatch taken back before it was handed over: the centre chooses a unit again."""

    @transition(field="state", source=State.ARCHIVED, target=State.REPLIED, conditions=[ended_satisfied])
    @transition(field="state", source=State.REPLIED, target=State.ARCHIVED, conditions=[customer_unsatisfied])
    def correct_satisfaction(self) -> None:
        """满意 was 不满意: it awaits a decision again; 不满意 was 满意: it ends."""

    @transition(field="state", source=IN_WORK, target=State.ARCHIVED)
    def mark_duplicate(self) -> None: ...

    @transition(field="state", source=IN_WORK, target=State.ARCHIVED)
    def withdraw(self) -> None: ...

    @transition(
        field="state", source=[State.COMPLETED, State.REPLIED], target=State.ARCHIVED, conditions=[not_yet_asked],
    )  # fmt: skip
    def archive_unreachable(self) -> None: ...

    @transition(field="state", source=State.NEW, target=State.REGISTERED)
    def import_complaint(self) -> None:
        """An open complaint from another system; one closed there is imported by `import_closed`."""

    @transition(field="state", source=State.NEW, target=State.ARCHIVED)
    def import_closed(self) -> None: ...
