"""A world in which nobody was served for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from accountability.gate import holding
from accountability.models import Hold, LedgerEntry
from complaints.models import Complaint
from tests.factories import Now, Play

QUARTER = timedelta(minutes=15)


def away(play: Play, count: int = 2) -> list[Complaint]:
    """Delivered at 09:00, when people were last served. It is 11:00: the hand-offs fell due at 09:30."""
    complaints = [play.upto("delivered") for _number in range(count)]
    holding.note_served(play.now.at)
    holding.forget()
    play.now.forward(hours=2)
    return complaints


def missed() -> list[str]:
    return [entry.facts["kind"] for entry in LedgerEntry.objects.filter(verb="miss").order_by("pk")]


def propose(play: Play, ruling: str = "excuse", by: str = "sc.officer", **more: Any) -> None:
    play("propose_release", by, **{"ruling": ruling, "messages": "drop", "reason": "机房断电。"} | more)


def ruled(play: Play, ruling: str, *, messages: str = "drop") -> Hold:
    propose(play, ruling, messages=messages)
    play("approve_release", "sc.leader")
    return Hold.objects.get()


@pytest.fixture
def held(play: Play) -> list[Complaint]:
    """People are served again at 11:00, after two hours; the window is named."""
    complaints = away(play)
    holding.note_served(play.now.at)
    return complaints


def after(now: Now, minutes: float) -> None:
    """The web process is alive for so long, and writes its mark."""
    now.forward(minutes=minutes)
    holding.note_served(now.at)


__all__ = ["QUARTER", "after", "away", "held", "missed", "propose", "ruled", "settings"]
