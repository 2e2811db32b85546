"""How a case is read, for an act and for a page: with its own rows, and the complaints it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.utils.functional import cached_property

from accountability.db.following import follow
from accountability.db.sql import Through, Together
from accountability.models import Appointment, Deadline, Employee, Matter, Unit
from accountability.permissions import MARKETING_ROLES
from assessment.models.circulars import Circular
from assessment.models.linked_complaints import CaseComplaint
from assessment.models.panels import Panel, Seat
from assessment.models.penalties import Penalty
from assessment.models.reports import NamedPerson, Report
from complaints.declarations.limits import Kind
from complaints.models import Round

OWN_ROWS: dict[str, type[models.Model]] = {
    "penalty_rows": Penalty, "circular_rows": Circular, "report_rows": Report, "panel_rows": Panel,
}  # fmt: skip
"""The models of a case's own rows, by the attribute that has them."""


def _grouped(rows: Iterable[Any], column: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, column), []).append(row)
    return found


class CaseIsRead:
    """Derived from the case's rows, each read once."""

    @classmethod
    def of_matters(cls: Any, matters: dict[int, Matter]) -> dict[int, Any]:
        found: dict[int, Any] = cls.of_matters_with(matters, Together())
        return found

    @classmethod
    def of_matters_with(cls: Any, matters: dict[int, Matter], together: Together) -> dict[int, Any]:
        """With their own rows and the people they name, by the same statement; who is to speak on a panel, and the
        round of a fault, by one more each where there are any.
        """
        cases = together.rows(cls, matter_id=matters)
        own = {name: together.rows(model, case_id=matters) for name, model in OWN_ROWS.items()}
        named = together.rows(NamedPerson, report_id=Through(Report, "id", "case_id", matters))
        seats = together.rows(Seat, panel_id=Through(Panel, "id", "case_id", matters))
        links = together.rows(CaseComplaint, case_id=matters)
        units = together.rows(Unit, id=Through(cls, "unit", "matter_id", matters))
        named_by = (
            *(Through(cls, name, "matter_id", matters) for name in ("officer", "approver")),
            Through(Penalty, "person", "case_id", matters),
        )  # fmt: skip
        people = [together.rows(Employee, id=keys) for keys in named_by]
        terms = together.rows(Appointment, role=MARKETING_ROLES, employee_id=named_by[0])
        found, of_units = cases.by_key(), units.by_key()
        known: dict[int | None, Employee] = {person.pk: person for several in people for person in several()}
        rows = {name: _grouped(asked(), "case_id") for name, asked in own.items()}
        linked, of_reports = _grouped(links(), "case_id"), _grouped(named(), "report_id")
        of_panels, of_officers = _grouped(seats(), "panel_id"), _grouped(terms(), "employee_id")
        for pk, case in found.items():
            case.matter, case.unit = matters[pk], of_units[case.unit_id]
            case.officer, case.approver = known.get(case.officer_id), known.get(case.approver_id)
            case.officer_terms = of_officers.get(case.officer_id, [])
            for name, several in rows.items():
                case.__dict__[name] = several.get(pk, [])
                for row in case.__dict__[name]:
                    row.case = case
            case.circular_rows.reverse()  # the newest first, as everywhere
            case.complaint_ids = [link.complaint_id for link in linked.get(pk, ())]
            for penalty in case.penalty_rows:
                penalty.person = known[penalty.person_id]
            for report in case.report_rows:
                report.named = [one.person_id for one in of_reports.get(report.pk, ())]
            for panel in case.panel_rows:
                panel.seat_rows = sorted(of_panels.get(panel.pk, ()), key=lambda seat: seat.place)
        follow(([seat for case in found.values() if case.panel for seat in case.panel.silent], ("member",)))
        cls._read_faults([case for case in found.values() if case.round_id])
        return found

    @cached_property
    def officer_terms(self: Any) -> list[Appointment]:
        """The officer's appointments in the marketing department."""
        return list(Appointment.objects.filter(employee=self.officer_id, role__in=MARKETING_ROLES))

    @staticmethod
    def _read_faults(cases: Sequence[Any]) -> None:
        """The round of each and its hand-off."""
        together, ids = Together(), {case.round_id for case in cases}
        asked = together.rows(Round, id=ids)
        of_rounds = Through(Round, "complaint", "id", ids)
        duties = together.rows(Deadline, matter_id=of_rounds, kind={Kind.HANDOFF}, is_latest={True})
        rounds = asked.by_key()
        # One binds; were there two, the first would, as for `handoff_of`.
        handoffs = {(duty.matter_id, duty.part): duty for duty in reversed(duties())}
        for case in cases:
            case.round = judged = rounds[case.round_id]
            case.handoff = handoffs.get((judged.complaint_id, judged.number))
