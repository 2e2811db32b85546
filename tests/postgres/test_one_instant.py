"""What a fault asks of the record while the system goes on writing is as of one instant."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from accountability.gate.perform import perform
from accountability.models import Matter
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.faults import invariants, stage
from tests.faults.day.record import Record

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def registered(transactional_db: None, now: Now) -> Complaint:
    return Play(Cast(), now).upto("registered")


@pytest.fixture
def _acted_between(registered: Complaint, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody dispatches the complaint after the first statement that reads complaints or their matters."""
    by, acts = Cast.standing()["kf.agent"], [registered]

    def act() -> None:
        perform(acts.pop(), "dispatch", by=by, at=now.at, unit="WH")
        connection.close()

    def asking(ask: Ask) -> Ask:
        def asked(statement: str, *values: Any) -> list[tuple[Any, ...]]:
            found = ask(statement, *values)
            if acts and ("FROM accountability_matter" in statement or "FROM complaints_complaint" in statement):
                thread = Thread(target=act)
                thread.start()
                thread.join()
            return found

        return asked

    monkeypatch.setattr(invariants, "rows", asking(stage.rows))
    monkeypatch.setattr("tests.faults.day.record.rows", asking(stage.rows))


@pytest.mark.usefixtures("_acted_between")
def test_an_act_between_two_statements_is_no_broken_chain(registered: Complaint) -> None:
    assert invariants.broken() == []
    assert Matter.objects.get(pk=registered.pk).ledger_length == 2


@pytest.mark.usefixtures("_acted_between")
def test_an_act_between_two_statements_is_no_difference_from_the_model(registered: Complaint) -> None:
    assert registered.registered_at is not None
    record = Record.read(registered.registered_at)
    (number,) = record.stands
    assert (record.stands[number][0], record.done[number]) == ("registered", [("register", "kf.agent")])
    assert Matter.objects.get(pk=registered.pk).ledger_length == 2


def test_a_chain_that_is_cut_is_told(registered: Complaint) -> None:
    Matter.objects.filter(pk=registered.pk).update(ledger_length=2)
    told = f"1 chains end elsewhere than their matter says, that of {registered.pk} after 1 of 2 entries among them"
    assert invariants.broken() == [told]
