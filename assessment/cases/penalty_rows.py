"""Penalties of several people in one form: the data of each row, and the form control (R47, R50, R51)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accountability.gate.fields import BadFact, Fact, Text, Whole
from accountability.gate.lookups import Lookups
from accountability.models import Employee
from accountability.permissions import Actor
from assessment.cases.papers import Owing, owing_in
from assessment.models import LEAST_MONTHS, MOST_MONTHS, Case, Ground
from complaints.fields.widgets import RowsInput

KEYS = {"person", "grounds", "months", "reason"}
MOST_ROWS = 200
MONTHS = Whole(name="months", least=LEAST_MONTHS, most=MOST_MONTHS)
REASON = Text(name="reason")


@dataclass(frozen=True)
class PenaltyRow:
    """One person's months and reason. Without grounds it covers all that they owe."""

    person: Employee
    grounds: tuple[str, ...]
    months: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Penalties(Fact):
    """`[{person, grounds, months, reason}]`, each person once. The ledger keeps person, grounds and months; the reasons
    are sealed, each with its row. Blank lines are skipped: another line may settle which of several people it is. The
    action refuses if someone is missing.
    """

    def clean(self, raw: Any, lookups: Lookups) -> list[PenaltyRow]:
        if not isinstance(raw, list) or not all(isinstance(row, dict) and set(row) <= KEYS for row in raw):
            raise BadFact(_("请按每人一项填写。"))
        if len(raw) > MOST_ROWS:
            raise BadFact(_("一次最多 %(most)s 人。") % {"most": MOST_ROWS})
        filled = [row for row in raw if any(row.get(name) for name in ("person", "months", "reason"))]
        if not filled:
            raise BadFact(_("请选择受处理人。"))
        typed = [str(row.get("person") or "") for row in filled]
        known = Employee.objects.in_bulk(typed, field_name="username")
        rows = [self._row(row, known.get(name), lookups) for row, name in zip(filled, typed, strict=True)]
        return list(_joined(rows).values())

    @staticmethod
    def _row(row: dict[str, Any], person: Employee | None, lookups: Lookups) -> PenaltyRow:
        if person is None:
            raise BadFact(_("请选择受处理人。"))
        grounds = row.get("grounds") or []
        if not isinstance(grounds, list) or not set(map(str, grounds)) <= set(Ground.values):
            raise BadFact(_("请从列出的选项中选择。"))
        try:
            months = MONTHS.clean(row.get("months"), lookups)
            reason = REASON.clean(row.get("reason") or "", lookups)
        except BadFact as bad:
            raise BadFact(_("%(name)s：%(problem)s") % {"name": person, "problem": bad}) from None
        if not reason:
            raise BadFact(_("%(name)s：请写明情节与理由。") % {"name": person})
        return PenaltyRow(person, tuple(map(str, grounds)), months, reason)

    def record(self, value: list[PenaltyRow]) -> list[dict[str, Any]]:
        return [{"person": row.person.pk, "grounds": list(row.grounds), "months": row.months} for row in value]

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return PenaltiesInput(lines_to_pay(subject, actor), actor)


def _joined(rows: Iterable[PenaltyRow]) -> dict[int, PenaltyRow]:
    """One row per person: a person on two lines has one penalty, so the months must be the same."""
    found: dict[int, PenaltyRow] = {}
    for row in rows:
        before = found.get(row.person.pk)
        if before is not None and before.months != row.months:
            raise BadFact(_("%(name)s只有一项处理，两处月数应一致。") % {"name": row.person})
        grounds = dict.fromkeys([*(before.grounds if before else ()), *row.grounds])
        reason = row.reason if before is None or before.reason == row.reason else f"{before.reason}\n{row.reason}"
        found[row.person.pk] = PenaltyRow(row.person, tuple(grounds), row.months, reason)
    return found


def lines_to_pay(case: Case, actor: Actor) -> list[Owing]:
    """What is owed and this person may record: everything but their own."""
    return [line for line in owing_in(case) if not line.is_only(actor.pk)] if case.matter_id else []


class PenaltiesInput(RowsInput):
    """Months and reason for each person who owes; where one of several owes, a choice of the person too."""

    template_name = "assessment/cases/widgets/penalties.html"

    def __init__(self, lines: list[Owing], actor: Actor) -> None:
        super().__init__()
        self.lines, self.me = lines, actor.pk
        self.months = [str(each) for each in range(LEAST_MONTHS, MOST_MONTHS + 1)]

    @staticmethod
    def _key(line: Owing) -> str:
        return line.person.username if line.person else f"one-{line.ground}"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = value if isinstance(value, list) and len(value) == len(self.lines) else [{}] * len(self.lines)
        context["widget"]["months"] = self.months
        context["widget"]["rows"] = [
            self._shown(name, line, row if isinstance(row, dict) else {}, attrs or {})
            for line, row in zip(self.lines, given, strict=True)
        ]
        return context

    def _shown(self, name: str, line: Owing, row: dict[str, Any], attrs: dict[str, Any]) -> dict[str, Any]:
        key = self._key(line)
        people = [(person.username, str(person)) for person in line.among if person.pk != self.me]
        return {
            "line": line, "people": people, "name": f"{name}-{key}", "id": f"{attrs.get('id', name)}_{key}",
            "person": str(row.get("person") or ""), "given": str(row.get("months") or ""),
            "reason": str(row.get("reason") or ""),
        }  # fmt: skip

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        """One row per line, so that an error about a blank line can name the person."""
        return [self._typed(data, f"{name}-{self._key(line)}", line) for line in self.lines]

    @staticmethod
    def _typed(data: Any, name: str, line: Owing) -> dict[str, Any]:
        person = line.person.username if line.person else data.get(f"{name}-person") or ""
        return {
            "person": person, "grounds": list(line.grounds), "months": data.get(f"{name}-months") or "",
            "reason": data.get(f"{name}-reason") or "",
        }  # fmt: skip
