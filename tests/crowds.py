"""Many complaints at once, and the mass event that the sweep sees in them."""

from __future__ import annotations

from typing import Any

from accountability.models import Notification
from complaints.models import Complaint, MassEvent
from tests.factories import Play

NETWORK = "网络质量"


def crowd(play: Play, count: int, *, every: float = 3, first: int = 0, **intake: Any) -> list[Complaint]:
    """So many registered, one every so many minutes; the clock stands at the last one."""
    made = []
    for number in range(first, first + count):
        made.append(play("register", "kf.agent", phone=f"139{number:08d}", **{"category": NETWORK} | intake))
        if number < first + count - 1:
            play.now.forward(minutes=every)
    return made


def the_event() -> MassEvent:
    return MassEvent.of_matter(MassEvent.objects.get().pk)


def members(event: MassEvent) -> set[int]:
    return set(event.members.filter(removed_at=None).values_list("complaint_id", flat=True))


def told(kind: str) -> list[str]:
    rows = Notification.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


FEW: dict[str, Any] = {"warn_count": 4, "level3_count": 8, "level1_count": 12}


def bring_to_reply(play: Play, complaints: list[Complaint]) -> None:
    for complaint in complaints:
        play("judge_complete", "kf.agent", play("handle_directly", "kf.agent", complaint))
