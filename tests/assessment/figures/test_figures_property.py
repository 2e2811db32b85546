"""Whatever flows people play, every number is what the ledger tells in plain Python: figures and the lists behind them,
ranking, bulletin, dashboard and the list of rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from accountability.deadlines.limits import SHANGHAI, day_of, show_instant
from accountability.gate.sweeper import sweep
from accountability.models import Deadline, Unit, actor_for
from accountability.permissions import Actor
from assessment.actions.bulletins import draft_missing
from assessment.bulletins.columns import COUNTED
from assessment.bulletins.freezing import freeze
from assessment.dashboards.asked import Asked
from assessment.dashboards.risk import LATE, rounds_at_risk
from assessment.dashboards.sections import TABLES
from assessment.exports.kinds import KINDS, cells
from assessment.figures import periods
from assessment.figures.asking import address
from assessment.figures.behind import behind
from assessment.figures.counting import NOTHING, figures, heat, scope, total, trend
from assessment.figures.measures import MEASURES
from assessment.figures.periods import Period
from assessment.models import Bulletin, Case
from assessment.rankings.counting import ranking_of
from assessment.rankings.frozen_inputs import changed_rounds, preview_of, recompute
from complaints.models import Complaint
from config.bench.by_hand import figures_by_hand
from tests import casework
from tests.assessment.docket import Docket
from tests.assessment.flows import Flow
from tests.assessment.rankings.made_rankings import Rankings
from tests.assessment.reading import NUMBERS, TOLD, Event, Record, events, of_bulletin, read
from tests.factories import Play

pytestmark = [pytest.mark.rule("R53"), pytest.mark.rule("R54")]

YEAR = 2026
Numbers = dict[str, dict[str, int]]


class Ledger:
    """What the ledger tells, counted in plain Python."""

    def __init__(self) -> None:
        self.record: Record = read()
        self.units = sorted(unit.code for unit in Unit.objects.all() if unit.kind in TOLD)
        self.events = [event for event in events(self.record) if event.unit in self.units]

    def within(self, period: Period) -> list[Event]:
        return [event for event in self.events if event.at in period]

    def by(self, period: Period, key: Callable[[Event], Any], keys: Iterable[Any] = ()) -> dict[Any, dict[str, int]]:
        found: dict[Any, dict[str, int]] = {each: dict.fromkeys(NUMBERS, 0) for each in keys}
        for event in self.within(period):
            found.setdefault(key(event), dict.fromkeys(NUMBERS, 0))[event.name] += 1
        return found

    def by_unit(self, period: Period) -> Numbers:
        return self.by(period, lambda event: event.unit, self.units)

    def rates(self, period: Period) -> dict[str, Fraction]:
        counts = self.by_unit(period).items()
        return {code: Fraction(n["resolved"], n["closed_in_scope"]) for code, n in counts if n["closed_in_scope"]}


def compare(play: Play) -> None:
    """Each month apart and the whole year, by every way in which a number is told."""
    ledger, auditor = Ledger(), actor(play, "sj.auditor")
    months = [periods.month(YEAR, number) for number in (11, 12)]
    for period in (*months, periods.year(YEAR)):
        told = ledger.by_unit(period)
        assert {line.key: dict(line.counts) for line in figures(period)} == told
        assert dict.fromkeys(told, dict.fromkeys(NUMBERS, 0)) | figures_by_hand(period) == told
        sums = {name: sum(numbers[name] for numbers in told.values()) for name in NUMBERS}
        assert dict(total(period).counts) == sums
        compare_groups(ledger, period)
        compare_bulletin(ledger, period)
        compare_dashboard(ledger, period, auditor, play)
        compare_rounds(ledger, period, auditor, play.now.at)
    compare_times(ledger, months[0])
    compare_lists(ledger, periods.year(YEAR), auditor)
    compare_ranking(ledger)
    compare_risk(auditor, play)


def actor(play: Play, username: str) -> Actor:
    found = actor_for(play.cast[username].pk, play.now.at)
    assert found is not None
    return found


def nonzero(numbers: Any) -> dict[Any, dict[str, int]]:
    return {key: counts for key, counts in numbers.items() if any(counts.values())}


def compare_groups(ledger: Ledger, period: Period) -> None:
    """By category, head and region; numbers of cases are told by unit alone."""
    rows = {row.pk: row for row in Complaint.objects.select_related("category__parent")}
    of_round = [name for name in NUMBERS if not MEASURES[name].is_of_cases]
    keys: dict[str, Callable[[Complaint], str]] = {
        "region": lambda one: one.region or NOTHING,
        "category": lambda one: one.category.path if one.category else NOTHING,
        "head": lambda one: one.category.head.name if one.category else NOTHING,
    }
    for by, key in keys.items():
        found = {line.key: dict(line.counts) for line in figures(period, by)}
        own = ledger.by(period, lambda event: key(rows[event.matter]) if event.matter in rows else None)  # noqa: B023
        own.pop(None, None)
        assert nonzero(found) == {each: {name: n[name] for name in of_round} for each, n in own.items()}, by


def compare_times(ledger: Ledger, period: Period) -> None:
    """Day by day, and by weekday and hour."""
    for name in NUMBERS:
        at = [event.at.astimezone(SHANGHAI) for event in ledger.within(period) if event.name == name]
        days = {part.first_day: number for part, number in trend(period, name) if number}
        assert days == Counter(instant.date() for instant in at), name
        assert heat(period, name) == Counter((instant.isoweekday(), instant.hour) for instant in at), name


def compare_lists(ledger: Ledger, period: Period, auditor: Actor) -> None:
    """Behind each number stand those that were counted, once each."""
    for name, measure in MEASURES.items():
        found = behind(measure, period, scope(auditor))
        rows = Counter(place_of(row) for row in found.rows)
        assert rows == Counter((e.matter, e.part) for e in ledger.within(period) if e.name == name), name
        assert found.number == found.shown == rows.total(), name


def place_of(row: Any) -> tuple[int, int]:
    """The matter and round of a row that was counted."""
    if isinstance(row, Deadline):
        return row.matter_id, row.part
    return (row.complaint_id, row.number) if hasattr(row, "number") else (getattr(row, "case_id", None) or row.pk, 0)


def compare_bulletin(ledger: Ledger, period: Period) -> None:
    if period.first_day.replace(day=1) != period.last_day.replace(day=1):
        return
    told, rates = ledger.by_unit(period), ledger.rates(period)
    frozen = freeze(period.first_day, period.ends)
    lines = {line["unit"]: line for line in frozen["lines"]}
    assert {code: line["counts"] for code, line in lines.items()} == of_bulletin(told)
    assert frozen["total"]["counts"] == {name: sum(n[name] for n in told.values()) for name in COUNTED}
    for share in ("in_time", "within_30", "satisfied", "resolved"):
        whole = MEASURES[share].among
        own = {code: str(Fraction(n[share], n[whole])) if n[whole] else None for code, n in told.items()}
        assert {code: line["shares"][share] for code, line in lines.items()} == own
    places = {code: 1 + sum(other > rate for other in rates.values()) for code, rate in rates.items()}
    assert {code: line["rank"] for code, line in lines.items()} == {code: places.get(code) for code in told}


def compare_ranking(ledger: Ledger) -> None:
    whole = periods.year(YEAR)
    told, rates = ledger.by_unit(whole), ledger.rates(whole)
    assert ranking_of(YEAR).rates == rates
    lines = {line.unit.code: (line.resolved, line.asked) for line in preview_of(YEAR, is_split=False).lines}
    assert lines == {code: (n["resolved"], n["closed_in_scope"]) for code, n in told.items()}


def compare_frozen(play: Play) -> None:
    """What a bulletin and a ranking keep once they are drafted, in the new year."""
    ranking = Rankings(play, play.now).draft()
    assert draft_missing(play.now.at) == 1
    ledger, december = Ledger(), Bulletin.objects.get()
    told, of_month = ledger.by_unit(periods.year(YEAR)), ledger.by_unit(periods.month(YEAR, 12))
    assert {line["unit"]: line["counts"] for line in december.figures["lines"]} == of_bulletin(of_month)
    lines = {line.unit.code: (line.resolved, line.asked) for line in ranking.lines}
    assert lines == {code: (n["resolved"], n["closed_in_scope"]) for code, n in told.items()}
    assert ranking.rounds == sum(n["closed_in_scope"] for n in told.values())
    assert recompute(ranking).holds
    assert changed_rounds(ranking) == []


def compare_dashboard(ledger: Ledger, period: Period, auditor: Actor, play: Play) -> None:
    days = {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}
    query = QueryDict(mutable=True)
    query.update(days)
    asked = Asked(query, auditor, play.now.at)
    assert asked.is_valid(), asked.errors
    told = ledger.by_unit(period)
    tables: dict[str, Any] = {name: TABLES[name](asked, auditor) for name in ("units", "categories", "regions")}
    for row in tables["units"].rows:
        assert dict(row.line.counts) == {name: told[row.line.key][name] for name in row.line.counts}
    sums = {name: sum(n[name] for n in told.values()) for name in tables["units"].total.line.counts}
    for name, table in tables.items():
        assert table.total is None or dict(table.total.line.counts) == sums, name
    over_time: Any = TABLES["trend"](asked, auditor)
    for measure in over_time.rows[0].line.counts:
        assert sum(row.line.counts[measure] for row in over_time.rows) == sums[measure], measure
    hours: Any = TABLES["hours"](asked, auditor)
    assert sum(map(sum, hours.cells)) == sums["received"]


def compare_rounds(ledger: Ledger, period: Period, actor: Actor, at: datetime) -> None:
    """The list of rounds that is taken along: one line a round, with the outcome of the limit that binds."""
    kind = KINDS["rounds"]
    rows = kind.rows(actor, at).filter(delivered_at__gte=period.begins, delivered_at__lt=period.ends)
    columns = [column for name in COLUMNS for column in kind.columns if column.label == name]
    found = sorted(tuple(map(str, told)) for told in cells(columns, rows, bare=False))
    assert found == sorted(rounds_told(ledger, period))


COLUMNS = ("投诉编号", "派单轮次", "单位代码", "交办到期", "交办结果", "处理到期", "处理结果")


def rounds_told(ledger: Ledger, period: Period) -> Iterator[tuple[str, ...]]:
    numbers = {pk: str(number) for pk, number in Complaint.objects.values_list("pk", "matter__number")}
    for pk, complaint in ledger.record.complaints.items():
        for told in complaint.rounds:
            if told.at in period and told.state != "cancelled":
                limits = [told.limits[kind] for kind in ("handoff", "handling")]
                outcomes = [(show_instant(one.due) if one.due else "", one.outcome(complaint.now)) for one in limits]
                yield numbers[pk], str(told.part), told.unit, *outcomes[0], *outcomes[1]


SETTLED = ("ruling", "confirmation")
"""Limits whose miss decides: silence rejects a return and confirms a record (R28, R30)."""


def compare_risk(auditor: Actor, play: Play) -> None:
    """Complaints with a unit that still owes something whose instant has passed, or whose customer is owed a reply."""
    query = QueryDict()
    asked = Asked(query, auditor, play.now.at)
    assert asked.is_valid()
    late = set()
    for one in Complaint.objects.filter(state="dispatched").select_related("matter"):
        for limit in Deadline.objects.filter(matter=one.matter):
            still = limit.status == "open" or (
                limit.status == "missed" and not limit.met_at and limit.kind not in SETTLED
            )
            is_now = limit.part in (0, one.matter.part) and limit.kind != "return"
            if still and is_now and limit.due_at and limit.due_at < play.now.at:
                late.add(one.pk)
    assert set(rounds_at_risk(auditor, play.now.at, asked, LATE).values_list("pk", flat=True)) == late


# Faults that were found


NOVEMBER = periods.month(YEAR, 11)


def in_the_end(play: Play, complaint: Complaint, *, satisfied: bool = True) -> Complaint:
    for verb, by in (("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent")):
        complaint = play(verb, by, complaint)
    return play("record_satisfaction", "kf.agent", complaint, satisfied=satisfied)


def of_wuhan(play: Play) -> dict[str, int]:
    """What is counted of WH, and it is counted alike by every way."""
    compare(play)
    (line,) = figures(NOVEMBER, units=["WH"])
    return {name: number for name, number in line.counts.items() if number}


KEPT = dict.fromkeys(
    ("received", "in_time", "judged", "within_30", "handoffs", "satisfied", "asked", "resolved", "closed_in_scope"), 1
)


@pytest.mark.rule("R24")
def test_more_time_counts_its_round_once(play: Play) -> None:
    complaint = play("extend", "kf.agent", play.upto("accepted"))
    in_the_end(play, complaint)
    assert of_wuhan(play) == KEPT
    assert ranking_of(YEAR).rates == {"WH": Fraction(1)}


@pytest.mark.rule("R24")
def test_the_limit_that_was_granted_is_the_one_that_is_missed(play: Play) -> None:
    complaint = play("extend", "kf.agent", play.upto("accepted"))
    play.now.set("2026-11-27 12:00:00.000001")
    in_the_end(play, complaint)
    late = {name: n for name, n in KEPT.items() if name not in ("in_time", "resolved")}
    assert of_wuhan(play) == late | {"overdue": 1}
    assert ranking_of(YEAR).rates == {"WH": Fraction(0)}


@pytest.mark.rule("R24")
def test_an_answer_judged_incomplete_within_granted_time_counts_once(play: Play) -> None:
    complaint = play("answer", "wh.zhang", play("extend", "kf.agent", play.upto("accepted")))
    play.now.set("2026-11-27 11:00")
    complaint = play("judge_complete", "kf.agent", complaint, complete=False, reason="未退费。")
    in_the_end(play, complaint)
    assert of_wuhan(play) == KEPT


@pytest.mark.rule("R28")
def test_a_hand_over_that_began_anew_counts_once(play: Play) -> None:
    complaint = play("request_return", "wh.contact", play.upto("delivered"))
    play.now.forward(hours=3)
    sweep(play.now.at)
    complaint = play("hand_off", "wh.contact", play.again(complaint))
    in_the_end(play, complaint)
    late = {name: n for name, n in KEPT.items() if name != "within_30"}
    assert of_wuhan(play) == late | {"returns_rejected": 1}


@pytest.mark.rule("R19")
@pytest.mark.parametrize(("recalled", "counted"), [("09:30", 0), ("09:30:00.001", 1)])
def test_what_was_missed_before_a_recall_counts(play: Play, recalled: str, counted: int) -> None:
    """And nothing else of the round that was taken back; to take it back at the due instant is in time."""
    complaint = play.upto("delivered")
    play.now.set(f"2026-11-24 {recalled}")
    play("recall", "kf.agent", complaint)
    assert of_wuhan(play) == ({"handoffs": 1} if counted else {})


@pytest.mark.parametrize(("verb", "told"), [("withdraw", {}), ("mark_duplicate", {"of": "first"})])
def test_what_was_missed_before_another_end_counts(play: Play, verb: str, told: dict[str, str]) -> None:
    first = play.upto("registered", phone="13900000001")
    complaint = play.upto("accepted")
    play.now.set("2026-11-26 09:00")
    play(verb, "kf.agent", complaint, **{name: str(first.matter) for name in told})
    assert of_wuhan(play) == {"judged": 1, "overdue": 1}


def test_a_miss_before_a_recall_that_was_excused_counts_nowhere(play: Play) -> None:
    complaint = play.upto("delivered")
    play.now.forward(minutes=31)
    complaint = play("recall", "kf.agent", complaint)
    complaint = play("propose_excuse", "kf.supervisor", complaint)
    play("confirm_excuse", "sc.leader", complaint)
    assert of_wuhan(play) == {}


def test_the_list_behind_shows_the_round_that_was_taken_back(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    play.now.forward(minutes=31)
    play("recall", "kf.agent", complaint)
    page = client_for("sc.officer").get(address("handoffs", NOVEMBER, "unit", "WH"))
    assert [row.number for row in page.context["rows"]] == [str(complaint.matter)]


# What people play


def desk(play: Play, hand: Random, complaints: int) -> Flow:
    """An empty desk, then so many complaints of all units, and a case against WH that came some part of its way."""
    played = Flow(play, hand)
    for _one in range(complaints):
        played.complaint()
    case = casework.opened(play, casework.missed(play))
    for step in CASE[: hand.randint(0, len(CASE))]:
        case = step(play, case)
    sweep(play.now.at)
    return played


def file_slip(play: Play, case: Case) -> Case:
    return Docket(play)("file_slip", "wh.contact", case, executed_on=day_of(play.now.at).isoformat())


CASE = (casework.notify, casework.admit, casework.penalise, file_slip, casework.ask_to_annul, casework.approve)


def run(play: Play, number: int, desks: int, complaints: int) -> set[str]:
    """So many desks, drawn from the number. What came of them."""
    begun, met = play.now.at, set[str]()
    for place in range(desks):
        with transaction.atomic():
            played = desk(play, Random(1000 * number + place), complaints)
            try:
                compare(play)
                compare_frozen(play)
            except AssertionError as fault:
                fault.add_note(f"desk {1000 * number + place}:\n" + "\n".join(played.done))
                raise
            met |= set(what_came_of(played))
            transaction.set_rollback(True)
        play.now.set(begun)
    return met


def what_came_of(played: Flow) -> Iterator[str]:
    yield from played.verbs
    record = read()
    yield from (event.name for event in events(record))
    for complaint in record.complaints.values():
        for told in complaint.rounds:
            handling, handoff = told.limits["handling"], told.limits["handoff"]
            yield told.state
            yield f"{told.state}, extended: {handling.cycle > 1}, satisfied: {told.said and told.said[1]}"
            yield f"{told.state}, handed over anew: {handoff.cycle > 1}"
            yield f"{told.state}, missed: {bool(handling.missed(complaint.now) or handoff.missed(complaint.now))}"
            yield f"{told.state}, excused: {handling.excused}"


WANTED = {
    *(name for name in NUMBERS if not name.startswith("unsatisfied_")),
    "extend", "conclude_coordination", "finish_task", "confirm_told", "recall", "withdraw", "confirm_excuse",
    "closed, extended: True, satisfied: True", "closed, extended: True, satisfied: False", "returned, missed: True",
    "closed, handed over anew: True", "cancelled, missed: True", "cancelled, missed: False", "closed, excused: True",
}  # fmt: skip
"""What a run must have come by, or it would prove little."""


def test_every_number_is_what_the_ledger_tells(play: Play) -> None:
    assert WANTED - run(play, 1, 12, 5) == set()


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 4])
def test_every_number_of_many_desks_is_what_the_ledger_tells(play: Play, number: int) -> None:
    assert WANTED - run(play, number, 30, 6) == set()
