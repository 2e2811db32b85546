"""Mass events in the positions that tests begin from."""

from __future__ import annotations

import pytest

from complaints.models import Complaint, MassEvent
from complaints.sweep.mass_events import look_out
from tests.crowds import FEW, NETWORK, bring_to_reply, crowd, the_event
from tests.factories import Now, Play


@pytest.fixture
def few(play: Play) -> None:
    """Thresholds that are soon reached; what the notice's own numbers do is proved with those."""
    play("set_mass_limits", "sc.officer", **FEW)


@pytest.fixture
def warned(play: Play, now: Now, few: None) -> MassEvent:
    """Four in nine minutes."""
    crowd(play, 4)
    look_out(now.at)
    return the_event()


@pytest.fixture
def confirmed(play: Play, warned: MassEvent) -> MassEvent:
    play("confirm_mass", "kf.supervisor", warned, level="0", reason="基站断电。")
    return the_event()


@pytest.fixture
def answerable(play: Play, now: Now, few: None) -> tuple[MassEvent, list[Complaint]]:
    """Of five members three await their reply, one of them the forwarder's; the others aren't done."""
    forwarded = play(
        "register", "kf.agent", play("forward", "yc.chen", tier="vip", phone="13800000000"), category=NETWORK
    )
    crowd(play, 4)
    look_out(now.at)
    play("confirm_mass", "kf.agent", the_event(), level="3", reason="断电。")
    some = [forwarded, *Complaint.objects.exclude(pk=forwarded.pk).order_by("pk")[:2]]
    bring_to_reply(play, some)
    return the_event(), some
