"""Figures that are grouped in several ways at once, of many units, of none, and of limits that are void."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.gate.sweeper import sweep
from assessment.figures import counting, periods
from assessment.figures.counting import BY, figures, figures_by, heat, trend
from assessment.figures.measures import MEASURES
from assessment.figures.periods import Period
from tests.assessment.figures.test_figures import AUTUMN, NOVEMBER, a_month, counted, phone
from tests.factories import Play, instant_of

pytestmark = [pytest.mark.rule("R53"), pytest.mark.rule("R54")]


@pytest.mark.postgresql
def test_on_postgresql_the_rows_of_a_source_are_read_once_for_every_grouping(play: Play) -> None:
    """Limits twice: by what is compared with the period before, and by the others."""
    a_month(play)
    names = [measure.name for measure in MEASURES.values() if not measure.is_of_cases]
    before = periods.month(2026, 10)
    with CaptureQueriesContext(connection) as queries:
        figures_by(dict.fromkeys(BY, names), NOVEMBER, before=before, compared={"unit"})
    read = [query["sql"] for query in queries if "COUNT" in query["sql"]]
    assert (len(read), sum("GROUPING SETS" in sql for sql in read)) == (5, 4)
    for group in BY:
        compare_together(NOVEMBER, before, {group})
    assert figures_by(dict.fromkeys(BY), NOVEMBER, units=[], before=before, compared={"unit"}) == {by: [] for by in BY}


def test_of_many_units_as_much_is_counted_as_of_few(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here there are five units, in a province thirty."""
    a_month(play)
    few = figures_by(dict.fromkeys(BY), NOVEMBER), trend(NOVEMBER, "received"), heat(NOVEMBER, "judged")
    assert sum(line.counts["received"] > 0 for line in few[0]["unit"]) > 1
    monkeypatch.setattr(counting, "FEW_UNITS", 0)
    with CaptureQueriesContext(connection) as queries:
        many = figures_by(dict.fromkeys(BY), NOVEMBER), trend(NOVEMBER, "received"), heat(NOVEMBER, "judged")
    assert many == few
    assert any('IN (SELECT U0."id"' in query["sql"] for query in queries)


def test_counted_together_each_grouping_is_what_it_is_alone(play: Play) -> None:
    a_month(play)
    play.now.set("2026-12-02 00:30")
    play.upto("archived", phone=phone(41))
    compare_together(periods.month(2026, 12), NOVEMBER, {"unit", "region"})
    compare_together(AUTUMN, None, {"unit"})


def test_of_no_units_nothing_is_counted_and_nothing_fails(play: Play) -> None:
    a_month(play)
    assert figures_by(dict.fromkeys(BY), NOVEMBER, units=[], before=AUTUMN, compared={"unit"}) == {by: [] for by in BY}


def compare_together(period: Period, before: Period | None, compared: set[str]) -> None:
    found = figures_by(dict.fromkeys(BY), period, before=before, compared=compared)
    assert found == {by: figures(period, by, before=before if by in compared else None) for by in BY}
    assert any(line.counts["received"] for by in BY for line in found[by])


def test_a_miss_that_went_with_an_accepted_return_counts_nowhere(play: Play) -> None:
    """The limit ended, and is void."""
    complaint = play.upto("accepted", priority="P1")
    play("request_return", "wh.zhang", complaint, at="2026-11-24 16:30")
    sweep(instant_of("2026-11-24 18:00"))
    assert counted(NOVEMBER)["WH"]["overdue"] == 1
    play("rule_on_return", "kf.supervisor", complaint, at="2026-11-24 18:10")
    found = counted(NOVEMBER)["WH"]
    assert (found["overdue"], found["judged"], found["returns_accepted"]) == (0, 0, 1)
