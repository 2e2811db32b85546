"""New rows are stored as their objects have them, whatever the columns hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DataError, connection, transaction

from accountability.db.writing import insert, update_each
from accountability.models import Alarm, Appointment, LedgerEntry, PersonalData, SearchText

ODD = "接'办\"\\x41 %s %% {a} \n\t\\u0041 𠮷"


def read_back(*things: Any) -> list[dict[str, Any]]:
    insert(things)
    model = type(things[0])
    found = {row.pk: row for row in model.objects.filter(pk__in=[thing.pk for thing in things])}
    return [{f.attname: getattr(found[thing.pk], f.attname) for f in model._meta.concrete_fields} for thing in things]


def held(thing: Any) -> dict[str, Any]:
    return {f.attname: getattr(thing, f.attname) for f in thing._meta.concrete_fields}


def test_texts_json_instants_and_nothing(play: Any) -> None:
    matter = play.upto("registered").matter
    facts = {ODD: [ODD, None, True, 1.5, -(2**60)], "1": {}}
    ages = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    alarms = [
        Alarm(key=f"{place}", kind=ODD, matter=matter if place else None, facts=facts, since=at, raised_at=at)
        for place, at in enumerate(ages)
    ]
    assert read_back(*alarms) == [held(alarm) for alarm in alarms]


def test_bytes(play: Any) -> None:
    matter = play.upto("registered").matter
    rows = [PersonalData(matter=matter, kind="x", sealed=sealed) for sealed in (bytes(range(256)), b"", None)]
    stored = [row["sealed"] for row in read_back(*rows)]
    assert [None if sealed is None else bytes(sealed) for sealed in stored] == [bytes(range(256)), b"", None]


def test_what_is_bytes_for_the_database_alone(play: Any) -> None:
    """Digests are texts and marks are mappings for the program; both are what JSON has too."""
    known = play.upto("registered").matter.entries.get()
    rows = [LedgerEntry(**{**held(known), "id": None, "seq": known.seq + more, "key": None}) for more in (1, 2)]
    assert known.marks
    assert read_back(*rows) == [held(row) for row in rows]


def test_pairs_of_signs(play: Any) -> None:
    row = SearchText.objects.get(matter=play.upto("registered").matter)
    SearchText.objects.all().delete()
    row.text, row.terms = ODD, [-(2**31), 0, 7]
    (stored,) = read_back(row)
    assert (stored["text"], stored["terms"]) == (ODD, [-(2**31), 0, 7] if connection.vendor == "postgresql" else "")


@pytest.mark.django_db
def test_what_json_has_no_form_for_is_refused() -> None:
    """Rather than stored as whatever its text happens to be."""
    for strange in (object(), date(2031, 1, 2), b"x"):
        with pytest.raises(TypeError):
            insert([Alarm(key="x", facts={"day": strange})])


def test_days(play: Any) -> None:
    known = Appointment.objects.order_by("pk")[0]
    row = Appointment(**{name: value for name, value in held(known).items() if name != "id"})
    row.starts_on, row.ends_on = date(2031, 1, 2), date(2031, 1, 3)
    assert read_back(row) == [held(row)]


@pytest.mark.postgresql
@pytest.mark.parametrize("is_new", [True, False])
def test_a_text_that_is_too_long_is_refused_rather_than_cut(play: Any, is_new: bool) -> None:
    matter = play.upto("registered").matter
    rows = [PersonalData(matter=matter, kind="x") for _n in range(2)]
    if not is_new:
        insert(rows)
    for row in rows:
        row.kind = "x" * 33
    with pytest.raises(DataError, match="too long"), transaction.atomic():
        insert(rows) if is_new else update_each(rows, [PersonalData._meta.get_field("kind")])
