"""Puts into the ledger which units, people and offices were there before the first act: a seed, the demo, a scenario.

Without it a forged appointment couldn't be told from one of the seed (`audit/reconciliation.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.db import models, transaction

from accountability.gate.act import Batch
from accountability.gate.changes import flush, mark_rows
from accountability.gate.subjects import Organisation
from accountability.models import Absence, Appointment, DutyRoster, Employee, Unit

FOUND = "found"


def record_founding(at: datetime, rows: Iterable[models.Model]) -> None:
    """The entry `found` of the organisation, with a mark of each of these rows."""
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        mark_rows(act.record(FOUND, batch.system), rows)
        flush(batch)


def whole_organisation() -> Iterable[models.Model]:
    return chain.from_iterable(
        model._base_manager.all() for model in (Unit, Employee, Appointment, DutyRoster, Absence)
    )
