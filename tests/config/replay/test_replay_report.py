"""The summary of a replay: what is counted, which complaints went to and fro, and the digest of the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from accountability.models import Employee, Matter
from accountability.seed.foundation import BEGINNING
from assessment.models import Case
from config.replay import player
from config.replay.player import play
from config.replay.reader import read
from config.replay.report import Report

pytestmark = pytest.mark.django_db

INTAKE = {
    "customer": "甲", "phone": "13900000001", "tier": "none", "channel": "call", "category": "企业形象",
    "priority": "P3", "region": "武汉", "content": "门店形象",
}  # fmt: skip


def step(at: str, by: str, do: str, name: str = "C1", **facts: Any) -> dict[str, Any]:
    return {"at": f"2026-11-24 {at}", "by": by, "do": do, "complaint": name, "with": facts}


STEPS = [
    step("09:00", "kf.agent", "register", **INTAKE),
    step("09:00", "kf.agent", "dispatch", unit="WH"),
    step("09:40", "wh.contact", "hand_off", to="wh.zhang", method="phone"),
    step("09:50", "wh.zhang", "chase", round=1, message="无权") | {"refused": True},
    step("10:00", "kf.agent", "register", "C2", **INTAKE),
    step("10:00", "kf.agent", "dispatch", "C2", unit="YC"),
    step("10:10", "yc.contact", "request_return", "C2", reason="不属", guidance="改派"),
    step("10:20", "kf.agent", "rule_on_return", "C2", accepted=True, reason="属实"),
    step("10:30", "kf.agent", "dispatch", "C2", unit="WL"),
]


def reported(folder: Path, steps: list[dict[str, Any]], **more: Any) -> Report:
    """Played in a world of its own, which is gone afterwards."""
    path = folder / "story.yaml"
    path.write_text(json.dumps({"title": "a story", "steps": steps} | more, ensure_ascii=False), encoding="utf-8")
    with transaction.atomic():
        result = play(read(path), with_report=True)
        transaction.set_rollback(True)
    assert (result.failures, result.report is None) == ([], False)
    assert result.report is not None
    return result.report


def test_what_is_counted(tmp_path: Path) -> None:
    report = reported(tmp_path, STEPS, expect=[{"leads": "WL", "at": "2026-11-27 12:00", "count": 2}])
    assert report.counts == {"complaints": 2, "rounds": 3, "steps": 9, "refused": 1}
    assert report.missed == {"first_reply": 2, "handling": 2, "handoff": 2}
    assert report.missed_by_unit == {
        "KF": {"first_reply": 2},
        "WH": {"handling": 1, "handoff": 1},
        "WL": {"handling": 1, "handoff": 1},
    }
    assert report.ping_pong == [{"complaint": "C2", "returns": 1, "rounds": 2}]
    assert list(report.lines()) == [
        "2 complaints, 3 rounds, 9 steps, 1 refused",
        "missed: first_reply 2, handling 2, handoff 2",
        "missed by KF: 2 (first_reply 2)",
        "missed by WH: 2 (handling 1, handoff 1)",
        "missed by WL: 2 (handling 1, handoff 1)",
        "ping-pong C2: 1 returns, 2 rounds",
        f"ledger digest: {report.ledger}",
    ]


def test_an_empty_story_has_an_empty_report(tmp_path: Path) -> None:
    *counted, digest = reported(tmp_path, []).lines()
    assert counted == ["0 complaints, 0 rounds, 0 steps, 0 refused", "missed: none"]
    assert digest == "ledger digest: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_twice_the_same_is_one_digest_whatever_keys_were_given(tmp_path: Path) -> None:
    first = reported(tmp_path, STEPS)
    Employee.objects.create_user("somebody.first")  # moves every person's key
    Matter.objects.create(kind=Case.matter_kind, opened_at=BEGINNING).delete()  # and every matter's
    assert reported(tmp_path, STEPS).ledger == first.ledger


CHANGES: list[tuple[int, dict[str, Any]]] = [
    (2, {"at": "2026-11-24 09:41"}),
    (2, {"with": {"to": "wh.li", "method": "phone"}}),
    (2, {"with": {"to": "wh.zhang", "method": "sms"}}),
    (5, {"with": {"unit": "ZD"}, "by": "kf.agent"}),
    (8, {"by": "kf.supervisor"}),
    (4, {"with": INTAKE | {"phone": "13900000002"}}),
]


@pytest.mark.parametrize(("place", "change"), CHANGES)
def test_one_changed_fact_is_another_digest(place: int, change: dict[str, Any], tmp_path: Path) -> None:
    """The last one changes no fact but what was found out: it's no repeat any more."""
    steps = [entry | change if number == place else entry for number, entry in enumerate(STEPS)]
    if place == 5:
        steps[6] = steps[6] | {"by": "zd.head"}
    assert reported(tmp_path, steps).ledger != reported(tmp_path, STEPS).ledger


def test_failures_beyond_a_number_are_only_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "MOST_FAILURES", 2)
    path = tmp_path / "story.yaml"
    wrong = [{"complaint": "C1", "state": "archived", "unit": "KF", "rounds": 7, "priority": "P1"}]
    path.write_text(json.dumps({"title": "a story", "steps": STEPS, "expect": wrong}), encoding="utf-8")
    failures = play(read(path)).failures
    assert (len(failures), failures[-1]) == (3, "and 2 more")
