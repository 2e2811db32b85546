"""Circulars used to be numbered by a table of their own: the numbers go on where that one stood."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps

from accountability.acts import Act, Batch
from accountability.deadlines import read_instant
from accountability.documents.numbers import next_number
from accountability.models import Matter, Series
from accountability.subjects import Organisation


@pytest.mark.django_db
@pytest.mark.rule("R52")
def test_numbers_go_on_where_they_stood() -> None:
    earlier = [SimpleNamespace(prefix="鄂移通报", year=2026, last=7)]

    class Then:
        def get_model(self, app: str, name: str) -> Any:
            if name == "NumberSeries":
                return SimpleNamespace(objects=SimpleNamespace(all=lambda: earlier))
            return apps.get_model(app, name)

    import_module("assessment.migrations.0004_papers").carry_over(Then(), None)
    assert list(Series.objects.filter(name__contains="〔").values_list("name", "last")) == [("鄂移通报〔2026〕", 7)]
    assert next_number(act_at("2026-12-31 23:59"), "鄂移通报") == "鄂移通报〔2026〕8号"
    assert next_number(act_at("2027-01-01 00:00"), "鄂移通报") == "鄂移通报〔2027〕1号"


def act_at(instant: str) -> Act:
    matter = Matter(kind="organisation", opened_at=read_instant(instant))
    return Act(Batch(read_instant(instant)), Organisation(matter), matter, [])
