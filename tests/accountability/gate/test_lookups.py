"""What an act looks up is read once, and what was read is known by each name that it has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.gate.lookups import Lookups
from accountability.models import TimeLimits, Unit, limits_in_force
from tests.factories import Cast, Now


@pytest.fixture
def lookups(cast: Cast, now: Now) -> Lookups:
    return Lookups(now.at)


def test_a_unit_is_one_object_by_key_by_code_and_by_kind(lookups: Lookups, cast: Cast) -> None:
    first = cast["wh.contact"]
    assert first.unit is not None
    lookups.know(first)
    with CaptureQueriesContext(connection) as captured:
        of_kind = [unit for unit in lookups.units_of_kind(first.unit.kind) if unit.code == "WH"]
        found = [lookups.unit("WH"), lookups.unit_by_id(first.unit_id), *of_kind]
    assert ([unit is first.unit for unit in found], len(captured)) == ([True] * 3, 1)


def test_after_one_that_was_not_known_all_units_are(lookups: Lookups) -> None:
    units = list(Unit.objects.all())
    with CaptureQueriesContext(connection) as captured:
        by_key = [lookups.unit_by_id(unit.pk) for unit in units]
        by_code = [lookups.unit(unit.code) for unit in units]
    assert (by_key, by_code, len(captured)) == (units, units, 1)
    assert lookups.unit_by_id(None) is None


def test_a_code_that_no_unit_has_is_asked_for_once(lookups: Lookups) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert [lookups.unit("NONE"), lookups.unit("NONE"), lookups.unit_by_id(0)] == [None] * 3
    assert len(captured) == 2  # the code, all units


def test_before_the_first_version_there_are_no_limits(cast: Cast) -> None:
    """As `limits_in_force` says it, and not as a question of how many rows were read."""
    early = TimeLimits.objects.earliest("in_force_from").in_force_from - timedelta(seconds=1)
    for ask in (lambda: Lookups(early).limits, lambda: Lookups(early).limits_at(early), lambda: limits_in_force(early)):
        with pytest.raises(AssertionError, match=r"^No version of .* was in force at "):
            ask()
