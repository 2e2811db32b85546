"""The statement by which notices are over is kept without its numbers: filled again, it is the one that was built."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accountability.gate import changes
from accountability.gate.changes import Over
from accountability.models import Notification
from tests.factories import Cast, Now, Play

USUAL = Over(
    matter=7, ends=True, kinds=("to_do", "chased"), by=3, holder=4, awaits="reply", owed=("legal",), taken=(),
)  # fmt: skip

SHAPES: dict[str, dict[str, Any]] = {
    "usual": {},
    "the actor holds it": {"by": 4},
    "nobody acts": {"by": None},
    "nobody holds it": {"holder": None, "awaits": ""},
    "nothing is owed": {"owed": ()},
    "no kind ends": {"kinds": ()},
    "nothing at all": {"kinds": (), "by": None},
    "taken back": {"taken": (("call_back", 5), ("call_back", 6))},
    "taken back alone": {"ends": False, "taken": (("call_back", 3),)},
}


@pytest.mark.parametrize("said", SHAPES.values(), ids=SHAPES)
def test_what_is_kept_is_what_would_be_built(db: None, said: dict[str, Any]) -> None:
    over = USUAL._replace(**said)
    for numbers in (over, over._replace(matter=8, by=said.get("by", 11), holder=said.get("holder", 12))):
        shape, given = changes._shape(numbers)
        statement, values = changes._kept(shape, connection.vendor)
        built, bound = changes._statement([numbers])
        filled = [given[value] if type(value) is int else value for value in values]
        assert (statement, list(map(str, filled))) == (built, list(map(str, bound)))
    assert bool(statement) == (said != SHAPES["nothing at all"])


def test_each_act_ends_the_notices_of_its_own_matter(play: Play, cast: Cast, now: Now) -> None:
    """Of three alike two are handed off: the second statement is the first one's with other numbers."""
    complaints = [play.upto("delivered", phone=f"1390000000{place}") for place in range(3)]
    instants, before = [now.forward(minutes=1), now.forward(minutes=1)], changes._kept.cache_info().hits
    for complaint, instant in zip(complaints, instants, strict=False):
        play("hand_off", "wh.contact", complaint, at=instant)
    assert changes._kept.cache_info().hits > before
    told = Notification.objects.filter(kind="to_do", recipient=cast["wh.contact"])
    ended = told.filter(matter__in=[each.matter_id for each in complaints]).order_by("matter")
    assert list(ended.values_list("matter", "over_at")) == [
        (complaint.matter_id, over_at) for complaint, over_at in zip(complaints, [*instants, None], strict=True)
    ]
