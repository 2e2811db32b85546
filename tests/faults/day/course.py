"""What became of a plan: each form that was sent, how it was answered, and how it had to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.faults.client import Sent
from tests.faults.day.limits import Table
from tests.faults.day.model import Act
from tests.faults.day.script import NAMED, Plan, Step

DONE, FORM, LATE, HIDDEN = 302, 422, 409, 404
"""Done; shown again for what was missing; refused for what happened meanwhile; as if there were no such complaint."""


@dataclass
class Try:
    """One form with the span in which it was sent, and the answers that it may get."""

    form: Sent
    facts: dict[str, object]
    expected: tuple[int, ...]
    sent: datetime = field(default_factory=lambda: datetime.now(UTC))
    answered: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_wrong(self) -> bool:
        return any(status not in self.expected for status in self.form.answers)


@dataclass
class Course:
    plan: Plan
    number: str = ""
    tries: list[Try] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def acts(self) -> Iterator[Act]:
        """What was done, in its order."""
        for one in self.tries:
            if one.form.done:
                yield Act(one.form.verb, one.form.who, one.facts, one.sent, one.answered)

    def who_does(self, step: Step) -> str:
        """The person of the step. The handler is whom the last hand-over that was done named."""
        if step.who != NAMED:
            return step.who
        named = [act.facts["to"] for act in self.acts() if "to" in act.facts]
        return str(named[-1])

    def waits(self, step: Step, table: Table, now: datetime) -> float:
        """The seconds from now until the step is to be done."""
        if not step.past:
            return step.after
        dispatched = [act for act in self.acts() if act.verb == "dispatch"][-1]
        due = table.due(step.past, dispatched.answered)
        return ((due - now).total_seconds() if due else 0) + step.after

    def judged(self) -> list[str]:
        """What was answered otherwise than it had to be."""
        found = [
            f"{one.form.verb} of {self.number} by {one.form.who}: {one.form.answers}"
            for one in self.tries
            if one.is_wrong
        ]
        if not found and sum(1 for _act in self.acts()) != len(self.plan.steps):
            found.append(f"{self.number} was not done to the end")
        return found + self.wrong
