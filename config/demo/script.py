"""One complaint's script: who does what, when. The methods are the verbs; the words come from the texts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

from accountability.deadlines.limits import SHANGHAI
from complaints.models import Complaint
from config.demo.cast import Cast
from config.demo.texts import Story, office

OPENS, CLOSES = 8, 21
"""Between these hours people of the units work at it; the hotline and the contacts are there at any hour."""


@dataclass(frozen=True)
class Step:
    """One act to be played. A fact that only the play knows (another's number, a file) is asked for then, by
    `fact(by, at)`. Where a state is named, only a subject that has come to it by itself: limits judge nobody by a
    calendar that isn't published.
    """

    at: datetime
    by: str
    verb: str
    facts: dict[str, Any]
    state: str = ""


class Acts:
    """What is played, step by step, on one subject; the play notes here which one it is."""

    model: ClassVar[Any]

    def __init__(self) -> None:
        self.matter, self.number = 0, ""
        self.steps: list[Step] = []

    def find(self) -> None:
        """Asked before each step: a subject that began by itself is noted now."""

    def until(self, now: datetime) -> Iterator[Step]:
        """What has been done by `now`; the rest of the life is still to come."""
        return (step for step in self.steps if step.at <= now)


class Script(Acts):
    """The acts of one complaint in their order; `after` is minutes since the act before."""

    model = Complaint

    def __init__(self, cast: Cast, story: Story, start: datetime, *, at_any_hour: bool = False) -> None:
        super().__init__()
        self.cast, self.story, self.clock, self.at_any_hour = cast, story, start, at_any_hour
        self.rng: Random = cast.rng
        self.agent = cast.agent()
        self.tier, self.priority, self.flags = "none", "P3", list[str]()
        self.channel, self.forwarder = "call", ""
        self.unit, self.contact, self.handler, self.rounds = "", "", "", 0
        self.delivered_at = start

    def do(self, by: str, verb: str, after: float, *, by_day: bool = False, **facts: Any) -> None:
        self.clock += timedelta(minutes=after, seconds=self.rng.randint(0, 50) if after else 0)
        if by_day and not self.at_any_hour:
            self.clock = in_the_day(self.clock, self.rng)
        self.steps.append(Step(self.clock, by, verb, facts))

    def wait(self, minutes: float) -> None:
        """Nobody does anything."""
        self.clock += timedelta(minutes=minutes)

    def ending(self, at: datetime) -> "Script":
        """The same script, moved so that its last act falls on the instant."""
        moved = at - self.steps[-1].at
        self.steps = [replace(step, at=step.at + moved, facts=_moved(step.facts, moved)) for step in self.steps]
        return self

    def say(self, texts: tuple[str, ...], **more: str) -> str:
        """One of the texts, filled with this story."""
        return self.story.tell(self.rng.choice(texts), **more)

    def one_of(self, given: tuple[Any, ...]) -> Any:
        """One of them by the customer's number, so that no throw of the dice moves what comes after."""
        return given[int(self.story.phone) % len(given)]

    @property
    def forwarder_replies(self) -> bool:
        return self.channel == "forward" and self.tier == "vip"

    # Intake

    def _customer(self) -> dict[str, Any]:
        story = self.story
        return {"customer": story.customer, "phone": story.phone, "tier": self.tier, "region": story.region}

    def forward(self) -> None:
        self.channel, self.forwarder = "forward", self.forwarder or self.cast.colleague()
        self.do(self.forwarder, "forward", 0, **self._customer(), content=self.say(office.FORWARD))

    def register(self, after: float = 0) -> None:
        """Of a forwarded complaint only what the forwarder couldn't know; otherwise everything."""
        facts: dict[str, Any] = {"category": self.story.category, "priority": self.priority, "flags": self.flags}
        if not self.steps:
            facts |= {**self._customer(), "channel": self.channel, "content": self.story.content}
            facts |= {"wanted": self.one_of(office.WANTED), "pre_handling": self.one_of(office.PRE_HANDLING)}
            facts |= {"forwarded_by": self.forwarder} if self.channel == "forward" else {}
        self.do(self.agent, "register", after, **facts)

    def handle_directly(self, after: float) -> None:
        self.do(self.agent, "handle_directly", after, result=self.say(office.DIRECT_RESULT))

    # The unit's round

    def dispatch(
        self, unit: str, after: float, texts: tuple[str, ...] = office.DISPATCH, *, by: str = "", handler: str = ""
    ) -> None:
        self.unit, self.contact, self.handler = unit, self.cast.contact(unit), handler or self.cast.handler(unit)
        self.agent, self.rounds = by or self.agent, self.rounds + 1
        self.do(self.agent, "dispatch", after, unit=unit, reason=self.say(texts, unit=self.cast.units[unit].name))
        self.delivered_at = self.clock

    def hand_off(self, after: float) -> None:
        method = self.rng.choices(("system", "phone", "sms", "face_to_face"), (6, 3, 1, 1))[0]
        self.do(self.contact, "hand_off", after, to=self.handler, method=method)

    def report_to_leader(self, after: float) -> None:
        leader = self.cast.leader_of(self.handler)
        self.do(self.contact, "report_to_leader", after, leader=leader, reason=self.say(office.REPORT_REASONS))

    def name_handler(self, after: float) -> None:
        """The leader names somebody, or now and then takes it over."""
        leader = self.cast.leader_of(self.handler)
        if self.rng.random() < 0.15 and not self.cast.is_head(leader):
            self.handler = leader
        self.do(leader, "name_handler", after, by_day=True, to=self.handler)

    def accept(self, after: float) -> None:
        self.do(self.handler, "accept", after, by_day=True)

    def contact_customer(self, after: float) -> None:
        notes = office.TEST_NOTES if self.story.head == "网络质量" else office.CALL_NOTES
        self.do(self.handler, "contact_customer", after, by_day=True, note=self.say(notes))

    def propose_solution(self, after: float) -> None:
        self.do(self.handler, "propose_solution", after, by_day=True, solution=self.story.told["solution"])

    def answer(self, after: float) -> None:
        self.do(self.handler, "answer", after, by_day=True, **self._answer())

    def _answer(self) -> dict[str, Any]:
        """What the notice's slip asks for (R18)."""
        told = self.story.told
        judged = {"responsibility": self.one_of(office.RESPONSIBILITY), "measures": self.one_of(office.MEASURES)}
        return {"result": told["result"], "cause": told["cause"], **judged}

    def submit_for_review(self, after: float) -> None:
        self.do(self.handler, "submit_for_review", after, by_day=True, **self._answer())

    def send_back_answer(self, after: float) -> None:
        leader = self.cast.leader_of(self.handler)
        self.do(leader, "send_back_answer", after, by_day=True, remarks=self.one_of(office.REVIEW_REMARKS))

    def request_return(self, after: float, right: str, *, by_handler: bool) -> None:
        reason, guidance = self.rng.choice(office.RETURNS.get(self.story.head, office.RETURNS_OF_ANY))
        names = {"unit": self.cast.units[self.unit].name, "right": self.cast.units[right].name}
        self.do(
            self.handler if by_handler else self.contact, "request_return", after, suggested_unit=right,
            reason=self.story.tell(reason, **names), guidance=self.story.tell(guidance, **names),
        )  # fmt: skip

    def rule_on_return(self, after: float, *, accepted: bool) -> None:
        """A supervisor rules where the return may have come after its window: an hour at the least."""
        texts = office.RETURN_ACCEPTED if accepted else office.RETURN_REJECTED
        ruler = "kf.supervisor" if self.clock - self.delivered_at > timedelta(hours=1) else self.agent
        self.do(ruler, "rule_on_return", after, accepted=accepted, reason=self.say(texts))

    def chase(self, after: float) -> None:
        self.do(self.agent, "chase", after, round=self.rounds, message=self.say(office.CHASES))

    def escalate(self, after: float) -> None:
        self.do(self.agent, "escalate", after, source=self.say(office.SOURCES), reason=self.say(office.ESCALATIONS))

    # Back at the centre

    def judge_complete(
        self, after: float, *, complete: bool = True, texts: tuple[str, ...] = office.INCOMPLETE
    ) -> None:
        facts: dict[str, Any] = {} if complete else {"reason": self.say(texts)}
        self.do(self.agent, "judge_complete", after, complete=complete, **facts)

    def reply(self, after: float) -> None:
        if self.forwarder_replies:
            self.do(self.forwarder, "reply", after, by_day=True, content=self.say(office.FORWARDER_REPLIES))
        else:
            self.do(self.agent, "reply", after, by_day=True, content=self.say(office.REPLIES))

    def ask_material(self, after: float) -> None:
        """Whoever replies to the customer lacks something that only the unit has (R36)."""
        who = self.forwarder if self.forwarder_replies else self.agent
        self.do(who, "ask_material", after, by_day=True, request=self.one_of(office.MATERIALS))

    def record_satisfaction(self, after: float, *, satisfied: bool = True) -> None:
        facts: dict[str, Any] = {}
        if not satisfied:
            facts["kind"], facts["reason"] = self.one_of(office.DISSATISFIED)
        self.do(self.agent, "record_satisfaction", after, by_day=True, satisfied=satisfied, **facts)

    def archive_unsatisfied(self, after: float) -> None:
        self.do("kf.supervisor", "archive_unsatisfied", after, by_day=True, reason=self.say(office.ARCHIVE_UNSATISFIED))


def _moved(value: Any, by: timedelta) -> Any:
    """Facts with every instant in them moved."""
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, dict):
        return {name: _moved(inner, by) for name, inner in value.items()}
    return [_moved(inner, by) for inner in value] if isinstance(value, list) else value


def in_the_day(at: datetime, rng: Random) -> datetime:
    """The instant itself by day; the next morning for one in the night."""
    local = at.astimezone(SHANGHAI)
    if OPENS <= local.hour < CLOSES:
        return at
    morning = local if local.hour < OPENS else local + timedelta(days=1)
    return morning.replace(hour=OPENS, minute=rng.randint(0, 59)).astimezone(at.tzinfo)
