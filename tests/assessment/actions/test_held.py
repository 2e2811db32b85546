"""What a ruling on an outage means for a case: an excused silence decides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accountability.gate import holding
from accountability.models import Deadline, Hold
from accountability.monitoring import releasing
from tests.accountability.gate.held import ruled
from tests.assessment.docket import Docket
from tests.factories import Now, Play

pytestmark = pytest.mark.rule("R45")


@pytest.mark.parametrize(("ruling", "state"), [("confirm", "deemed_violation"), ("excuse", "notified")])
def test_a_report_that_nobody_could_file(docket: Docket, play: Play, now: Now, ruling: str, state: str) -> None:
    """Confirmed, its absence is a violation; excused, the unit has its whole five working days again."""
    case = docket.upto("notified")
    report = Deadline.objects.get(matter=case.matter_id, kind="report")
    assert report.due_at is not None
    holding.note_served(report.due_at - timedelta(hours=1))
    holding.forget()
    now.set(report.due_at + timedelta(hours=1))
    holding.note_served(now.at)
    ruled(play, ruling)
    releasing.carry_on(now.at)
    case = docket.again(case)
    cycles = list(Deadline.objects.filter(matter=case.matter_id, kind="report").order_by("cycle"))
    assert (case.state, Hold.objects.get().state, cycles[0].missed_at) == (state, "released", report.due_at)
    assert len(cycles) == (2 if ruling == "excuse" else 1)
    if ruling == "excuse":
        assert cycles[1].due_at is not None
        assert cycles[1].due_at - now.at > timedelta(days=5)
        assert cycles[1].missed_at is None
