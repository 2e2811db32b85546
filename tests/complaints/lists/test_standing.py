"""How complaints stand by clock for people who know some limits only: as `in_clock` filters them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.web.desk import Clock
from complaints.lists import desk, hotspots
from complaints.lists.clocks import in_clock, may_stand_out
from complaints.lists.standing import Standing
from complaints.lists.worklists import among, lists_of
from complaints.models import Complaint
from tests.complaints.views.test_desk_numbers import actor_of, stock
from tests.shared_world import shared

stage, own_copy, now, cast, _play, client_for, _stock = shared(stock)
UNIT_PEOPLE = ("wh.contact", "wh.zhang", "wh.leader", "wh.head", "yc.contact", "yc.chen")


@pytest.mark.parametrize("username", UNIT_PEOPLE)
def test_the_limits_tell_what_the_database_filters(cast, now, username):
    actor = actor_of(cast[username], now)
    ids = list(Complaint.objects.values_list("pk", flat=True))
    filtered = {
        pk: clock
        for clock in Clock
        for pk in Complaint.objects.filter(in_clock(clock, actor, now.at)).values_list("pk", flat=True)
    }
    assert Standing(actor, now.at).of(ids) == filtered


def test_all_clocks_are_met(cast, now):
    ids = list(Complaint.objects.values_list("pk", flat=True))
    met = {clock for who in UNIT_PEOPLE for clock in Standing(actor_of(cast[who], now), now.at).of(ids).values()}
    assert met == set(Clock)


@pytest.mark.parametrize("username", UNIT_PEOPLE)
def test_longer_lists_are_counted_by_the_database_alike(cast, now, username, monkeypatch):
    actor = actor_of(cast[username], now)

    def told() -> tuple[object, object]:
        counts = {one.work.name: {c: n for c, n in one.counts.items() if n} for one in desk.sections(actor, now.at)}
        burning = hotspots.burning(actor, now.at, Standing(actor, now.at))
        return counts, burning and [(spot.waiting.name, dict(spot.waiting.counts)) for spot in burning.spots]

    few = told()
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    monkeypatch.setattr(hotspots, "AT_ONCE", 1)
    assert told() == few


@pytest.mark.parametrize("username", ["kf.agent", "kf.supervisor", "sc.officer", "sj.auditor"])
@pytest.mark.parametrize("known", [1, 2, 1000])
def test_who_knows_every_limit_counts_alike_from_rows_and_by_the_database(cast, now, username, known, monkeypatch):
    actor = actor_of(cast[username], now)
    counted = {
        work.name: [
            among(Complaint.objects.visible_to(actor), work, actor, mine=False)
            .filter(in_clock(clock, actor, now.at))
            .count()
            for clock in Clock
        ]
        for work in lists_of(actor, now.at)
    }
    monkeypatch.setattr(desk, "EVERY_KNOWN", known)
    monkeypatch.setattr(desk, "SHOWN", 1)
    told = {one.work.name: [one.counts[clock] for clock in Clock] for one in desk.sections(actor, now.at)}
    assert told == {name: counts for name, counts in counted.items() if any(counts) or name in told}
    assert any(map(any, told.values()))


@pytest.mark.usefixtures("sent_as_written")
def test_of_a_list_that_was_read_whole_nothing_is_counted(cast, now, monkeypatch):
    """The others' counts aren't looked for: their place in the statement is told that they aren't wanted."""
    actor = actor_of(cast["kf.agent"], now)
    with CaptureQueriesContext(connection) as queries:
        desk.sections(actor, now.at)
    longest = max(one.total for one in desk.sections(actor, now.at))
    (counting,) = [query["sql"] for query in queries if "AS bounded" in query["sql"]] or [""]
    assert bool(counting) == (longest >= desk.EVERY_KNOWN)
    monkeypatch.setattr(desk, "EVERY_KNOWN", longest + 1)
    with CaptureQueriesContext(connection) as queries:
        desk.sections(actor, now.at)
    assert not [query["sql"] for query in queries if "AS bounded" in query["sql"]]


@pytest.mark.parametrize("username", UNIT_PEOPLE)
def test_no_limit_is_read_of_what_is_in_time_by_all(cast, now, username, monkeypatch):
    """The matter tells it, to people too who know some limits only."""
    actor = actor_of(cast[username], now)
    asked: set[int] = set()

    def read(_self: Standing, ids: set[int]) -> dict[int, Clock]:
        asked.update(ids)
        return dict.fromkeys(ids, Clock.OK)

    monkeypatch.setattr(Standing, "_read", read)
    desk.sections(actor, now.at)
    late, warned, waits = may_stand_out(now.at)
    assert asked <= set(Complaint.objects.filter(late | warned | waits).values_list("pk", flat=True))


@pytest.mark.parametrize("username", UNIT_PEOPLE)
def test_one_by_one_finds_what_is_visible(cast, now, username):
    actor = actor_of(cast[username], now)
    seen = set(Complaint.objects.visible_to(actor).values_list("pk", flat=True))
    assert set(Complaint.objects.visible_one_by_one(actor).values_list("pk", flat=True)) == seen


@pytest.mark.parametrize("username", UNIT_PEOPLE)
@pytest.mark.usefixtures("sent_as_written")
def test_a_short_list_isnt_counted_by_the_database(cast, now, username):
    with CaptureQueriesContext(connection) as queries:
        desk.sections(actor_of(cast[username], now), now.at)
    assert not [query["sql"] for query in queries if "AS bounded" in query["sql"]]


@pytest.mark.usefixtures("sent_as_written")
def test_what_the_lists_asked_is_not_asked_again(cast, now):
    """Where it burns in a unit is told of complaints that stand in its head's lists."""
    actor = actor_of(cast["wh.head"], now)
    stands = Standing(actor, now.at)
    desk.sections(actor, now.at, stands)
    with CaptureQueriesContext(connection) as queries:
        burning = hotspots.burning(actor, now.at, stands)
    assert burning
    assert burning.spots
    assert not [query["sql"] for query in queries if "accountability_deadline" in query["sql"]]
