"""Which tasks of other units a case looks at: the same, whether the database finds them or they are among rows."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from assessment.models import Case, Recorded, standing_tasks, stands
from complaints.models import Complaint, Cooperation
from tests.factories import TO_THE_TABLE, Play
from tests.shared_world import shared

Complaints = dict[str, Complaint]


def at_the_table(play: Play) -> Complaints:
    """A complaint for each state of a coordination."""
    at = {state: play.upto(state) for state in (*TO_THE_TABLE, "accepted")}
    for state in ("convened", "recorded"):
        at[f"{state}, called off"] = play("call_off_coordination", "wh.zhang", play.upto(state))
    at["called off, convened again"] = play("convene", "wh.zhang", at["recorded, called off"])
    at["lapsed"] = play("answer", "wh.zhang", play.upto("convened"))
    return at


stage, own_copy, _now, _cast, _play, _client_for, complaints = shared(at_the_table, signs_in=False)


@pytest.mark.rule("R32")
def test_every_way_finds_the_tasks_that_are_recorded_and_not_called_off(complaints: Complaints) -> None:
    linked = {state: complaint.pk for state, complaint in complaints.items()}
    asked, read = standing_tasks(linked.values()), Recorded([case_of(linked.values())]).tasks
    assert {state for state, pk in linked.items() if pk in {complaint_of(task) for task in read}} == {
        "recorded", "confirmed", "concluded", "finished",
    }  # fmt: skip
    among = [task for task in Cooperation.objects.select_related("coordination") if stands(task.coordination)]
    for found in (read, among):
        assert sorted(task.pk for task in found) == sorted(asked.values_list("pk", flat=True))


def test_neither_finds_those_of_other_complaints(complaints: Complaints) -> None:
    mine = [complaints["recorded"].pk]
    for found in (standing_tasks(mine), Recorded([case_of(mine)]).tasks):
        assert [complaint_of(task) for task in found] == mine


def case_of(complaint_ids: Iterable[int]) -> Case:
    case = Case(matter_id=0)
    case.complaint_ids = list(complaint_ids)
    return case


def complaint_of(task: Cooperation) -> int:
    return task.coordination.round.complaint_id
