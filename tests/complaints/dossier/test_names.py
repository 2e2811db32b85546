"""The names of the people and units that the record refers to."""

from __future__ import annotations

from typing import Any

import pytest

from accountability.db.row_keys import keys_in
from accountability.models import LedgerEntry, actor_for
from complaints.dossier.dossier import story_of
from complaints.dossier.files import named_in
from complaints.models import Complaint
from tests.factories import Play

FORGED: tuple[Any, ...] = (None, True, "1", 10**30, [None, True, 10**30, "1", [7]], {"a": 1}, [[1]])


@pytest.mark.parametrize("value", FORGED)
def test_what_an_act_never_writes_is_no_key(play: Play, value: Any) -> None:
    """Nor does it keep who passed a round on, or the files of an entry, from being told."""
    facts = {"files": value, "from": value, "to": 7}
    assert list(keys_in(facts, "files", "from")) == []
    entry = LedgerEntry(verb="register", facts=facts)
    actor = actor_for(play.cast["kf.agent"].pk, play.now.at)
    assert actor is not None
    story = story_of(Complaint.objects.for_page().get(pk=play.upto("accepted").pk), actor)
    story.people[7] = "某人"
    assert (named_in([entry]), story.files_of(entry), story.named(entry, "from"), story.named(entry, "to")) == (
        [], [], "", "某人",
    )  # fmt: skip


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "facts",
    [
        {"attendees": 7},
        {"mention": None},
        {"to": True},
        {"to": "1"},
        {"to": 10**30},
        {"attendees": [None, True]},
        {"unit": 7},
        {"units": [7, None]},
    ],
)
def test_facts_that_no_act_writes_are_no_references(play: Play, facts: dict[str, Any]) -> None:
    """A forged entry is told by its chain. Its facts reach no statement, which PostgreSQL would refuse."""
    complaint = Complaint.objects.get(pk=play.upto("accepted").pk)
    last = LedgerEntry.objects.filter(matter_id=complaint.pk).latest("seq")
    told = {field.attname: getattr(last, field.attname) for field in LedgerEntry._meta.concrete_fields}
    LedgerEntry.objects.bulk_create(
        [LedgerEntry(**told | {"id": None, "seq": last.seq + 1, "verb": "x", "facts": facts})]
    )
    actor = actor_for(play.cast["kf.agent"].pk, play.now.at)
    assert actor is not None
    story = story_of(Complaint.objects.for_page().get(pk=complaint.pk), actor)
    assert (set(story.people) & {True, "1", None}, set(story.units) & {7, None}) == (set(), set())
    assert story.entries[-1].facts == facts
    assert len(story.people) > 1
