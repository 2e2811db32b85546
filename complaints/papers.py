"""What was written in one round, as its card and its 投诉处理通知单 show it; every text masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accountability.models import Deadline, LedgerEntry
from complaints.models import Round, RoundState
from complaints.story import Story


@dataclass(frozen=True)
class Said:
    """One text or decision of the round: what, by whom, when."""

    at: datetime
    by: Any
    texts: dict[str, str]
    facts: dict[str, Any]


@dataclass
class Paper:
    """A round and what was written in it; of what was said more than once the last counts, `solutions` and
    `judgements` keep all."""

    round: Round
    clocks: dict[str, Deadline] = field(default_factory=dict)
    said: dict[str, list[Said]] = field(default_factory=dict)

    def _last(self, verb: str) -> Said | None:
        found = self.said.get(verb)
        return found[-1] if found else None

    @property
    def dispatch(self) -> Said | None:
        return self._last("dispatch")

    @property
    def report(self) -> Said | None:
        return self._last("report_to_leader")

    @property
    def returning(self) -> Said | None:
        return self._last("request_return")

    @property
    def ruling(self) -> Said | None:
        return self._last("rule_on_return")

    @property
    def solutions(self) -> list[Said]:
        return self.said.get("propose_solution", [])

    @property
    def answer(self) -> Said | None:
        return self._last("answer")

    @property
    def judgements(self) -> list[Said]:
        return self.said.get("judge_complete", [])

    @property
    def ruled_by_silence(self) -> bool:
        """The centre let its two hours pass: the return counts as not accepted."""
        asked = self.returning is not None and self.round.state != RoundState.RETURN_REQUESTED
        return asked and self.ruling is None

    @property
    def in_scope(self) -> bool | None:
        """是否属本部门: no once a return was accepted, yes once the unit took it up, open before."""
        if self.round.state == RoundState.RETURNED:
            return False
        return True if self.round.accepted_at else None


def paper_of(story: Story, found: Round) -> Paper:
    """The round with its texts and, by kind, the latest cycle of its clocks."""
    entries = story.entries_of(found.number)
    clocks = {deadline.kind: deadline for deadline in story.deadlines if deadline.part == found.number}
    return Paper(found, clocks, {verb: [_said(story, entry) for entry in many] for verb, many in entries.items()})


def _said(story: Story, entry: LedgerEntry) -> Said:
    return Said(entry.at, entry.actor, story.texts(entry), entry.facts)
