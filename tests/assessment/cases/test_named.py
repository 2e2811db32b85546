"""Whom the record of a case refers to."""

from typing import Any

import pytest

from accountability.models import LedgerEntry
from assessment.cases.dossier import _named


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"person": 7, "members": [8, 9], "penalties": [{"person": 10}]}, {7, 8, 9, 10}),
        ({"person": True, "members": 7, "penalties": 8}, set()),
        ({"person": 2**63, "members": [None, "1", 0, -1], "penalties": [1, {"person": [2]}]}, set()),
    ],
)
def test_a_forged_entry_names_nobody(facts: dict[str, Any], found: set[int]) -> None:
    assert _named([LedgerEntry(facts=facts)]) == found
