"""What was written in one round, as its card and its 投诉处理通知单 show it. Every text is masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accountability.models import Deadline, LedgerEntry
from accountability.web.desk import LINKS, contributed
from complaints.dossier.dossier import Story
from complaints.dossier.files import ANSWERS, Attached
from complaints.models import Round, RoundState
from complaints.sweep.escalation import CHASED, URGED, is_about

CHASES = ("chase", CHASED, URGED)
"""The ledger's verbs for a chase: the centre's own, the system's at the due instant, and the system's in writing."""


@dataclass(frozen=True)
class Said:
    """One text or decision of the round: what, by whom, when. `reviewer` is the leader who approved an answer (R18);
    then `by` is the person whose answer it is.
    """

    at: datetime
    by: Any
    texts: dict[str, str]
    facts: dict[str, Any]
    files: list[Attached] = field(default_factory=list)
    reviewer: Any = None
    seq: int = 0


@dataclass(frozen=True)
class Urging:
    """A 催办通知书 as it was issued: number, instant, limit and recipient (name). A later change of handler doesn't
    change it.
    """

    number: str
    at: datetime
    deadline: Deadline
    to: str


@dataclass
class Paper:
    """A round and what was written in it. Of repeated texts the last counts; `solutions` and `judgements` keep all."""

    story: Story
    round: Round
    entries: dict[str, list[LedgerEntry]]
    """Those of the round, by verb, oldest first."""
    clocks: dict[str, Deadline] = field(default_factory=dict)
    urgings: list[Urging] = field(default_factory=list)
    links: list[tuple[Any, str]] = field(default_factory=list)
    _said: dict[str, list[Said]] = field(default_factory=dict)

    def said(self, *verbs: str) -> list[Said]:
        """What was said by these verbs, each oldest first. The texts of others stay sealed: a round has a hundred notes
        that its card doesn't show.
        """
        for verb in verbs:
            if verb not in self._said:
                self._said[verb] = [said_in(self.story, entry) for entry in self.entries.get(verb, ())]
        return [said for verb in verbs for said in self._said[verb]]

    def _last(self, verb: str) -> Said | None:
        return next(reversed(self.said(verb)), None)

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
        return self.said("propose_solution")

    @property
    def answers(self) -> list[Said]:
        """The answers that reached the centre, oldest first, sent by the handler or approved by their leader."""
        return sorted(self.said(*ANSWERS), key=lambda said: said.seq)

    @property
    def answer(self) -> Said | None:
        return next(reversed(self.answers), None)

    @property
    def draft(self) -> Said | None:
        """The answer that waits for the leader's review (R18)."""
        return self._last("submit_for_review") if self.round.is_under_review else None

    @property
    def remarks(self) -> Said | None:
        """Why the leader sent the answer back, until it is submitted again or the round is answered."""
        back, since = self._last("send_back_answer"), (self._last("submit_for_review"), self.answer)
        return back if back and all(said is None or said.seq < back.seq for said in since) else None

    @property
    def files(self) -> list[Attached]:
        """The files of the unit's answers, including those judged incomplete."""
        return [one for said in self.answers for one in said.files]

    @property
    def judgements(self) -> list[Said]:
        return self.said("judge_complete")

    @property
    def asked_for_time(self) -> Said | None:
        return self._last("request_extension")

    @property
    def extension(self) -> Said | None:
        return self._last("extend")

    @property
    def asked_until(self) -> datetime | None:
        return _until(self.asked_for_time)

    @property
    def granted_until(self) -> datetime | None:
        return _until(self.extension)

    @property
    def refused_time(self) -> Said | None:
        """The centre's last refusal, unless the unit has asked again since."""
        said, asked = self._last("decline_extension"), self.asked_for_time
        return said if said and asked and said.at >= asked.at else None

    @property
    def chases(self) -> list[Said]:
        """Every chase of the round, by the centre and by the system, oldest first (R13)."""
        return sorted(self.said(*CHASES), key=lambda said: said.at)

    @property
    def last_chase(self) -> Said | None:
        return next(reversed(self.chases), None)

    @property
    def ruled_by_silence(self) -> bool:
        """The centre missed its two hours: the return counts as not accepted."""
        unruled = (RoundState.RETURN_REQUESTED, RoundState.CANCELLED)
        asked = self.returning is not None and self.round.state not in unruled
        return asked and self.ruling is None


def _until(said: Said | None) -> datetime | None:
    return datetime.fromisoformat(said.facts["until"]) if said else None


def paper_of(story: Story, found: Round) -> Paper:
    """The round with its texts and, by kind, the latest cycle of its clocks."""
    entries = story.entries_of(found.number)
    clocks = {deadline.kind: deadline for deadline in story.deadlines if deadline.part == found.number}
    paper = Paper(story, found, entries, clocks)
    paper.urgings = [_urging(story, entry) for entry in entries.get(URGED, ())]
    paper.links = contributed(LINKS, story, found)
    return paper


def _urging(story: Story, entry: LedgerEntry) -> Urging:
    deadline = next(found for found in story.deadlines if is_about(entry, found))
    return Urging(entry.facts["number"], entry.at, deadline, story.named(entry, "to"))


def said_in(story: Story, entry: LedgerEntry) -> Said:
    by: Any = entry.actor if story.names_author(entry) else ""
    reviewer = None
    if entry.verb == "approve_answer":
        by, reviewer = story.named(entry, "handler"), entry.actor
    return Said(entry.at, by, story.texts(entry), entry.facts, story.files_of(entry), reviewer, entry.seq)
