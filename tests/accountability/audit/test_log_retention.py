"""Rows of the access log go when they are old enough, by the owner's hand, and never a day sooner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accountability.audit import log_retention, seals, verification
from accountability.deadlines.limits import months_before
from accountability.models import AccessLog, LedgerEntry
from tests.factories import Play, instant_of

pytestmark = [pytest.mark.compliance(1), pytest.mark.asvs("16.4.2")]


def row(play: Play, at: datetime) -> AccessLog:
    return AccessLog.objects.create(at=at, actor=play.cast["kf.agent"], action="look_up", result="ok")


def keys() -> list[int]:
    return list(AccessLog.objects.order_by("pk").values_list("pk", flat=True))


def left() -> list[str]:
    return list(AccessLog.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def kept(play: Play, folder: Path) -> Play:
    """Two rows and their seals, the second a second younger; then a year passes."""
    play.now.set("2025-11-24 09:00")
    row(play, play.now.at)
    row(play, play.now.at + timedelta(seconds=1))
    for _hour in range(3):
        seals.seal(play.now.at)
        play.now.forward(hours=1)
    return play


@pytest.mark.parametrize(
    ("at", "months", "expected"),
    [
        ("2026-11-24 09:00", 12, "2025-11-24 09:00"),
        ("2026-08-31 09:00", 6, "2026-02-28 09:00"),
        ("2026-01-15 09:00", 12, "2025-01-15 09:00"),
        ("2028-02-29 09:00", 12, "2027-02-28 09:00"),
        ("2026-03-31 04:00", 6, "2025-09-30 04:00"),  # still the 30th in UTC
        ("2027-01-01 04:00", 12, "2026-01-01 04:00"),
    ],
)
def test_months_are_counted_by_the_calendar(at: str, months: int, expected: str) -> None:
    assert months_before(instant_of(at), months) == instant_of(expected)


def test_a_row_goes_when_the_seal_behind_its_own_is_old_enough(kept: Play) -> None:
    """Sealed at nine; what the seal of ten o'clock no longer looked for was seen whole."""
    kept.now.set("2026-11-24 10:00")
    assert (log_retention.purge(kept.now.at), left()) == (0, ["look_up", "look_up"])
    kept.now.set("2026-11-24 10:00:01")
    assert (log_retention.purge(kept.now.at), left()) == (2, ["purge_logs"])


def test_a_row_of_the_boundary_itself_stays(play: Play, folder: Path) -> None:
    """Two rows sealed together, dated by a clock that ran ahead: the second is exactly twelve months old."""
    play.now.set("2025-11-24 09:00")
    row(play, instant_of("2025-11-30 09:00") - timedelta(microseconds=1))
    row(play, instant_of("2025-11-30 09:00"))
    for _hour in range(3):
        seals.seal(play.now.at)
        play.now.forward(hours=1)
    play.now.set("2026-11-30 09:00")
    assert (log_retention.purge(play.now.at), left()) == (1, ["look_up", "purge_logs"])


def test_what_was_never_sealed_stays(play: Play, folder: Path) -> None:
    row(play, instant_of("2020-01-01 09:00"))
    assert (log_retention.purge(play.now.at), left()) == (0, ["look_up"])


def test_a_purge_is_a_row_itself_and_verifying_excuses_it(kept: Play) -> None:
    kept.now.set("2026-11-30 09:00")
    before, (first, last) = LedgerEntry.objects.count(), keys()
    assert log_retention.purge(kept.now.at) == 2
    noted = AccessLog.objects.get()
    assert (noted.action, noted.actor.username if noted.actor else "", noted.result) == ("purge_logs", "system", "ok")
    assert noted.detail == f"{instant_of('2025-11-30 09:00').isoformat()} {first}-{last}: 2"
    assert (verification.verify(kept.now.at).findings, LedgerEntry.objects.count()) == ([], before)


def test_a_row_that_no_purge_noted_is_missed_however_old(kept: Play) -> None:
    kept.now.set("2026-11-30 09:00")
    _first, second = keys()
    with transaction.atomic(), log_retention._guard_off(kept.now.at):
        AccessLog.objects.filter(pk=second)._raw_delete("default")
    table = "accountability_accesslog"
    assert [str(found) for found in verification.verify(kept.now.at).findings] == [
        f"row {second}: is missing ({table})"
    ]


def test_a_false_note_excuses_nothing_within_the_months_of_the_law(play: Play, folder: Path) -> None:
    row(play, play.now.at)
    seals.seal(play.now.at)
    play.now.forward(days=170)
    with transaction.atomic(), log_retention._guard_off(play.now.at):
        AccessLog.objects.all()._raw_delete("default")
    system = play.cast["kf.agent"]
    AccessLog.objects.create(
        at=play.now.at, actor=system, action="purge_logs", result="ok", detail=f"{play.now.at.isoformat()} 1-1: 1"
    )
    assert [finding.kind for finding in verification.verify(play.now.at).findings] == ["row_missing"]


def test_without_its_seal_nothing_is_purged(kept: Play) -> None:
    kept.now.set("2026-11-30 09:00")
    for path in settings.SEALS_DIR.iterdir():
        path.unlink()
    with pytest.raises(CommandError, match=r"seal 3 can't be read"):
        call_command("purge_logs")
    assert left() == ["look_up", "look_up"]


def test_after_a_purge_the_guard_is_on_again(kept: Play) -> None:
    kept.now.set("2026-11-30 09:00")
    call_command("purge_logs", verbosity=0)
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        AccessLog.objects.all()._raw_delete("default")


@contextmanager
def as_application() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_app NOLOGIN")
        cursor.execute("GRANT an_app TO CURRENT_USER")
        call_command("database_roles", app="an_app", verbosity=0)
        cursor.execute("SET LOCAL ROLE an_app")
        yield
        cursor.execute("RESET ROLE")


@pytest.mark.postgresql
def test_the_applications_role_may_not_purge(kept: Play) -> None:
    kept.now.set("2026-11-30 09:00")
    with pytest.raises(log_retention.CannotPurge, match="run it as the owner"), transaction.atomic(), as_application():
        log_retention.purge(kept.now.at)
    assert left() == ["look_up", "look_up"]


@pytest.mark.postgresql
def test_the_owners_purge_can_take_nothing_younger_than_it_says(kept: Play) -> None:
    with (
        pytest.raises(DatabaseError, match="insert-only"), transaction.atomic(),
        log_retention._guard_off(instant_of("2025-11-24 09:00")),
    ):  # fmt: skip
        AccessLog.objects.all()._raw_delete("default")
    assert left() == ["look_up", "look_up"]
