"""One complaint's script: who does what, when, as steps of a scenario; the words come from the texts."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from accountability.deadlines.limits import SHANGHAI
from complaints.models import OUTSIDE
from config.demo.organisation import Company
from config.demo.texts import Story, read

OPENS, CLOSES = 8, 21
"""People of the units work between these hours; the hotline and the contacts are there at any hour."""

TEXTS = read("complaints")

ACTORS = {
    "handler": ("accept", "add_note", "answer", "conclude_coordination", "contact_customer", "convene",
                "propose_solution", "record_tasks", "request_extension", "submit_for_review"),
    "contact": ("hand_off", "reassign", "record_told", "report_to_leader"),
    "leader": ("name_handler", "send_back_answer"),
    "replier": ("ask_material", "record_attempt", "reply"),
    "forwarder": ("forward",),
    "supervisor": ("archive_unsatisfied",),
}  # fmt: skip
"""Who does what; the agent does everything else."""

ACTOR_OF = {verb: actor for actor, verbs in ACTORS.items() for verb in verbs}

BY_DAY = {
    "accept", "answer", "archive_unreachable", "archive_unsatisfied", "ask_material", "conclude_coordination",
    "contact_customer", "convene", "finish_task", "name_handler", "propose_solution", "record_attempt",
    "record_satisfaction", "reply", "send_back_answer", "submit_for_review",
}  # fmt: skip
"""Verbs that are not run at night."""

SAME_FOR_A_CUSTOMER = {
    "add_note", "answer", "answer_outside_case", "ask_material", "plan_call_back", "register", "send_back_answer",
    "supplement",
}  # fmt: skip
"""Verbs whose texts are chosen by the customer's number, so that they don't change the later random draws."""

Facts = dict[str, Any]


class Acts:
    """The acts on one subject, as steps of a scenario in which it has a name of its own."""

    def __init__(self, company: Company, kind: str, name: str = "") -> None:
        self.company, self.kind, self.name = company, kind, name or f"{kind} {next(company.numbers)}"
        self.rng: Random = company.rng
        self.steps: list[Facts] = []

    def add(self, at: datetime, by: str, verb: str, facts: Facts, state: str = "") -> None:
        """Where a state is named, the step is played only if the subject has reached it automatically: limits judge
        nobody by an unpublished calendar.
        """
        step = {"at": at, "by": by, "do": verb, self.kind: self.name, "with": facts}
        self.steps.append(step | ({"state": state} if state else {}))

    def until(self, now: datetime) -> Iterator[Facts]:
        """The acts up to `now`; later ones are still to come."""
        return (step for step in self.steps if step["at"] <= now)


class Script(Acts):
    """The acts of one complaint in their order; `after` is minutes since the act before."""

    supervisor = "kf.supervisor"

    def __init__(self, company: Company, story: Story, start: datetime, *, at_any_hour: bool = False) -> None:
        super().__init__(company, "complaint")
        self.story, self.clock, self.at_any_hour = story, start, at_any_hour
        self.agent = company.agent()
        self.tier, self.priority, self.flags = "none", "P3", list[str]()
        self.channel, self.forwarder = "call", ""
        self.unit, self.contact, self.handler, self.rounds = "", "", "", 0
        self.others: list[str] = []

    def act(self, verb: str, after: float = 0, **given: Any) -> None:
        """One act by the person in charge of it; facts that aren't given are drawn from the verb's texts."""
        self.coming = self.clock + timedelta(minutes=after)
        prepare = getattr(self, f"_{verb}", None)
        facts = prepare(**given) if prepare else given | self._drawn(verb)
        by = facts.pop("by", None) or getattr(self, ACTOR_OF.get(verb, "agent"))
        self.do(by, verb, after, by_day=verb in BY_DAY, **facts)

    def do(self, by: str, verb: str, after: float, *, by_day: bool = False, **facts: Any) -> None:
        self.clock += timedelta(minutes=after, seconds=self.rng.randint(0, 50) if after else 0)
        if by_day and not self.at_any_hour:
            self.clock = in_the_day(self.clock, self.rng)
        self.add(self.clock, by, verb, facts)

    def wait(self, minutes: float) -> None:
        """Let time pass without an act."""
        self.clock += timedelta(minutes=minutes)

    def ending(self, at: datetime) -> "Script":
        """The same script, moved so that its last act falls on the instant."""
        self.steps = _moved(self.steps, at - self.steps[-1]["at"])
        return self

    def say(self, texts: list[str], **more: str) -> str:
        """One of the texts, filled with this story."""
        return self.story.tell(self.rng.choice(texts), **more)

    def one_of(self, given: list[Any]) -> Any:
        return given[int(self.story.phone) % len(given)]

    def _drawn(self, verb: str) -> Facts:
        choose = self.one_of if verb in SAME_FOR_A_CUSTOMER else self.rng.choice
        return {field: self.story.tell(choose(texts)) for field, texts in TEXTS.get(verb, {}).items()}

    @property
    def leader(self) -> str:
        return self.company.leader_of(self.handler)

    @property
    def forwarder_replies(self) -> bool:
        return self.channel == "forward" and self.tier == "vip"

    @property
    def replier(self) -> str:
        return self.forwarder if self.forwarder_replies else self.agent

    @property
    def delivered_at(self) -> datetime:
        return next(step["at"] for step in reversed(self.steps) if step["do"] == "dispatch")

    # Intake

    def _customer(self) -> Facts:
        story = self.story
        return {"customer": story.customer, "phone": story.phone, "tier": self.tier, "region": story.region}

    def _forward(self) -> Facts:
        self.channel, self.forwarder = "forward", self.forwarder or self.company.colleague()
        return self._customer() | self._drawn("forward")

    def _register(self) -> Facts:
        """For a forwarded complaint only what the forwarder couldn't know; otherwise everything."""
        facts: Facts = {"category": self.story.category, "priority": self.priority, "flags": self.flags}
        if self.steps:
            return facts
        facts |= {**self._customer(), "channel": self.channel, "content": self.story.content, **self._drawn("register")}
        if self.channel in OUTSIDE:
            facts["outside_number"] = outside_number(self.clock, self.story.phone)
        return facts | ({"forwarded_by": self.forwarder} if self.channel == "forward" else {})

    def _answer_outside_case(self) -> Facts:
        return {"body": self.channel, **self._drawn("answer_outside_case")}

    # The unit's round

    def _dispatch(self, unit: str, reason: str = "reason", handler: str = "") -> Facts:
        self.unit, self.contact = unit, self.company.contact(unit)
        self.handler, self.rounds = handler or self.company.handler(unit), self.rounds + 1
        return {"unit": unit, "reason": self.say(TEXTS["dispatch"][reason], unit=self.company.units[unit].name)}

    def _hand_off(self) -> Facts:
        method = self.rng.choices(("system", "phone", "sms", "face_to_face"), (6, 3, 1, 1))[0]
        return {"to": self.handler, "method": method}

    def _record_told(self) -> Facts:
        """The contact phoned the handler a while ago and records it now (R19); the handler is to confirm it."""
        return {"to": self.handler, "happened": self.clock + (self.coming - self.clock) / 2}

    def _report_to_leader(self) -> Facts:
        return {"leader": self.leader, **self._drawn("report_to_leader")}

    def _name_handler(self) -> Facts:
        """The leader names somebody, or now and then takes it over."""
        leader = self.leader
        if self.rng.random() < 0.15 and not self.company.is_head(leader):
            self.handler = leader
        return {"by": leader, "to": self.handler}

    def _reassign(self) -> Facts:
        """The handler is away; a colleague continues, the joint person stays."""
        away = self.handler
        while self.handler == away:
            self.handler = self.company.handler(self.unit)
        return {"to": self.handler, **self._drawn("reassign")}

    def _contact_customer(self) -> Facts:
        return {"note": self.say(TEXTS["contact_customer"]["on_site" if self.story.head == "网络质量" else "note"])}

    def _plan_call_back(self) -> Facts:
        return {"day": (self.clock + timedelta(days=2)).astimezone(SHANGHAI).date(), **self._drawn("plan_call_back")}

    def _propose_solution(self) -> Facts:
        return {"solution": self.story.told["solution"]}

    def _answer(self) -> Facts:
        """What the notice's slip asks for (R18)."""
        return {"result": self.story.told["result"], "cause": self.story.told["cause"], **self._drawn("answer")}

    _submit_for_review = _answer

    def _request_extension(self) -> Facts:
        """To a day after the limit of an ordinary complaint (P3: 36 hours)."""
        until = to_the_minute(self.delivered_at + timedelta(hours=60))
        return {"until": until, **self._drawn("request_extension")}

    def _request_return(self, right: str = "", *, by_handler: bool = True) -> Facts:
        right = right or self.company.wrong_units(self.unit, 1)[0]
        texts = TEXTS["request_return"]
        reason, guidance = self.rng.choice(texts.get(self.story.head, texts["any"]))
        names = {"unit": self.company.units[self.unit].name, "right": self.company.units[right].name}
        said = {"reason": self.story.tell(reason, **names), "guidance": self.story.tell(guidance, **names)}
        return {"by": self.handler if by_handler else self.contact, "suggested_unit": right, **said}

    def _rule_on_return(self, *, accepted: bool = True) -> Facts:
        """A supervisor rules where the return may have come after its window: an hour at the least."""
        by = self.supervisor if self.clock - self.delivered_at > timedelta(hours=1) else self.agent
        reason = self.say(TEXTS["rule_on_return"]["accepted" if accepted else "rejected"])
        return {"by": by, "accepted": accepted, "reason": reason}

    # The table

    def _convene(self, by: str = "") -> Facts:
        """The handler calls other units to the table (R29); or the coordinator does (R14)."""
        return {"by": by, "units": self.others, **self._drawn("convene")}

    def _record_tasks(self, within: float = 1440, by: str = "") -> Facts:
        """Who does what by when, in writing (R30); `within` is minutes from now to the tasks' instant."""
        attendees = [self.handler, *map(self.company.contact, self.others)]
        due = to_the_minute(self.coming + timedelta(minutes=within))
        texts = TEXTS["record_tasks"]["task"]
        tasks = [{"unit": unit, "task": self.say(texts), "due": due} for unit in self.others]
        return {"by": by, "tasks": tasks, "attendees": attendees}

    def _confirm_task(self, unit: str) -> Facts:
        """Each invited unit separately, now and then with an objection, which changes nothing (R31)."""
        objection = self._drawn("confirm_task") if self.rng.random() < 0.2 else {}
        return {"by": self.company.contact(unit), "unit": unit, **objection}

    def _finish_task(self, unit: str) -> Facts:
        return {"by": self.company.contact(unit), "unit": unit, **self._drawn("finish_task")}

    # Back at the centre

    def _judge_complete(self, *, complete: bool = True, reason: str = "reason") -> Facts:
        texts = TEXTS["judge_complete"][reason]
        return {"complete": complete} | ({} if complete else {"reason": self.say(texts)})

    def _reply(self) -> Facts:
        return {"content": self.say(TEXTS["reply"]["by_forwarder" if self.forwarder_replies else "content"])}

    def _record_satisfaction(self, *, satisfied: bool = True) -> Facts:
        if satisfied:
            return {"satisfied": True}
        kind, reason = self.one_of(TEXTS["record_satisfaction"]["unsatisfied"])
        return {"satisfied": False, "kind": kind, "reason": reason}


def outside_number(at: datetime, phone: str) -> str:
    """The number under which a body outside passed the complaint on. Slashes part its digits: `01021836-123` reads like
    a telephone number of Beijing, which no number of a letter may.
    """
    return f"鄂转〔{at.year}〕{at:%m%d/%H%M}/{phone[-3:]}"


def to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _moved(value: Any, by: timedelta) -> Any:
    """Steps with every instant in them moved."""
    if isinstance(value, date):  # an instant too
        return value + by
    if isinstance(value, dict):
        return {name: _moved(inner, by) for name, inner in value.items()}
    return [_moved(inner, by) for inner in value] if isinstance(value, list) else value


def in_the_day(at: datetime, rng: Random) -> datetime:
    """The instant itself by day; the next morning for one at night."""
    local = at.astimezone(SHANGHAI)
    if OPENS <= local.hour < CLOSES:
        return at
    morning = local if local.hour < OPENS else local + timedelta(days=1)
    return morning.replace(hour=OPENS, minute=rng.randint(0, 59)).astimezone(at.tzinfo)
