"""The page of the record: whether it is sealed and still holds, for those who keep an eye on it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accountability import tasks
from accountability.audit import verification, watch
from accountability.db import insert_only
from accountability.models import Alarm, LedgerEntry, Notification, Seal, Verification
from tests.factories import Play

ClientFor = Callable[[str], Client]

pytestmark = pytest.mark.usefixtures("founded")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SEALS_DIR", tmp_path / "seals")


def page(client_for: ClientFor, username: str = "sj.auditor") -> str:
    response = client_for(username).get("/record/")
    assert response.status_code == 200
    return response.content.decode()


def open_alarms() -> list[str]:
    return list(Alarm.objects.filter(cleared_at=None).order_by("kind").values_list("kind", flat=True))


def test_the_tasks_write_a_seal_and_a_result_and_the_page_tells_both(play: Play, client_for: ClientFor) -> None:
    play.upto("archived")
    assert (tasks.seal(), tasks.seal(), tasks.verify_record(), tasks.verify_record()) == (1, 0, 0, 0)
    shown = page(client_for)
    assert ("全部相符。" in shown, "已超过两小时" in shown) == (True, False)
    assert f"<code>{Seal.objects.get().hmac[:16]}</code>" in shown
    assert f"核对台账 {LedgerEntry.objects.count()} 条、封存 1 次" in shown
    assert (Verification.objects.count(), open_alarms()) == (1, [])


def test_a_late_seal_is_alarmed_and_told_once_and_over_when_it_comes(
    play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.seal()
    play.now.forward(hours=1)
    with monkeypatch.context() as broken:
        broken.setattr(os, "link", _full_disk)
        assert (tasks.seal(), open_alarms()) == (0, [])
        play.now.forward(hours=1, seconds=1)
        assert (tasks.seal(), tasks.seal(), open_alarms()) == (0, 0, ["seal"])
    assert "已超过两小时没有封存" in page(client_for)
    told = Notification.objects.filter(kind="seal_late").order_by("recipient__username")
    assert list(told.values_list("recipient__username", flat=True)) == ["sc.leader", "sj.auditadmin", "sj.auditor"]
    assert (tasks.seal(), open_alarms()) == (1, [])
    assert sorted(path.name for path in settings.SEALS_DIR.iterdir()) == ["seal-00000001.json", "seal-00000002.json"]


def _full_disk(*_given: object, **_named: object) -> None:
    raise OSError("No space left on device")


LATE, UNREADABLE = "核验早该进行而没有进行", "最近一次核验的结果无法读取"


def test_a_verification_that_stays_away_is_alarmed_and_the_page_says_so(play: Play, client_for: ClientFor) -> None:
    tasks.seal()
    assert tasks.verify_record() == 0
    play.now.forward(hours=44)
    assert (tasks.seal(), open_alarms(), LATE in page(client_for)) == (1, [], False)
    play.now.forward(seconds=1)
    assert (tasks.seal(), tasks.seal(), open_alarms()) == (0, 0, ["verification"])
    shown = page(client_for)
    assert (LATE in shown, "当时全部相符。" in shown, ">全部相符。" in shown) == (True, True, False)
    told = Notification.objects.filter(kind="verification_late").order_by("recipient__username")
    assert list(told.values_list("recipient__username", flat=True)) == ["sc.leader", "sj.auditadmin", "sj.auditor"]
    assert (tasks.verify_record(), open_alarms(), LATE in page(client_for)) == (0, [], False)


def test_the_first_verification_is_awaited_since_the_first_seal(play: Play) -> None:
    tasks.seal()
    play.now.forward(hours=45)
    assert (tasks.seal(), open_alarms()) == (1, ["verification"])


@pytest.mark.parametrize("findings", ['["x", "y"]', '[["changed", 1, "", "x", "", ""]]', "3", "[null]"])
def test_a_result_that_cant_be_read_is_alarmed_and_verified_again(
    play: Play, client_for: ClientFor, findings: str
) -> None:
    tasks.seal()
    Verification.objects.create(at=play.now.at, entries=5, seals=1, found=0, findings=json.loads(findings))
    shown = page(client_for)
    assert (UNREADABLE in shown, "全部相符" in shown) == (True, False)
    assert (tasks.seal(), open_alarms()) == (0, ["verification"])
    assert (tasks.verify_record(), open_alarms(), UNREADABLE in page(client_for)) == (0, [], False)


def test_a_verification_that_fails_is_alarmed(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "verify", _full_disk)
    with pytest.raises(OSError, match="No space"):
        tasks.verify_record()
    assert open_alarms() == ["verification"]


def test_what_was_bent_is_alarmed_and_named(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    tasks.seal()
    insert_only.remove(connection)
    LedgerEntry.objects.filter(matter_id=complaint.pk).update(part=3)
    insert_only.install(connection)
    assert (watch.verify(play.now.at), open_alarms()) == (1, ["record"])
    shown = page(client_for, "sc.leader")
    assert f"事项 {complaint.matter} 第 1 条 登记受理：内容被改动" in shown
    assert "核验发现台账、日志或历史与封存不符" in shown  # the alarm above every page of theirs
    assert "核验发现" not in client_for("kf.supervisor").get("/alarms/").content.decode()


def test_the_whole_record_is_read_once_a_night(play: Play) -> None:
    """At 9, 10 and 23 o'clock, at 3 in the night, and of the next night's missed one by day."""
    done = [watch.is_verifying_due(play.now.at)]
    watch.verify(play.now.at)
    for hours in (1, 13, 4, 6, 18):
        play.now.forward(hours=hours)
        done.append(watch.is_verifying_due(play.now.at))
    assert done == [True, False, False, False, False, True]


@pytest.mark.parametrize("username", ["kf.agent", "sc.officer", "sj.plain"])
def test_it_is_nobody_elses(client_for: ClientFor, username: str) -> None:
    assert client_for(username).get("/record/").status_code == 403


def test_a_seal_can_be_written_at_once(play: Play) -> None:
    call_command("seal_record", verbosity=0)
    call_command("seal_record", verbosity=0)
    assert list(Seal.objects.values_list("number", flat=True)) == [2, 1]
