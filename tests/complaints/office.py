"""People who do anything at any time, sensible or not: what a random hand plays at the desks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from accountability.deadlines.limits import show_instant
from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.verbs import available, verbs_of
from accountability.models import Deadline, Employee, acting
from accountability.monitoring import reminders
from complaints.models import Complaint, Dissatisfaction
from tests.factories import USUAL, Play

PEOPLE = (
    "kf.agent", "kf.agent2", "kf.supervisor", "wh.contact", "wh.deputy", "wh.zhang", "wh.li", "wh.leader", "wh.head",
    "yc.contact", "yc.chen", "yc.leader", "wl.contact", "wl.zhao", "wl.leader", "zd.zhou", "zd.head", "sj.plain",
    "sc.officer", "sc.leader",
)  # fmt: skip
UNITS = ("WH", "YC", "WL", "ZD")
HANDLERS = {"WH": ("wh.zhang", "wh.li"), "YC": ("yc.chen",), "WL": ("wl.zhao",), "ZD": ("zd.zhou",)}
COLLEAGUES = {
    "WH": ("wh.zhang", "wh.li", "wh.wang"), "YC": ("yc.leader", "yc.head"), "WL": ("wl.contact",), "ZD": ("zd.head",),
}  # fmt: skip
STRANGERS = ("wh.leader", "yc.chen", "wh.wang", "kf.agent")
LEADERS = ("wh.leader", "wh.head", "yc.leader", "yc.head", "wl.leader", "zd.head")
EXCUSES = {"propose_excuse", "confirm_excuse", "reject_excuse", "set_aside_lead", "restore_lead"}
ENDS_IT = {"recall", "mark_duplicate", "withdraw", "archive_unreachable"}
COORDINATION = {"convene", "record_tasks", "confirm_task", "conclude_coordination", "finish_task"}
TOLD = {"record_told", "confirm_told", "deny_told"}
FLOW = {
    "register", "dispatch", "hand_off", "report_to_leader", "name_handler", "accept", "answer", "judge_complete",
    "reply", "record_satisfaction", "rule_on_return",
}  # fmt: skip
VERBS = tuple(entry.name for entry in verbs_of(Complaint) if not entry.creates)
PAUSES = (
    timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=14),
    timedelta(minutes=30), timedelta(minutes=31), timedelta(hours=1), timedelta(hours=2), timedelta(hours=9),
    timedelta(hours=30), timedelta(days=4),
)  # fmt: skip
FLAGS = ("cross_province", "other_operator", "third_party", "escalated", "major")
CUSTOMERS = ("13871234567", "13900001111")


class Office:
    """The desks and their people. What was done stands in `done`; `touched` are the complaints of the last step."""

    def __init__(self, play: Play) -> None:
        self.play, self.cast = play, play.cast
        self.done: list[str] = []
        self.complaints: list[int] = []
        self.touched: list[int] = []
        self.known: set[str] = set()
        system = Employee.objects.system()  # carries in what a customer says through a link
        self.people = {username: self.cast[username] for username in PEOPLE} | {system.username: system}
        actors = (acting(person, play.now.at) for person in self.people.values())
        self.actors = [actor for actor in actors if actor]

    @property
    def recent(self) -> list[int]:
        return self.complaints[-3:]

    def wait(self, pause: timedelta) -> None:
        self.play.now.forward(seconds=pause.total_seconds())

    def sweep(self) -> None:
        """The production's own sweep and reminders, whenever they come round."""
        sweeper.sweep(self.play.now.at)
        reminders.remind(self.play.now.at)
        self.done.append("sweep")
        self.touched = self.recent

    def begin(self, hand: Random) -> None:
        """A complaint comes in, at the hotline or by somebody else's hand."""
        verb = hand.choice(("register", "register", "forward", "forward", "import_complaint"))
        by = hand.choice(("kf.agent", "kf.agent2") if verb != "forward" else ("yc.chen", "sj.plain", "kf.agent"))
        subject = self.play(verb, by, phone=hand.choice(CUSTOMERS), **self._intake(verb, hand))
        self.known.add(verb)
        self.complaints.append(subject.pk)
        self.touched = [subject.pk]
        self.done.append(f"{by} {verb}")

    def _intake(self, verb: str, hand: Random) -> dict[str, Any]:
        of_both: dict[str, Any] = {"tier": hand.choice(("none", "vip"))}
        if verb == "forward":
            return of_both
        if verb == "import_complaint":
            of_both |= {
                "source_key": str(len(self.complaints)),
                "closed": hand.random() < 0.3,
                "received": self.earlier(hand),
            }
        return of_both | {
            "category": hand.choice(("资费与收费争议", "网络质量")),
            "priority": hand.choice(("P1", "P2", "P3")),
        }

    def go_on(self, hand: Random) -> None:
        """Something that can be done now, if anything can; the straight way mostly, an end before it seldom."""
        running = Complaint.objects.filter(pk__in=self.complaints[-6:]).exclude(state="archived").order_by("pk")
        complaint = Complaint.of_matter(hand.choice([*running.values_list("pk", flat=True)] or self.recent))
        possible: dict[str, list[str]] = {}
        for actor in self.actors:
            for entry in available(complaint, actor):
                possible.setdefault(entry.name, []).append(actor.employee.username)
        if possible:
            weights = [_weight(verb) + (0 if verb in self.known else 40) for verb in possible]
            verb = hand.choices(list(possible), weights)[0]
            self._try(complaint.pk, verb, hand.choice(possible[verb]), hand)

    def try_anything(self, hand: Random) -> None:
        """Whatever anybody might attempt, allowed or not."""
        self._try(hand.choice(self.recent), hand.choice(VERBS), hand.choice(PEOPLE), hand)

    def _try(self, pk: int, verb: str, by: str, hand: Random) -> None:
        complaint = Complaint.of_matter(pk)
        self.touched = [pk]
        try:
            unit = self.people[by].unit
            facts = _facts(verb, complaint, unit.code if unit else "", hand, self)
            perform(complaint, verb, by=self.people[by], at=self.play.now.at, **facts)
            self.known.add(verb)
            self.done.append(f"{by} {verb} {pk}")
        except Refused as refusal:
            self.done.append(f"{by} {verb} {pk}: {refusal.code}")

    def later(self, hand: Random, pauses: Sequence[timedelta] = PAUSES[2:]) -> str:
        return show_instant(self.play.now.at + hand.choice(pauses))

    def earlier(self, hand: Random) -> str:
        return show_instant(self.play.now.at - hand.choice(PAUSES[:6]))


def _weight(verb: str) -> int:
    """How much likelier than an end before its time: coordination and hand-overs by telephone, which
    are seldom possible, then the straight way, then all else."""
    if verb in FLOW:
        return 12
    return 30 if verb in COORDINATION | TOLD else 1 if verb in ENDS_IT | EXCUSES else 3


def _facts(verb: str, complaint: Complaint, own_unit: str, hand: Random, office: Office) -> dict[str, Any]:
    """What this verb is told by a hand that mostly makes sense."""
    if verb == "register":
        return {"category": "资费与收费争议", "priority": "P3"}
    unit = complaint.round.unit.code if complaint.round else "WH"
    handler = hand.choice(HANDLERS[unit] * 4 + STRANGERS)
    number = max(complaint.round_count, 1)
    drawn: dict[str, Any] = {
        "dispatch": lambda: {"unit": hand.choice(UNITS)},
        "hand_off": lambda: {"to": handler},
        "name_handler": lambda: {"to": handler},
        "report_to_leader": lambda: {"leader": hand.choice(LEADERS)},
        "rule_on_return": lambda: {"accepted": hand.random() < 0.6},
        "judge_complete": lambda: {"complete": hand.random() < 0.7, "reason": "仍未退费。"},
        "record_satisfaction": lambda: _an_answer(hand),
        "rate_reply": lambda: _an_answer(hand),
        "correct_satisfaction": lambda: _another_answer(complaint, hand),
        "set_flags": lambda: {"flags": hand.sample(FLAGS, hand.choice((0, 1, 2)))},
        "chase": lambda: {"round": number},
        "extend": lambda: {"round": number, "until": _more_time(complaint, hand, office)},
        "request_extension": lambda: {"until": _more_time(complaint, hand, office)},
        "convene": lambda: {"units": hand.sample(UNITS, hand.choice((1, 2)))},
        "record_tasks": lambda: {"tasks": _tasks(complaint, hand, office)},
        "confirm_task": lambda: {"unit": own_unit},
        "finish_task": lambda: {"unit": own_unit},
        "correct": lambda: hand.choice(CORRECTIONS),
        "mark_duplicate": lambda: {"of": Complaint.of_matter(hand.choice(office.recent)).matter.number},
        "reassign": lambda: {"to": hand.choice(COLLEAGUES[unit])},
        "reassign_report": lambda: {"to": hand.choice(LEADERS)},
        "reassign_reply": lambda: {"to": hand.choice(("yc.chen", "sj.plain", "kf.agent"))},
        "record_told": lambda: {"to": handler, "happened": office.earlier(hand)},
        "plan_call_back": lambda: {"day": office.later(hand)[: len("2026-11-24")]},
        "move_call_back": lambda: {"day": office.later(hand)[: len("2026-11-24")]},
        "propose_excuse": lambda: _a_miss(complaint, hand, proposed=False),
        "confirm_excuse": lambda: _a_miss(complaint, hand, proposed=True),
        "reject_excuse": lambda: _a_miss(complaint, hand, proposed=True),
        "set_aside_lead": lambda: _a_lead(complaint, hand),
        "restore_lead": lambda: _a_lead(complaint, hand),
    }
    return USUAL.get(verb, {}) | drawn.get(verb, dict)()


CORRECTIONS: tuple[dict[str, str], ...] = (
    {"category": "网络质量"}, {"category": "资费与收费争议"}, {"priority": "P1"}, {"priority": "P3"}, {"tier": "vip"},
    {"region": "宜昌"}, {"wanted": "退还差额。"}, {"pre_handling": "已核对账单。"},
)  # fmt: skip


def _an_answer(hand: Random) -> dict[str, Any]:
    if hand.random() < 0.4:
        return {"satisfied": True}
    return {"satisfied": False, "kind": hand.choice(Dissatisfaction.values), "reason": "没退够。"}


def _another_answer(complaint: Complaint, hand: Random) -> dict[str, Any]:
    """The other one than on record, mostly."""
    if complaint.satisfied is not True or hand.random() < 0.1:
        return {"satisfied": True, "kind": ""}
    return {"satisfied": False, "kind": hand.choice(Dissatisfaction.values)}


def _tasks(complaint: Complaint, hand: Random, office: Office) -> list[dict[str, Any]]:
    """One for each invited unit, as the record must have it; now and then the wrong one."""
    units = [part.unit.code for part in complaint.open_parts]
    return [
        {"unit": code, "task": "核查本单位的记录。", "due": office.later(hand, PAUSES[-3:])} for code in units or ["WL"]
    ]


def _more_time(complaint: Complaint, hand: Random, office: Office) -> str:
    """A while after the present limit, mostly; or anything."""
    running = Deadline.objects.filter(matter_id=complaint.pk, kind="handling", voided_at=None).order_by("pk").last()
    if running is None or running.due_at is None or hand.random() < 0.2:
        return office.later(hand)
    return show_instant(running.due_at + hand.choice(PAUSES[3:]))


def _a_miss(complaint: Complaint, hand: Random, *, proposed: bool) -> dict[str, Any]:
    missed = [d.name for d in complaint.misses if bool(d.excuse_proposed_at) == proposed]
    return {"deadlines": [hand.choice(missed)]} if missed else {}


def _a_lead(complaint: Complaint, hand: Random) -> dict[str, Any]:
    missed = [d.name for d in complaint.misses]
    return {"leads": [hand.choice(missed)]} if missed else {}
