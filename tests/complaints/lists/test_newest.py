"""The first rows of what somebody may see are found part by part: the same rows as by the plain condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accountability.models import Category, Unit
from accountability.web import standing_statements
from accountability.web.desk import number
from complaints.lists import newest
from complaints.lists.filters import ORDERS
from complaints.lists.queue import Queue, counts, queue_of
from complaints.models import Complaint, Cooperation, Coordination, Round, State, Tier, visibility
from tests.complaints.views.test_desk_numbers import PEOPLE, actor_of, stock
from tests.shared_world import shared


def lived_in(play):
    """Several rounds of one unit with a complaint, too: a page counts the complaint once."""
    stock(play)
    for place, closed in enumerate(Round.objects.filter(state="closed").order_by("pk")):
        for again in range(2, 5):
            closed.pk = None
            closed.number, closed.notice_number = closed.number + 10 * again, f"again-{place}-{again}"
            closed.save(force_insert=True)


stage, own_copy, now, cast, _play, client_for, _stock = shared(lived_in)

ASKED = (
    {}, *({"state": state} for state in State.values if state != State.NEW), {"channel": "hotline"},
    {"channel": "forward"}, {"priority": "P2"}, {"flag": "escalated"}, {"clock": "late"}, {"clock": "ok"},
    {"mine": "on"}, {"received_from": "2026-11-23"}, {"received_to": "2026-11-23"}, {"holder": "wh.zhang"},
    {"unit": "WH"}, {"person": "wh.zhang"}, {"category": "leaf"}, {"region": "武汉"}, {"number": "0001"},
    {"list": "unit"}, {"list": "hand_off"}, {"list": "overdue"},
)  # fmt: skip
AGAIN: tuple[dict[str, str], ...] = ({}, {"state": "archived"})
UNIT_PEOPLE = tuple(name for name in PEOPLE if name[:2] in ("wh", "yc") or name == "sj.plain")
SEVERAL = (*UNIT_PEOPLE, "kf.agent", "sc.officer", "sj.system")
"""Of those who read everything one in each of their two departments, and one who sees nothing."""


def asked_of(cast, now, username: str, asked: dict[str, str], order: str = "newest") -> Queue:
    given = {"state": "all", "order": order} | asked
    if given.get("category"):
        given["category"] = str(Category.objects.exclude(parent=None).order_by("pk")[0].pk)
    return queue_of(QueryDict(urlencode(given)), actor_of(cast[username], now), now.at)


def plainly(queue: Queue) -> list[int]:
    found = queue.filters.narrow(Complaint.objects.visible_to(queue.actor))
    found = found.filter(queue.work.where) if queue.work else found
    return list(found.order_by(*queue.filters.keys).values_list("pk", flat=True))


def flipped(keys) -> list[str]:
    return [key[1:] if key.startswith("-") else f"-{key}" for key in keys]


def pages(queue: Queue, keys, size: int) -> Iterator[int]:
    """Page after page, each from the last row of the one before."""
    edge = None
    while rows := queue.first(keys, edge, size):
        yield from (row.pk for row in rows)
        (edge,) = Complaint.objects.filter(pk=rows[-1].pk).values_list(*(key.lstrip("-") for key in keys))


@pytest.mark.parametrize("order", [name for name, _label in ORDERS])
@pytest.mark.parametrize("username", SEVERAL)
def test_pages_forwards_and_backwards_are_those_of_the_plain_condition(cast, now, username, order):
    for asked in ASKED:
        queue = asked_of(cast, now, username, asked, order)
        found, keys = plainly(queue), queue.filters.keys
        assert list(pages(queue, keys, 5)) == found, asked
        if asked in AGAIN:
            assert list(pages(queue, flipped(keys), 7)) == found[::-1], asked


@pytest.mark.parametrize("username", SEVERAL)
def test_as_many_are_counted(cast, now, username):
    queues = [asked_of(cast, now, username, asked) for asked in ASKED]
    assert counts([queue.seen for queue in queues]) == [number(len(plainly(queue))) for queue in queues]
    assert [len(plainly(queue)) for queue in queues] != [0] * len(queues) or username[:2] == "sj"


@pytest.mark.parametrize("username", SEVERAL)
def test_the_next_one_is_that_of_the_list(cast, now, username):
    queue = asked_of(cast, now, username, {}, "oldest")
    found, keys = plainly(queue), queue.filters.keys
    for pk, after in zip(found, [*found[1:], None], strict=False):
        numbers = queue.seen.numbers(keys, [pk], 1)
        assert numbers == [str(each) for each in Complaint.objects.filter(pk=after)]


def test_a_part_of_each_way_is_read_in_the_order_of_its_complaints(cast, now):
    """The bound stands at the rows that lead there, so that an index is walked from it on."""
    actor = actor_of(cast.wh_contact, now)
    parts = [str(part.query) for part in Complaint.objects.visible_keys_in_parts(actor, lt=7)]
    columns = {"complaints_complaint": "matter_id"}
    leading = {sql.partition(' FROM "')[2].partition('"')[0] for sql in parts}
    assert leading == {"complaints_round", "complaints_cooperation", "complaints_complaint"}
    for sql in parts:
        table = sql.partition(' FROM "')[2].partition('"')[0]
        assert f'"{table}"."{columns.get(table, "complaint_id")}" < 7' in sql
        assert "JOIN" not in sql


def test_what_narrows_a_list_is_asked_once_however_many_units(cast, now):
    """Thirty saved views of a head of six units would be counted by a statement of 900,000 characters."""
    taken = []
    for units in (1, 6):
        queue = asked_of(cast, now, "wh.contact", {"clock": "late", "mine": "on"})
        many = replace(queue.actor, heads=frozenset(Unit.objects.values_list("pk", flat=True)[:units]))
        taken.append(
            [
                len(replace(queue.seen, actor=many, narrow=narrow).bounded(100)[0])
                for narrow in (queue.seen.narrow, None)
            ]
        )
    assert taken[1][0] - taken[0][0] < 200
    assert taken[1][1] > taken[0][1] + 400


def test_parts_are_of_all_complaints(cast, now):
    """What narrows them isn't asked of the rows that lead there."""
    with pytest.raises(AssertionError):
        Complaint.objects.filter(state="replied").visible_keys_in_parts(actor_of(cast.wh_contact, now))


# Every way by itself


def of_round(column: str) -> Any:
    return lambda round_, person, at: Round.objects.filter(pk=round_.pk).update(**{f"{column}_id": person.pk})


def of_complaint(**changed: Any) -> Any:
    def done(round_: Round, person: Any, at: Any) -> None:
        columns = {name: person.pk if value is None else value for name, value in changed.items()}
        Complaint.objects.filter(pk=round_.complaint_id).update(**columns)

    return done


def is_told(round_: Round, person: Any, at: Any) -> None:
    Round.objects.filter(pk=round_.pk).update(told_to=person, told_recorded_at=at)


def is_of_the_unit(round_: Round, person: Any, at: Any) -> None:
    Unit.objects.filter(pk=person.unit_id).update(head=person)
    Round.objects.filter(pk=round_.pk).update(unit=person.unit_id)


def is_invited(round_: Round, person: Any, at: Any) -> None:
    table = Coordination.objects.create(round=round_, convened_by=person, convened_at=at)
    Cooperation.objects.create(coordination=table, complaint_id=round_.complaint_id, unit_id=person.unit_id)


WAYS = {
    "forwarder": of_complaint(forwarded_by=None), "replier": of_complaint(reply_by=None, tier=Tier.VIP),
    "unit": is_of_the_unit, "told": is_told, "invited": is_invited,
    **{name: of_round(name) for name in ("handler", "leader", "reported_to", "acting_handler", "acting_leader")},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_without_one_of_the_ways_something_would_be_missing(cast, now, way, monkeypatch):
    (stranger,) = {cast["sj.plain"]}
    before = asked_of(cast, now, "sj.plain", {})
    assert plainly(before) == [row.pk for row in before.first(before.filters.keys, None, 50)] == []
    round_ = Round.objects.filter(state="accepted").order_by("pk")[0]
    WAYS[way](round_, stranger, now.at)
    queue = asked_of(cast, now, "sj.plain", {})
    keys = queue.filters.keys
    assert plainly(queue) == [row.pk for row in queue.first(keys, None, 50)] == [round_.complaint_id]
    of_state = asked_of(cast, now, "sj.plain", {"state": "dispatched"}, "due")
    assert counts([queue.seen, of_state.seen]) == ["1", "1"]

    every = visibility._ways(queue.actor)
    lacking = set()
    for path, ways in every.items():
        for place, left_out in enumerate(ways):
            fewer = every | {path: ways[:place] + ways[place + 1 :]}
            monkeypatch.setattr(visibility, "_ways", lambda _actor, fewer=fewer: fewer)
            standing_statements._kept.cache_clear()
            found = [queue.first(order, None, 50) for order in (keys, flipped(keys), of_state.filters.keys)]
            assert len({bool(rows) for rows in found}) == 1
            lacking |= {(path, left_out.column)} if not found[0] else set()
    standing_statements._kept.cache_clear()
    assert len(lacking) == 1


@pytest.mark.parametrize("username", UNIT_PEOPLE)
def test_a_page_of_everything_asks_for_its_keys_once(cast, now, username):
    queue = asked_of(cast, now, username, {})
    with CaptureQueriesContext(connection) as queries:
        queue.seen.numbers(queue.filters.keys, None, 3)
    assert len(queries) <= 2
    assert "EXISTS" not in queries[0]["sql"]


@pytest.mark.parametrize("order", [name for name, _label in ORDERS])
@pytest.mark.parametrize("username", ["wh.contact", "wh.head", "kf.agent"])
def test_of_the_rows_that_a_page_shows_alone_is_read_what_a_line_shows(cast, now, username, order, monkeypatch):
    """In parts each has a page of its own, ten to twenty of them; the page's rows are chosen by their keys."""
    read, what_lines_show = [], newest.shown

    def kept(actor, at, ids):
        read.append(list(ids))
        return what_lines_show(actor, at, ids)

    monkeypatch.setattr(newest, "shown", kept)
    queue = asked_of(cast, now, username, {}, order)
    for way in (queue.filters.keys, flipped(queue.filters.keys)):
        rows = queue.seen.first(way, None, 3)
        assert read.pop() == [row.pk for row in rows]
        assert len(rows) == 3
