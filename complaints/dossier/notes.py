"""Who may read a unit's note.

The people of a round read what was noted in it. A note that belongs to no round is its unit's own. The centre and
marketing read their own unit's notes and what others shared with the centre; an auditor reads everything.
"""

from __future__ import annotations

from django.db.models import Q

from accountability.models import LedgerEntry
from accountability.permissions import Actor

NOTED = "add_note"
"""The verb of a note in the ledger."""


def reads(entry: LedgerEntry, actor: Actor) -> bool:
    """Whether the person may read an entry of a round that they see, or of none: true for all but notes."""
    if entry.verb != NOTED or actor.is_auditor or entry.facts["of_unit"] in actor.units:
        return True
    return bool(entry.facts["shared"] if actor.reads_every_complaint else entry.part)


def read_by_office(actor: Actor) -> Q:
    """The same for a query over searched texts, for a person who reads every complaint."""
    if actor.is_auditor:
        return Q()
    return ~Q(entry__verb=NOTED) | Q(entry__facts__shared=True) | _own(actor)


def of_own_unit(actor: Actor) -> Q:
    """For a query over searched texts: the notes of the person's unit that belong to no round."""
    return Q(entry__verb=NOTED, entry__part=0) & _own(actor)


def _own(actor: Actor) -> Q:
    return Q(entry__facts__of_unit__in=sorted(actor.units))
