"""Transitions beside the straight way: the leader's review, coordination, more time, mistakes put right, somebody away,
a miss excused, material for the reply, history taken over.
"""

from __future__ import annotations

from django.db import models
from django.utils.functional import cached_property
from django_fsm import transition

from accountability.models import Deadline
from complaints import permissions
from complaints.models.conditions import (
    a_unit_answered,
    asked_for_time,
    criticism_proposed,
    customer_unsatisfied,
    ended_satisfied,
    forwarder_owes_reply,
    in_round,
    material_asked,
    no_material_asked,
    not_under_review,
    not_yet_asked,
    under_review,
    was_told,
)
from complaints.models.rounds import BEFORE_ANSWER, RoundState
from complaints.models.states import BEFORE_HANDOVER, IN_WORK, ONCE_DISPATCHED, WITH_HANDLER, State


class BesideTheWay(models.Model):
    """Mixed into the complaint, whose field `state` they move."""

    class Meta:
        abstract = True

    @cached_property
    def misses(self) -> list[Deadline]:
        """Its deadlines that stand missed, excused or not, oldest first; what somebody may propose to excuse."""
        missed = Deadline.objects.filter(matter_id=self.pk, missed_at__isnull=False, voided_at=None)
        return list(missed.select_related("unit", "excuse_proposed_by").order_by("missed_at", "pk"))

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*WITH_HANDLER), not_under_review],
        permission=permissions.submit_for_review,
    )  # fmt: skip
    def submit_for_review(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[under_review],
        permission=permissions.withdraw_review,
    )  # fmt: skip
    def withdraw_review(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[under_review],
        permission=permissions.approve_answer,
    )  # fmt: skip
    def approve_answer(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[under_review],
        permission=permissions.send_back_answer,
    )  # fmt: skip
    def send_back_answer(self) -> None: ...

    @transition(
        field="state", source=State.COMPLETED, target=None, conditions=[a_unit_answered, no_material_asked],
        permission=permissions.ask_material,
    )  # fmt: skip
    def ask_material(self) -> None: ...

    @transition(
        field="state", source=State.COMPLETED, target=None, conditions=[material_asked],
        permission=permissions.give_material,
    )  # fmt: skip
    def give_material(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER)],
        permission=permissions.convene,
    )  # fmt: skip
    def convene(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER)],
        permission=permissions.record_tasks,
    )  # fmt: skip
    def record_tasks(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER)],
        permission=permissions.confirm_task,
    )  # fmt: skip
    def confirm_task(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER)],
        permission=permissions.conclude_coordination,
    )  # fmt: skip
    def conclude_coordination(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER)],
        permission=permissions.call_off_coordination,
    )  # fmt: skip
    def call_off_coordination(self) -> None: ...

    @transition(
        field="state", source=ONCE_DISPATCHED, target=None,
        permission=permissions.finish_task,
    )  # fmt: skip
    def finish_task(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*WITH_HANDLER)],
        permission=permissions.request_extension,
    )  # fmt: skip
    def request_extension(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER)],
        permission=permissions.extend,
    )  # fmt: skip
    def extend(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*BEFORE_ANSWER), asked_for_time],
        permission=permissions.decline_extension,
    )  # fmt: skip
    def decline_extension(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=State.REGISTERED, conditions=[in_round(*BEFORE_HANDOVER)],
        permission=permissions.recall,
    )  # fmt: skip
    def recall(self) -> None:
        """A wrong dispatch taken back before it was handed over: the centre judges the unit again."""

    @transition(
        field="state", source=IN_WORK, target=None,
        permission=permissions.correct,
    )  # fmt: skip
    def correct(self) -> None: ...

    @transition(
        field="state", source=IN_WORK, target=None,
        permission=permissions.set_flags,
    )  # fmt: skip
    def set_flags(self) -> None: ...

    @transition(
        field="state", source=State.ARCHIVED, target=State.REPLIED, conditions=[ended_satisfied],
        permission=permissions.correct_satisfaction,
    )  # fmt: skip
    @transition(
        field="state", source=State.REPLIED, target=State.ARCHIVED, conditions=[customer_unsatisfied],
        permission=permissions.correct_satisfaction,
    )  # fmt: skip
    def correct_satisfaction(self) -> None:
        """满意 was 不满意: it awaits a decision again; 不满意 was 满意: it ends."""

    @transition(
        field="state", source=IN_WORK, target=State.ARCHIVED,
        permission=permissions.mark_duplicate,
    )  # fmt: skip
    def mark_duplicate(self) -> None: ...

    @transition(
        field="state", source=IN_WORK, target=State.ARCHIVED,
        permission=permissions.withdraw,
    )  # fmt: skip
    def withdraw(self) -> None: ...

    @transition(
        field="state", source=[State.COMPLETED, State.REPLIED], target=None, conditions=[not_yet_asked],
        permission=permissions.record_attempt,
    )  # fmt: skip
    def record_attempt(self) -> None: ...

    @transition(
        field="state", source=[State.COMPLETED, State.REPLIED], target=State.ARCHIVED, conditions=[not_yet_asked],
        permission=permissions.archive_unreachable,
    )  # fmt: skip
    def archive_unreachable(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(*WITH_HANDLER)],
        permission=permissions.reassign,
    )  # fmt: skip
    def reassign(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(RoundState.REPORTED)],
        permission=permissions.reassign_report,
    )  # fmt: skip
    def reassign_report(self) -> None: ...

    @transition(
        field="state", source=[State.REGISTERED, State.HANDLING, State.DISPATCHED, State.COMPLETED], target=None,
        conditions=[forwarder_owes_reply], permission=permissions.reassign_reply,
    )  # fmt: skip
    def reassign_reply(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(RoundState.DELIVERED)],
        permission=permissions.record_told,
    )  # fmt: skip
    def record_told(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(RoundState.DELIVERED), was_told],
        permission=permissions.confirm_told,
    )  # fmt: skip
    def confirm_told(self) -> None: ...

    @transition(
        field="state", source=State.NEW, target=State.REGISTERED,
        permission=permissions.import_complaint,
    )  # fmt: skip
    def import_complaint(self) -> None:
        """Taken over open from elsewhere; what was closed there comes in by `import_closed`."""

    @transition(field="state", source=State.NEW, target=State.ARCHIVED)
    def import_closed(self) -> None: ...

    @transition(
        field="state", source=ONCE_DISPATCHED, target=None, conditions=[criticism_proposed],
        permission=permissions.decide_criticism,
    )  # fmt: skip
    def decide_criticism(self) -> None: ...

    @transition(
        field="state", source=State.DISPATCHED, target=None, conditions=[in_round(RoundState.DELIVERED), was_told],
        permission=permissions.deny_told,
    )  # fmt: skip
    def deny_told(self) -> None: ...

    @transition(
        field="state", source=ONCE_DISPATCHED, target=None,
        permission=permissions.propose_excuse,
    )  # fmt: skip
    def propose_excuse(self) -> None: ...

    @transition(field="state", source=ONCE_DISPATCHED, target=None, permission=permissions.set_aside_lead)
    def set_aside_lead(self) -> None: ...

    @transition(field="state", source=ONCE_DISPATCHED, target=None, permission=permissions.restore_lead)
    def restore_lead(self) -> None: ...

    @transition(
        field="state", source=ONCE_DISPATCHED, target=None,
        permission=permissions.confirm_excuse,
    )  # fmt: skip
    def confirm_excuse(self) -> None: ...

    @transition(
        field="state", source=ONCE_DISPATCHED, target=None,
        permission=permissions.reject_excuse,
    )  # fmt: skip
    def reject_excuse(self) -> None: ...
