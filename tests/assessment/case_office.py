"""People who do anything to cases at any time, sensible or not: what a random hand plays.

A case rarely gets as far as a panel, so disputed cases and the panel's verbs come up more often than others.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.verbs import available, verbs_of
from accountability.models import Notification, actor_for
from accountability.monitoring import reminders
from assessment.models import Case
from tests.assessment.actions.test_opening import second_leader
from tests.assessment.docket import ADMITS, OBJECTS, OWED, Docket, all_owed
from tests.looking import writes

PEOPLE = (
    "kf.agent", "kf.supervisor", "kf.head", "sc.officer", "sc.officer2", "sc.leader", "wh.contact", "wh.deputy",
    "wh.zhang", "wh.leader", "wh.head", "yc.contact", "yc.head", "sj.auditor", "sj.plain",
)  # fmt: skip
VERBS = tuple(entry.name for entry in verbs_of(Case))
PANEL = {"appoint_panel": 20, "give_opinion": 30, "remind_panel": 40, "replace_member": 40, "record_panel": 40}
ENDS_IT = {"annul_case": 1, "decline_case": 1, "disapprove": 2, "withdraw_circular": 1, "assign_case": 1}
PAUSES = (
    timedelta(0), timedelta(0), timedelta(minutes=5), timedelta(hours=2), timedelta(hours=30), timedelta(days=3),
    timedelta(days=9),
)  # fmt: skip


class Office:
    """The desks and their people. `done` tells what was done; `known` by which verbs."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        second_leader(docket)
        for year in range(2027, 2034):
            docket.play("publish_calendar", "sc.officer", year=year)
        self.rounds = [f"{docket.number(docket.complaint(phone=f'1390000{n:04d}'))}#1" for n in range(5)]
        self.cases: list[int] = []
        self.done: list[str] = []
        self.known: set[str] = set()

    def step(self, hand: Random) -> None:
        self.docket.now.forward(seconds=hand.choice(PAUSES).total_seconds())
        chance = hand.random()
        if chance < 0.15:
            self.sweep()
        elif not self.cases or chance < 0.20:
            self.begin(hand)
        elif chance < 0.85:
            self.go_on(hand)
        else:
            self.tries(hand.choice(self.cases[-4:]), hand.choice(VERBS), hand.choice(PEOPLE), hand)

    def sweep(self) -> None:
        sweeper.sweep(self.docket.now.at)
        reminders.remind(self.docket.now.at)
        self.done.append("sweep")

    def begin(self, hand: Random) -> None:
        verb = hand.choice(("issue_sheet", "issue_sheet", "open_case", "open_fault"))
        by = {"open_case": "sc.officer", "open_fault": hand.choice(("kf.agent", "sc.officer2"))}.get(verb, "kf.agent")
        self.tries(None, verb, by, hand)

    def go_on(self, hand: Random) -> None:
        """Something that can be done now, if anything can."""
        disputed = Case.objects.filter(pk__in=self.cases, state="disputed").values_list("pk", flat=True).order_by("pk")
        heard = list(disputed) if hand.random() < 0.4 else []
        case = Case.of_matter(hand.choice(heard or self.cases[-4:]))
        possible: dict[str, list[str]] = {}
        for username in PEOPLE:
            actor = actor_for(self.docket.cast[username].pk, self.docket.now.at)
            for entry in available(case, actor) if actor else ():
                possible.setdefault(entry.name, []).append(username)
        if possible:
            weights = [(ENDS_IT | PANEL).get(verb, 8) + (0 if verb in self.known else 20) for verb in possible]
            verb = hand.choices(list(possible), weights)[0]
            self.tries(case.pk, verb, hand.choice(possible[verb]), hand)

    def tries(self, pk: int | None, verb: str, by: str, hand: Random) -> None:
        """Done, or refused and nothing changed."""
        told = self.docket.facts(verb, by, **self.told(verb, hand))
        if verb == "penalise_all" and pk is not None:
            told |= all_owed(Case.of_matter(pk), by)
        looked = writes() if hand.random() < 0.1 else None
        counted = self.rows()
        try:
            subject = Case() if pk is None else Case.of_matter(pk)
            outcome = perform(subject, verb, by=self.docket.cast[by], at=self.docket.now.at, **told)
        except Refused as refusal:
            self.done.append(f"{by} {verb} {pk}: {refusal.code}")
            assert self.rows() == counted, self.done
            assert looked is None or writes() == looked, self.done
            return
        self.known.add(verb)
        self.done.append(f"{by} {verb} {outcome.subject.pk}")
        if pk is None:
            self.cases.append(outcome.subject.pk)

    @staticmethod
    def rows() -> tuple[int, int, int]:
        return Case.objects.count(), Case.history.count(), Notification.objects.count()

    def in_some_days(self) -> str:
        return (self.docket.now.at + timedelta(days=5)).date().isoformat()

    def told(self, verb: str, hand: Random) -> dict[str, Any]:
        """What this verb is told by a hand that mostly makes sense."""
        leader, finding = hand.choice(("sc.leader", "sc.officer2")), hand.choice(("violated", "not_violated"))
        person, ground = hand.choice((*OWED, *OWED, ("wh.contact", "contact"), ("yc.chen", "cooperating")))
        drawn: dict[str, Any] = {
            "issue_sheet": {"complaints": [hand.choice(self.rounds).rpartition("#")[0]]},
            "open_fault": {"round": hand.choice(self.rounds)},
            "decline_case": {"approved_by": leader}, "annul_case": {"approved_by": leader},
            "issue_circular": {"signed_by": leader}, "withdraw_circular": {"signed_by": leader},
            "assign_case": {"to": hand.choice(("sc.officer", "sc.officer2"))},
            "file_report": hand.choice((ADMITS, OBJECTS)) | {"signer": hand.choice(("wh.head", "wh.contact"))},
            "appoint_panel": {"members": hand.choice((["sc.leader", "kf.head"], ["sc.leader", "wh.head"]))},
            "replace_member": {"member": hand.choice(("kf.head", "kf.head", "sc.leader")), "due": self.in_some_days()},
            "remind_panel": {"member": hand.choice(("kf.head", "sc.leader", "yc.head", "yc.head"))},
            "record_panel": {"conclusion": finding},
            "give_opinion": {"opinion": finding}, "decide_fault": {"conclusion": finding},
            "penalise": {"person": person, "ground": ground, "months": hand.choice((1, 2, 3, 3, 4))},
            "file_slip": {"person": person}, "file_refund": {"person": person},
        }  # fmt: skip
        return drawn.get(verb, {})
