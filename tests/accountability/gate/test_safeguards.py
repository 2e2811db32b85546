"""What protects the record when two come at once, where the database of the fast tests can't show it by a race; the
races themselves are in tests/postgres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accountability.db import sql
from accountability.gate import act, sweeper
from accountability.models import LedgerEntry, Matter
from tests.factories import Play

Asked = list[tuple[type, str]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What `locked` asks of a database that has row locks."""
    found: Asked = []
    read = sql._read

    def reading(model: Any, condition: str, values: Sequence[Any]) -> list[Any]:
        found.append((model, condition))
        return read(model, condition.partition(" FOR ")[0], values)

    def locked(model: Any, keys: Any, *, skip_locked: bool = False) -> dict[Any, Any]:
        with monkeypatch.context() as patch:
            patch.setattr(sql, "_read", reading)
            for feature in (
                "has_select_for_update",
                "has_select_for_no_key_update",
                "has_select_for_update_skip_locked",
            ):
                patch.setattr(connection.features, feature, True)
            return sql.locked(model, keys, skip_locked=skip_locked)

    monkeypatch.setattr(act, "locked", locked)
    return found


def test_an_act_locks_its_matter_and_waits_for_it(play: Play, asked: Asked) -> None:
    play("dispatch", "kf.agent", play.upto("registered"))
    locks = [condition for model, condition in asked if model is Matter]
    assert locks
    assert {condition.partition(" FOR ")[2] for condition in locks} == {"NO KEY UPDATE"}


def test_the_sweep_passes_by_what_an_act_has_locked(play: Play, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    play.upto("delivered")
    asked.clear()
    monkeypatch.setattr(sweeper.connection.features, "has_select_for_update_skip_locked", True)
    play.now.forward(minutes=31)
    sweeper.sweep(play.now.at)
    assert {condition.partition(" FOR ")[2] for model, condition in asked if model is Matter} == {
        "NO KEY UPDATE SKIP LOCKED"
    }


def test_the_database_takes_a_key_once_a_person(play: Play) -> None:
    """Of two requests that arrived together, the second finds the first one's outcome by this."""
    complaint = play.upto("registered")
    entry = LedgerEntry.objects.filter(matter_id=complaint.pk).latest("seq")
    for seq, actor in ((1, play.cast["kf.agent"]), (2, play.cast["kf.agent2"])):
        again(entry, entry.seq + seq, actor.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        again(entry, entry.seq + 3, play.cast["kf.agent"].pk)


def again(entry: LedgerEntry, seq: int, actor: int) -> None:
    LedgerEntry.objects.create(
        matter_id=entry.matter_id, seq=seq, actor_id=actor, verb=entry.verb, at=entry.at, recorded_at=entry.at,
        key="the same", hmac="",
    )  # fmt: skip
