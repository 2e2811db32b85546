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
    `seeded` selects rows that a migration makes, which hasn't the ledger's key: they may be there without a mark.
    `opens` is the attribute that unseals what a row keeps; it must open.
    `repeats` is a column that says again what `path` leads to, so that lists read it without the way there.
    `changes` are the columns that change at all once the row is there (None: any may); `is_deleted`: such rows are
    deleted, as drafts, or with what replaces them. On PostgreSQL the application's role has no other right
    (`manage.py database_roles`).
    """

    name: str
    path: str | None
    left_out: tuple[str, ...] = ()
    made: Q = field(default_factory=Q)
    seeded: Q | None = None
    opens: str = ""
    repeats: str = ""
    changes: tuple[str, ...] | None = None
    is_deleted: bool = False


PROVED: Registry[Proof] = Registry("proof of rows")
"""By the label of the model."""

PROVED.add(
    # The chain proves length and head; lists are sorted, and alarms raised, by the others.
    Proof(
        "accountability.matter", "pk",
        ("ledger_length", "ledger_head", "work_rank", "work_due_at", "work_warned", "waiting_since", "alarm_at"),
        ~Q(kind="organisation"), is_deleted=True,
    ),
    # Reminders write no entry.
    Proof("accountability.deadline", "matter_id", ("warn_at", "warned", "chase_at", "chased")),
    Proof("accountability.paper", "matter_id", made=Q(issued_at__isnull=False), is_deleted=True),
    # Name and content may be erased, or sealed with another key.
    Proof(
        "accountability.attachment", "matter_id", ("sealed", "erased_at"), ~Q(claimed_at=None), is_deleted=True,
    ),
    Proof("accountability.employee", None, ("last_login", "pinyin"), seeded=Q(username="system")),
    Proof("accountability.unit", None, ("pinyin",)),
    Proof("accountability.appointment", None),
    Proof("accountability.dutyroster", None),
    Proof("accountability.absence", None),
    # A change of keys seals the secret again; its fingerprint stays. Signing in counts steps and uses codes up.
    Proof(
        "accountability.authenticator", None, ("sealed", "last_step"), ~Q(confirmed_at=None), opens="secret",
        changes=("sealed", "last_step", "confirmed_at"), is_deleted=True,
    ),
    Proof("accountability.recoverycode", None, ("used_at",), changes=("used_at",), is_deleted=True),
    # What the directory said last is no decision.
    Proof(
        "accountability.companyaccount", None, ("said", "seen_at"), changes=("said", "seen_at"), is_deleted=True,
    ),
    Proof("accountability.activationcode", None, ("expires_at", "used_at"), changes=("expires_at", "used_at")),
    Proof("accountability.guardedchange", None),
    # A change of keys seals it again; the worker notes how its tries go.
    Proof(
        "accountability.webhookendpoint", None, ("sealed", "failing_since", "failures", "resume_at", "tried_at"),
        opens="opened",
    ),
)  # fmt: skip
