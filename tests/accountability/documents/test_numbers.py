"""Numbers of papers: one after the other without gaps, and anew from 1 with the year in Shanghai."""

from __future__ import annotations

import pytest

from accountability.deadlines.limits import read_instant
from accountability.documents.numbers import next_number
from accountability.gate.act import Act, Batch
from accountability.gate.subjects import Organisation
from accountability.models import Matter


def act_at(instant: str) -> Act:
    matter = Matter(kind="organisation", opened_at=read_instant(instant))
    return Act(Batch(read_instant(instant)), Organisation(matter), matter, [])


@pytest.mark.django_db
@pytest.mark.rule("R52")
def test_numbers_begin_again_with_the_year() -> None:
    assert next_number(act_at("2026-12-31 23:58"), "鄂移通报") == "鄂移通报〔2026〕1号"
    assert next_number(act_at("2026-12-31 23:59"), "鄂移通报") == "鄂移通报〔2026〕2号"
    assert next_number(act_at("2027-01-01 00:00"), "鄂移通报") == "鄂移通报〔2027〕1号"
