"""The queue: what is in it, narrowed how, in which order, page by page."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


def numbers(client, query: str = "") -> list[str]:
    page = client.get(f"/complaints/{query}")
    assert page.status_code == 200
    return [line.complaint.matter.number for line in page.context["lines"]]


@pytest.fixture
def two(play):
    """An urgent one at WH, and an ordinary one at YC that waits for its registration."""
    urgent = play.upto("accepted", priority="P1", flags=["major"])
    ordinary = play.upto("forwarded", phone="13900000001")
    return urgent.matter.number, ordinary.matter.number


def test_the_centre_sees_all_that_is_open_the_urgent_first(play, two, client_for):
    play.upto("archived", phone="13900000002")
    assert numbers(client_for("kf.agent")) == list(two)


def test_a_unit_sees_its_own(two, client_for):
    assert numbers(client_for("wh.contact")) == [two[0]]
    assert numbers(client_for("yc.contact")) == []
    assert numbers(client_for("yc.chen")) == [two[1]]
    assert numbers(client_for("sj.auditor")) == list(two)


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ("?state=dispatched", [0]),
        ("?state=forwarded", [1]),
        ("?state=archived", []),
        ("?state=all", [0, 1]),
        ("?priority=P1", [0]),
        ("?flag=major", [0]),
        ("?flag=escalated", []),
        ("?unit=WH", [0]),
        ("?unit=KF", [1]),
        ("?mine=on", [0]),
        ("?order=newest", [1, 0]),
        ("?list=register", [1]),
        ("?list=register&priority=P1", []),
        ("?list=nothing_of_the_kind", [0, 1]),
        ("?state=bogus", [0, 1]),
        ("?unit=%27--", [0, 1]),
        ("?after=forged", [0, 1]),
    ],
)
def test_filters(two, client_for, query, which):
    assert numbers(client_for("kf.agent"), query) == [two[place] for place in which]


def test_a_number_is_found_whole_whatever_its_state(play, client_for):
    archived = play.upto("archived").matter.number
    assert numbers(client_for("kf.agent"), f"?number={archived.lower()}") == [archived]
    assert numbers(client_for("kf.agent"), f"?number={archived[:-1]}") == []
    assert numbers(client_for("yc.contact"), f"?number={archived}") == []


def test_overdue(two, now, client_for):
    client = client_for("kf.agent")
    now.set("2026-11-24 17:00")
    assert numbers(client, "?overdue=on") == []
    now.forward(seconds=1)
    assert numbers(client, "?overdue=on") == [two[0]]


def test_a_unit_whose_round_is_over_does_not_learn_that_the_next_one_is_late(play, now, client_for):
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    now.forward(minutes=31)
    client = client_for("wh.contact")
    assert numbers(client, "?overdue=on") == []
    assert numbers(client) == [complaint.matter.number]


def test_a_filter_does_not_tell_a_forwarder_how_urgent_it_is(play, client_for):
    complaint = play("register", "kf.agent", play.upto("forwarded"), priority="P1", flags=["major"])
    client = client_for("yc.chen")
    assert numbers(client, "?priority=P1") == []
    assert numbers(client, "?flag=major") == []
    assert numbers(client) == [complaint.matter.number]


def test_only_who_reads_everything_may_filter_by_unit(client_for):
    assert "unit" in client_for("sc.officer").get("/complaints/").context["filters"].fields
    assert "unit" not in client_for("wh.contact").get("/complaints/").context["filters"].fields


def test_paging_there_and_back_shows_each_once(play, client_for):
    made = [play.upto("registered", phone=f"139000000{place:02d}").matter.number for place in range(30)]
    client = client_for("kf.agent")
    first = client.get("/complaints/").context["page"]
    assert (len(first.rows), first.before) == (25, None)
    second = client.get("/complaints/", {"after": first.after}).context["page"]
    assert (len(second.rows), second.after) == (5, None)
    shown = [c.matter.number for c in [*first.rows, *second.rows]]
    assert shown == made
    back = client.get("/complaints/", {"before": second.before}).context["page"]
    assert [c.pk for c in back.rows] == [c.pk for c in first.rows]


def test_the_rows_alone_are_asked_for_anew(two, client_for):
    page = client_for("kf.agent").get("/complaints/?order=newest", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'hx-get="/complaints/?order=newest"' in page
    assert page.index(two[1]) < page.index(two[0])


def test_a_list_masks_the_customer(two, client_for):
    page = client_for("kf.agent").get("/complaints/").content.decode()
    assert page.count("王**") == 2
    assert "王建国" not in page
    assert "13871234567" not in page


def test_a_list_is_read_only(client_for):
    assert client_for("kf.agent").post("/complaints/").status_code == 405


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact"])
def test_a_page_takes_as_many_queries_for_a_hundred_as_for_one(play, client_for, username):
    client = client_for(username)
    counted = []
    for size in (1, 9, 90):
        for place in range(size):
            play.upto("delivered", phone=f"13{size:03d}{place:06d}")
        with CaptureQueriesContext(connection) as queries:
            numbers(client)
        counted.append(len(queries))
    assert counted == [counted[0]] * 3
