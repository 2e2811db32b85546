"""Declares the rows that the ledger proves: each entry has a mark of every row that its act left (ADR 0026)."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q

from accountability.declarations.registry import Registry


@dataclass(frozen=True)
class Proof:
    """One model of which acts leave rows.

    `path` leads from a row to its matter, whose acts alone leave such rows; None where acts of several matters do.
    `left_out` are the columns that change outside acts. `made` selects the rows that an act leaves: others are drafts.
    `founded`: rows may have been there before the first act, so one that no act left isn't wrong for that.
    """

    name: str
    path: str | None
    left_out: tuple[str, ...] = ()
    made: Q = field(default_factory=Q)
    founded: bool = False


PROVED: Registry[Proof] = Registry("proof of rows")
"""By the label of the model."""

PROVED.add(
    # The chain proves length and head; lists are sorted, and alarms raised, by the others.
    Proof(
        "accountability.matter", "pk",
        ("ledger_length", "ledger_head", "work_rank", "work_due_at", "work_warned", "waiting_since", "alarm_at"),
        ~Q(kind="organisation"),
    ),
    # Reminders write no entry.
    Proof("accountability.deadline", "matter_id", ("warn_at", "warned", "chase_at", "chased")),
    Proof("accountability.paper", "matter_id", made=Q(issued_at__isnull=False)),
    # Name and content may be erased, or sealed with another key.
    Proof("accountability.attachment", "matter_id", ("sealed", "erased_at"), made=Q(claimed_at__isnull=False)),
    # Signing in changes these.
    Proof("accountability.employee", None, ("password", "last_login"), founded=True),
    Proof("accountability.unit", None, founded=True),
    Proof("accountability.appointment", None, founded=True),
    Proof("accountability.dutyroster", None, founded=True),
    Proof("accountability.absence", None, founded=True),
    Proof("accountability.guardedchange", None),
)  # fmt: skip
