"""The record's proofs come back from the database as they were given, and take few bytes there."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from accountability.db.writing import RowMarks, codes, packed
from accountability.declarations.proofs import PROVED
from accountability.models import LedgerEntry, Matter
from tests.factories import Play

LABELS = sorted(PROVED)
SIGNS = string.ascii_letters + string.digits + "+/"


def given_back(kept: bytes | memoryview) -> Any:
    return RowMarks(labels=LABELS).from_db_value(kept)


@given(
    st.dictionaries(
        st.sampled_from(LABELS),
        st.dictionaries(st.integers(1, 2**63).map(str), st.text(SIGNS, max_size=200), min_size=1, max_size=5),
        max_size=6,
    )
)
def test_marks_come_back_as_they_were_given(marks: dict[str, dict[str, str]]) -> None:
    assert given_back(packed(marks)) == marks
    assert given_back(memoryview(packed(marks))) == marks


def test_no_marks_take_no_bytes() -> None:
    assert (packed({}), given_back(b"")) == (b"", {})


@pytest.mark.parametrize("marks", [{"accountability.matter": {"1": "a."}}, {"accountability.matter": {"-1": ""}}])
def test_what_consists_of_other_signs_is_refused_rather_than_kept_as_something_else(marks: Any) -> None:
    with pytest.raises(ValueError, match="base64"):
        packed(marks)


@pytest.mark.parametrize("kept", [b"\xff", bytes(9), b"\0", packed({"somebody.else": {"1": "a"}})])
def test_what_no_act_wrote_stands_under_no_model(kept: bytes) -> None:
    """So the entry can be read, and the chain, which the marks are a part of, tells that it was changed."""
    assert given_back(kept) == {"": {"": kept.hex()}}


def test_each_proved_model_has_a_code_of_its_own_and_keys_that_marks_can_keep() -> None:
    assert set(codes(PROVED).values()) == set(PROVED)
    kinds = models.AutoField | models.BigIntegerField | models.OneToOneField
    assert all(isinstance(apps.get_model(label)._meta.pk, kinds) for label in PROVED)


def test_two_models_of_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match="adffbf"):
        codes(["app.adffbf", "app.eafedb"])


@pytest.mark.django_db
def test_an_entry_keeps_its_proofs_in_two_thirds_of_the_bytes(play: Play) -> None:
    complaint = play.upto("delivered")
    entry = LedgerEntry.objects.filter(matter=complaint.matter).latest("seq")
    with connection.cursor() as cursor:
        cursor.execute("SELECT marks, hmac FROM accountability_ledgerentry WHERE id = %s", [entry.pk])
        marks, hmac = map(bytes, cursor.fetchone())
        cursor.execute("SELECT ledger_head FROM accountability_matter WHERE id = %s", [complaint.matter_id])
        (head,) = map(bytes, cursor.fetchone())
    assert (hmac, len(hmac), hmac.hex()) == (head, 32, entry.hmac)
    assert Matter.objects.get(pk=complaint.matter_id).ledger_head == entry.hmac
    assert len(marks) < len(json.dumps(entry.marks, separators=(",", ":"))) * 2 / 3
