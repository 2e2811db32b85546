"""Figures are counted on a standby that follows by streaming, and nothing else is read or written there."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg2 import errors

from tests.config.backup.test_commands import Place
from tests.migrated import MigratedServer
from tests.postgres.standby import Primary, Standby, asked, put_role

pytestmark = [pytest.mark.postgresql]

PLAYED = """
from tests.factories import Cast, Now, Play
from accountability.models import Unit
play = Play({cast}, Now())
for number in range({begin}, {end}):
    play.upto("delivered", phone=f"139{{number:08d}}")
"""

TOLD = """
import json
from django.db import connections
from django.http import QueryDict
from accountability.db import replica
from accountability.models import actor_for
from accountability.monitoring import system_health
from assessment.dashboards.asked import Asked
from assessment.dashboards.sections import sections, table_named
from assessment.rankings.frozen_inputs import preview_of
from complaints.models import Complaint, Round
from tests.factories import Cast, Now
at = Now().at
person = actor_for(Cast.standing()["kf.supervisor"].pk, at)
form = Asked(QueryDict("preset=this_year"), person, at)
assert form.is_valid(), form.errors
{before}
print(json.dumps({{
    "page": sections(form, person)[0].table.total.line.counts["received"],
    "file": table_named("units", form, person).total.line.counts["received"],
    "list": Round.objects.count(),
    "state": replica.standing().state.value,
    "tone": system_health.replica_follows(at).tone,
}}))
"""


@pytest.fixture(scope="module")
def primary(migrated_server: MigratedServer) -> Iterator[Primary]:
    with tempfile.TemporaryDirectory(prefix="shouwen-replica-") as name, migrated_server.copy() as made:
        started = Primary(Path(name), made)
        try:
            place = Place(Path(name), started.owner_url)
            place.done("database_roles", "--app", "shouwen_app")
            place.done("shell", "-v0", "-c", PLAYED.format(cast="Cast()", begin=0, end=3))
            yield started
        finally:
            started.close()


@pytest.fixture(scope="module")
def standby(primary: Primary) -> Iterator[Standby]:
    with primary.standby(primary.work / "one") as started:
        yield started


@pytest.fixture
def place(primary: Primary, tmp_path: Path) -> Place:
    """As it is deployed: the role that the system runs as."""
    return Place(tmp_path, primary.app_url)


@pytest.fixture
def following(place: Place, standby: Standby) -> Standby:
    """It has everything, and something newer than a second."""
    beat(place)
    standby.caught_up()
    return standby


BEAT = "from accountability import tasks; tasks.note_served()"


def beat(place: Place) -> None:
    """The mark of life, which each web process writes every five seconds."""
    place.done("shell", "-v0", "-c", BEAT)


def play(place: Place, number: int) -> None:
    place.done("shell", "-v0", "-c", PLAYED.format(cast="Cast.standing()", begin=number, end=number + 1))


def told(place: Place, standby: Standby | str, before: str = "", **environment: str) -> dict[str, Any]:
    address = standby if isinstance(standby, str) else standby.address
    said = place.done("shell", "-v0", "-c", TOLD.format(before=before), REPLICA_URL=address, **environment)
    found: dict[str, Any] = json.loads(said)
    return found


def test_figures_are_the_standbys_and_lists_the_databases(place: Place, following: Standby, tmp_path: Path) -> None:
    """Where the standby stands still and may be behind for an hour, figures don't know of the newest complaint yet."""
    known = told(place, following)
    assert (known["page"], known["file"], known["state"]) == (known["list"], known["list"], "follows")
    with following.paused():
        play(place, 100)
        now = told(place, following, REPLICA_LAG="3600")
        events = tmp_path / "events.xes"
        place.done(
            "export_events", "--format", "xes", "--output", str(events),
            REPLICA_URL=following.address, REPLICA_LAG="3600",
        )  # fmt: skip
    assert (now["page"], now["file"], now["list"], now["tone"]) == (
        known["page"], known["page"], known["list"] + 1, "ok",
    )  # fmt: skip
    assert events.read_text().count("<trace>") == known["list"]


def test_one_that_is_too_far_behind_is_not_asked(place: Place, following: Standby) -> None:
    with following.paused():
        play(place, 101)
        now = told(place, following, "import time; time.sleep(1.2)", REPLICA_LAG="1")
    assert (now["page"], now["state"], now["tone"]) == (now["list"], "behind", "danger")
    following.caught_up()
    assert told(place, following, REPLICA_LAG="3600")["state"] == "follows"


BROKEN_OFF = "replica._note(replica.Standing(replica.State.FOLLOWS))"


def test_one_that_is_away_is_not_missed(place: Place, following: Standby) -> None:
    """Neither where that is known, nor where it goes away before it answers."""
    following.stop()
    try:
        for before in ("", BROKEN_OFF):
            now = told(place, following, before)
            assert (now["page"], now["file"], now["state"], now["tone"]) == (now["list"], now["list"], "away", "danger")
    finally:
        following.start()


WATCHED = """
from datetime import timedelta
from accountability.db import replica
from accountability.models import Alarm
from accountability.monitoring import watchman
from tests.factories import Now
for _look in range(2):
    watchman.look(Now().at + timedelta(minutes={minutes}))
alarms = Alarm.objects.filter(key="health:replica_follows", cleared_at=None)
print(list(alarms.values_list("facts__check", flat=True)))
"""


def test_the_watch_raises_an_alarm_and_clears_it(place: Place, following: Standby) -> None:
    def standing(minutes: int) -> str:
        words = WATCHED.format(minutes=minutes)
        return place.done("shell", "-v0", "-c", words, REPLICA_URL=following.address, REPLICA_LAG="3600").strip()

    following.stop()
    try:
        assert standing(1) == "['replica_follows']"
    finally:
        following.start()
    beat(place)
    following.caught_up()
    assert standing(2) == "[]"


WRITES = """
from django.db import connections, InternalError
from accountability.db import replica
from accountability.models import Heartbeat
from accountability.monitoring import heartbeats
from tests.factories import Now
try:
    connections["replica"].cursor().execute("UPDATE accountability_heartbeat SET host = 'written'")
except InternalError as error:
    print(type(error.__cause__).__name__)
def written():
    heartbeats.note("written", Now().at)
    return Heartbeat._base_manager.using("default").filter(name="written").count()
print(replica.read(written), replica.read(written, everything=True))
"""


def test_nothing_is_written_by_that_address(place: Place, following: Standby, primary: Primary) -> None:
    """Not even where it names the database itself; what is written meanwhile goes to the database."""
    for address in (following.address, primary.app_url):
        said = place.done("shell", "-v0", "-c", WRITES, REPLICA_URL=address, REPLICA_LAG="3600").split()
        assert said == ["ReadOnlySqlTransaction", "1", "1"]


CHECKED = """
from config import production
print(sorted((each.id, str(each.msg)) for each in production.unlike_replica()))
"""


def checked(place: Place, address: str, **environment: str) -> str:
    return place.done("shell", "-v0", "-c", CHECKED, REPLICA_URL=address, **environment).strip()


def test_the_start_names_what_is_no_standby_of_this_database(
    place: Place, following: Standby, primary: Primary, migrated_server: MigratedServer
) -> None:
    assert checked(place, following.address, REPLICA_LAG="3600") == "[]"
    assert "W002', 'The database of REPLICA_URL is further behind" in checked(place, following.address, REPLICA_LAG="0")
    assert "W002', 'REPLICA_URL is no standby" in checked(place, primary.app_url)
    assert "W002', \"REPLICA_URL doesn't answer" in checked(place, "postgres://nobody@127.0.0.1:1/shouwen")
    with migrated_server.copy() as other:
        assert "E037" in checked(place, other)
    assert "E036" in checked(place, f"sqlite:///{place.folder}/other.sqlite3")


def test_the_views_for_reports_are_read_there(place: Place, following: Standby, primary: Primary) -> None:
    """The roles, their rights and the views come with the copy."""
    password = secrets.token_hex(16)
    put_role(primary.superuser_url, "shouwen_bi", password)
    Place(place.folder, primary.owner_url).done("reporting", "--role", "shouwen_bi")
    following.caught_up()
    reader = f"postgres://shouwen_bi:{password}@127.0.0.1:{following.port}/shouwen"
    ((rounds,),) = asked(reader, "SELECT count(*) FROM reporting.rounds")
    assert rounds == told(place, following)["list"]
    with pytest.raises(errors.InsufficientPrivilege):
        asked(reader, "SELECT count(*) FROM complaints_round")


def test_one_that_was_promoted_is_not_asked(place: Place, following: Standby, primary: Primary) -> None:
    """Its figures would stand still from then on, or be another record's."""
    with primary.standby(primary.work / "two") as second:
        second.promote()
        play(place, 102)
        now = told(place, second, REPLICA_LAG="3600")
    assert (now["page"], now["state"], now["tone"]) == (now["list"], "no standby", "danger")
