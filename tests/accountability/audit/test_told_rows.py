"""What people are told, and what is kept by its history alone: changed, deleted or put in past the program."""

from __future__ import annotations

from typing import Any

import pytest

from accountability.audit import reconciliation, seals
from accountability.audit.findings import sentence
from accountability.models import Category, Notification, Region, Unit
from tests.accountability.audit import tampering
from tests.factories import Play

pytestmark = [pytest.mark.compliance(3), pytest.mark.usefixtures("founded")]

NOTICES, ALARMS = "accountability_notification", "accountability_alarm"
NOTICE_CASES = (
    (f"DELETE FROM {NOTICES} WHERE id = {{id}}", "row {id}: is missing"),
    (f"UPDATE {NOTICES} SET recipient_id = recipient_id + 1 WHERE id = {{id}}", "row {id}: was changed"),
    (f"UPDATE {NOTICES} SET created_at = '2026-01-02 03:04:05+00:00' WHERE id = {{id}}", "row {id}: was changed"),
    (f"UPDATE {NOTICES} SET kind = 'missed' WHERE id = {{id}}", "row {id}: was changed"),
    (f"UPDATE {NOTICES} SET matter_id = NULL WHERE id = {{id}}", "row {id}: was changed"),
    (f"UPDATE {NOTICES} SET facts = '{{{{}}}}' WHERE id = {{id}}", "row {id}: was changed"),
    (
        f"INSERT INTO {NOTICES} (id, recipient_id, kind, facts, created_at)"
        f" SELECT -1, recipient_id, kind, facts, created_at FROM {NOTICES} WHERE id = {{id}}",
        "row -1: was put in among rows that were sealed",
    ),
)
KEPT_CASES = (
    (
        "UPDATE accountability_region SET unit_id = {other} WHERE id = {region}",
        "{place}: unit_id",
    ),
    ("UPDATE accountability_region SET name = 'x' WHERE id = {region}", "{place}: name"),
    ("DELETE FROM accountability_region WHERE id = {region}", "{place}"),
    (
        "INSERT INTO accountability_region (id, name, pinyin, unit_id)"
        " SELECT 999, 'y', pinyin, unit_id FROM accountability_region WHERE id = {region}",
        "accountability.region 999",
    ),
    ("UPDATE accountability_category SET network_limits = {yes} WHERE id = {leaf}", "{category}: network_limits"),
    ("UPDATE accountability_category SET answered_by = 'KF' WHERE id = {leaf}", "{category}: answered_by"),
    ("UPDATE accountability_category SET words = 'x' WHERE id = {leaf}", "{category}: words"),
    ("UPDATE accountability_category SET is_active = {no} WHERE id = {leaf}", "{category}: is_active"),
    (
        "UPDATE accountability_category SET parent_id = NULL, name = 'x' WHERE id = {leaf}",
        "{category}: parent_id, name",
    ),
)


def found(play: Play) -> list[str]:
    return [str(finding) for finding in reconciliation.whole(play.now.at).findings]


@pytest.fixture
def told(play: Play, folder: Any) -> Notification:
    play.upto("delivered")
    for _hour in range(3):
        assert seals.seal(play.now.at) is not None
        play.now.forward(hours=1)
    tampering.loosen()
    return Notification.objects.earliest("pk")


@pytest.mark.parametrize(("statement", "said"), NOTICE_CASES)
def test_a_notice_is_what_it_was(play: Play, told: Notification, statement: str, said: str) -> None:
    assert found(play) == []
    tampering.run(statement.format(id=told.pk))
    assert found(play) == [f"{said.format(id=told.pk)} ({NOTICES})"]


def test_reading_and_sending_a_notice_changes_nothing(play: Play, told: Notification) -> None:
    Notification.objects.update(read_at=play.now.at, sent_at=play.now.at, over_at=play.now.at)
    assert found(play) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [("DELETE FROM {} WHERE id = 7", "is missing"), ("UPDATE {} SET kind = 'seal' WHERE id = 7", "was changed"),
     ("UPDATE {} SET since = raised_at WHERE id = 7", "was changed")],
)  # fmt: skip
def test_an_alarm_is_what_was_raised(play: Play, folder: Any, change: str, said: str) -> None:
    tampering.run(
        f"INSERT INTO {ALARMS} (id, key, kind, facts, since, raised_at) VALUES (7, 'oa', 'oa', '{{}}', %s, %s)",
        play.now.at, play.now.at.replace(hour=0),
    )  # fmt: skip
    seals.seal(play.now.at)
    tampering.loosen()
    tampering.run(change.format(ALARMS))
    assert found(play) == [f"row 7: {said} ({ALARMS})"]


@pytest.mark.parametrize(("statement", "said"), KEPT_CASES)
def test_region_and_category_are_what_their_history_says(play: Play, folder: Any, statement: str, said: str) -> None:
    region = Region.objects.create(name="某地", unit=Unit.objects.get(code="WH"))
    leaf = Category.objects.filter(network_limits=False).exclude(parent=None).exclude(answered_by="KF").earliest("pk")
    assert found(play) == []
    tampering.loosen()
    known: dict[str, Any] = {"region": region.pk, "leaf": leaf.pk, "other": Unit.objects.get(code="YC").pk}
    known |= {"category": f"accountability.category {leaf.pk}", "place": f"accountability.region {region.pk}"}
    known |= {"yes": "true", "no": "false"}
    tampering.run(statement.format(**known))
    named = [finding.note for finding in reconciliation.whole(play.now.at).findings]
    assert named == [said.format(**known)]


def test_a_finding_names_the_thing_as_people_do(play: Play) -> None:
    assert sentence(["row_missing", 0, "", 17, "", NOTICES]).endswith("第 17 行：该行被删除")
    assert NOTICES not in sentence(["row_missing", 0, "", 17, "", NOTICES])
    assert (
        sentence(["kept_changed", 0, "", 0, "", "accountability.region 5: unit_id"])
        == "与其历史记录不符 地区 5: unit_id"
    )
