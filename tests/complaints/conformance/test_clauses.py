"""What each clause says of a record: kept, not kept, running, not applicable, and only to whoever may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate import sweeper
from accountability.models import Deadline, LedgerEntry, actor_for
from complaints.conformance import reading
from complaints.conformance.clauses import Evidence, Finding, Verdict, findings
from complaints.conformance.reading import evidence_of
from complaints.dossier.dossier import story_of
from complaints.models import Complaint, Round
from tests.complaints.soundness import wrong_with
from tests.factories import INTAKE, Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.django_db

ClientFor = Callable[[str], Client]


def found(complaint: Complaint) -> list[Finding]:
    (known,) = evidence_of(Complaint.objects.filter(pk=complaint.pk))
    return findings(known)


def verdicts(complaint: Complaint) -> dict[tuple[str, int], Verdict]:
    """By clause and round; the worse of two."""
    told: dict[tuple[str, int], Verdict] = {}
    for one in found(complaint):
        key = (one.rule, one.part)
        told[key] = Verdict.BROKEN if Verdict.BROKEN in (told.get(key), one.verdict) else one.verdict
    return told


def seen_by(play: Play, username: str, complaint: Complaint) -> list[Finding]:
    actor = actor_for(play.cast[username].pk, play.now.at)
    assert actor is not None
    return findings(Evidence.of(story_of(Complaint.of_matter(complaint.pk), actor)))


def test_all_is_kept_where_all_was_done(play: Play) -> None:
    told = verdicts(play.upto("archived"))
    assert {key for key, verdict in told.items() if verdict == Verdict.KEPT} == {
        ("", 0), ("R35", 0), ("R37", 0), ("R7", 0), ("R6", 0), ("R11", 1), ("R18", 1), ("R4", 1), ("R33", 1),
        ("R19", 1), ("R24", 1),
    }  # fmt: skip
    assert {key for key, verdict in told.items() if verdict == Verdict.NOT_APPLICABLE} == {("R9", 0)}


def test_what_runs_is_neither_kept_nor_broken(play: Play) -> None:
    told = verdicts(play.upto("delivered"))
    assert {key for key, verdict in told.items() if verdict == Verdict.OPEN} == {
        ("R35", 0), ("R37", 0), ("R6", 0), ("R7", 0), ("R4", 1), ("R33", 1), ("R19", 1), ("R24", 1)
    }  # fmt: skip
    assert Verdict.BROKEN not in told.values()


@pytest.mark.rule("R19")
@pytest.mark.parametrize(("seconds", "verdict"), [(1800, Verdict.KEPT), (1800.001, Verdict.BROKEN)])
def test_thirty_minutes_to_the_millisecond(play: Play, now: Now, seconds: float, verdict: Verdict) -> None:
    complaint = play.upto("delivered")
    now.forward(seconds=seconds)
    assert verdicts(play("hand_off", "wh.contact", complaint))["R19", 1] == verdict


@pytest.mark.rule("R20")
def test_a_report_in_time_keeps_it_and_the_leader_still_owes_the_name(play: Play) -> None:
    complaint = play.upto("reported")
    told = verdicts(complaint)
    assert (told["R19", 1], told["R20", 1], told["R21", 1]) == (Verdict.KEPT, Verdict.KEPT, Verdict.OPEN)
    assert verdicts(play("name_handler", "wh.leader", complaint))["R21", 1] == Verdict.KEPT


@pytest.mark.rule("R20")
def test_a_call_counts_from_when_it_was_made(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    happened = now.at
    now.forward(minutes=40)
    told = play("record_told", "wh.contact", complaint, happened=happened)
    assert verdicts(play("confirm_told", "wh.zhang", told))["R19", 1] == Verdict.KEPT


def test_a_miss_that_two_people_excused_is_held_against_nobody(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=31)
    late = play("hand_off", "wh.contact", complaint)
    assert verdicts(late)["R19", 1] == Verdict.BROKEN
    proposed = play("propose_excuse", "kf.supervisor", late)
    assert verdicts(play("confirm_excuse", "sc.leader", proposed))["R19", 1] == Verdict.NOT_APPLICABLE


@pytest.mark.rule("R24")
def test_what_was_done_while_its_limit_waited_for_a_calendar_was_never_late(play: Play, now: Now) -> None:
    """The instant is filled in when the year is published, and may lie before what was done meanwhile."""
    now.set("2026-12-31 09:00")
    complaint = play.upto("accepted", category="网络质量")
    done = now.set("2027-01-14 09:00")
    complaint = play("answer", "wh.zhang", play("contact_customer", "wh.zhang", complaint))
    play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-01"], at=now.set("2027-01-20 11:00"))

    limits = [deadline(complaint, *one) for one in (("contact_on_site", 0), ("network_solution", 0), ("handling", 1))]
    assert [(limit.due_at is not None and limit.due_at < done, limit.status) for limit in limits] == [(True, "met")] * 3
    for findings_read in (found(complaint), seen_by(play, "wh.contact", complaint)):
        told = {one.required.partition("（")[0].partition("：")[0]: one for one in findings_read}
        met = [told[limit.get_kind_display()] for limit in limits]
        assert [(one.verdict, one.happened) for one in met] == [(Verdict.KEPT, "2027-01-14 09:00 完成")] * 3
    assert [wrong for wrong in wrong_with(complaint) if "not missed" in wrong] == []


@pytest.mark.rule("R19")
def test_a_miss_that_an_act_in_time_took_back_breaks_nothing(play: Play) -> None:
    """The record tells of the miss still, and of its end."""
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    sweeper.sweep(due + timedelta(minutes=1))
    assert verdicts(play("hand_off", "wh.contact", complaint, at=due))["R19", 1] == Verdict.KEPT


@pytest.mark.rule("R28")
def test_an_accepted_return_ends_the_round_and_its_limits(play: Play) -> None:
    told = verdicts(play.upto("returned"))
    assert (told["R27", 1], told["R28", 1], told["R33", 1]) == (Verdict.KEPT, Verdict.KEPT, Verdict.NOT_APPLICABLE)


@pytest.mark.rule("R34")
def test_the_forwarder_of_a_vip_replies(play: Play) -> None:
    forwarded = play("forward", "yc.chen", tier="vip")
    complaint = play("register", "kf.agent", forwarded)
    for verb, by in (("handle_directly", "kf.agent"), ("judge_complete", "kf.agent"), ("reply", "yc.chen")):
        complaint = play(verb, by, complaint)
    told = verdicts(complaint)
    assert (told["R9", 0], told["R34", 0], told["R37", 0]) == (Verdict.KEPT, Verdict.KEPT, Verdict.OPEN)


@pytest.mark.rule("R7")
def test_the_archive_of_an_unsatisfied_customer_has_its_reason(play: Play) -> None:
    said = play(
        "record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False, kind="result", reason="少退了"
    )
    assert verdicts(play("archive_unsatisfied", "kf.supervisor", said))["R7", 0] == Verdict.KEPT


def test_a_withdrawn_complaint_is_an_exception_and_breaks_nothing(play: Play) -> None:
    withdrawn = play("withdraw", "kf.agent", play.upto("accepted"))
    assert Verdict.BROKEN not in verdicts(withdrawn).values()
    assert "客户撤诉" in next(one.happened for one in found(withdrawn) if not one.rule)


# What somebody forged


def test_an_entry_put_between_is_named(play: Play) -> None:
    complaint = play.upto("accepted")
    answered = LedgerEntry.objects.filter(matter_id=complaint.pk)
    forged = answered.latest("seq")
    LedgerEntry.objects.bulk_create(
        [LedgerEntry(matter_id=complaint.pk, seq=99, actor_id=forged.actor_id, verb="reply", at=forged.at,
                     recorded_at=forged.at, part=1, facts={}, hmac="0" * 64)]
    )  # fmt: skip
    flow = next(one for one in found(complaint) if not one.rule)
    assert (flow.verdict, flow.happened) == (Verdict.BROKEN, "不在流程中：回复客户（当时：处理中）")


@pytest.mark.parametrize("change", ["met", "missed", "joint", "unit", "number"])
def test_a_row_unlike_the_record_is_named(play: Play, now: Now, change: str) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=31)
    handed = play("hand_off", "wh.contact", complaint)
    of_it = Round.objects.filter(complaint=handed)
    match change:
        case "met":
            limit = Deadline.objects.filter(matter_id=handed.pk, kind="handoff")
            limit.update(met_at=limit.get().started_at, missed_at=None)
        case "missed":
            Deadline.objects.filter(matter_id=handed.pk, kind="handoff").update(missed_at=None)
        case "joint":
            of_it.update(leader=play.cast["wh.head"])
        case "unit":
            of_it.update(unit=play.cast.unit("YC"))
        case "number":
            of_it.update(notice_number="")
    rule = {"met": "R19", "missed": "R19", "joint": "R4", "unit": "R11", "number": "R18"}[change]
    assert verdicts(handed)[rule, 1] == Verdict.BROKEN


# Who may know


def test_a_unit_is_told_of_its_own_round_only(play: Play) -> None:
    second = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    assert {one.part for one in seen_by(play, "wh.contact", second)} == {1}
    assert {one.part for one in seen_by(play, "yc.contact", second)} == {0, 2}
    assert {one.rule for one in seen_by(play, "yc.contact", second) if one.part == 0} == {"R6"}
    assert {one.part for one in seen_by(play, "kf.agent", second)} == {0, 1, 2}


def test_an_invited_unit_is_told_of_its_own_limits_only(play: Play) -> None:
    complaint = play.upto("concluded")
    assert {(one.rule, one.part) for one in seen_by(play, "yc.chen", complaint)} == {("R30", 1), ("R31", 1)}


def test_it_is_told_to_whoever_knows_the_intake(play: Play, client_for: ClientFor) -> None:
    """To who only forwarded it there is nothing to tell; for another unit the complaint isn't there."""
    forwarded = play("register", "kf.agent", play("forward", "yc.chen"))
    complaint = play("dispatch", "kf.agent", forwarded)
    number = complaint.matter.number
    address, own = reverse("conformance", args=[number]), reverse("complaint", args=[number])
    people = {"kf.agent": 200, "wh.contact": 200, "sj.auditor": 200, "yc.chen": 404, "yc.head": 404, "sj.plain": 404}
    assert {name: client_for(name).get(address).status_code for name in people} == people
    linked = {name: f'href="{address}"' in client_for(name).get(own).content.decode() for name in people}
    assert linked == {name: status == 200 for name, status in people.items()}


def test_it_reads_in_english_and_alone_for_the_complaints_page(play: Play, now: Now, client_for: ClientFor) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=31)
    late = play("hand_off", "wh.contact", complaint)
    client, address = client_for("kf.agent"), reverse("conformance", args=[late.matter.number])
    client.cookies["django_language"] = "en"
    page = client.get(address).content.decode()
    assert "Checked against the rules" in page
    assert "1 clause not kept" in page
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<section")
    assert "1 clause not kept" in part


def test_the_number_of_statements_does_not_grow(play: Play, client_for: ClientFor) -> None:
    client = client_for("kf.agent")

    def asked(complaint: Complaint) -> int:
        with CaptureQueriesContext(connection) as statements:
            client.get(reverse("conformance", args=[complaint.matter.number]))
        return len(statements)

    once = play("dispatch", "kf.agent", play.upto("returned"))
    few = asked(once)
    twice = play("request_return", "wh.contact", once)
    again = play("dispatch", "kf.supervisor", play("rule_on_return", "kf.agent", twice), unit="YC")
    assert asked(again) == few


def test_findings_ask_nothing_of_the_database(play: Play) -> None:
    """The page has read all of it already."""
    complaint = play.upto("finished")
    actor = actor_for(play.cast["kf.agent"].pk, play.now.at)
    assert actor is not None
    story = story_of(Complaint.objects.for_page().get(pk=complaint.pk), actor)
    with CaptureQueriesContext(connection) as asked:
        findings(Evidence.of(story))
    assert len(asked) == 0


# The command


def told_by(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    call_command("conformance", *args)
    return capsys.readouterr().out


def test_the_command_tells_one_complaint(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    complaint = play.upto("archived")
    told = told_by(capsys, "--number", str(complaint.matter)).splitlines()
    assert told[0] == complaint.matter.number
    assert any(line.split()[:2] == ["kept", "R19#1"] for line in told)
    assert told[-1] == "12 kept, 0 broken, 0 open, 1 not_applicable"


def test_the_command_names_nobody(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the customer nor the people who worked on it, nor anything that was written."""
    play.upto("archived")
    play("report_to_leader", "wh.contact", play.upto("delivered", phone="13800000001"))
    told = told_by(capsys)
    names = [person.name or person.username for person in play.cast if person.username != "system"]
    assert [word for word in (INTAKE["customer"], INTAKE["phone"], "退费", *names) if word in told] == []


def test_the_command_keeps_to_its_period_and_to_what_is_broken(
    play: Play, now: Now, capsys: pytest.CaptureFixture[str]
) -> None:
    first = play.upto("archived")
    now.set("2026-11-25 09:00")
    late = play.upto("delivered", phone="13800000001")
    now.forward(minutes=31)
    late = play("hand_off", "wh.contact", late)
    assert str(late.matter) not in told_by(capsys, "--to", "2026-11-24")
    assert str(first.matter) not in told_by(capsys, "--from", "2026-11-25")
    shown = told_by(capsys, "--broken").splitlines()
    assert [shown[0], len(shown)] == [late.matter.number, 3]


def test_the_command_refuses_an_unknown_number(db: Any) -> None:
    with pytest.raises(CommandError, match="no complaint TS-0"):
        call_command("conformance", "--number", "TS-0")


def test_a_batch_costs_the_same_statements_however_large(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four for a batch, and one that finds no more."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            for known in evidence_of(Complaint.objects.all()):
                findings(known)
        return len(statements)

    play.upto("archived")
    few = asked()
    for number in range(4):
        play.upto("archived", phone=f"1380000000{number}")
    assert asked() == few == 5
    monkeypatch.setattr(reading, "BATCH", 1)
    assert asked() == 5 * 4 + 1
