"""Which complaints a person may know of, and which count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accountability.permissions import Actor
from complaints.models.coordination import Cooperation
from complaints.models.rounds import rounds_of
from complaints.models.states import Ending, Tier

if TYPE_CHECKING:
    from complaints.models.complaints import Complaint  # noqa: F401  the queryset names its model


def invited(actor: Actor) -> Exists:
    """For a query over complaints: whether the person's unit was invited to one of its coordinations."""
    return Exists(Cooperation.objects.filter(unit_id__in=actor.units, coordination__round__complaint_id=OuterRef("pk")))


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, actor: Actor) -> ComplaintQuerySet:
        """The complaints this person may know of; for them no others exist.

        All of them for the centre's agents, supervisors and head, marketing and auditors. For others: those with a
        round of theirs, those they forwarded, and those they owe the reply of (R34). Administrators see none, whatever
        they saw before.
        """
        if actor.is_administrator:
            return self.none()
        if actor.reads_every_complaint:
            return self
        mine = Q(forwarded_by_id=actor.pk) | Q(reply_by_id=actor.pk, tier=Tier.VIP)
        return self.filter(mine | rounds_of(actor) | invited(actor))

    def counted(self) -> ComplaintQuerySet:
        """The complaints in rates and totals: without history that was closed before the import."""
        return self.exclude(ended_as=Ending.IMPORTED)

    def with_everything(self) -> ComplaintQuerySet:
        """Joined with what a list row or an act needs."""
        return self.select_related(
            "matter", "category__parent", "agent", "forwarded_by", "reply_by", "latest_round", "latest_round__unit"
        )

    def for_page(self) -> ComplaintQuerySet:
        """Joined with what its page needs."""
        joined = ("intake", "coordinator", "agent__unit", "forwarded_by__unit", "matter__holder", "matter__holder_unit")
        return self.with_everything().select_related(*joined, "latest_round__suggested_unit")
