"""The batch form: the same checks and the same rows as the single one, in a constant number of statements."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.audit.chains import broken
from accountability.gate.perform import Outcome, Refused, perform, perform_many
from accountability.models import AccessLog, Matter
from complaints.models import Complaint
from tests.factories import USUAL, Now, Play
from tests.looking import Tables, contents, normal, writes


def several(play: Play, state: str, count: int) -> list[Complaint]:
    return [play.upto(state, phone=f"139{number:08d}") for number in range(count)]


def run(play: Play, subjects: list[Complaint], verb: str, by: str, **facts: Any) -> list[Outcome]:
    return perform_many(subjects, verb, by=play.cast[by], at=play.now.at, **facts)


CASES = {
    "dispatch": ("registered", "kf.agent", {"unit": "WH", "reason": "归属该市。"}),
    "hand_off": ("delivered", "wh.contact", {"to": "wh.zhang", "method": "system"}),
    "request_return": ("accepted", "wh.zhang", USUAL["request_return"]),
    "rule_on_return": ("return_requested", "kf.agent", {"accepted": True, "reason": "理由成立。"}),
    "escalate": ("registered", "kf.agent", USUAL["escalate"]),
    "judge_complete": ("answered", "kf.agent", {"complete": True}),
    "reply": ("completed", "kf.agent", USUAL["reply"]),
    "record_satisfaction": ("replied", "kf.agent", {"satisfied": True}),
}


@pytest.mark.parametrize("verb", CASES)
def test_the_same_rows_as_one_by_one(play: Play, now: Now, verb: str) -> None:
    """Hours later, so that limits are missed on the way; whoever compares may not tell which way it was done."""
    state, by, facts = CASES[verb]
    complaints = several(play, state, 4)
    now.forward(hours=1 if verb == "rule_on_return" else 40)
    worlds: list[Tables] = []
    for together in (False, True):
        with transaction.atomic():
            if together:
                run(play, complaints, verb, by, **facts)
            else:
                for complaint in complaints:
                    perform(complaint, verb, by=play.cast[by], at=now.at, **facts)
            worlds.append(normal(contents(without=())))
            assert [broken(matter) for matter in Matter.objects.all()] == [None] * Matter.objects.count()
            transaction.set_rollback(True)
    assert worlds[0] == worlds[1]


@pytest.mark.parametrize("verb", ["dispatch", "hand_off", "judge_complete"])
def test_a_constant_number_of_statements(play: Play, now: Now, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite takes 999 parameters a statement by Django's measure; its own limit is far higher."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)
    state, by, facts = CASES[verb]
    complaints = several(play, state, 61)
    counts = []
    for some in (complaints[:1], complaints[1:11], complaints[11:61]):
        with CaptureQueriesContext(connection) as captured:
            outcomes = run(play, some, verb, by, **facts)
        assert [outcome.refused for outcome in outcomes] == [None] * len(some)
        counts.append(len(captured))
    assert counts == [counts[0]] * 3


def test_one_refused_among_ten_holds_up_nobody(play: Play) -> None:
    complaints = several(play, "registered", 10)
    play("dispatch", "kf.agent2", complaints[4], unit="YC")
    outcomes = run(play, complaints, "dispatch", "kf.agent", unit="WH")

    codes = [outcome.refused.code if outcome.refused else None for outcome in outcomes]
    assert codes == [None] * 4 + ["state"] + [None] * 5
    assert [outcome.subject.pk for outcome in outcomes] == [complaint.pk for complaint in complaints]
    units = Complaint.objects.order_by("pk").values_list("latest_round__unit__code", flat=True)
    assert list(units) == ["WH"] * 4 + ["YC"] + ["WH"] * 5
    assert list(AccessLog.objects.values_list("matter_id", "result")) == [(complaints[4].pk, "state")]


def test_all_refused_changes_nothing(play: Play) -> None:
    complaints = several(play, "registered", 3)
    before = writes()
    outcomes = run(play, complaints, "dispatch", "wh.contact", unit="WH")
    assert [outcome.refused.code for outcome in outcomes if outcome.refused] == ["forbidden"] * 3
    assert writes() == before
    assert AccessLog.objects.count() == 3


def test_a_subject_named_twice_is_acted_on_once(play: Play) -> None:
    first, second = several(play, "registered", 2)
    again = Complaint.objects.get(pk=first.pk)
    outcomes = run(play, [first, second, again], "dispatch", "kf.agent", unit="WH")
    assert [(outcome.subject.pk, outcome.refused) for outcome in outcomes] == [(first.pk, None), (second.pk, None)]
    assert [complaint.round_count for complaint in Complaint.objects.all()] == [1, 1]


def test_a_repeated_batch_is_refused_by_the_state(play: Play) -> None:
    complaints = several(play, "registered", 3)
    run(play, complaints, "dispatch", "kf.agent", unit="WH")
    before = writes()
    outcomes = run(play, complaints, "dispatch", "kf.agent", unit="WH")
    assert [outcome.refused.code for outcome in outcomes if outcome.refused] == ["state"] * 3
    assert writes() == before


def test_nothing_to_do_is_nothing_done(play: Play) -> None:
    assert run(play, [], "dispatch", "kf.agent", unit="WH") == []


def test_a_subject_that_is_gone_is_the_callers_fault(play: Play) -> None:
    complaint = play.upto("registered")
    with pytest.raises(Complaint.DoesNotExist):
        run(play, [complaint, Complaint(matter_id=complaint.pk + 1)], "dispatch", "kf.agent", unit="WH")
    assert Complaint.objects.get().state == "registered"


def test_the_single_form_raises_what_the_batch_form_returns(play: Play) -> None:
    complaint = play.upto("registered")
    (outcome,) = run(play, [complaint], "hand_off", "wh.contact", to="wh.zhang", method="system")
    with pytest.raises(Refused) as caught:
        play("hand_off", "wh.contact", complaint)
    assert outcome.refused is not None
    assert str(outcome.refused) == str(caught.value)
