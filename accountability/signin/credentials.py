"""Puts into the organisation's ledger how a person changed what they sign in by, so that a password or second factor
that was changed past the product is found (`audit/reconciliation.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction

from accountability.gate.act import Batch
from accountability.gate.changes import flush, mark_gone, mark_rows
from accountability.gate.subjects import Organisation
from accountability.models import Employee


def record_change(
    by: Employee, verb: str, at: datetime, rows: Iterable[models.Model] = (), gone: Iterable[models.Model] = (),
    *, notice: str = "",
) -> None:  # fmt: skip
    """An entry with the marks of these rows as they were just saved, and of those that were removed. `notice` tells the
    person of it.
    """
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        entry = act.record(verb, by)
        mark_rows(entry, rows)
        mark_gone(entry, gone)
        if notice:
            act.announce(by.pk, notice)
        flush(batch)
