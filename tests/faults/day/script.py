"""Who is to do what with each complaint. The same seed gives the same script, whatever the system does meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.day.limits import HANDLING, HANDOFF
from tests.faults.day.people import Staff, UnitStaff
from tests.faults.day.sizes import Size

NAMED = "the person named at the hand-over"
"""Who is to act, where that depends on which of two hand-overs was first."""

TWICE, STALE, BOTH, OUTSIDER, EMPTY = "twice", "stale", "both", "outsider", "empty"
"""A second click, a form of a tab that is out of date, two people at the same instant, somebody who may not know of the
complaint, a form with nothing in it.
"""

NETWORK, TARIFF = "网络质量", "资费与收费争议"


@dataclass(frozen=True)
class Step:
    """`after`: seconds after the step before it; `past`: after this limit ended. `other` is who makes the mistake."""

    verb: str
    who: str
    after: float
    facts: dict[str, Any] = field(default_factory=dict)
    past: str = ""
    trick: str = ""
    other: str = ""


@dataclass(frozen=True)
class Plan:
    place: int
    starts: float
    steps: tuple[Step, ...]


Way = Callable[[UnitStaff, str], list[Step]]
"""The steps after the dispatch to this unit by this agent."""


class Author:
    """Writes the plans. Each way of a dispatched complaint has its priority and its share of a hundred."""

    def __init__(self, size: Size, staff: Staff, seed: int) -> None:
        self.size, self.staff, self.chance = size, staff, random.Random(seed)
        self.ways: tuple[tuple[Way, str, int], ...] = (
            (self.usual, "P3", 36), (self.late, "P3", 16), (self.never, "P2", 8), (self.answered_late, "P1", 8),
            (self.never_answered, "P1", 5), (self.returned, "P3", 5), (self.declined, "P3", 4),
            (self.incomplete, "P2", 5), (self.unsatisfied, "P3", 5), (self.again, "P3", 4), (self.reported, "P2", 4),
        )  # fmt: skip

    def plans(self) -> list[Plan]:
        """Spread evenly over the first part of the day, so that the last ones can still be done."""
        every = self.size.seconds * 0.75 / self.size.complaints
        dispatched = self.chance.sample(range(self.size.complaints), self.size.dispatches)
        ways = dict(zip(dispatched, self.shared_out(), strict=True))
        return [
            Plan(n, n * every, tuple(self.dispatched(n, *ways[n]) if n in ways else self.kept(n)))
            for n in range(self.size.complaints)
        ]

    def shared_out(self) -> list[tuple[Way, str]]:
        """The way and the priority of each dispatched complaint: as many of each as its share, at least one."""
        count = self.size.dispatches
        found = [(way, priority) for way, priority, share in self.ways for _n in range(max(1, share * count // 100))]
        usual = [self.ways[0][:2]] * (count - len(found))
        self.chance.shuffle(found := [*found, *usual])
        return found

    def dispatched(self, n: int, way: Way, priority: str) -> list[Step]:
        agent, unit = self.chance.choice(self.staff.agents), self.chance.choice(self.staff.units)
        return [self.registers(n, agent, unit.city, priority), self.dispatches(agent, unit), *way(unit, agent)]

    def kept(self, n: int) -> list[Step]:
        """What isn't dispatched: a third is settled by the agent, the others wait."""
        agent, city = self.chance.choice(self.staff.agents), self.chance.choice(self.staff.units).city
        steps = [self.registers(n, agent, city, "P3")]
        if self.chance.random() < 0.3:
            steps += [self.step("handle_directly", agent, result="已说明扣费来源。"), *self.end(agent)]
        return steps

    # The steps

    def step(self, verb: str, who: str, *, past: str = "", trick: str = "", other: str = "", **facts: Any) -> Step:
        """Now and then with a second click, or with an empty form before the right one."""
        after = self.chance.expovariate(1 / self.size.pause)
        if past:
            after += self.size.late_by
        elif not trick and (luck := self.chance.random()) < 0.06:
            trick = TWICE if luck < 0.04 or not facts else EMPTY
        return Step(verb, who, min(after, 4 * self.size.pause + self.size.late_by), facts, past, trick, other)

    def registers(self, n: int, agent: str, city: str, priority: str) -> Step:
        category = NETWORK if priority == "P3" and n % 7 == 0 else TARIFF
        return self.step(
            "register", agent, customer="王建国", phone=f"138{n:08}", tier="none", channel="call", region=city,
            category=category, priority=priority, content=f"第 {n} 件：五月账单多出两笔扣费，要求退费。",
        )  # fmt: skip

    def dispatches(self, agent: str, unit: UnitStaff) -> Step:
        return self.step("dispatch", agent, unit=unit.code)

    def hands_over(self, unit: UnitStaff, *, past: str = "") -> Step:
        """By the contact or, one time in ten, the deputy; now and then with somebody else's mistake."""
        to, luck = self.chance.choice(unit.handlers), self.chance.random()
        who, second = (unit.deputy, unit.contact) if luck > 0.9 else (unit.contact, unit.deputy)
        trick, other = next(
            (found for most, *found in ((0.06, STALE, second), (0.12, BOTH, second)) if luck < most), ["", ""]
        )
        if 0.12 <= luck < 0.17:
            trick, other = OUTSIDER, self.chance.choice([one.contact for one in self.staff.units if one is not unit])
        return self.step("hand_off", who, past=past, trick=trick, other=other, to=to, method="system")

    def accepts(self) -> list[Step]:
        return [self.step("accept", NAMED), self.step("contact_customer", NAMED, note="已电话联系客户。")]

    def answers(self, *, past: str = "") -> Step:
        return self.step("answer", NAMED, past=past, result="已退费。", cause="套餐变更时未告知。")

    def end(self, agent: str, *, satisfied: bool = True) -> list[Step]:
        """Judged, replied, the customer asked; sometimes by another agent than the one who took it in."""
        who = self.chance.choice(self.staff.agents) if self.chance.random() < 0.2 else agent
        said: dict[str, Any] = {"satisfied": satisfied} | (
            {} if satisfied else {"kind": "result", "reason": "没退够。"}
        )
        return [
            self.step("judge_complete", who, complete=True), self.step("reply", who, content="已为您退费。"),
            self.step("record_satisfaction", who, **said),
        ]  # fmt: skip

    # The ways

    def usual(self, unit: UnitStaff, agent: str) -> list[Step]:
        return [self.hands_over(unit), *self.accepts(), self.answers(), *self.end(agent)]

    def late(self, unit: UnitStaff, agent: str) -> list[Step]:
        return [self.hands_over(unit, past=HANDOFF), *self.accepts(), self.answers(), *self.end(agent)]

    def never(self, unit: UnitStaff, agent: str) -> list[Step]:
        return []

    def answered_late(self, unit: UnitStaff, agent: str) -> list[Step]:
        return [self.hands_over(unit), *self.accepts(), self.answers(past=HANDLING), *self.end(agent)]

    def never_answered(self, unit: UnitStaff, agent: str) -> list[Step]:
        return [self.hands_over(unit), *self.accepts()]

    def returned(self, unit: UnitStaff, agent: str) -> list[Step]:
        asks = self.step("request_return", NAMED, reason="不属本单位职责。", guidance="建议由网络部处理。")
        return [self.hands_over(unit), asks, self.step("rule_on_return", agent, accepted=True, reason="理由成立。")]

    def declined(self, unit: UnitStaff, agent: str) -> list[Step]:
        handed, asks, _ruled = self.returned(unit, agent)
        ruled = self.step("rule_on_return", agent, accepted=False, reason="理由不成立。")
        return [handed, asks, ruled, *self.accepts(), self.answers(), *self.end(agent)]

    def incomplete(self, unit: UnitStaff, agent: str) -> list[Step]:
        back = self.step("judge_complete", agent, complete=False, reason="未说明原因。")
        return [self.hands_over(unit), *self.accepts(), self.answers(), back, self.answers(), *self.end(agent)]

    def unsatisfied(self, unit: UnitStaff, agent: str) -> list[Step]:
        return [self.hands_over(unit), *self.accepts(), self.answers(), *self.end(agent, satisfied=False)]

    def again(self, unit: UnitStaff, agent: str) -> list[Step]:
        """Not satisfied, so dispatched a second time."""
        second = self.step("dispatch", agent, unit=unit.code, reason="客户不满意。")
        return [*self.unsatisfied(unit, agent), second, *self.usual(unit, agent)]

    def reported(self, unit: UnitStaff, agent: str) -> list[Step]:
        told = self.step("report_to_leader", unit.contact, leader=unit.leader, reason="责任人不明。")
        named = self.step("name_handler", unit.leader, to=self.chance.choice(unit.handlers))
        return [told, named, *self.accepts(), self.answers(), *self.end(agent)]
