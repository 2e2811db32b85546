"""The ledger: what was done stands there once, chained, by reference; whoever changes a row can't mend the chain."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from accountability.audit.chains import broken
from accountability.db import insert_only
from accountability.gate import sweeper
from accountability.gate.changes import entry_hmac
from accountability.models import LedgerEntry, Matter, PersonalData
from complaints.models import Complaint
from tests.factories import Play
from tests.looking import deadline


@pytest.fixture
def unguarded(db: None) -> Iterator[None]:
    """Somebody who owns the database takes the triggers off."""
    insert_only.remove(connection)
    yield
    insert_only.install(connection)


def entries(complaint: Complaint) -> Any:
    return LedgerEntry.objects.filter(matter_id=complaint.matter_id).order_by("seq")


def chain_of(complaint: Complaint) -> str | None:
    return broken(Matter.objects.get(pk=complaint.matter_id))


def test_a_way_through_all_hands_is_one_intact_chain(play: Play) -> None:
    complaint = play.upto("archived")

    assert chain_of(complaint) is None
    assert list(entries(complaint).values_list("seq", "verb", "actor__username", "part")) == [
        (1, "register", "kf.agent", 0),
        (2, "dispatch", "kf.agent", 1),
        (3, "hand_off", "wh.contact", 1),
        (4, "accept", "wh.zhang", 1),
        (5, "answer", "wh.zhang", 1),
        (6, "judge_complete", "kf.agent", 1),
        (7, "reply", "kf.agent", 1),
        (8, "record_satisfaction", "kf.agent", 1),
    ]
    matter = Matter.objects.get(pk=complaint.matter_id)
    assert (matter.ledger_length, matter.ledger_head) == (8, entries(complaint).last().hmac)


def test_a_miss_is_the_systems_dated_at_the_due_instant_and_stamped_when_noticed(play: Play) -> None:
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    sweeper.sweep(due + timedelta(hours=1))

    entry = entries(complaint).get(verb="miss")
    assert (entry.verb, entry.actor.username, entry.at, entry.recorded_at) == (
        "miss", "system", due, due + timedelta(hours=1),
    )  # fmt: skip
    assert entry.facts == {"kind": "handoff", "part": 1, "cycle": 1, "due": due.isoformat()}
    assert chain_of(complaint) is None


def test_the_entry_names_the_texts_and_does_not_hold_them(play: Play) -> None:
    complaint = play.upto("registered")
    entry = entries(complaint).get()
    assert entry.texts_id == complaint.intake_id
    assert sorted(entry.facts) == ["category", "channel", "flags", "priority", "region", "repeat_of", "tier"]


def test_erasing_the_texts_leaves_the_chain_intact(play: Play) -> None:
    complaint = play.upto("archived")
    PersonalData.objects.filter(matter_id=complaint.matter_id).update(sealed=None)
    assert chain_of(complaint) is None


CHANGES: dict[str, dict[str, Any]] = {
    "the verb": {"verb": "reply"},
    "the facts": {"facts": {"unit": "YC"}},
    "the round": {"part": 2},
    "the key": {"key": "k9"},
    "the texts": {"texts": None},
    "the hmac": {"hmac": "0" * 64},
}


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_entry_is_found(play: Play, change: dict[str, Any]) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"), reason="归属该市。")
    entries(complaint).filter(seq=2).update(**change)
    assert chain_of(complaint) == f"{complaint.matter}: entry 2 ({change.get('verb', 'dispatch')}) was changed"


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("column", ["at", "recorded_at"])
def test_a_changed_instant_is_found(play: Play, column: str) -> None:
    complaint = play.upto("delivered")
    entries(complaint).filter(seq=2).update(**{column: play.now.at - timedelta(microseconds=1)})
    assert chain_of(complaint) == f"{complaint.matter}: entry 2 (dispatch) was changed"


@pytest.mark.usefixtures("unguarded")
def test_another_name_in_an_entry_is_found(play: Play) -> None:
    complaint = play.upto("delivered")
    entries(complaint).filter(seq=1).update(actor=play.cast["kf.agent2"])
    assert chain_of(complaint) == f"{complaint.matter}: entry 1 (register) was changed"


@pytest.mark.usefixtures("unguarded")
def test_a_missing_entry_is_found(play: Play) -> None:
    complaint = play.upto("handed_off")
    entries(complaint).filter(seq=2).delete()
    assert chain_of(complaint) == f"{complaint.matter}: entry 2 is missing"


@pytest.mark.usefixtures("unguarded")
def test_a_missing_end_is_found(play: Play) -> None:
    complaint = play.upto("handed_off")
    entries(complaint).filter(seq=3).delete()
    assert chain_of(complaint) == f"{complaint.matter}: 3 entries were written, 2 are there"


@pytest.mark.usefixtures("unguarded")
def test_an_entry_of_another_matter_is_found(play: Play) -> None:
    first, second = play.upto("registered"), play.upto("registered", phone="13900001111")
    entries(first).update(matter=second.matter, seq=2)
    assert chain_of(first) == f"{first.matter}: 1 entries were written, 0 are there"
    assert chain_of(second) == f"{second.matter}: entry 2 (register) was changed"


@pytest.mark.usefixtures("unguarded")
def test_who_has_not_the_key_cannot_mend_the_chain(play: Play, settings: LazySettings) -> None:
    complaint = play.upto("registered")
    entry = entries(complaint).get()
    known = settings.LEDGER_KEY
    settings.LEDGER_KEY = "guessed"
    entry.facts["priority"] = "P1"
    forged = entry_hmac(entry, "")
    entries(complaint).update(facts=entry.facts, hmac=forged)
    Matter.objects.filter(pk=complaint.matter_id).update(ledger_head=forged)

    settings.LEDGER_KEY = known
    assert chain_of(complaint) == f"{complaint.matter}: entry 1 (register) was changed"
