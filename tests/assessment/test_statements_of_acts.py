"""How many statements an act on a case sends by the page it is done on, verb by verb."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from assessment.admin import CaseAdmin
from assessment.models import Case
from tests.assessment.adjudicating import begin, do
from tests.assessment.docket import ADMITS, OBJECTS, PAID, SIGNED, SPOKEN, Docket, Step
from tests.assessment.office import form_of
from tests.factories import Play
from tests.shared_world import shared
from tests.statements_of_acts import Sent, Walk

TAKEN = {
    "issue_sheet": 33, "decline_case": 20, "disapprove": 19, "assign_case": 17, "notify_unit": 25, "file_report": 33,
    "sign_report": 27, "penalise": 23, "issue_circular": 21, "return_circular": 18, "sign_circular": 24,
    "close_case": 15, "file_slip": 16, "annul_case": 20, "approve": 25, "withdraw_circular": 22, "penalise_all": 20,
    "appoint_panel": 22, "remind_panel": 17, "replace_member": 25, "give_opinion": 19, "record_panel": 29,
    "open_case": 19, "open_fault": 26, "file_opinion": 21, "decide_fault": 26,
}  # fmt: skip
"""As many as each verb sends now. One that grows is seen here; one that shrinks is put down."""

PEOPLE = {"members", "persons"}
SHEET: Step = ("issue_sheet", "kf.agent", {})
NOTIFIED: tuple[Step, ...] = (SHEET, ("notify_unit", "sc.officer", {}))
ADMITTED: tuple[Step, ...] = (*NOTIFIED, ("file_report", "wh.contact", ADMITS), ("sign_report", "wh.head", {}))
PANEL: Step = ("appoint_panel", "sc.officer", {"members": ["sc.leader", "kf.head"]})
WAYS: tuple[tuple[Step, ...], ...] = (
    (SHEET, ("decline_case", "sc.officer", {}), ("disapprove", "sc.leader", {}), ("assign_case", "sc.officer", {})),
    (
        *ADMITTED, *PAID, SIGNED[0], ("return_circular", "sc.leader", {}), *SIGNED, ("close_case", "sc.officer", {}),
        ("file_slip", "wh.contact", {}), ("annul_case", "sc.officer", {}), ("approve", "sc.leader", {}),
        ("withdraw_circular", "sc.officer", {}),
    ),
    (*ADMITTED, ("penalise_all", "wh.head", {"penalties": ["wh.zhang", "wh.leader"]})),
    (
        *NOTIFIED, ("file_report", "wh.head", OBJECTS), PANEL, ("remind_panel", "sc.officer", {}),
        ("replace_member", "sc.officer", {}), ("give_opinion", "sc.leader", {}), ("give_opinion", "yc.head", {}),
        ("record_panel", "sc.officer", {}),
    ),
    (*NOTIFIED, ("file_report", "wh.head", OBJECTS), PANEL, *SPOKEN, ("record_panel", "sc.officer", {})),
    (("open_case", "sc.officer", {}),),
    (("open_fault", "kf.agent", {}), ("file_opinion", "wh.head", {}), ("decide_fault", "sc.officer", {})),
    (("open_fault", "sc.officer", {}),),
)  # fmt: skip


class CaseWalk(Walk[Step, Case]):
    def __init__(self, play: Play) -> None:
        super().__init__(play)
        self.docket = Docket(play)

    def act(self, step: Step, before: Case | None) -> Case:
        verb, by, facts = step
        case = Case.of_matter(before.pk) if before else Case()
        typed = dict(_typed(self.docket.facts(verb, by, **facts))) | {"_seen": case.shown_for(verb)}
        return Case.of_matter(self.post(verb, by, address(verb, by, before), typed))


def address(verb: str, by: str, case: Case | None) -> str:
    """Marketing works in the administration, everybody else on the pages."""
    if case is None:
        return reverse(verb) if by.startswith("kf.") else begin(verb)
    of_marketing = by.startswith("sc.") and verb in CaseAdmin.acts
    return do(case, verb) if of_marketing else form_of(case, verb)


def _typed(facts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """As the browser sends it."""
    for name, value in facts.items():
        if name == "penalties":
            for person in value:
                yield f"penalties-{person}-months", "1"
                yield f"penalties-{person}-reason", "首次，情节较轻。"
        elif name in PEOPLE:
            yield f"{name}_likely", value
        elif name == "evidence":
            yield name, [each if isinstance(each, str) else each.token for each in value]
        else:
            yield name, value


def walked(play: Play) -> Sent:
    return CaseWalk(play).twice(lambda _turn: WAYS)


stage, own_copy, _now, _cast, _play, _client_for, sent = shared(walked)


@pytest.mark.parametrize(("verb", "taken"), TAKEN.items())
def test_an_act_sends_no_more_statements(sent: Sent, verb: str, taken: int) -> None:
    assert len(sent[verb]) <= taken, "\n".join(sql[:160] for sql in sent[verb])


def test_each_act_of_the_ways_is_counted(sent: Sent) -> None:
    assert sent.keys() == TAKEN.keys()
