"""What a determined case owes, who still has to pay it, and who owed a round's hand-off (R22, R47, R50, R51)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from accountability.db.sql import Read
from accountability.models import Deadline
from assessment.models.states import Ground
from complaints.declarations.limits import Kind
from complaints.models import Round

BY_ROUND, BY_NOTICE, BY_TASK, BY_REPORT = "round", "notice", "task", "report"
"""Why a person has a part: a round of a linked complaint, the notice to the unit, a task of a coordination, or the
unit's own report.
"""


class Owed(TypedDict):
    """A ground and who owes on it. If `person` is None, one of `among` does. For a leader who answers for one of
    several possible handlers, `leads` has the pairs of handler and leader (None: nobody answers with that one).
    """

    ground: str
    person: int | None
    among: list[int]
    leads: list[tuple[int, int | None]]


class CaseOwes(Read):
    """What is owed in a case, and people's parts in it, both stamped when the violation is determined."""

    owed: Any
    parts: Any

    class Meta:
        abstract = True

    @property
    def unpaid(self: Any) -> list[Owed]:
        """What no penalty is recorded for yet. A person pays a ground with the row that has it."""
        return self.unpaid_after({})

    def unpaid_after(self: Any, more: Mapping[int, Iterable[str]]) -> list[Owed]:
        """What would still be owed once these grounds, by person, are recorded too."""
        standing = {row.person_id: set(row.grounds) for row in self.penalty_rows if not row.annulled_at}
        for person, grounds in more.items():
            standing[person] = standing.get(person, set()) | set(grounds)
        chosen = {pk for pk, grounds in standing.items() if Ground.HANDLER in grounds}
        return [_of_the_chosen(owed, chosen) for owed in self.owed if not _is_paid(owed, standing)]

    def has_part(self, person: int, ground: str) -> bool:
        """By the recorded parts, or by the last rule: as one of those who may be the handler, or as their leader."""
        if any((each["person"], each["ground"]) == (person, ground) for each in self.parts):
            return True
        choices = (each for each in self.owed if each["person"] is None and each["ground"] == ground)
        return any(person in payers(each) for each in choices)

    @property
    def owing_people(self) -> set[int]:
        """Everybody who owes a penalty, or is one of several of whom one owes it."""
        return {pk for owed in self.owed for pk in payers(owed)}

    @property
    def people_with_a_part(self) -> set[int]:
        return {each["person"] for each in self.parts} | self.owing_people

    @property
    def stamped_people(self) -> set[int]:
        """Those who answer for what they were when it happened, wherever they work now; not those whom only a report
        names, nor those with a task by which nothing is owed.
        """
        named = {each["person"] for each in self.parts if each["why"] == BY_REPORT}
        by_rounds = {each["person"] for each in self.parts if each["why"] not in (BY_REPORT, BY_TASK)}
        return by_rounds | ({owed["person"] for owed in self.owed if owed["person"]} - named)


def payers(owed: Owed) -> list[int]:
    """Who may pay it."""
    if owed["person"]:
        return [owed["person"]]
    return owed["among"] or [leader for _handler, leader in owed["leads"] if leader]


def _of_the_chosen(owed: Owed, handlers: set[int]) -> Owed:
    """Once one of several pays as the handler, only that person's leader answers with them."""
    leads = [pair for pair in owed["leads"] if pair[0] in handlers]
    leaders = list(dict.fromkeys(leader for _handler, leader in leads if leader))
    if len(leaders) == 1:
        return owed_on(owed["ground"], leaders[0])
    return Owed(ground=owed["ground"], person=None, among=[], leads=leads) if leads else owed


def _is_paid(owed: Owed, standing: dict[int, set[str]]) -> bool:
    """Of the leader of one of several: also once somebody pays as the handler with whom nobody answers."""
    if owed["leads"]:
        leads: dict[int, set[int]] = {handler: set() for handler, _leader in owed["leads"]}
        for handler, leader in owed["leads"]:
            leads[handler] |= {leader} if leader else set()
        pays = [leads[handler] for handler in leads if Ground.HANDLER in standing.get(handler, ())]
        return any(not able or any(owed["ground"] in standing.get(pk, ()) for pk in able) for able in pays)
    return any(owed["ground"] in standing.get(person, ()) for person in payers(owed))


def owed_on(ground: str, person: int) -> Owed:
    return Owed(ground=str(ground), person=person, among=[], leads=[])


def handoff_of(found: Round) -> Deadline | None:
    """The binding hand-off of the round: once it is missed no new one begins."""
    of_round = {"matter_id": found.complaint_id, "part": found.number, "kind": Kind.HANDOFF}
    return Deadline.objects.binding().filter(**of_round).select_related("matter", "unit").first()


def owed_handoff(found: Round, handoff: Deadline | None) -> int | None:
    """Who owed it; a person who got the round after a miss owed nothing (R19, R22)."""
    return (handoff.person_id if handoff else None) or found.contact_id
