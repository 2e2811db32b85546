"""The verbs of a complaint, each by its page: what a browser would post, in the order in which work is done.

A way is gone by as many complaints as there are requests. Steps that aren't measured are done through the gate, and so
is what `--only` leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from random import Random

from accountability.gate.perform import perform
from accountability.models import Employee, Matter
from complaints.models import Complaint
from config.bench.scale.operations import AGENT, MANY_ENTRIES, Asked, Operation, closed_ones
from config.bench.scale.ways import Facts, Step, ways


class Way:
    """The complaints that go one way, and how far each has come."""

    def __init__(self, steps: tuple[Step, ...], chance: Random, now: Callable[[], datetime]) -> None:
        self.steps, self.chance, self.now = steps, chance, now
        self.last = Matter.objects.order_by("-pk").values_list("pk", flat=True)[0]
        self.keys: list[int] = []
        self.come: dict[int, int] = {}
        self.asked = [0] * len(steps)

    def ask(self, place: int) -> Asked:
        """The post of this step for the next complaint, which is brought there first."""
        step, typed = self.steps[place], self.steps[place].typed(self.now())
        if place == 0:
            return "POST", "/complaints/new/", self._numbered(typed) | {"_seen": Complaint().shown_for(step.verb)}
        complaint = self._next(place)
        while self.come[complaint.pk] < place:
            before, at = self.steps[self.come[complaint.pk]], self.now()
            perform(complaint, before.verb, by=_person(before.who), at=at, **before.told(at))
            self.come[complaint.pk] += 1
            complaint = Complaint.of_matter(complaint.pk)
        self.come[complaint.pk] += 1
        return "POST", f"/complaints/{complaint}/{step.verb}/", typed | {"_seen": complaint.shown_for(step.verb)}

    def _next(self, place: int) -> Complaint:
        """Each step takes the complaints in their order: those registered by the page, then new ones."""
        turn = self.asked[place]
        self.asked[place] += 1
        if turn == len(self.keys):
            mine = Complaint.objects.filter(agent__username=AGENT, matter_id__gt=max([self.last, *self.keys]))
            found = list(mine.filter(state="registered").order_by("pk").values_list("pk", flat=True))
            self.keys += found or [self._registered()]
            self.come |= dict.fromkeys(self.keys[turn:], 1)
        return Complaint.of_matter(self.keys[turn])

    def _registered(self) -> int:
        at = self.now()
        told = self._numbered(self.steps[0].told(at))
        return int(perform(Complaint(), "register", by=_person(AGENT), at=at, **told).subject.pk)

    def _numbered(self, facts: Facts) -> Facts:
        """With a telephone number that repeats nobody's."""
        return facts | {"phone": f"139{self.chance.randrange(10**8):08}"}


def acts(chance: Random, now: Callable[[], datetime]) -> Iterator[Operation]:
    """Each measured step of each way, as an operation. What isn't measured is done at the present that `now` tells."""
    like = closed_ones()[0]
    intake = {
        "customer": "压测用户", "tier": "none", "channel": "call", "priority": "P3", "region": "武汉",
        "category": like.category.path if like.category else "",
        "content": "用户反映宽带频繁掉线，已多次报障未果，要求尽快处理并给出书面答复。",
    }  # fmt: skip
    for steps in ways(intake):
        way = Way(steps, chance, now)
        for place, step in enumerate(steps):
            if step.measured:
                yield Operation(step.verb, step.who, partial(way.ask, place), "create", 302)


def lengthened(at: datetime) -> None:
    """Have a complaint with so many entries that its page is long, unless there is one."""
    if Matter.objects.filter(kind=Complaint.matter_kind, ledger_length__gte=MANY_ENTRIES).exists():
        return
    accepted = Complaint.objects.filter(latest_round__state="accepted", latest_round__handler__is_active=True)
    complaint = accepted.select_related("matter", "latest_round__handler").order_by("pk")[0]
    handler = complaint.latest_round.handler if complaint.latest_round else None
    assert handler
    for turn in range(MANY_ENTRIES - complaint.matter.ledger_length):
        said = f"第{turn + 1}次联系：已联系用户核实情况，用户表示仍未解决，要求尽快上门并给出书面答复。"
        perform(Complaint.of_matter(complaint.pk), "contact_customer", by=handler, at=at, note=said)


def _person(username: str) -> Employee:
    return Employee.objects.get(username=username)
