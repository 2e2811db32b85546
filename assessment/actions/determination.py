"""Determining whether there was a violation: who owes a penalty, and by when (R47, R49–R51)."""

from __future__ import annotations

from datetime import datetime

from accountability.documents.issuing import issue
from accountability.documents.phrases import ask_wording
from accountability.gate.act import Act
from accountability.models import Paper
from assessment.declarations.limits import Kind
from assessment.documents.numbering import number_by
from assessment.models import Case, Recorded, determined_in


def ask_to_determine(act: Act) -> Recorded:
    """What is recorded about the cases of the batch; of a fault nothing but its hand-off counts. One statement reads it
    with the calendar and the phrases, if this is called before a number is drawn.
    """
    subjects = (other.subject for other in act.batch.acts)
    cases = [subject for subject in subjects if isinstance(subject, Case) and not subject.is_fault]
    found: Recorded = act.batch.once("recorded", lambda _ids: Recorded(cases, act.batch.together))
    ask_wording(act.batch)
    act.batch.calendar_for(act.batch.limits.limit("discipline"))
    return found


def determine(act: Act, *, violated: bool, at: datetime, read: Recorded | None = None) -> None:
    """Record who owes what at this instant, start the unit's ten working days, and order it in writing to penalise
    them. `read`: what was read for several cases at once.
    """
    case: Case = act.subject
    case.violated, case.determined_at = violated, at
    if not violated:
        return
    case.parts, case.owed = determined_in(case, at, read or ask_to_determine(act))
    act.start(Kind.DISCIPLINE, act.batch.limits_at(at).limit("discipline"), start=at, unit_id=case.unit_id)
    issue(act, "order", number=number_by(act, "order_prefix"))


def follow_penalties(act: Act) -> None:
    """Meet the duty to penalise when the last owed penalty is recorded, and start the duty to prove that they were
    carried out. Meet that one when the last slip is filed.
    """
    case: Case = act.subject
    standing = [penalty for penalty in case.penalty_rows if penalty.annulled_at is None]
    proved = all(penalty.slip_at for penalty in standing)
    if not case.unpaid:
        act.meet(Kind.DISCIPLINE)
        latest = act.latest(Kind.SLIP)
        if not proved and (latest is None or not latest.is_outstanding):
            act.start(Kind.SLIP, act.batch.limits.limit("slip"), unit_id=case.unit_id)
    if proved:
        act.meet(Kind.SLIP)


def return_order(act: Act) -> None:
    """File the order again, under the same number and with its slip filled in, once all slips are there."""
    case: Case = act.subject
    if not case.unpaid and all(penalty.slip_at for penalty in case.penalty_rows if penalty.annulled_at is None):
        ordered = Paper.objects.filter(matter=case.matter, kind="order", issued_at__isnull=False)
        number = ordered.order_by("version").values_list("number", flat=True).first()
        issue(act, "order", number=number or "", slips=True)
