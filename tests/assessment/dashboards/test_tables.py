"""What a table tells in a file."""

from __future__ import annotations

from datetime import date

import pytest

from assessment.dashboards.tables import Column, Row, Table
from assessment.figures.counting import Line


@pytest.mark.compliance(16, 31)
@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([9, 4, 3], [9, 4, 3, "all"]),
        ([9, 2, 1, 0], [9, 0, 3, "all"]),
        ([9, 4, 1], [9, 5, "all"]),
        ([9, 1, 1, 4], [9, 6, "all"]),
        ([9, 4, 0], [9, 4, 0, "all"]),
        ([2], []),
    ],
)
def test_few_are_told_with_the_next_larger_ones(counts: list[int], shown: list[int | str]) -> None:
    """One small row alone would be what is left of the sum."""
    day = date(2026, 11, 24)
    rows = [Row(Line(str(place), str(place), {"received": count}), day, day) for place, count in enumerate(counts)]
    total = Row(Line("", "all", {"received": sum(counts)}), day, day)
    table = Table("regions", "", "", (Column("received"),), rows, total, is_fine=True, is_narrowed=counts == [2])
    found = [line[0] if line[0] == "all" else line[1] for line in list(table.sheet())[1:]]
    assert found == shown
