"""Who owes a penalty, from the moment a violation is determined (R50, R51)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import models

from assessment.models.states import Ground
from complaints.models import Round, RoundState

if TYPE_CHECKING:
    from assessment.models.cases import Case


class Owed(TypedDict):
    """A ground and who owes by it: `person` None where anybody of the unit can; `ground` "" for any ground."""

    ground: str
    person: int | None


class CaseOwes(models.Model):
    """What of a case is owed and what of it is recorded."""

    owed: Any

    class Meta:
        abstract = True

    @property
    def unpaid(self: Any) -> list[Owed]:
        """What no penalty is recorded for yet.

        Where no person is known, a row of that ground pays it. A known person owes each ground by itself; a row of
        theirs with a ground that they don't owe isn't refused and pays all that they owe, and nothing of anybody else.
        """
        standing = {penalty.person_id: set(penalty.grounds) for penalty in self.penalty_rows if not penalty.annulled_at}
        return [owed for owed in self.owed if not self._is_paid(owed, standing)]

    def _is_paid(self, owed: Owed, standing: dict[int, set[str]]) -> bool:
        ground, person = owed["ground"], owed["person"]
        if person is None:
            return any(ground in grounds for grounds in standing.values())
        recorded = standing.get(person, set())
        theirs = {each["ground"] for each in self.owed if each["person"] == person}
        return ground in recorded or bool(recorded - theirs)

    @property
    def owing_people(self) -> set[int]:
        return {owed["person"] for owed in self.owed if owed["person"]}

    @property
    def stamped_people(self) -> set[int]:
        """Who owes by what they were when it happened, wherever they are now; not who a report merely names."""
        return {owed["person"] for owed in self.owed if owed["person"] and owed["ground"]}


def owed_in(case: Case, at: datetime) -> list[Owed]:
    """What is owed as things stand now, for a violation that dates from `at`.

    Of a contact's fault the contact. Else handler, leader and head: where complaints are linked the people stamped on
    the unit's last handed-over round that wasn't returned; otherwise any person of the unit for each ground. And every
    person the unit's own report names, by any ground.
    """
    if case.is_fault:
        return [Owed(ground=Ground.CONTACT, person=None)]
    stamped = _stamped(case, at)
    grounds = (Ground.HANDLER, Ground.LEADER, Ground.UNIT_HEAD)
    found = [Owed(ground=str(ground), person=pk) for ground, pk in zip(grounds, stamped, strict=True)]
    named = case.report.named if case.report and not case.report.late else []
    return found + [Owed(ground="", person=pk) for pk in named if pk not in stamped]


def _stamped(case: Case, at: datetime) -> tuple[int | None, int | None, int | None]:
    """Handler, leader and head of the round that the case is judged by."""
    last = last_round(case, at)
    return (last.handler_id, last.leader_id, last.head_id) if last else (None, None, None)


def people_of_the_round(case: Case, at: datetime) -> set[int]:
    """Who would answer for a violation, and so judges nothing of it."""
    return {pk for pk in _stamped(case, at) if pk}


def last_round(case: Case, at: datetime) -> Round | None:
    """The unit's round of the linked complaints that was handed over last and not returned."""
    mine = Round.objects.filter(complaint_id__in=case.complaint_ids, unit_id=case.unit_id, handed_off_at__lte=at)
    return mine.exclude(state=RoundState.RETURNED).order_by("-handed_off_at", "-pk").first()
