"""The lost hours of a restore: twenty hand-overs were made after the backup, which is restored two hours later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.backup import keys
from tests.config.backup.test_commands import Made, at
from tests.migrated import Migrated

pytestmark = [pytest.mark.compliance(27), pytest.mark.slow]

HANDED_OVER = """
from datetime import timedelta
from accountability.deadlines.limits import read_instant
from accountability.gate import holding
from accountability.gate.lookups import windows_at
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
now = Now()
play = Play(Cast(), now)
holding.note_served(now.at)
for number in range(20):
    play.upto("delivered", phone=f"139{number:08d}")
"""

AFTER = """
from accountability.deadlines.limits import read_instant
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
now = Now()
now.forward(minutes=10)
play = Play(Cast.standing(), now)
for complaint in Complaint.objects.all():
    play("hand_off", "wh.contact", play.again(complaint))
print(Complaint.objects.filter(latest_round__state="handed_off").count())
"""

STARTED = """
import json
from accountability.deadlines.limits import read_instant
from accountability import tasks
from accountability.deadlines import clock
from accountability.models import Deadline, Delivery, Hold, Notification
from accountability.gate import holding
from accountability.gate.lookups import windows_at
from tests.factories import Now
now = Now()
now.forward(hours=2)
clock.read = now
for _time in range(5):
    now.forward(seconds=20)
    ORDER
hold = Hold.objects.first()
print(json.dumps({
    "missed": Deadline.objects.filter(missed_at__isnull=False).count(),
    "held": holding.held_limits(windows_at(now.at)).values("matter").distinct().count(),
    "since": hold and hold.since.isoformat(),
    "sent": Notification.objects.filter(sent_at__isnull=False, created_at__lt=read_instant("2026-11-24 10:59")).count(),
}))
"""

WORKER, WEB = "tasks.sweep(); tasks.send_notifications()", "tasks.note_served()"


@pytest.fixture(scope="module")
def copied(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("lost")
    migrated.lay_out(folder)
    place, backup, key = at(folder), folder / "backup", folder / "key"
    public = keys.make(key)
    place.done("shell", "-v0", "-c", HANDED_OVER)
    place.done("backup", str(backup), BACKUP_RECIPIENTS=public)
    assert place.done("shell", "-v0", "-c", AFTER).split() == ["20"]
    return Made(backup, key, place)


@pytest.mark.parametrize("order", [f"{WORKER}; {WEB}", f"{WEB}; {WORKER}", WORKER])
def test_nobody_is_fined_for_what_a_restore_lost(copied: Made, tmp_path: Path, order: str) -> None:
    """Whoever starts first. Nothing is sent again either."""
    place = at(tmp_path)
    place.done(*copied.opened_with("restore"))
    said = place.done("shell", "-v0", "-c", STARTED.replace("ORDER", order))
    assert json.loads(said.splitlines()[-1]) == {
        "missed": 0, "held": 20, "since": "2026-11-24T01:00:00+00:00", "sent": 0,
    }  # fmt: skip


def test_a_restored_copy_is_held_however_young_it_is(migrated: Migrated, tmp_path: Path) -> None:
    """Made and put back within seconds: nobody finds its mark too old."""
    folders = [tmp_path / "of", tmp_path / "to"]
    for folder in folders:
        folder.mkdir()
    migrated.lay_out(folders[0])
    place, backup, key = at(folders[0]), tmp_path / "backup", tmp_path / "key"
    public = keys.make(key)
    place.done("shell", "-v0", "-c", "from accountability import tasks; tasks.note_served()")
    place.done("backup", str(backup), BACKUP_RECIPIENTS=public)
    copy = at(folders[1])
    copy.done(*Made(backup, key, place).opened_with("restore"))
    told = "from accountability.models import Hold; print(Hold.objects.get().since == Hold.objects.get().mark.at)"
    assert copy.done("shell", "-v0", "-c", told).split() == ["True"]
    assert "it starts held: limits due from " in copy.done("check_restored")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ("15", "it starts held: limits due from 2026-11-24 09:00 to the instant when people are served again"),
        ("0", "it starts without a hold: people were last served at 2026-11-24 09:00, and HOLD_AFTER is 0"),
    ],
)
def test_the_drill_says_whether_the_copy_starts_held(copied: Made, minutes: str, said: str) -> None:
    lines = copied.of.done(*copied.opened_with("backup_drill"), HOLD_AFTER=minutes).splitlines()
    (start,) = [line for line in lines if line.startswith("start")]
    assert said in " ".join(start.split())
