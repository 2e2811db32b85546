"""What a reader's dossier of a case has is what the rule says of each row, told here once more without a statement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.db.following import follow
from accountability.gate.sweeper import sweep
from accountability.models import Deadline, LedgerEntry, actor_for
from accountability.permissions import Actor
from assessment.cases import dossier as dossiers
from assessment.cases.dossier import _named, clocks_known, dossier_of, read_by, report_for, whole
from assessment.cases.page import CaseFile
from assessment.cases.papers import penalty_lines
from assessment.models import OF_MARKETING, Case, LeadMark, Panel, Penalty, Plan, Seat, Sheet
from complaints.models import Complaint, Round
from tests.assessment.docket import ADMITS, Docket
from tests.factories import Cast, Now, Play
from tests.shared_world import shared


def many(play: Play) -> dict[str, int]:
    docket = Docket(play)
    begun = ("sheet_issued", "fault_opened", "panel has spoken", "penalised", "annulled")
    made = {name: docket.upto(name) for name in begun}
    made["replaced"] = docket.go(
        docket.upto("panel sits"), ("give_opinion", "sc.leader", {}), ("replace_member", "sc.officer", {})
    )
    later = docket.complaint(phone="13900000001")
    elsewhere = docket.complaint("YC", "yc.contact", "yc.chen", phone="13900000002")
    earlier = docket.complaint(phone="13900000003")
    numbers = [docket.number(each) for each in (earlier, elsewhere, later)]
    made["several"] = docket.go(
        docket("issue_sheet", "kf.agent", complaints=numbers),
        ("notify_unit", "sc.officer", {}),
        ("file_report", "wh.contact", ADMITS),
        ("sign_report", "wh.head", {}),
    )
    # The leads in another order than their keys
    for place, mark in enumerate(LeadMark.objects.filter(case=made["several"]).order_by("pk")):
        at = play.now.at - timedelta(minutes=place)
        Deadline.objects.filter(pk=mark.deadline_id).update(missed_at=at, due_at=at)
    # A second panel
    twice = docket.upto("panel has spoken")
    second = Panel.objects.create(
        case=twice, appointed_by=play.cast["sc.officer"], appointed_at=play.now.at, due_at=play.now.at
    )
    Seat.objects.create(panel=second, member=play.cast["zd.head"])
    made["two panels"] = twice
    play.now.forward(days=9)
    sweep(play.now.at)
    return {name: case.pk for name, case in made.items()}


stage, own_copy, now, cast, _play, client_for, world = shared(many)


def _entries(case: Case, actor: Actor, *, knows_all: bool) -> list[LedgerEntry]:
    entries, of_the_unit = LedgerEntry.objects.filter(matter=case.pk).order_by("seq"), case.unit_id in actor.answers_for
    reads = read_by("unit", "head") if of_the_unit else read_by("centre")
    shown = set(Penalty.objects.visible_to(actor).filter(case=case.pk).values_list("person", flat=True))

    def knows(entry: LedgerEntry) -> bool:
        if of_the_unit and entry.verb == "miss" and entry.facts.get("kind") in OF_MARKETING:
            return False
        of_the_head = of_the_unit and case.unit_id not in actor.heads and entry.verb in read_by("head")
        return entry.verb in reads and (not of_the_head or entry.facts.get("person") in shown)

    return [entry for entry in entries if knows_all or knows(entry)]


def test_each_reader_has_of_a_case_what_the_rule_says(
    cast: Cast, now: Now, world: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[Any] = []

    def following(*several: Any, **more: Any) -> None:
        followed.extend(several)
        follow(*several, **more)

    monkeypatch.setattr(dossiers, "follow", following)
    met = set()
    for person in cast:
        actor = actor_for(person.pk, now.at)
        if actor is None:
            continue
        for name, pk in world.items():
            found = Case.objects.known_to(actor).filter(pk=pk).select_related("matter").first()
            if found is None:
                continue
            about, case = (person.username, name), whole(found)
            dossier = dossier_of(case, actor)
            assert [rows for rows, paths in followed if "actor__unit" in paths] == [dossier.entries], about
            followed.clear()
            linked = set(case.complaint_ids)
            seen = list(Complaint.objects.visible_to(actor).filter(pk__in=linked).order_by("pk"))
            assert dossier.complaints == seen, about
            rounds = Round.objects.visible_to(actor).filter(complaint__in=seen).order_by("complaint_id", "number")
            assert dossier.rounds == list(rounds), about
            marks = LeadMark.objects.filter(case=pk).select_related("deadline")
            assert dossier.leads == sorted(marks, key=lambda mark: (mark.deadline.missed_at, mark.pk)), about
            kinds = clocks_known(case, actor)
            limits = Deadline.objects.filter(matter=pk).order_by("pk")
            assert dossier.deadlines == [one for one in limits if kinds is None or one.kind in kinds], about
            assert set(dossier.customers) == linked, about
            assert dossier.entries == _entries(case, actor, knows_all=dossier.knows_all), about
            assert set(dossier.people) == _named(dossier.entries), about
            sheet = Sheet.objects.visible_to(actor).filter(case=pk).first()
            hidden = not dossier.knows_all and (case.unit_id in actor.answers_for or not actor.is_agent)
            assert dossier.sheet == (None if hidden else sheet), about
            sits = Seat.objects.sitting().filter(panel__case=pk, member_id=actor.pk).exists()
            knows = dossier.knows_all or case.unit_id in actor.answers_for or sits
            assert (report_for(case, actor) is not None) == (knows and bool(case.report or case.waiting_report)), about
            penalties = list(Penalty.objects.visible_to(actor).filter(case=pk).order_by("pk"))
            assert [line.penalty for line in penalty_lines(dossier)] == penalties, about
            plans = Plan.objects.visible_to(actor).filter(case=pk).order_by("pk")
            assert CaseFile(dossier, now.at).plans == list(plans), about
            met.add((dossier.reads_as, name))
    assert {reads_as for reads_as, _name in met} == {"whole", "unit", "centre", "asked"}
