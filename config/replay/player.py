"""Plays a scenario: the virtual clock, the steps through the gate, the expectations at their instants."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accountability.deadlines.limits import read_instant
from accountability.files.fields import Files
from accountability.gate import perform as gate
from accountability.gate import sweeper, verbs
from accountability.gate.fields import Person, Text
from accountability.gate.subjects import SUBJECTS, Organisation
from accountability.models import Attachment, Employee, Matter
from accountability.seed.foundation import BEGINNING
from accountability.seed.founding import record_founding, whole_organisation
from assessment.cases.fields import OfCase, OfRound
from assessment.models import Bulletin
from assessment.models.bulletins import STANDING
from complaints.fields.kinds import Another, Complaints, People
from config.replay import others
from config.replay.database import count_rows
from config.replay.expectations import Expectation, Moment
from config.replay.files import stand_in
from config.replay.problems import BadScenario, demand, demand_keys
from config.replay.reader import Scenario
from config.replay.report import Report, report_of
from config.replay.stage import Cast, ensure_category, ensure_region, set_stage

NAMED = ("complaint", "case", "ranking")
"""The keys by which a step names its subject; without one it is the organisation."""


MOST_FAILURES = 1000
"""Further failures are counted but not stored: a long log that goes wrong from the start fails at every step."""


STEPS_BETWEEN_COUNTS = 500
"""After so many steps the rows are counted for PostgreSQL."""


@dataclass
class Result:
    """The result of one file. Failures are sentences: what was expected, what was found."""

    name: str
    steps: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)
    report: Report | None = None


def play(
    scenario: Scenario, *, on_step: Callable[[], object] = lambda: None, with_report: bool = False,
    player_of: Callable[[str, Cast], Player] | None = None,
) -> Result:  # fmt: skip
    """Set the stage in the present, empty database and play the whole file, through the gate or as `player_of` does.

    Raises BadScenario for a fault of the file.
    """
    player = (player_of or Player)(scenario.name, set_stage(scenario))
    record_founding(BEGINNING, whole_organisation())
    player.expect(scenario.expect)
    for number, step in enumerate(scenario.steps(), 1):
        try:
            player.step(step, number)
        except BadScenario as bad:
            raise bad.at(_place(number, step)) from bad
        on_step()
    player.finish()
    result = player.result
    if with_report:
        result.report = report_of(player.matters, steps=result.steps, refused=result.refused)
    return result


def _place(number: int, step: Any) -> str:
    known = [str(step[key]) for key in ("at", "by", "do", *NAMED) if step.get(key)] if isinstance(step, dict) else []
    return f"step {number} ({', '.join(known)})" if known else f"step {number}"


class Player:
    """One file being played: its clock, its people, and what its names refer to.

    `matters` has the primary key of each name's matter, None for one whose beginning was refused. `named` are the keys
    that it takes.
    """

    named: tuple[str, ...] = NAMED

    def __init__(self, name: str, cast: Cast) -> None:
        self.cast = cast
        self.result = Result(name)
        self.unsaid = 0
        self.now = BEGINNING
        self.matters: dict[str, int | None] = {}
        self.questions: list[Expectation] = []
        self.added: set[tuple[Callable[[Any], None], str]] = set()
        self.organisation = Organisation.standing()

    # Expectations

    def expect(self, entries: list[Any]) -> None:
        """Take the file's expectations; those with an instant are checked in order of time."""
        self.questions = [Expectation.of(entry, number, self.cast) for number, entry in enumerate(entries, 1)]

    def _ask_until(self, before: datetime) -> None:
        """Check the expectations of instants before `before`."""
        ready = [question for question in self.questions if question.at is not None and question.at < before]
        if ready:
            self.questions = [question for question in self.questions if question not in ready]
            self._ask(sorted(ready, key=lambda question: question.at or BEGINNING))

    def _ask(self, questions: list[Expectation]) -> None:
        for question in questions:
            self.advance(question.at or self.now)
            self._fail(*question.failures(Moment(self.now, self.cast, self.matters)))

    def finish(self) -> None:
        """After the last step: check the expectations for now, then those for later instants."""
        last = self.now
        self._ask(sorted(self.questions, key=lambda question: question.at or last))
        self.questions = []
        if self.unsaid:
            self.result.failures.append(f"and {self.unsaid} more")

    def _fail(self, *sentences: str) -> None:
        for sentence in sentences:
            if len(self.result.failures) < MOST_FAILURES:
                self.result.failures.append(sentence)
            else:
                self.unsaid += 1

    # The clock

    def advance(self, to: datetime) -> None:
        """Move on to the instant, running the sweep at every instant on the way at which something falls due."""
        sweeper.sweep_until(to)
        self.now = max(self.now, to)

    # Steps

    def step(self, step: Any, number: int) -> None:
        """Play one step. Announced and unexpected refusals are both counted; an unexpected one is a failure."""
        demand_keys(step, "step", ("at", "by", "do"), (*self.named, "with", "refused"))
        at = _instant(step["at"])
        demand(at >= self.now or self.result.steps == 0, "the step is earlier than the one before it")
        self._ask_until(at)
        self.advance(at)
        announced = step.get("refused", False)
        demand(isinstance(announced, bool), "refused must be true or false")
        refusal = self._act(step, at, announced)
        self.result.steps += 1
        if self.result.steps % STEPS_BETWEEN_COUNTS == 0:
            count_rows()
        self.result.refused += refusal is not None
        if (refusal is not None) != announced:
            said = f"refused: {refusal}" if refusal is not None else "expected to be refused, but it was done"
            self._fail(f"{_place(number, step)}: {said}")

    def _act(self, step: dict[str, Any], at: datetime, announced: bool) -> str | None:
        """Run the step's verb through the gate; return the refusal in words, or None where it was done."""
        by = self.cast.person(step["by"])
        entry, name = self._verb(step)
        facts = self._facts(entry, step.get("with") or {}, name, by)
        if "category" in facts and not announced:
            self._add(ensure_category, facts["category"])
        if "region" in facts:
            self._add(ensure_region, facts["region"])
        subject = self._subject(entry, name)
        if subject is None:
            return f"there is no {name}: its beginning was refused"
        try:
            matter_id = self.perform(entry, subject, by, at, facts)
        except gate.Refused as refusal:
            self.matters.setdefault(name, None)
            demand(refusal.code != "busy", "the database was busy")
            return "; ".join([str(refusal.message), *(f"{key}: {text}" for key, text in refusal.fields.items())])
        self.matters[name] = matter_id
        return None

    def perform(self, entry: verbs.Verb, subject: Any, by: Employee, at: datetime, facts: dict[str, Any]) -> Any:
        """Run the step, and what its fields say other people did at that instant in their own sessions: all or
        nothing.
        """
        if entry.name not in others.ACTS:
            return gate.perform(subject, entry.name, by=by, at=at, **facts).subject.matter_id
        with transaction.atomic():
            for username, verb, told in others.ACTS[entry.name](entry.name, facts, by, at):
                gate.perform(
                    type(subject)(matter_id=subject.matter_id), verb, by=self.cast.person(username), at=at, **told
                )
        return subject.matter_id

    def _verb(self, step: dict[str, Any]) -> tuple[verbs.Verb, str]:
        """The verb and the name of its subject ("" for the organisation)."""
        keys = [key for key in self.named if step.get(key) is not None]
        demand(len(keys) <= 1, "a step is done to a complaint or to a case, not to both")
        kind = keys[0] if keys else Organisation.matter_kind
        entry = verbs.VERBS.get((kind, step["do"])) if isinstance(step["do"], str) else None
        if entry is None:
            kinds = [known for known, verb in verbs.VERBS if verb == step["do"]]
            demand(not kinds, f"{step['do']} is done to a {' or '.join(kinds)}, not to a {kind}")
            raise BadScenario(f"unknown verb {step['do']!r}")
        return entry, str(step[keys[0]]) if keys else ""

    def _facts(self, entry: verbs.Verb, given: Any, name: str, by: Employee) -> dict[str, Any]:
        """The step's fields as the gate takes them; an unknown field or person is the file's fault."""
        known: dict[str, Any] = {fact.name: fact for fact in entry.facts}
        of_others = others.FIELDS.get(entry.name, ())
        demand_keys(given, "with", (), (*known, *of_others))
        return {
            key: self._of_others(value) if key in of_others else self._fact(known[key], value, name, by)
            for key, value in given.items()
        }

    def _of_others(self, value: Any) -> Any:
        """Names of people, or what each of them said; a person outside the cast is the file's fault."""
        for username in value if isinstance(value, (list, dict)) else ():
            self.cast.person(username)
        return value

    def _fact(self, fact: Any, value: Any, name: str, by: Employee) -> Any:
        if isinstance(fact, Person) and value not in (None, ""):
            return self.cast.person(value).username
        if isinstance(fact, People) and isinstance(value, list):
            return [self.cast.person(username).username for username in value]
        if isinstance(fact, Complaints) and isinstance(value, list):
            return [self._number(each) for each in value]
        if isinstance(fact, OfRound) and isinstance(value, str):
            of, _hash, place = value.rpartition("#")
            return f"{self._number(of)}#{place}"
        if isinstance(fact, Files) and isinstance(value, list):
            return self.files(value, by, fact.holds)
        if isinstance(fact, Text) and type(value) is int:
            return str(value)  # a phone number without quotation marks
        other = self.matters.get(str(value)) if isinstance(fact, (Another, OfCase)) else None
        if other is not None:
            return Matter.objects.get(pk=other).number
        if fact.name == "round" and isinstance(value, str):
            of, _hash, number = value.rpartition("#")
            demand(of in ("", name), f"{value} isn't a round of {name}")
            return int(number) if number.isdecimal() else number
        return value

    def files(self, value: Any, by: Employee, kind: str) -> list[Attachment]:
        """Files that a scenario only names are made without content."""
        return stand_in([str(each) for each in value], by, self.now, kind=kind)

    def _number(self, name: Any) -> str:
        """The number of the complaint that the file calls so."""
        matter = self.matters.get(str(name))
        if matter is None:
            raise BadScenario(f"unknown complaint {name!r}")
        return str(Matter.objects.get(pk=matter).number)

    def _add(self, ensure: Callable[[Any], None], named: Any) -> None:
        """A file lists neither leaves of categories nor regions: what its steps name is there."""
        if (ensure, str(named)) not in self.added:
            ensure(named)
            self.added.add((ensure, str(named)))

    def _subject(self, entry: verbs.Verb, name: str) -> Any:
        """The subject of the verb: a new one where it begins one; the gate reads everything else again under
        its lock.
        """
        if not name:
            return self.organisation
        model = SUBJECTS[entry.model.matter_kind]  # type: ignore[attr-defined]
        matter = self.matters.get(name) or (_bulletin_of(name) if model is Bulletin else None)
        if matter is not None:
            return model(matter_id=matter)
        if entry.creates:
            return model()
        demand(name in self.matters or model is Bulletin, f"unknown {entry.model.matter_kind} {name!r}")  # type: ignore[attr-defined]
        return None


def _bulletin_of(month: str) -> int | None:
    """A bulletin begins automatically: it is named by its month, `2026-10`."""
    demand(re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month), f"a bulletin is named by its month, not {month!r}")
    found = Bulletin.objects.filter(month=f"{month}-01", state__in=STANDING).first()
    return found.pk if found else None


def _instant(raw: Any) -> datetime:
    try:
        return raw if isinstance(raw, datetime) else read_instant(raw)
    except (TypeError, ValueError) as error:
        raise BadScenario(str(error)) from error
