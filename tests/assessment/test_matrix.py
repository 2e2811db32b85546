"""Every verb of cases, in every position, by every role: what the contract allows is done, all else changes nothing.

The tables here are written from the contract by hand; what the code declares is what is examined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import transaction

from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.verbs import available, verbs_of
from accountability.models import Alarm, Deadline, Notification
from assessment.cases.progress import missing_to_close
from assessment.models import Case, CaseState
from tests.assessment.actions.test_opening import second_leader
from tests.assessment.docket import ADMITS, OPEN_WAYS, WAY, Docket, all_owed, holder
from tests.factories import Play
from tests.looking import writes
from tests.shared_world import shared

PEOPLE = (
    "kf.agent", "kf.supervisor", "kf.head", "sc.officer", "sc.officer2", "sc.leader",
    "wh.contact", "wh.deputy", "wh.zhang", "wh.li", "wh.leader", "wh.head",
    "yc.contact", "yc.chen", "yc.head", "zd.head", "sj.auditor", "sj.plain",
)  # fmt: skip
"""One of each role, of the unit concerned (WH) and of others. sc.officer2 leads the marketing department as well."""

AGENTS = {"kf.agent", "kf.supervisor"}
MARKETING = {"sc.officer", "sc.officer2", "sc.leader"}
NAMED = {"sc.leader"}
"""The leader who was asked; another leader may nothing here."""

HEAD = {"wh.head"}
UNIT = {"wh.contact", "wh.deputy", "wh.head"}
LEADERS = {"wh.head", "wh.leader"}
MEMBERS = {"sc.leader", "kf.head"}
EVERYBODY = set(PEOPLE)

BEFORE = {"notify_unit": MARKETING, "decline_case": MARKETING, "assign_case": MARKETING}
TO_REPORT = {"file_report": UNIT, "assign_case": MARKETING}
STANDS = {"annul_case": MARKETING, "assign_case": MARKETING}
TO_PAY = STANDS | {"penalise": MARKETING | HEAD, "penalise_all": MARKETING | HEAD}
"""The circular comes after the penalties; a deemed violation's names the unit at once (R45, R50)."""
DEEMED = TO_PAY | {"issue_circular": MARKETING, "file_report": UNIT}
TO_JUDGE = {"appoint_panel": MARKETING, "assign_case": MARKETING}
SITS = {"give_opinion": MEMBERS, "replace_member": MARKETING, "remind_panel": MARKETING, "assign_case": MARKETING}
HAS_SPOKEN = {"record_panel": MARKETING, "assign_case": MARKETING}
TO_APPROVE = {"approve": NAMED, "disapprove": NAMED}
TO_SIGN = {"sign_circular": NAMED, "return_circular": NAMED}
OVER = {"annul_case": MARKETING, "withdraw_circular": MARKETING, "file_slip": UNIT}

ALLOWED: dict[str, dict[str, set[str]]] = {
    "new": {"issue_sheet": AGENTS, "open_case": MARKETING, "open_fault": AGENTS | MARKETING},
    "sheet_issued": BEFORE,
    "opened": BEFORE,
    "declining asked": BEFORE | TO_APPROVE,
    "declined": {},
    "fault_opened": {"decline_case": MARKETING, "assign_case": MARKETING, "file_opinion": LEADERS},
    "opinion overdue": {
        "decline_case": MARKETING,
        "assign_case": MARKETING,
        "file_opinion": LEADERS,
        "decide_fault": MARKETING,
    },
    "opinion_filed": {"decline_case": MARKETING, "assign_case": MARKETING, "decide_fault": MARKETING},
    "contact at fault": TO_PAY,
    "notified": TO_REPORT,
    "report waits": TO_REPORT | {"sign_report": HEAD},
    "admitted": TO_PAY,
    "disputed": TO_JUDGE,
    "panel sits": SITS,
    "panel has spoken": HAS_SPOKEN,
    "violation": TO_PAY,
    "no_violation": {"close_case": MARKETING, "assign_case": MARKETING},
    "cleared and closed": {},
    "deemed_violation": DEEMED,
    "late report waits": DEEMED | {"sign_report": HEAD},
    "penalised": STANDS | {"penalise": MARKETING | HEAD, "issue_circular": MARKETING, "file_slip": UNIT},
    "circular laid before": STANDS | TO_SIGN | {"issue_circular": MARKETING, "file_slip": UNIT},
    "circular returned": STANDS | {"penalise": MARKETING | HEAD, "issue_circular": MARKETING, "file_slip": UNIT},
    "circular issued": STANDS | {"withdraw_circular": MARKETING, "close_case": MARKETING, "file_slip": UNIT},
    "closed": OVER,
    "annulling asked": OVER | TO_APPROVE,
    "annulled": {"withdraw_circular": MARKETING},
    "refund owed": {"withdraw_circular": MARKETING, "file_refund": UNIT},
    "withdrawal laid before": {"withdraw_circular": MARKETING} | TO_SIGN,
    "withdrawn": {},
    "withdrawal of a closed case": OVER | TO_SIGN,
}

NOT_YET = {"contact at fault", "admitted", "violation", "deemed_violation", "late report waits", "penalised"} | {
    "circular laid before",
    "circular returned",
}
"""A violation is found, but penalties or the circular are missing: the page says so instead of a button to close."""

HOLDER: dict[str, str | None] = {
    "sheet_issued": "sc.officer2", "opened": "sc.officer", "declining asked": "sc.leader", "declined": None,
    "fault_opened": "wh.head", "opinion overdue": "sc.officer2", "opinion_filed": "sc.officer2",
    "contact at fault": "wh.head", "notified": "wh.contact",
    "report waits": "wh.head", "admitted": "wh.head", "disputed": "sc.officer", "panel sits": "sc.leader",
    "panel has spoken": "sc.officer",
    "violation": "wh.head", "no_violation": "sc.officer", "cleared and closed": None, "deemed_violation": "sc.officer",
    "late report waits": "sc.officer", "penalised": "sc.officer", "circular laid before": "sc.leader",
    "circular issued": "sc.officer", "closed": None, "annulling asked": "sc.leader", "annulled": "sc.officer",
    "withdrawal laid before": "sc.leader", "withdrawn": None, "withdrawal of a closed case": "sc.leader",
    "circular returned": "sc.officer", "refund owed": "sc.officer",
}  # fmt: skip

RUNNING: dict[str, list[str]] = {
    "sheet_issued": ["notice"], "opened": ["notice"], "declining asked": ["notice"], "declined": [],
    "fault_opened": ["opinion"], "opinion overdue": [], "opinion_filed": [],
    "contact at fault": ["discipline"], "notified": ["report"],
    "report waits": ["report"], "admitted": ["discipline"], "disputed": [], "panel sits": ["panel"],
    "panel has spoken": [],
    "violation": ["discipline"], "no_violation": [], "cleared and closed": [], "deemed_violation": ["discipline"],
    "late report waits": ["discipline"], "penalised": ["slip"], "circular laid before": ["slip"],
    "circular issued": ["slip"], "closed": ["slip"], "annulling asked": ["slip"], "annulled": [],
    "refund owed": ["refund"], "withdrawal laid before": [], "withdrawn": [], "withdrawal of a closed case": ["slip"],
    "circular returned": ["slip"],
}  # fmt: skip
"""The limits that run; where none does, an alarm of what waits too long stands in for them."""


class Stage:
    """Brings a case into each of the positions, and says what each person would tell a verb."""

    def __init__(self, docket: Docket) -> None:
        self.docket = docket
        second_leader(docket)

    def at(self, position: str) -> Case:
        self.case = case = Case() if position == "new" else self.docket.upto(position)
        other = self.docket.complaint(phone="13900007777")
        self.told: dict[str, dict[str, Any]] = {"issue_sheet": {"complaints": [self.docket.number(other)]}}
        self.told["open_fault"] = {"round": f"{self.docket.number(other)}#1"}
        return case

    def facts(self, verb: str, username: str) -> dict[str, Any]:
        """So that nothing but person and state can be why it is refused."""
        told = self.told.get(verb, {}) | (ADMITS if verb == "file_report" else {})
        if verb == "penalise" and self.case.is_fault:
            told |= {"person": "wh.contact", "ground": "contact"}
        if verb == "penalise_all":
            told |= all_owed(self.case, username)
        if username == "sc.leader":
            other = {"decline_case": "approved_by", "annul_case": "approved_by"}
            other |= {"issue_circular": "signed_by", "withdraw_circular": "signed_by"}
            told |= {other[verb]: "sc.officer2"} if verb in other else {}
        return self.docket.facts(verb, username, **told)

    def tries(self, verb: str, username: str, case: Case) -> bool:
        """Whether it is done; what was done is undone again."""
        subject = Case() if case.pk is None else case
        with transaction.atomic():
            try:
                told = self.facts(verb, username)
                perform(subject, verb, by=self.docket.cast[username], at=self.docket.now.at, **told)
            except Refused as refusal:
                if refusal.code == "facts":
                    raise  # then the test said it wrong: person and state alone are examined
                return False
            transaction.set_rollback(True)
        return True


def at(play: Play, position: str) -> Stage:
    found = Stage(Docket(play))
    found.at(position)
    return found


stage, own_copy, now, cast, play, client_for, brought = shared(at, signs_in=False)


def each(positions: Iterable[str]) -> Any:
    """A position is reached once, for all that is asked of it."""
    return pytest.mark.parametrize("stage", positions, indirect=True, ids=str)


@pytest.fixture
def position(request: pytest.FixtureRequest) -> str:
    found: str = request.node.callspec.params["stage"]
    return found


def test_the_table_knows_every_verb_and_every_state() -> None:
    assert {verb for verbs in ALLOWED.values() for verb in verbs} == {entry.name for entry in verbs_of(Case)}
    assert set(ALLOWED) == {"new", *WAY, "deemed_violation", "late report waits", "opinion overdue"}
    assert {*HOLDER, "new"} == {*RUNNING, "new"} == set(ALLOWED)
    assert set(OPEN_WAYS) == {position for position in HOLDER if HOLDER[position]}
    assert {state for state in CaseState.values if state in ALLOWED} == set(CaseState.values)


@pytest.mark.slow
@each(ALLOWED)
def test_state_by_verb_by_role(brought: Stage, position: str) -> None:
    """Everybody is done or refused as the table says; what was refused left nothing behind.

    Who isn't refused in memory by what the gate asks first tries it at the gate. So does one of those who are, another
    for each state and verb: the gate asks the same.
    """
    case = brought.case
    seen = case if case.pk is None else brought.docket.again(case)
    actors = {username: brought.docket.actor(username) for username in PEOPLE}
    before, done = writes(), set()
    for turn, entry in enumerate(verbs_of(Case), list(ALLOWED).index(position)):
        may = {name for name in PEOPLE if entry.permits(seen, actors[name]) and entry.fits_state(seen)}
        refused = [name for name in PEOPLE if name not in may]
        tried = may | ({refused[turn % len(refused)]} if refused else set())
        done |= {(entry.name, name) for name in tried if brought.tries(entry.name, name, case)}
    assert done == {(verb, name) for verb, people in ALLOWED[position].items() for name in people}
    assert writes() == before


@each(ALLOWED)
def test_the_buttons_are_what_may_be_done(brought: Stage, position: str) -> None:
    """A page offers a verb to whom the gate would let it run, and to nobody else."""
    case = brought.case
    offered: dict[str, set[str]] = {}
    for username in PEOPLE:
        for entry in available(case, brought.docket.actor(username)):
            offered.setdefault(entry.name, set()).add(username)
    assert offered == ALLOWED[position]
    assert bool(missing_to_close(case)) == (position in NOT_YET)


@each(HOLDER)
def test_one_holds_it_and_a_limit_or_an_alarm_watches_it(brought: Stage, position: str) -> None:
    """Whoever holds it can do something to it, and what it awaits is something that somebody can do."""
    case = brought.case
    running = Deadline.objects.running().filter(matter_id=case.pk).order_by("pk").values_list("kind", flat=True)
    assert (holder(case), list(running)) == (HOLDER[position], RUNNING[position])
    awaits = case.matter.awaits
    assert (awaits != "", case.matter.alarm_at is not None) == (position in OPEN_WAYS,) * 2
    assert (case.matter.closed_at is None) == (position in OPEN_WAYS)
    if position in OPEN_WAYS:
        assert ALLOWED[position][awaits] != set()
        assert HOLDER[position] in set().union(*ALLOWED[position].values())


@each(OPEN_WAYS)
def test_what_waits_too_long_is_told(brought: Stage, position: str) -> None:
    """Nothing rests unseen: at the alarm's instant holder and marketing's leaders hear of it."""
    case = brought.case
    brought.docket.now.at = case.matter.alarm_at or brought.docket.now.at
    case = brought.docket.swept(case)
    alarm = Alarm.objects.get(matter=case.pk, kind="waiting", cleared_at=None)
    heard = Notification.objects.filter(matter=case.pk, kind="waiting").values_list("recipient__username", flat=True)
    assert (alarm.facts["awaits"], case.matter.alarm_at) == (case.matter.awaits, None)
    assert {"sc.officer2", "sc.leader", holder(case)} <= set(heard)
