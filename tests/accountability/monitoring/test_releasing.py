"""Two people rule on what fell due while nobody was served, and everything held is judged by their ruling."""

# mypy: disable-error-code="union-attr,operator"

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate import holding, sweeper
from accountability.gate.sweeper import sweep
from accountability.models import Alarm, Deadline, Hold, LedgerEntry, Notification
from accountability.monitoring import releasing
from accountability.monitoring.reminders import remind
from accountability.tasks import sweep as task
from assessment.cases.leads import leads_against
from assessment.cases.unjudged import watch_leads
from complaints.models import Complaint
from tests.accountability.gate.held import after, away, held, missed, propose, ruled
from tests.factories import Cast, Now, Play
from tests.failing import Failures
from tests.looking import deadline

__all__ = ["held"]

pytestmark = pytest.mark.rule("R38")

ELEVEN = read_instant("2026-11-24 11:00")


def judged(deadline: Deadline) -> tuple[Any, ...]:
    return (deadline.kind, deadline.cycle, deadline.due_at, deadline.missed_at, deadline.voided_at, deadline.chased)


def test_confirmed_the_misses_are_what_a_sweep_had_recorded(held: list[Complaint], play: Play, now: Now) -> None:
    """The same complaint, judged without any hold."""
    ruled(play, "confirm")
    releasing.carry_on(now.at)
    found = [judged(row) for row in Deadline.objects.filter(matter=held[0].matter_id).order_by("pk")]
    entries = [(e.verb, e.at, e.facts) for e in LedgerEntry.objects.filter(matter=held[0].matter_id, verb="miss")]
    assert (missed(), Hold.objects.get().state) == (["handoff", "handoff"], "released")
    assert leads_against(play.cast.unit("WH")).count() == 2
    Hold.objects.all().delete()
    holding.forget()
    now.set("2026-11-24 09:00")
    other = play.upto("delivered", phone="13900000001")
    now.set(ELEVEN)
    sweep(now.at)
    assert [judged(row) for row in Deadline.objects.filter(matter=other.matter_id).order_by("pk")] == found
    swept = LedgerEntry.objects.filter(matter=other.matter_id, verb="miss")
    assert [(e.verb, e.at, e.facts) for e in swept] == entries


def test_excused_they_are_on_record_and_held_against_nobody(
    held: list[Complaint], play: Play, cast: Cast, now: Now
) -> None:
    ruled(play, "excuse")
    now.forward(seconds=5)
    task.apply()
    handoff = deadline(held[0], "handoff", 1)
    assert (handoff.missed_at, handoff.excused_by, handoff.excuse_proposed_by) == (
        handoff.due_at, cast["sc.leader"], cast["sc.officer"],
    )  # fmt: skip
    assert handoff.excuse_reason is not None
    assert handoff.excuse_reason.opened["reason"] == "机房断电。"
    after(now, 60 * 24 * 20)
    sweep(now.at)
    remind(now.at)
    watch_leads(now.at)
    assert not [lead for lead in leads_against(cast.unit("WH")) if lead.kind == "handoff"]
    of_handoffs = LedgerEntry.objects.filter(verb__in=("chase_overdue", "urge", "propose_criticism"))
    assert [entry for entry in of_handoffs if entry.facts["kind"] == "handoff"] == []
    told = set(Notification.objects.filter(kind="excused").values_list("recipient__username", flat=True))
    assert told == {"wh.contact", "wh.head"}


def test_after_the_release_the_matter_goes_on(held: list[Complaint], play: Play, now: Now) -> None:
    ruled(play, "excuse")
    releasing.carry_on(now.at)
    complaint = play("hand_off", "wh.contact", held[0])
    assert (complaint.round.state, Alarm.objects.filter(cleared_at=None).exists()) == ("handed_off", False)


def test_until_it_is_carried_out_the_matter_stays_held(held: list[Complaint], play: Play) -> None:
    ruled(play, "excuse")
    assert play.refused("hand_off", "wh.contact", held[0]).code == "held"
    assert sweep(play.now.at) == 0


def test_it_covers_what_fell_due_until_the_approval(play: Play, now: Now) -> None:
    """People were refused until then: of a held matter no limit is held against them."""
    complaint = away(play, 1)[0]
    holding.note_served(now.at)
    for _hour in range(40):
        for _time in range(5):
            after(now, 12)
    assert deadline(complaint, "handling", 1).due_at < now.at
    ruled(play, "excuse")
    releasing.carry_on(now.at)
    handling = deadline(complaint, "handling", 1)
    assert (missed(), handling.excused_at) == (["handoff", "handling"], now.at)


@pytest.mark.parametrize("ruling", ["excuse", "confirm"])
def test_a_ruling_that_was_not_made(play: Play, now: Now, ruling: str) -> None:
    """Confirmed, the silence counts as a refusal, and the hand-off that starts at its due instant was missed as well.
    Excused, it decides nothing: the centre has its whole two hours again.
    """
    complaint = play.upto("delivered")
    complaint = play("request_return", "wh.contact", complaint)
    holding.note_served(now.at)
    holding.forget()
    now.forward(hours=4)
    holding.note_served(now.at)
    ruled(play, ruling)
    releasing.carry_on(now.at)
    complaint = play.again(complaint)
    cycles = list(Deadline.objects.filter(matter=complaint.matter_id, kind="ruling").order_by("cycle"))
    if ruling == "confirm":
        assert (missed(), complaint.round.state, len(cycles)) == (["ruling", "handoff"], "delivered", 1)
    else:
        assert (missed(), complaint.round.state) == (["ruling"], "return_requested")
        assert [(one.excused_at, one.due_at) for one in cycles][1:] == [(None, now.at + timedelta(hours=2))]
        assert play("rule_on_return", "kf.supervisor", complaint, accepted=True, reason="理由成立。")


# Two people


def test_nobody_releases_alone(held: list[Complaint], play: Play) -> None:
    propose(play, by="sc.leader")
    assert {play.refused(verb, "sc.leader", **more).code for verb, more in (
        ("approve_release", {}), ("refuse_release", {"reason": "不妥"}),
    )} == {"forbidden"}  # fmt: skip
    assert play.refused("withdraw_release", "sc.officer").code == "forbidden"
    assert play("withdraw_release", "sc.leader")
    assert Hold.objects.get().state == "held"


@pytest.mark.parametrize("by", ["kf.supervisor", "wh.head", "sj.auditor", "sj.system", "sj.auditadmin", "kf.agent"])
def test_other_offices_neither_propose_nor_approve(held: list[Complaint], play: Play, by: str) -> None:
    proposal = {"ruling": "confirm", "messages": "drop"}
    assert play.refused("propose_release", by, **proposal).code == "forbidden"
    propose(play)
    assert play.refused("approve_release", by).code == "forbidden"


def test_an_officer_who_leads_nobody_doesnt_approve(held: list[Complaint], play: Play) -> None:
    propose(play)
    assert play.refused("approve_release", "sc.officer2").code == "forbidden"


def test_an_excuse_needs_a_reason(held: list[Complaint], play: Play) -> None:
    said = {"ruling": "excuse", "messages": "drop", "reason": ""}
    assert list(play.refused("propose_release", "sc.officer", **said).fields) == ["reason"]
    assert play("propose_release", "sc.officer", **said | {"ruling": "confirm"})


def test_what_is_refused_may_be_proposed_again(held: list[Complaint], play: Play) -> None:
    propose(play)
    assert play.refused("propose_release", "sc.officer2", ruling="confirm", messages="send").code == "condition"
    play("refuse_release", "sc.leader", reason="先核实。")
    hold = ruled(play, "confirm")
    assert hold.state == "releasing"
    assert play.refused("approve_release", "sc.leader").code == "condition"


def test_another_outage_makes_a_proposal_void(held: list[Complaint], play: Play, now: Now) -> None:
    propose(play)
    after(now, 60)
    assert play.refused("approve_release", "sc.leader").code == "condition"
    assert (Hold.objects.get().until, Hold.objects.get().state) == (now.at, "held")


def test_the_ledger_says_who_and_which_window(held: list[Complaint], play: Play) -> None:
    ruled(play, "excuse")
    entries = LedgerEntry.objects.filter(verb__in=("propose_release", "approve_release")).order_by("pk")
    assert [(e.actor.username, e.facts["ruling"], e.facts["since"], e.facts["until"]) for e in entries] == [
        (who, "excuse", "2026-11-24T01:00:00+00:00", "2026-11-24T03:00:00+00:00") for who in ("sc.officer", "sc.leader")
    ]


def test_without_a_hold_there_is_nothing_to_release(play: Play) -> None:
    assert play.refused("propose_release", "sc.officer", ruling="confirm", messages="drop").code == "condition"
    assert play.refused("approve_release", "sc.leader").code == "condition"


# Broken off


def test_a_release_that_was_broken_off_goes_on(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    away(play, 5)
    holding.note_served(now.at)
    ruled(play, "excuse")
    monkeypatch.setattr(releasing, "BATCH", 2)
    flush = sweeper.flush
    flushed: list[Any] = []

    def killed(batch: Any) -> None:
        if len(flushed) == 1:
            raise KeyboardInterrupt
        flush(batch)
        flushed.append(batch)

    monkeypatch.setattr(sweeper, "flush", killed)
    with pytest.raises(KeyboardInterrupt):
        releasing.carry_on(now.at)
    assert (len(missed()), Hold.objects.get().state) == (2, "releasing")
    assert sweep(now.at) == 0
    monkeypatch.setattr(sweeper, "flush", flush)
    assert releasing.carry_on(now.at) == 3
    assert (len(missed()), Hold.objects.get().state) == (5, "released")
    assert Deadline.objects.filter(missed_at__isnull=False, excused_at=None).count() == 0


def test_a_matter_that_fails_stops_no_other(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch, failures: Failures
) -> None:
    bad = away(play, 3)[1]
    holding.note_served(now.at)
    ruled(play, "confirm")
    settle = releasing.settle

    def poisoned(act: Any, **more: Any) -> int:
        if act.matter.pk == bad.matter_id:
            raise ValueError("poison")
        return settle(act, **more)

    monkeypatch.setattr(releasing, "settle", poisoned)
    assert releasing.carry_on(now.at) == 2
    assert (Hold.objects.get().state, failures) == ("releasing", [("release", bad.matter_id)])
    assert play.refused("hand_off", "wh.contact", bad).code == "held"
    monkeypatch.setattr(releasing, "settle", settle)
    after(now, 2)
    assert (releasing.carry_on(now.at), Hold.objects.get().state) == (1, "released")


def test_an_outage_while_a_release_goes_on_is_another_hold(held: list[Complaint], play: Play, now: Now) -> None:
    other = play.upto("delivered")
    ruled(play, "excuse")
    after(now, 120)
    assert sorted(Hold.objects.values_list("state", flat=True)) == ["held", "releasing"]
    assert releasing.carry_on(now.at) == 2
    assert (sweep(now.at), play.refused("hand_off", "wh.contact", other).code) == (0, "held")
    assert Alarm.objects.filter(kind="held", cleared_at=None).count() == 1
