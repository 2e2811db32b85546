"""Each index has a statement that it serves, and none is there twice (docs/scale-plans.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from simple_history.models import HistoricalChanges

from config.bench.scale import plans
from config.bench.scale.walk import Heard, alike

OURS: list[Any] = [model for model in apps.get_models() if model._meta.app_label in plans.OURS]


def columns_of(model: Any) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Name, columns and whether it proves something, of each whole index of plain columns, as the database gets it."""
    fields = {field.name: field.column for field in model._meta.local_fields}
    yield "key", (model._meta.pk.column,), True
    for field in model._meta.local_fields:
        if field.db_index and not field.primary_key:
            yield field.name, (field.column,), field.unique
    for index in model._meta.indexes:
        if index.condition is None and index.fields and not index.opclasses:
            yield (
                index.name,
                tuple(f"{'-' * name.startswith('-')}{fields[name.lstrip('-')]}" for name in index.fields),
                False,
            )
    for one in model._meta.constraints:
        if isinstance(one, models.UniqueConstraint) and one.condition is None and one.fields:
            yield one.name, tuple(fields[name] for name in one.fields), True


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label_lower)
def test_no_index_is_the_beginning_of_another(model: Any) -> None:
    found = list(columns_of(model))
    needless = [
        (name, other)
        for name, columns, proves in found
        for other, longer, _proves in found
        if not proves and name != other and longer[: len(columns)] == columns
    ]
    assert needless == []


def test_a_history_is_indexed_by_its_row_alone() -> None:
    histories = [model for model in OURS if issubclass(model, HistoricalChanges)]
    assert len(histories) > 20
    for model in histories:
        (key,) = [field for field in model._meta.local_fields if field.db_index and not field.primary_key]
        assert key.name == model.instance_type._meta.pk.name
        assert model._meta.indexes == []


def test_each_index_says_what_it_serves_and_stands_in_the_document() -> None:
    """Run `make bench-scale OPTIONS="--plans --write"` after a change."""
    told = list(plans.declared())
    assert [each.name for each in told if not each.serves] == []
    assert set(plans.SERVES) <= {each.name for each in told}
    written = re.findall(r"^\| `([\w.]+)` \|.*\| (.+) \|$", plans.REPORT.read_text(), re.MULTILINE)
    assert dict(written) == {each.name: each.serves for each in told}


# The measuring


def test_lists_of_another_length_are_one_statement() -> None:
    heard = Heard()
    for marks, values in (("%s, %s", [1, 2]), ("%s, %s, %s", [1, 2, 3])):
        assert heard(lambda *_given: "done", f"SELECT IN ({marks})", values, False, {}) == "done"
    assert dict(heard.calls) == {"SELECT IN (%s, …)": 2}
    assert alike("(%s)") == "(%s)"
    assert heard.example["SELECT IN (%s, …)"][1] == [1, 2, 3]


def test_rows_read_are_those_that_the_scans_looked_at() -> None:
    looked = {"Actual Rows": 2, "Rows Removed by Filter": 3, "Actual Loops": 4}
    scan: dict[str, Any] = {"Node Type": "Index Scan", "Index Name": "one", **looked}
    top: dict[str, Any] = {"Node Type": "Limit", "Actual Rows": 2, "Actual Loops": 1, "Plans": [scan]}
    assert sum(map(plans._read, plans._nodes(top))) == 20
    assert [plans._node(each) for each in plans._nodes(top)] == ["Limit", "Index Scan `one`"]


def test_a_statement_is_told_in_short() -> None:
    sql = 'SELECT "accountability_matter"."id" FROM "accountability_matter" WHERE "accountability_matter"."id" = %s'
    assert plans.short(sql) == "`SELECT … FROM accountability_matter WHERE id = %s`"
