"""R53: the frozen inputs of a ranking come to what it shows, and what was mended since is named with its entry."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.db import insert_only
from accountability.deadlines.limits import read_instant
from accountability.models import LedgerEntry
from assessment.models import Ranking, RankingLine, RankingRound
from assessment.rankings.counting import ranking_of
from assessment.rankings.frozen_inputs import changed_rounds, differences, freeze, recompute
from tests.assessment.rankings.made_rankings import FOUR, Rankings, table
from tests.factories import Now, Play

pytestmark = pytest.mark.rule("R53")


# The inputs, and the record since


def test_it_is_recomputed_from_its_inputs_alone(rankings: Rankings) -> None:
    late = rankings.late("WL")
    ranking = rankings.published(FOUR)
    rankings.excuse(late)
    found = recompute(Ranking.objects.get(pk=ranking.pk))
    assert (found.rounds, found.digest, found.holds) == (8, ranking.inputs_digest, True)
    assert found.lines == [
        ("WH", 1, 1, 1, False), ("YC", 1, 2, 2, True), ("WL", 1, 4, 3, True), ("ZD", 0, 1, 4, True),
        ("SJ", 0, 0, None, False),
    ]  # fmt: skip


@pytest.mark.parametrize("meddling", ["an input turned", "an input gone", "a line", "the digest too"])
def test_inputs_that_somebody_meddled_with_no_longer_hold(rankings: Rankings, meddling: str) -> None:
    ranking = rankings.published(FOUR)
    insert_only.remove(connection)
    first = RankingRound.objects.filter(ranking=ranking).order_by("pk")[:1]
    rows = RankingRound.objects.filter(pk__in=list(first.values_list("pk", flat=True)))
    if meddling == "an input gone":
        rows.delete()
    elif meddling == "a line":
        RankingLine.objects.filter(ranking=ranking, unit__code="ZD").update(place=1)
    else:
        rows.update(resolved=False)
    if meddling == "the digest too":
        forged = recompute(Ranking.objects.get(pk=ranking.pk))
        Ranking.objects.filter(pk=ranking.pk).update(inputs_digest=forged.digest)
    assert recompute(Ranking.objects.get(pk=ranking.pk)).holds is False


def test_a_later_excuse_is_named_with_its_entry(rankings: Rankings, now: Now) -> None:
    """The ranking stays as it was; the record says otherwise now, and by whose act."""
    late = rankings.late("WL")
    ranking = rankings.published(FOUR)
    assert changed_rounds(ranking) == []
    before = table(ranking)
    now.forward(days=3)
    rankings.excuse(late)
    (found,) = differences(ranking, changed_rounds(ranking))
    assert found.entry is not None
    assert (found.round.complaint_id, found.round.number, found.round.unit.code) == (late.pk, 1, "WL")
    assert (found.then, found.now, found.entry.verb, str(found.label)) == (False, None, "confirm_excuse", "批准免责")
    assert (found.entry.actor.username, found.entry.recorded_at) == ("sc.leader", now.at)
    assert (table(ranking), str(ranking_of(2026).rates["WL"])) == (before, "1/3")


def test_an_excuse_that_was_only_proposed_changes_nothing(rankings: Rankings, play: Play) -> None:
    late = rankings.late("WL")
    ranking = rankings.published(FOUR)
    play("propose_excuse", "kf.supervisor", late, deadlines=["handling#1"])
    assert changed_rounds(ranking) == []


def test_a_unit_that_changed_its_kind_is_named_with_the_entry(rankings: Rankings, play: Play, now: Now) -> None:
    ranking = rankings.published(FOUR)
    now.forward(days=1)
    play("set_unit", "sc.officer", code="ZD", name="终端公司", kind="service_centre")
    (found,) = differences(ranking, changed_rounds(ranking))
    assert found.entry is not None
    assert (found.round.unit.code, found.then, found.now, found.entry.verb) == ("ZD", False, None, "set_unit")
    assert found.entry.actor.username == "sc.officer"


def test_what_changed_without_an_entry_is_said_to_have_none(rankings: Rankings) -> None:
    """A row changed past the gate."""
    complaint = rankings.round("YC")
    ranking = rankings.published(FOUR)
    complaint.rounds.update(satisfied=False)
    (found,) = differences(ranking, changed_rounds(ranking))
    assert (found.round.unit.code, found.then, found.now, found.entry) == ("YC", True, False, None)


def test_a_round_that_comes_in_later_is_named_too(rankings: Rankings, play: Play, now: Now) -> None:
    play("set_unit", "sc.officer", code="ZD", name="终端公司", kind="service_centre")
    rankings.round("ZD")
    ranking = rankings.published({"WH": (1, 1), "YC": (1, 2), "WL": (1, 3), "SJ": (0, 1)})
    now.forward(days=1)
    play("set_unit", "sc.officer", code="ZD", name="终端公司", kind="direct_unit")
    (found,) = differences(ranking, changed_rounds(ranking))
    assert found.entry is not None
    assert (found.round.unit.code, found.then, found.now, found.entry.verb) == ("ZD", None, True, "set_unit")


def test_differences_take_a_constant_number_of_queries(rankings: Rankings) -> None:
    late = [rankings.late(unit) for unit in ("WH", "YC", "WL", "ZD")]
    ranking = rankings.published(FOUR)
    found = {}
    for complaint, number in zip(late, range(1, 5), strict=True):
        rankings.excuse(complaint)
        rounds = changed_rounds(ranking)
        with CaptureQueriesContext(connection) as captured:
            assert len(differences(ranking, rounds)) == number
        found[number] = len(captured)
    assert set(found.values()) == {6}


def test_freezing_takes_the_same_statements_for_one_round_and_for_many(rankings: Rankings, now: Now) -> None:
    rankings.round("WH")
    taken = []
    for edition in (2, 3):
        ranking = rankings.draft() if edition == 2 else Ranking.objects.get()
        ranking.edition = edition
        with CaptureQueriesContext(connection) as captured:
            freeze(ranking)
        taken.append(len(captured))
        rankings.year(FOUR)
    assert (len(set(taken)), ranking.rounds) == (1, 8)


# Counted by somebody else


def recounted(year: int) -> dict[str, tuple[int, int]]:
    """Resolved and counted rounds by unit, from the ledger's words alone, in plain Python."""
    begins, ends = (read_instant(f"{y}-01-01 00:00") for y in (year, year + 1))
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    entries = LedgerEntry.objects.filter(matter__kind="complaint").order_by("matter_id", "seq")
    by_matter: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        by_matter[entry.matter_id].append(entry)
    for story in by_matter.values():
        for unit, satisfied, late, excused, asked_at in _rounds_of(story):
            if asked_at is not None and begins <= asked_at < ends and not excused:
                found[unit][0] += satisfied and not late
                found[unit][1] += 1
    return {unit: (resolved, asked) for unit, (resolved, asked) in found.items()}


def _rounds_of(story: list[LedgerEntry]) -> list[tuple[str, bool, bool, bool, datetime | None]]:
    units: list[str] = []
    late: set[int] = set()
    excused: set[int] = set()
    answered: dict[int, tuple[bool, datetime]] = {}
    judged = 0
    for entry in story:
        facts, latest = entry.facts, len(units)
        match entry.verb:
            case "dispatch":
                units.append(facts["unit"])
            case "miss" if facts["kind"] == "handling":
                late.add(facts["part"])
            case "confirm_excuse":
                excused |= {int(name.partition("#")[2]) for name in facts["deadlines"] if name.startswith("handling#")}
            case "handle_directly":
                judged = 0
            case "judge_complete" if facts["complete"] and latest:
                judged = latest
            case "record_satisfaction" if judged:
                answered[judged] = (facts["satisfied"], entry.at)
            case "correct_satisfaction" if judged:
                answered[judged] = (facts["satisfied"], answered[judged][1])
    return [
        (
            unit,
            answered[n][0] if n in answered else False,
            n in late,
            n in excused,
            answered[n][1] if n in answered else None,
        )
        for n, unit in enumerate(units, 1)
    ]


def test_the_numbers_are_those_of_the_ledger(rankings: Rankings, play: Play, now: Now) -> None:
    """Rounds of every fate: satisfied, not, late, excused, returned, dispatched twice, in another year, not asked."""
    rankings.year({"WH": (2, 3), "YC": (1, 2), "WL": (0, 1)})
    rankings.late("YC")
    rankings.excuse(rankings.late("WH"))
    returned = play.upto("returned", phone="13900009001")
    returned = play("hand_off", "yc.contact", play("dispatch", "kf.agent", returned, unit="YC"), to="yc.chen")
    rankings.finish(returned, "yc.chen")
    again = rankings.round("WL", satisfied=False)
    again = play("hand_off", "zd.head", play("dispatch", "kf.agent", again, unit="ZD"), to="zd.zhou")
    rankings.finish(again, "zd.zhou")
    play.upto("replied", phone="13900009002")
    rankings.round("SJ", at="2027-01-01 00:00")
    ranking = rankings.draft()
    shown = {line.unit.code: (line.resolved, line.asked) for line in ranking.lines if line.asked}
    assert shown == recounted(2026) == {"WH": (2, 3), "YC": (2, 4), "WL": (0, 2), "ZD": (1, 1)}
    assert {code: Fraction(*tally) for code, tally in shown.items()} == ranking_of(2026).rates
