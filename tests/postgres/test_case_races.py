"""Two at once over one case, on real row locks: one decision, the other told how it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accountability.audit.chains import broken
from accountability.gate import sweeper
from accountability.gate.perform import perform
from accountability.models import AccessLog, Deadline, LedgerEntry, Matter, Series
from assessment.actions.faults import ONCE_A_ROUND
from assessment.documents.circular import preview
from assessment.models import Case, Circular, LeadMark, Penalty, Sheet
from complaints.models import Complaint
from tests import casework
from tests.factories import USUAL, Cast, Now, Play
from tests.postgres.test_races import RACES, at_once, describe, instants, wrong_within

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

Work = Callable[[], Any]


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    """The cast and the clock, committed, so that other threads see them."""
    return Play(Cast(), now)


def act(play: Play, case: Case, verb: str, by: str, **facts: Any) -> Work:
    return lambda: perform(Case(matter_id=case.pk), verb, by=play.cast[by], at=play.now.at, **facts)


def said(*works: Work) -> list[str]:
    return sorted(describe(result) for result in at_once(*works))


def now_of(case: Case) -> Case:
    assert broken(Matter.objects.get(pk=case.pk)) is None
    return Case.of_matter(case.pk)


def entries(case: Case, *verbs: str) -> list[str]:
    found = LedgerEntry.objects.filter(matter_id=case.pk, verb__in=verbs).order_by("seq")
    return list(found.values_list("verb", flat=True))


def refused_state(state: str, verb: str) -> str:
    return f"state: 当前状态“{state}”不能“{verb}”。"


# Two officers, one decision


@pytest.mark.rule("R22")
def test_two_officers_deciding_a_fault_decide_it_once(play: Play) -> None:
    """Opposite conclusions: the one that stands is the first; the other is told that it is decided."""
    for number in range(5):
        case = casework.at_fault(play, casework.missed(play, phone=f"139{number:08d}"))
        case = casework.opine(play, case)
        results = said(
            act(play, case, "decide_fault", "sc.officer", conclusion="violated", reasons="属实。"),
            act(play, case, "decide_fault", "sc.officer2", conclusion="not_violated", reasons="不属实。"),
        )
        found = now_of(case)
        assert found.state in ("violation", "no_violation")
        assert results[0] == "done"
        assert results[1] == refused_state(str(found.describe_state()), "决定")
        assert entries(case, "decide_fault") == ["decide_fault"]
        assert Deadline.objects.filter(matter_id=case.pk, kind="discipline").count() == int(found.violated or 0)


@pytest.mark.rule("R48")
def test_the_last_two_members_at_once_are_both_heard(play: Play) -> None:
    for number in range(5):
        case = casework.issue(play, casework.missed(play, phone=f"139{number:08d}"))
        case = casework.convene(play, casework.dispute(play, casework.notify(play, case)))
        works = [act(play, case, "give_opinion", by, opinion="violated") for by in ("sc.leader", "yc.head")]
        assert said(*works) == ["done", "done"]
        assert (now_of(case).matter.awaits, entries(case, "give_opinion")) == ("record_panel", ["give_opinion"] * 2)
        works = [
            act(play, case, "record_panel", by, conclusion="violated", reasons="一致。")
            for by in ("sc.officer", "sc.leader")
        ]
        assert sorted(said(*works))[0] == "done"
        assert entries(case, "record_panel") == ["record_panel"]
        assert Deadline.objects.filter(matter_id=case.pk, kind="discipline").count() == 1


@pytest.mark.rule("R42")
def test_declined_or_notified_but_not_both(play: Play) -> None:
    """Who comes second is told: the approved request is gone, or the case is declined."""
    for number in range(6):
        case = casework.issue(play, casework.missed(play, phone=f"139{number:08d}"))
        case = casework.ask_to_decline(play, case)
        results = said(act(play, case, "approve", "sc.leader"), act(play, case, "notify_unit", "sc.officer"))
        found = now_of(case)
        notified = found.state == "notified"
        assert results[0] == "done"
        assert results[1].split(":")[0] in ("state", "forbidden")
        assert entries(case, "approve", "notify_unit") == ["notify_unit" if notified else "approve"]
        assert Deadline.objects.filter(matter_id=case.pk, kind="report").count() == int(notified)
        assert found.approval == ""


@pytest.mark.rule("R51")
def test_laid_before_and_penalised_at_once_names_the_months_that_stand(play: Play) -> None:
    """R50: a last change of a penalty either stands in the circular's text, or is refused because it lies there."""
    for number in range(5):
        case = casework.issue(play, casework.missed(play, phone=f"139{number:08d}"))
        case = casework.penalise(play, casework.admit(play, casework.notify(play, case)))
        more = {"person": "wh.zhang", "ground": "handler", "months": 3, "reason": "从重。"}
        laid = act(play, case, "issue_circular", "sc.officer", signed_by="sc.leader")
        results = said(laid, act(play, case, "penalise", "sc.officer2", **more))
        months = Penalty.objects.get(case=case, person=play.cast["wh.zhang"]).months
        assert ("done" in results, months) == (True, 3 if results == ["done", "done"] else 1)
        found = now_of(case)
        (content,) = preview(found, [found.circular_rows[0]], play.now.at)
        assert any(f"扣除{months}个月" in line for line in content.as_lines())


@pytest.mark.rule("R50")
def test_two_who_penalise_one_person_at_once_make_one_row(play: Play) -> None:
    case = casework.admit(play, casework.notify(play, casework.issue(play, casework.missed(play))))
    works = [
        act(play, case, "penalise", by, person="wh.zhang", ground="handler", months=months, reason="轻。")
        for by, months in (("sc.officer", 1), ("sc.officer2", 2))
    ]
    assert said(*works) == ["done", "done"]
    row = Penalty.objects.get(case=now_of(case))
    assert (row.grounds, row.months in (1, 2)) == (["handler"], True)


# One lead, two sheets; one round, two faults


def issuing(play: Play, complaint: Complaint, by: str, verb: str = "issue_sheet") -> Work:
    facts: dict[str, Any] = {
        "unit": "WH", "complaints": [str(complaint.matter)], "person": "wh.zhang", "description": "交办超时。",
        "evidence": "通知单。",
    }  # fmt: skip
    if verb == "open_case":
        facts = {key: facts[key] for key in ("unit", "complaints", "description")} | {"source": "leader"}
    return lambda: perform(Case(), verb, by=play.cast[by], at=play.now.at, **facts)


@pytest.mark.rule("R38")
def test_two_sheets_at_once_take_a_lead_once(play: Play) -> None:
    for number in range(10):
        complaint = casework.missed(play, phone=f"139{number:08d}")
        other = ("sc.officer", "open_case") if number % 2 else ("kf.agent2", "issue_sheet")
        assert said(issuing(play, complaint, "kf.agent"), issuing(play, complaint, *other)) == ["done", "done"]
        assert LeadMark.objects.filter(deadline__matter_id=complaint.pk).count() == 1
    assert Case.objects.count() == 20


@pytest.mark.rule("R22")
def test_two_faults_of_one_round_at_once_are_one(play: Play) -> None:
    for number in range(5):
        complaint = casework.missed(play, phone=f"139{number:08d}")
        fault = {"round": f"{complaint.matter}#1", "description": "交办不当。"}
        works = [
            lambda by=by, fault=fault: perform(Case(), "open_fault", by=play.cast[by], at=play.now.at, **fault)
            for by in ("kf.agent", "sc.officer")
        ]
        assert said(*works) == [f"condition: {ONCE_A_ROUND}", "done"]
    assert Case.objects.count() == 5


# Numbers


@pytest.mark.rule("R52")
@pytest.mark.slow
def test_forty_circulars_signed_at_once_are_numbered_without_a_gap(play: Play) -> None:
    cases = []
    for number in range(40):
        case = casework.issue(play, casework.missed(play, phone=f"139{number:08d}"))
        case = casework.penalise(play, casework.admit(play, casework.notify(play, case)))
        cases.append(casework.circulate(play, case))
    # Half of them are tried twice: who comes second is refused and uses up no number.
    works = [act(play, case, "sign_circular", "sc.leader") for case in cases + cases[::2]]
    for start in range(0, len(works), 20):
        at_once(*works[start : start + 20])
    numbers = sorted(int(number[10:-1]) for number in Circular.objects.values_list("number", flat=True) if number)
    assert numbers == list(range(1, 41))
    assert Series.objects.get(name__startswith="鄂移通报〔").last == 40


def test_complaints_registered_at_once_are_numbered_without_a_gap(play: Play) -> None:
    def register(number: int) -> Work:
        facts = USUAL["register"] | {"phone": f"139{number:08d}"}
        return lambda: perform(Complaint(), "register", by=play.cast["kf.agent"], at=play.now.at, **facts)

    assert set(said(*[register(number) for number in range(16)])) == {"done"}
    running = sorted(int(str(complaint.matter)[10:]) for complaint in Complaint.objects.select_related("matter"))
    assert running == list(range(running[0], running[0] + 16))


# The report and the sweep about the due instant


def report_and_sweep(play: Play, number: int, act_after: timedelta, sweep_after: timedelta) -> list[str]:
    """One report and one sweep at once, so long after the due instant each; what is wrong afterwards.

    At the due instant or before it is in time, whatever the sweep does; later the unit is deemed to have violated from
    the due instant on, and the report is kept as a late file.
    """
    case = casework.notify(play, casework.issue(play, casework.missed(play, phone=f"139{number:08d}")))
    due = Deadline.objects.get(matter_id=case.pk, kind="report").due_at
    assert due is not None
    act_at, in_time = due + act_after, act_after <= timedelta()
    facts: dict[str, Any] = {
        "conclusion": "admitted",
        "facts": "未按时交办。",
        "persons": ["wh.zhang"],
        "signer": "wh.head",
    }
    results = at_once(
        lambda: perform(Case(matter_id=case.pk), "file_report", by=play.cast["wh.head"], at=act_at, **facts),
        lambda: sweeper.sweep(due + sweep_after),
    )
    found = Case.of_matter(case.pk)
    deadline = Deadline.objects.get(matter_id=case.pk, kind="report")
    assert found.report is not None
    outcome = (
        [describe(result) for result in results], found.state, found.report.late, found.determined_at,
        deadline.status, len(found.circular_rows), entries(case, "deemed_violation"),
    )  # fmt: skip
    expected = (
        ["done", "done"], "admitted" if in_time else "deemed_violation", not in_time, act_at if in_time else due,
        "met" if in_time else "missed", int(not in_time), [] if in_time else ["deemed_violation"],
    )  # fmt: skip
    wrong = [f"{number} ({act_after}, {sweep_after}): {outcome}"] if outcome != expected else []
    chain = broken(Matter.objects.get(pk=case.pk))
    return wrong + ([chain] if chain else [])


def races(play: Play, count: int) -> list[str]:
    """All at one standing clock: the cases of earlier races are over, so that the sweep finds one."""
    return [wrong for number in range(count) for wrong in report_and_sweep(play, number, *instants(number))]


@pytest.mark.rule("R45")
def test_a_report_against_the_sweep(play: Play) -> None:
    assert races(play, 8) == []


@pytest.mark.slow
@pytest.mark.rule("R45")
def test_forced_reports_against_the_sweep_have_the_rules_outcome(play: Play) -> None:
    assert races(play, RACES) == []


# No deadlock


def test_sheets_complaint_verbs_and_the_sweep_never_wait_for_one_another(play: Play) -> None:
    """A sheet locks its own matter, then its complaints' by their keys, as a batch does; nothing is told it is busy."""
    complaints = [play.upto("accepted", phone=f"139{number:08d}") for number in range(6)]
    at = play.now.forward(days=3)

    def sheet(order: list[Complaint]) -> Work:
        facts = {"unit": "WH", "person": "wh.zhang", "description": "超时。", "evidence": "通知单。"}
        linked = [str(complaint.matter) for complaint in order]
        return lambda: perform(Case(), "issue_sheet", by=play.cast["kf.agent"], at=at, complaints=linked, **facts)

    def answer(complaint: Complaint) -> Work:
        subject = Complaint(matter_id=complaint.pk)
        return lambda: perform(subject, "answer", by=play.cast["wh.zhang"], at=at, **USUAL["answer"])

    works: list[Work] = [sheet(complaints), sheet(complaints[::-1]), sheet(complaints[2:])]
    works += [answer(complaint) for complaint in complaints] + [lambda: sweeper.sweep(at)] * 2
    assert {describe(result) for result in at_once(*works)} == {"done"}
    missed = Deadline.objects.filter(kind="handling", missed_at__isnull=False)
    assert (missed.count(), Sheet.objects.count(), AccessLog.objects.filter(result="busy").count()) == (6, 3, 0)


def test_without_the_lock_two_deciding_at_once_goes_wrong(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """The races above are real ones: they need the lock to come out right."""
    from accountability.gate import act as acts

    def take_none(ids: Any, *, skip_locked: bool = False) -> dict[int, Matter]:
        return {matter.pk: matter for matter in Matter.objects.filter(pk__in=list(ids)).order_by("pk")}

    monkeypatch.setattr(acts, "lock", take_none)

    def race(number: int) -> list[str]:
        case = casework.opine(play, casework.at_fault(play, casework.missed(play, phone=f"139{number:08d}")))
        results = said(
            act(play, case, "decide_fault", "sc.officer", conclusion="violated", reasons="属实。"),
            act(play, case, "decide_fault", "sc.officer2", conclusion="not_violated", reasons="不属实。"),
        )
        return [] if results[1].startswith("state") else results

    assert wrong_within(race, 40) is True
