"""The plan of an import: row by row what is added, changed or unchanged, who leaves, and what can't be done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.gate.act import Batch
from accountability.gate.fields import BadFact
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import find
from accountability.models import Employee
from accountability.organisation.importing.columns import Kind, Row
from accountability.organisation.importing.known import Known
from accountability.organisation.succession import OpenWork
from accountability.spreadsheets.workbooks import FORMULA_FAULTS

BLANK_ROW = 0
"""The line number of somebody who isn't listed: no row of the file."""


class Status(models.TextChoices):
    ERROR = "error", gettext_lazy("不能导入")
    ADDED = "added", gettext_lazy("新增")
    CHANGED = "changed", gettext_lazy("变更")
    LEAVER = "leaver", gettext_lazy("离职")
    ENDED = "ended", gettext_lazy("结束")
    UNCHANGED = "unchanged", gettext_lazy("无变化")


PHASES = (
    "set_unit", "admit", "update_employee", "set_supervisor", "set_head", "end_appointment", "appoint",
    "cancel_roster", "roster", "dismiss",
)  # fmt: skip
"""The order of the steps: leavers go last, when their successors exist already."""


@dataclass(frozen=True)
class Step:
    """One verb on the organisation with its facts, all of them texts."""

    verb: str
    facts: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One field: its old value (empty: nothing) and its new one."""

    label: Any
    old: str
    new: str


@dataclass
class Line:
    """The result of one row, or of somebody who isn't listed; `person` and `username` are those of a leaver or
    mover.
    """

    kind: Kind
    row: int
    title: str
    status: Status = Status.UNCHANGED
    changes: list[Change] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    error: str = ""
    work: list[OpenWork] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    person: int = 0
    username: str = ""

    def fail(self, sentence: Any) -> None:
        """Mark the row as failed: the first sentence is kept, and nothing of the row is done."""
        self.error = self.error or str(sentence)
        self.status, self.steps, self.changes = Status.ERROR, [], []

    def do(self, verb: str, **facts: str) -> None:
        if not self.error:
            self.steps.append(Step(verb, {name: value for name, value in facts.items() if value}))

    def change(self, label: Any, old: str, new: str) -> bool:
        """Note a field that differs; an empty cell leaves it unchanged."""
        if not new or old == new:
            return False
        self.changes.append(Change(label, old, new))
        return True


@dataclass
class Planner:
    """What comparing a row needs: the organisation, the importing person, and whether a list is complete."""

    known: Known
    by: Employee
    complete: bool
    lines: list[Line] = field(default_factory=list)
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def begin(self, kind: Kind, row: Row, *key: str) -> Line:
        """Begin a line for the row; a repeated key fails."""
        line = Line(kind, row.number, " · ".join(part for part in key if part) or "—")
        self.lines.append(line)
        self._demand(line, kind, row)
        earlier = self.seen.setdefault((kind.name, *key), row.number)
        if earlier != row.number:
            line.fail(_("与第 %(row)s 行重复。") % {"row": earlier})
        return line

    def unlisted(self, kind: Kind, title: str, status: Status) -> Line:
        line = Line(kind, BLANK_ROW, title, status)
        self.lines.append(line)
        return line

    @staticmethod
    def _demand(line: Line, kind: Kind, row: Row) -> None:
        empty = [str(column.label) for column in kind.columns if column.required and not row[column.name]]
        if empty:
            line.fail(_("未填写：%(columns)s。") % {"columns": _("、").join(empty)})
        if not FORMULA_FAULTS.isdisjoint(row.values.values()):
            line.fail(_("单元格中是公式错误。"))

    def check(self, line: Line, verb: str, **facts: str) -> None:
        """Clean the fields as the verb itself would."""
        for name, value in facts.items():
            try:
                if value:
                    find(Organisation, verb).fact(name).clean(value, Batch(self.known.at))
            except BadFact as bad:
                line.fail(bad)


@dataclass
class Plan:
    """All lines, those that need attention first, and the digest that a confirmation must name."""

    lines: list[Line]

    @property
    def digest(self) -> str:
        """A digest of what would be done, independent of the reader's language."""
        said = [
            [line.kind.name, line.row, line.title, line.status.value, [[s.verb, s.facts] for s in line.steps]]
            for line in self.lines
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @property
    def steps(self) -> list[tuple[Line, Step]]:
        """All steps in the order in which they are done."""
        every = [(line, step) for line in self.lines for step in line.steps]
        return sorted(every, key=lambda pair: PHASES.index(pair[1].verb))

    def of(self, status: Status) -> list[Line]:
        return [line for line in self.lines if line.status == status]

    @property
    def counts(self) -> list[tuple[Status, int]]:
        return [(status, len(self.of(status))) for status in Status]

    @property
    def shown(self) -> list[Line]:
        """The lines worth reading: all but the unchanged, errors first."""
        order = list(Status)
        differing = [line for line in self.lines if line.status != Status.UNCHANGED]
        return sorted(differing, key=lambda line: order.index(line.status))
