"""Whatever people do, and whenever: random walks through the verbs, after each step of which the same things hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accountability import reminders, sweeping
from accountability.acts import Refused
from accountability.gate import perform
from accountability.ledger import broken
from accountability.models import NO_DUE, AccessLog, Alarm, Deadline, LedgerEntry, Matter, actor_for
from accountability.verbs import available, verbs_of
from complaints.models import Complaint, Round
from tests.factories import USUAL, Play

PEOPLE = (
    "kf.agent", "kf.agent2", "kf.supervisor", "wh.contact", "wh.deputy", "wh.zhang", "wh.li", "wh.leader", "wh.head",
    "yc.contact", "yc.chen", "yc.leader", "wl.contact", "wl.zhao", "wl.leader", "zd.zhou", "zd.head", "sj.plain",
)  # fmt: skip
UNITS = ("WH", "YC", "WL", "ZD")
HANDLERS = {"WH": ("wh.zhang", "wh.li"), "YC": ("yc.chen",), "WL": ("wl.zhao",), "ZD": ("zd.zhou",)}
STRANGERS = ("wh.leader", "yc.chen", "wh.wang", "kf.agent")
BESIDE_THE_FLOW = {"escalate", "chase", "contact_customer", "propose_solution"}
LEADERS = ("wh.leader", "wh.head", "yc.leader", "yc.head", "wl.leader", "zd.head")
VERBS = tuple(entry.name for entry in verbs_of(Complaint) if not entry.creates)
PAUSES = (
    timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=14),
    timedelta(minutes=30), timedelta(minutes=31), timedelta(hours=1), timedelta(hours=2), timedelta(hours=9),
    timedelta(hours=30), timedelta(days=4),
)  # fmt: skip
CUSTOMERS = ("13871234567", "13900001111")


class Walk:
    """One random walk: a seeded hand that registers, acts, waits and lets the sweep run."""

    def __init__(self, play: Play, seed: int) -> None:
        self.play, self.hand = play, random.Random(seed)
        self.cast = play.cast
        self.done: list[str] = []
        self.complaints: list[int] = []
        self.touched: list[int] = []
        actors = (actor_for(self.cast[username].pk, play.now.at) for username in PEOPLE)
        self.actors = [actor for actor in actors if actor]

    def step(self) -> None:
        hand = self.hand
        at = self.play.now.forward(seconds=hand.choice(PAUSES).total_seconds())
        chance = hand.random()
        if chance < 0.25:
            sweeping.sweep(at)
            reminders.remind(at)
            self.done.append("sweep")
            self.touched = self.recent
        elif not self.complaints or chance < 0.3:
            self._begin()
        elif chance < 0.85:
            self._go_on()
        else:
            self._try(hand.choice(self.recent), hand.choice(VERBS), hand.choice(PEOPLE))

    @property
    def recent(self) -> list[int]:
        return self.complaints[-3:]

    def _begin(self) -> None:
        verb = self.hand.choice(("register", "forward"))
        by = self.hand.choice(("kf.agent", "kf.agent2") if verb == "register" else ("yc.chen", "sj.plain", "kf.agent"))
        subject = self.play(verb, by, phone=self.hand.choice(CUSTOMERS), **self._intake(verb))
        self.complaints.append(subject.pk)
        self.touched = [subject.pk]
        self.done.append(f"{by} {verb}")

    def _intake(self, verb: str) -> dict[str, Any]:
        of_both = {"tier": self.hand.choice(("none", "vip"))}
        if verb == "forward":
            return of_both
        return of_both | {
            "category": self.hand.choice(("资费与收费争议", "网络质量")),
            "priority": self.hand.choice(("P1", "P2", "P3")),
        }

    def _go_on(self) -> None:
        """Something that can be done now, if anything can."""
        complaint = Complaint.of_matter(self.hand.choice(self.recent))
        possible: dict[str, list[str]] = {}
        for actor in self.actors:
            for entry in available(complaint, actor):
                possible.setdefault(entry.name, []).append(actor.employee.username)
        in_the_flow = [verb for verb in possible if verb not in BESIDE_THE_FLOW]
        verb = self.hand.choice(in_the_flow * 4 + list(possible)) if possible else None
        if verb:
            self._try(complaint.pk, verb, self.hand.choice(possible[verb]))

    def _try(self, pk: int, verb: str, by: str) -> None:
        complaint = Complaint.of_matter(pk)
        self.touched = [pk]
        try:
            perform(complaint, verb, by=self.cast[by], at=self.play.now.at, **self._facts(verb, complaint))
            self.done.append(f"{by} {verb} {pk}")
        except Refused as refusal:
            self.done.append(f"{by} {verb} {pk}: {refusal.code}")

    def _facts(self, verb: str, complaint: Complaint) -> dict[str, Any]:
        hand = self.hand
        unit = complaint.round.unit.code if complaint.round else "WH"
        handler = hand.choice(HANDLERS[unit] * 4 + STRANGERS)
        drawn: dict[str, dict[str, Any]] = {
            "dispatch": {"unit": hand.choice(UNITS)},
            "hand_off": {"to": handler},
            "name_handler": {"to": handler},
            "report_to_leader": {"leader": hand.choice(LEADERS)},
            "rule_on_return": {"accepted": hand.random() < 0.6},
            "judge_complete": {"complete": hand.random() < 0.7, "reason": "仍未退费。"},
            "record_satisfaction": {"satisfied": hand.random() < 0.4},
            "chase": {"round": max(complaint.round_count, 1)},
        }
        if verb == "register":
            return {"category": "资费与收费争议", "priority": "P3"}
        return USUAL.get(verb, {}) | drawn.get(verb, {})


# What holds after every step


def wrong_with(complaint: Complaint) -> Iterator[str]:
    matter = Matter.objects.get(pk=complaint.pk)
    deadlines = list(Deadline.objects.filter(matter=matter).order_by("pk"))
    rounds = list(Round.objects.filter(complaint_id=complaint.pk).order_by("number"))
    yield from _holder(complaint, matter)
    yield from _alarm(complaint, matter)
    yield from _deadlines(complaint, deadlines)
    yield from _rounds(complaint, rounds)
    parts = (0, complaint.current_part)
    outstanding = [
        d.due_at for d in deadlines if d.is_outstanding and d.due_at and d.part in parts and not d.suspended_at
    ]
    if matter.work_due_at != min(outstanding, default=NO_DUE):
        yield f"the nearest instant is {matter.work_due_at}, the matter's deadlines say {outstanding}"


def _holder(complaint: Complaint, matter: Matter) -> Iterator[str]:
    nobody = complaint.state in ("forwarded", "archived")
    if (matter.holder_id is None) != nobody:
        yield f"{complaint.state} is held by {matter.holder}"
    if (matter.holder_unit_id is None) != (complaint.state == "archived"):
        yield f"{complaint.state} is held by unit {matter.holder_unit}"
    if (matter.closed_at is None) == (complaint.state == "archived"):
        yield f"{complaint.state}, closed at {matter.closed_at}"


def _alarm(complaint: Complaint, matter: Matter) -> Iterator[str]:
    raised = Alarm.objects.filter(matter=matter, cleared_at=None).count()
    watched = raised + (matter.alarm_at is not None)
    if watched != (0 if complaint.state == "archived" else 1):
        yield f"{complaint.state}: {raised} open alarms, the next at {matter.alarm_at}"


def _deadlines(complaint: Complaint, deadlines: list[Deadline]) -> Iterator[str]:
    for d in deadlines:
        if d.missed_at and (d.missed_at != d.due_at or d.noticed_at is None or d.noticed_at < d.missed_at):
            yield f"{d}: missed {d.missed_at}, due {d.due_at}, noticed {d.noticed_at}"
        if d.missed_at and d.met_at and d.met_at <= d.missed_at:
            yield f"{d}: missed although met at {d.met_at}"
        if d.met_at and not d.missed_at and d.due_at and d.met_at > d.due_at:
            yield f"{d}: met at {d.met_at} after {d.due_at}, and not missed"
        if d.voided_at and d.met_at:
            yield f"{d}: void and met"
        if d.warn_at and not d.is_running:
            yield f"{d}: {d.status}, to be warned of at {d.warn_at}"
        if d.part and d.part < complaint.round_count and d.is_running:
            yield f"{d}: runs although its round is over"
        if d.suspended_at and (complaint.round is None or complaint.round.state != "return_requested"):
            yield f"{d}: suspended without a request"
    cycles = [(d.kind, d.part, d.party, d.cycle) for d in deadlines]
    if len(set(cycles)) != len(cycles):
        yield f"a cycle stands twice: {cycles}"


def _rounds(complaint: Complaint, rounds: list[Round]) -> Iterator[str]:
    numbers = [found.number for found in rounds]
    if numbers != list(range(1, complaint.round_count + 1)):
        yield f"{complaint.round_count} rounds, numbered {numbers}"
    running = [found.number for found in rounds if not found.is_over]
    if running != ([complaint.round_count] if complaint.state == "dispatched" else []):
        yield f"{complaint.state}: rounds {running} run"
    for found in rounds:
        if (found.handler_id is None) != (found.handed_off_at is None) or (found.handler_id and not found.leader_id):
            yield f"{found}: handler {found.handler}, leader {found.leader}, at {found.handed_off_at}"


# What must hold at the end: the record tells the same story as the rows


def unlike_the_record(complaint: Complaint) -> Iterator[str]:
    wrong = broken(Matter.objects.get(pk=complaint.pk))
    if wrong:
        yield wrong
    entries = list(LedgerEntry.objects.filter(matter_id=complaint.pk).order_by("seq").select_related("actor"))
    told = {
        "round_count": sum(e.verb == "dispatch" for e in entries),
        "second_dispatches": sum(e.verb == "dispatch" and e.facts["second"] for e in entries),
        "out_of_scope_returns": sum(e.verb == "rule_on_return" and e.facts["accepted"] for e in entries),
        "replies": sum(e.verb == "reply" for e in entries),
    }
    stands = {name: getattr(complaint, name) for name in told}
    if stands != told:
        yield f"the ledger tells {told}, the complaint says {stands}"
    missed = Deadline.objects.filter(matter_id=complaint.pk).exclude(missed_at=None).count()
    if sum(e.verb == "miss" for e in entries) != missed:
        yield f"{missed} deadlines missed, the ledger tells otherwise"
    if any((e.verb == "miss") != (e.actor.username == "system") for e in entries):
        yield "a miss is the system's, everything else a person's"
    yield from _unlike_history(complaint, entries)


MOVES_A_ROUND = {"hand_off", "report_to_leader", "name_handler", "accept", "request_return", "rule_on_return", "answer"}


def _unlike_history(complaint: Complaint, entries: list[LedgerEntry]) -> Iterator[str]:
    acts = {(e.actor_id, e.recorded_at) for e in entries}
    for rows in (
        Complaint.history.filter(matter_id=complaint.pk), Round.history.filter(complaint_id=complaint.pk),
    ):  # fmt: skip
        strangers = {(row.history_user_id, row.history_date) for row in rows} - acts
        if strangers:
            yield f"history rows that no entry explains: {strangers}"
    moved = {(e.actor_id, e.recorded_at) for e in entries if e.verb in MOVES_A_ROUND}
    kept = set(Round.history.filter(complaint_id=complaint.pk).values_list("history_user_id", "history_date"))
    if moved - kept:
        yield f"acts without a history row: {moved - kept}"
    latest = Complaint.history.filter(matter_id=complaint.pk).latest("history_id")
    names = [f.attname for f in Complaint._meta.concrete_fields]
    unlike = [name for name in names if getattr(latest, name) != getattr(complaint, name)]
    if unlike:
        yield f"the newest history row differs in {unlike}"


def walk(play: Play, seed: int, steps: int) -> list[str]:
    """Everything that went wrong on one walk, with the way there."""
    going = Walk(play, seed)
    for _ in range(steps):
        going.step()
        wrong = [text for pk in going.touched for text in wrong_with(Complaint.of_matter(pk))]
        if wrong:
            return [f"seed {seed}: {text}, after {going.done}" for text in wrong]
    ended = [
        text
        for pk in going.complaints
        for judge in (wrong_with, unlike_the_record)
        for text in judge(Complaint.of_matter(pk))
    ]
    refusals = sum(":" in done for done in going.done)
    if AccessLog.objects.count() != refusals:
        ended.append(f"{AccessLog.objects.count()} refusals noted, {refusals} happened")
    return [f"seed {seed}: {text}, after {going.done}" for text in ended]


def walks(play: Play, seeds: range, steps: int) -> list[str]:
    """Each from the same empty desk."""
    found, begun = [], play.now.at
    for seed in seeds:
        play.now.set(begun)
        with transaction.atomic():
            found += walk(play, seed, steps)
            transaction.set_rollback(True)
    return found


def test_random_walks(play: Play) -> None:
    assert walks(play, range(1, 7), 40) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1100, 50))
def test_many_random_walks(play: Play, first: int) -> None:
    assert walks(play, range(first, first + 50), 50) == []


def test_a_walk_gets_somewhere(play: Play) -> None:
    """The walks would prove little if their hands did nothing: one of them comes by every verb."""
    going = Walk(play, 7)
    for _ in range(400):
        going.step()
    done = {step.split(" ")[1] for step in going.done if step != "sweep" and ":" not in step}
    assert {entry.name for entry in verbs_of(Complaint)} - done == set()
