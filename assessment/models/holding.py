"""What a case awaits next, and who holds it until then."""

from __future__ import annotations

from typing import Any

from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject
from accountability.models import Unit
from assessment.models.owing import payers
from assessment.models.states import DETERMINED, OVER
from assessment.models.states import CaseState as State


class CaseIsHeld(Subject):
    """Derived from the case's own rows, so that it is right whenever they are written."""

    @property
    def awaits(self: Any) -> str:  # type: ignore[override]
        """The verb that must be run next."""
        if self.approval:
            return "approve"
        if self.state in DETERMINED:
            return self._awaited_when_determined()
        if self.state in OVER:
            return self._awaited_when_over()
        if self.state == State.DISPUTED:
            return self._awaited_of_the_panel()
        if self.state == State.FAULT_OPENED:
            return "file_opinion" if self.lacks_opinion else "decide_fault"
        if self.state == State.NOTIFIED:
            return "sign_report" if self.waiting_report else "file_report"
        return {
            State.SHEET_ISSUED: "notify_unit",
            State.OPENED: "notify_unit",
            State.OPINION_FILED: "decide_fault",
            State.NO_VIOLATION: "close_case",
        }.get(State(self.state), "")

    def _awaited_of_the_panel(self: Any) -> str:
        """If no member whose opinion is missing can give it any more, they must be replaced."""
        if self.panel is None:
            return "appoint_panel"
        if not self.panel.silent:
            return "record_panel"
        return "give_opinion" if self._of_the_panel() else "replace_member"

    def _awaited_when_determined(self: Any) -> str:
        """Penalties first, since the circular names people with their months (R50); except for a deemed violation,
        whose unit is named at once (R45).
        """
        if self.circular_to_sign:
            return "sign_circular"
        if self.was_deemed and self.circular_in_force is None:
            return "issue_circular"
        if self.unpaid:
            return "penalise"
        named = self.circular_in_force is not None and not self.people_to_name
        return "close_case" if named else "issue_circular"

    def _awaited_when_over(self: Any) -> str:
        """A circular submitted for signature is still to be signed; that of an annulled case is to be withdrawn. Whom a
        closed case fines is named: if the circular that did was withdrawn, another is issued (R50, R52).
        """
        if self.circular_to_sign:
            return "sign_circular"
        if self.state == State.ANNULLED:
            return "withdraw_circular" if self.circular_in_force else ""
        unnamed = self.circular_in_force is None or set(self.penalised_people) - self.named_people
        return "issue_circular" if self.violated and unnamed else ""

    def who_holds(self: Any, lookups: Lookups) -> tuple[int | None, int | None]:
        """The person whose act is awaited. If they can't act any more, the one who can ask another person; if the unit
        has nobody, the marketing department, which appoints its contacts and head. A panel member holds it while the
        unit stays the marketing department.
        """
        awaits = self.awaits
        if not awaits:
            return None, None
        if awaits in ("approve", "sign_circular"):
            return self._asked_leader(lookups) or self._of_marketing(lookups)
        if awaits == "give_opinion":
            return self._of_the_panel(), self._of_marketing(lookups)[1]
        if awaits in ("file_report", "sign_report", "file_opinion") or self._is_for_the_head:
            person_id = self._of_the_unit(lookups)
            return (person_id, self.unit_id) if person_id else self._of_marketing(lookups)
        return self._of_marketing(lookups)

    def _asked_leader(self: Any, lookups: Lookups) -> tuple[int | None, int | None] | None:
        """The marketing leader who was asked to approve or sign, while they lead."""
        circular = self.circular_to_sign
        asked = self.approver if self.approval else circular.signer if circular else None
        return (asked.pk, asked.unit_id) if asked and asked.pk in lookups.marketing_leader_ids else None

    def _of_the_panel(self: Any) -> int | None:
        """The first member who hasn't given an opinion and still can."""
        return next((seat.member_id for seat in self.panel.to_be_asked), None)

    @property
    def _is_for_the_head(self: Any) -> bool:
        """Whether the unit's head still has penalties to record other than their own."""
        return self.awaits == "penalise" and any(set(payers(owed)) - {self.unit.head_id} for owed in self.unpaid)

    def _of_the_unit(self: Any, lookups: Lookups) -> int | None:
        if self.awaits == "penalise":
            return self.unit.head_id
        if self.awaits == "file_opinion":
            head, able = self.unit.head_id, self.opinion_givers
            return head if head is None or head in able else min(able)
        able = [*(contact.pk for contact in lookups.contacts_of(self.unit)), self.unit.head_id]
        signer = self.waiting_report.signer_id if self.waiting_report else None
        return signer if signer and signer in able else able[0]

    def _of_marketing(self: Any, lookups: Lookups) -> tuple[int | None, int | None]:
        if self.officer is not None and self.officer_id in lookups.marketing_ids:
            return self.officer.pk, self.officer.unit_id
        unit = next((unit for unit in lookups.units_of_kind(Unit.Kind.MARKETING)), None)
        there = [*lookups.marketing_leader_ids, unit.head_id if unit else None, *lookups.marketing_ids]
        return next((pk for pk in there if pk), None), unit.pk if unit else None
