"""Leads: what points to a violation of the first-inquiry duty (R38)."""

from __future__ import annotations

from django.db.models import QuerySet

from accountability.models import Deadline, Unit

KINDS = (Deadline.Kind.HANDOFF, Deadline.Kind.HANDLING, Deadline.Kind.COOPERATION)
"""The duties of units whose miss is a lead: hand-off (R19), handling (R24), cooperation (R32)."""


def leads_against(unit: Unit) -> QuerySet[Deadline]:
    """The misses that count against the unit that owed the duty.

    Where an accepted return voids a limit that was missed meanwhile, its lead goes with it: a void limit is none.
    """
    return Deadline.objects.filter(unit=unit, kind__in=KINDS, missed_at__isnull=False, voided_at__isnull=True)
