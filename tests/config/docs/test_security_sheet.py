"""docs/security.md can be believed: each item is answered, and no test claims an item that isn't there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.docs.security_proofs import (
    Item,
    asvs_items,
    compliance_items,
    lesson_items,
    marked_in_tests,
    unproved,
)

ROOT = Path(__file__).resolve().parents[3]
SHEETS: dict[str, tuple[Callable[[], list[Item]], int]] = {
    "asvs": (asvs_items, 253),
    "compliance": (compliance_items, 31),
    "lesson": (lesson_items, 15),
}


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_sheet_is_whole(sheet: str) -> None:
    items, count = SHEETS[sheet][0](), SHEETS[sheet][1]
    assert len({item.number for item in items}) == len(items) == count


@pytest.mark.parametrize("sheet", SHEETS)
def test_marks_name_items_that_are_there(sheet: str) -> None:
    """Level 3 of ASVS isn't ours to claim item by item; a test may bear its mark all the same."""
    known = {item.number for item in SHEETS[sheet][0]()}
    strange = [number for number in marked_in_tests()[sheet] if number not in known and number not in LEVEL_3]
    assert strange == []


def test_every_item_that_claims_to_be_met_says_how() -> None:
    assert unproved(asvs_items(), marked_in_tests()["asvs"]) == []


def test_every_lesson_has_a_test() -> None:
    assert [item.number for item in lesson_items() if item.number not in marked_in_tests()["lesson"]] == []


def test_every_item_of_compliance_has_a_test() -> None:
    marked = marked_in_tests()["compliance"]
    assert [item.number for item in compliance_items() if item.number not in marked] == []


LEVEL_3 = {
    "1.2.10", "1.3.12", "1.5.3", "2.3.5", "2.4.2", "3.1.1", "3.2.3", "3.3.5", "3.4.7", "3.4.8", "3.5.6", "3.5.7",
    "3.5.8", "3.6.1", "3.7.3", "3.7.4", "3.7.5", "4.1.4", "4.1.5", "4.2.2", "4.2.3", "4.2.4", "4.2.5", "5.2.4",
    "5.2.5", "5.2.6", "5.3.3", "6.3.5", "6.3.6", "6.3.7", "6.3.8", "6.4.5", "6.4.6", "6.5.6", "6.5.7", "6.5.8",
    "6.6.4", "6.7.1", "6.7.2", "7.5.3", "8.1.3", "8.1.4", "8.2.4", "8.3.2", "8.3.3", "8.4.2", "10.2.3", "10.3.5",
    "10.4.12", "10.4.13", "10.4.14", "10.4.15", "10.4.16", "11.1.3", "11.1.4", "11.2.4", "11.2.5", "11.3.4", "11.3.5",
    "11.5.2", "11.6.2", "11.7.1", "11.7.2", "12.1.4", "12.1.5", "12.3.5", "13.1.2", "13.1.3", "13.1.4", "13.2.6",
    "13.3.3", "13.3.4", "13.4.6", "13.4.7", "14.2.5", "14.2.6", "14.2.7", "14.2.8", "15.1.4", "15.1.5", "15.2.4",
    "15.2.5", "15.4.1", "15.4.2", "15.4.3", "15.4.4", "16.5.4", "17.1.2", "17.2.5", "17.2.6", "17.2.7", "17.2.8",
}  # fmt: skip


@pytest.mark.slow
def test_the_audit_is_clean() -> None:
    """Without the part that asks the network, which no test may need."""
    environ = {key: value for key, value in os.environ.items() if key != "DJANGO_ALLOW_ASYNC_UNSAFE"}  # a browser's
    ran = subprocess.run(
        ["bash", ".ci/audit", "--offline"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "The audit is clean."), ran.stdout + ran.stderr
