"""The sweep asks and writes for a whole batch: as many statements for seven matters in a position as for two."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.gate.lookups import Lookups
from accountability.gate.sweeper import sweep
from accountability.models import Deadline, LedgerEntry, Unit, contacts_of
from tests.assessment.docket import Docket
from tests.factories import Now, Play

FEW, MANY = 2, 7

DAYS = (4, 1, 12)
"""From then on until each sweep: the limits are missed and chased first, 催办通知书 go out, criticism is proposed."""


@pytest.fixture(autouse=True)
def as_many_values_as_sqlite_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite takes 999 values a statement by Django's measure; its own limit is far higher."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)


def sweeps(count: int, begin: Callable[[int], object], now: Now) -> list[int]:
    """How many statements each of the sweeps sends over so many matters. Everything is undone."""
    counts, start = [], now.at
    with transaction.atomic():
        for number in range(count):
            begin(number)
        for days in DAYS:
            with CaptureQueriesContext(connection) as captured:
                sweep(now.forward(days=days))
            counts.append(len(captured))
        transaction.set_rollback(True)
    now.set(start)
    return counts


def compared(begin: Callable[[int], object], now: Now) -> tuple[list[int], list[int]]:
    sweeps(FEW, begin, now)  # whatever is kept in the process is kept now
    return sweeps(FEW, begin, now), sweeps(MANY, begin, now)


@pytest.mark.parametrize("position", ["delivered", "accepted", "return_requested", "recorded", "concluded", "answered"])
def test_complaints(play: Play, now: Now, position: str) -> None:
    """Those with a coordination read its parts together, also to find who owes a task that is chased."""
    few, many = compared(lambda number: play.upto(position, phone=f"139{number:08d}"), now)
    assert many == few


def test_complaints_taken_in_by_several(play: Play, now: Now) -> None:
    """Each who owes the first reply and is told that it was missed is read with the others."""

    def begin(number: int) -> None:
        by = ("kf.agent", "kf.agent", "kf.agent2", "kf.supervisor")[number % 4]
        play("dispatch", "kf.agent2", play("register", by, phone=f"139{number:08d}"))

    few, many = compared(begin, now)
    assert many == few


def test_urged_complaints_before_a_year_without_a_calendar(play: Play, now: Now) -> None:
    """When criticism comes is computed again each day, from the urging's entry."""
    now.set("2027-12-29 09:00")
    play("publish_calendar", "sc.officer", year=2027, days_off=[], days_worked=[])
    few, many = compared(lambda number: play.upto("accepted", priority="P1", phone=f"139{number:08d}"), now)
    assert many == few


@pytest.mark.parametrize("position", ["fault_opened", "panel sits", "admitted", "penalised"])
def test_cases(docket: Docket, now: Now, position: str) -> None:
    few, many = compared(lambda _number: docket.upto(position), now)
    assert many == few


def test_cases_that_are_deemed(docket: Docket, now: Now) -> None:
    """Each draws the number of its order, and makes sure that nobody typed it; all else is read for all of them."""
    few, many = compared(lambda _number: docket.upto("notified"), now)
    assert sum(many) - sum(few) == 2 * (MANY - FEW)


def test_the_positions_are_swept(play: Play, docket: Docket, now: Now) -> None:
    """Or they would prove nothing."""
    for position in ("recorded", "concluded"):
        play.upto(position)
    docket.upto("notified")
    for days in DAYS:
        sweep(now.forward(days=days))
    missed = set(Deadline.objects.exclude(missed_at=None).values_list("kind", flat=True))
    assert missed >= {"confirmation", "cooperation", "handling", "first_reply", "report"}
    chased = [entry.facts["kind"] for entry in LedgerEntry.objects.filter(verb="chase_overdue")]
    assert chased.count("cooperation") == 1
    assert LedgerEntry.objects.filter(verb__in=("urge", "propose_criticism")).values("verb").distinct().count() == 2


def test_where_nothing_is_due(play: Play, now: Now) -> None:
    """Four: the mark of life with what is held, what fell due, what is to be chased, and what failed before."""
    play.upto("accepted")
    with CaptureQueriesContext(connection) as captured:
        assert sweep(now.at) == 0
    assert len(captured) == 4


def test_matters_of_two_kinds_are_written_together(play: Play, docket: Docket, now: Now) -> None:
    play.upto("accepted")
    docket.upto("penalised")
    with CaptureQueriesContext(connection) as captured:
        assert sweep(now.forward(days=20)) > 2
    recorded = LedgerEntry.objects.filter(verb="miss", recorded_at=now.at).values_list("matter__kind", flat=True)
    assert set(recorded) == {"complaint", "case"}
    written = [
        query["sql"] for query in captured if query["sql"].startswith('INSERT INTO "accountability_ledgerentry"')
    ]
    assert len(written) == 1


@pytest.mark.usefixtures("play")
def test_contacts_of_all_units_are_read_with_those_of_the_second(now: Now) -> None:
    lookups, units = Lookups(now.at), list(Unit.objects.order_by("pk"))
    with CaptureQueriesContext(connection) as captured:
        found = [lookups.contacts_of(unit) for unit in units]
    assert len(captured) == 3  # the first unit's, all units, theirs
    assert found == [contacts_of(unit.pk, now.at) for unit in units]
    assert sum(map(bool, found)) > 2
