"""Two sweeps on the first of the month: one bulletin, one set of notices (R54)."""

from __future__ import annotations

import pytest

from accountability.audit.chains import broken
from accountability.models import Deadline, Matter, Notification
from assessment.actions.bulletins import draft_missing
from assessment.models import Bulletin
from tests.factories import Cast, Now, Play
from tests.postgres.test_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True), pytest.mark.rule("R54")]


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    """The cast and the clock, committed, so that other threads see them."""
    return Play(Cast(), now)


def test_two_sweeps_draft_one_bulletin(play: Play, now: Now) -> None:
    play.upto("archived")
    now.set("2026-12-01 00:10:05")
    for month in range(5):
        drafted = at_once(*[lambda: draft_missing(now.at)] * 3)
        assert sorted(map(str, drafted)) == ["0", "0", "1"]
        now.set(f"2027-0{month + 1}-01 00:10:05")
    assert list(Bulletin.objects.order_by("month").values_list("edition", flat=True)) == [1] * 5
    assert Matter.objects.filter(kind="bulletin").count() == 5
    assert Deadline.objects.filter(kind="bulletin").count() == 5
    assert Notification.objects.filter(kind="bulletin_drafted").count() == 5
    assert [wrong for matter in Matter.objects.all() if (wrong := broken(matter))] == []
