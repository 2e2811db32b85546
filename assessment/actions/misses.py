"""What becomes of a miss that a case took up: judged late, taken back, excused, or freed by annulment (R38)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from accountability.gate.act import ON_TAKEN_BACK, Act, lock
from accountability.gate.sweeper import ON_ANY_MISS
from accountability.models import Deadline
from assessment.actions.notify import tell_of_case
from assessment.models import Case, CaseComplaint, CaseState, LeadMark, Source
from assessment.models.sheets import LEAD_KINDS
from complaints.declarations.limits import Kind as ComplaintKind


def take_up_when_missed(act: Act, missed: Deadline) -> None:
    """A miss that a standing case rests on is no new lead: the hand-off of an accused contact's round, whenever it is
    missed (R22), and what was missed before the case began and is only judged now (R38): then the oldest case's.
    """
    cases = act.batch.once("cases", _standing).get(act.matter.pk, ()) if missed.kind in LEAD_KINDS else ()
    case = next((case for case in cases if case.rests_on(missed)), None)
    if case is not None and missed.missed_at is not None:
        at = missed.missed_at if case.source == Source.FAULT else case.opened_at
        act.changes.new(LeadMark(deadline=missed, case_id=case.pk, marked_by=act.batch.system, marked_at=at))


class Standing(NamedTuple):
    """A case on a complaint: `part` is the round whose contact it accuses, if it does."""

    pk: int
    source: str
    unit_id: int
    opened_at: datetime
    part: int | None

    def rests_on(self, missed: Deadline) -> bool:
        """Whether it accuses the contact who missed this, or is against the unit and began after the miss."""
        if self.source == Source.FAULT:
            return missed.kind == ComplaintKind.HANDOFF and self.part == missed.part
        return self.unit_id == missed.unit_id and missed.missed_at is not None and missed.missed_at <= self.opened_at


def _standing(matters: list[int]) -> dict[int, list[Standing]]:
    """The cases on each of these complaints, the accusing ones first; declined and annulled ones are left out."""
    found = CaseComplaint.objects.filter(complaint__in=matters)
    found = found.exclude(case__state__in=(CaseState.DECLINED, CaseState.ANNULLED))
    columns = ("case", "case__source", "case__unit", "case__opened_at", "case__round__number")
    rows = [(complaint, Standing(*case)) for complaint, *case in found.values_list("complaint", *columns)]
    of_each: dict[int, list[Standing]] = {}
    for complaint, case in sorted(rows, key=lambda row: (row[1].source != Source.FAULT, row[1].opened_at, row[1].pk)):
        of_each.setdefault(complaint, []).append(case)
    return of_each


ON_ANY_MISS.append(take_up_when_missed)


def release(act: Act) -> None:
    """The misses that the annulled case took up pass to the oldest other case that rests on them, so that nobody
    answers twice for one; without such a case they are leads again. The complaints are locked, as to take a lead up.
    """
    case: Case = act.subject
    lock(sorted(case.complaint_ids))
    marks = list(LeadMark.objects.filter(case=case.pk, restored_at=None).select_related("deadline"))
    standing = _standing(case.complaint_ids) if marks else {}
    for mark in marks:
        others = (other for other in standing.get(mark.deadline.matter_id, ()) if other.pk != case.pk)
        other = next((other for other in others if other.rests_on(mark.deadline)), None)
        act.changes.watch(mark)
        if other is not None:
            mark.case_id = other.pk
        else:
            mark.restored_at = act.at


def restore_lead(act: Act, deadline: Deadline) -> None:
    """A case that took up a miss loses it when the miss is taken back."""
    taken = LeadMark.objects.filter(deadline=deadline, restored_at=None, case__isnull=False)
    marks = list(taken.select_related(*OF_ITS_CASE))
    for mark in marks:
        act.changes.watch(mark)
        mark.restored_at = act.at
    _tell_of_fallen(act, marks)


def tell_of_fallen(act: Act, missed: Sequence[Deadline]) -> None:
    """A miss was excused, or voided with its round: a case that took it up stands, and marketing hears of it (R38)."""
    taken = LeadMark.objects.filter(deadline__in=[found.pk for found in missed], restored_at=None, case__isnull=False)
    _tell_of_fallen(act, taken.select_related(*OF_ITS_CASE).order_by("pk"))


OF_ITS_CASE = ("deadline", "case__matter", "case__officer")


def _tell_of_fallen(act: Act, marks: Iterable[LeadMark]) -> None:
    for mark in marks:
        if mark.case is not None and mark.case.may_be_violation:
            tell_of_case(act, mark.case, "lead_fallen", kind=mark.deadline.kind, part=mark.deadline.part)


ON_TAKEN_BACK.append(restore_lead)
