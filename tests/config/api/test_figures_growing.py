"""Figures as a program reads them cost the same, however many rounds they are of."""

from __future__ import annotations

import pytest

from assessment.dashboards.sections import TABLES
from tests.assessment.rankings.made_rankings import Rankings
from tests.config.api.conftest import ProgramOf, asked
from tests.config.api.test_figures import PERIOD


@pytest.mark.parametrize("name", sorted(TABLES))
def test_more_rounds_ask_the_database_no_more(program: ProgramOf, rankings: Rankings, name: str) -> None:
    rankings.round("WH")
    asking, where = program("sc.officer"), f"figures?table={name}&{PERIOD}"
    asking.get(where)
    of_one = asked(asking, where)
    for _n in range(5):
        rankings.round("YC", satisfied=False)
    assert asked(asking, where) == of_one
