"""The queue: what is in it, narrowed how, in which order, page by page."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import Category


def numbers(client, query: str = "") -> list[str]:
    page = client.get(f"/complaints/{query}")
    assert page.status_code == 200
    return [line.complaint.matter.number for line in page.context["lines"]]


def key_of(path: str) -> int:
    category = Category.at(path)
    assert category is not None
    return category.pk


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
        ("?order=oldest", [0, 1]),
        ("?order=due", [0, 1]),
        ("?order=bogus", [0, 1]),
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


@pytest.mark.parametrize("last", [4, 6, 14])
def test_a_number_is_found_by_its_last_digits(play, client_for, last):
    number = play.upto("archived").matter.number
    other = play.upto("registered", phone="13900000001").matter.number
    client = client_for("kf.agent")
    assert numbers(client, f"?number={number[-last:]}") == [number]
    assert numbers(client, f"?number={other[-last:]}") == [other]
    assert numbers(client, f"?number={number[-3:]}") == []
    assert numbers(client_for("yc.contact"), f"?number={number[-last:]}") == []


def test_it_is_narrowed_by_what_where_whence_who_and_when(play, now, client_for):
    now.set("2026-11-23 09:00")
    other = play.upto("accepted", category="网络质量/掉话", region="宜昌").matter.number
    now.set("2026-11-24 09:00")
    bill = play.upto("registered", phone="13900000001", region="武汉", category="资费与收费争议").matter.number
    head = key_of("网络质量")
    client = client_for("kf.agent")
    for asked, which in (
        (f"category={key_of('网络质量/掉话')}", [other]), (f"category={head}", [other]),
        ("region=武汉", [bill]), ("region=宜昌", [other]), ("region=火星", [other, bill]),
        ("channel=call", [other, bill]), ("channel=leader", []),
        ("person=wh.zhang", [other]), ("person=张伟民", [other]), ("person=yc.chen", []),
        ("person=无此人", [other, bill]),
        ("received_from=2026-11-24", [bill]), ("received_to=2026-11-23", [other]),
        ("received_from=2026-11-23&received_to=2026-11-24", [other, bill]), ("received_from=0001-01-01", [other, bill]),
    ):  # fmt: skip
        assert set(numbers(client, f"?{asked}")) == set(which), asked
    page = client.get(f"/complaints/?category={head}&region=宜昌&person=wh.zhang&received_from=2026-11-23")
    assert [said for said, _url in page.context["active"]] == [
        "经办人：张伟民", "投诉类别：网络质量", "归属地市：宜昌", "受理日期自：2026-11-23",
    ]  # fmt: skip


def test_a_forwarder_learns_no_category_and_no_channel_by_a_filter(play, client_for):
    complaint = play("register", "kf.agent", play.upto("forwarded"), category="资费与收费争议")
    client = client_for("yc.chen")
    assert numbers(client, f"?category={key_of('资费与收费争议')}") == []
    assert numbers(client, "?channel=forward") == []
    assert "person" not in client.get("/complaints/").context["filters"].fields
    assert numbers(client) == [complaint.matter.number]


def test_the_list_and_each_chip_tell_how_many_there_are(two, client_for):
    client = client_for("kf.agent")
    page = client.get("/complaints/?list=register")
    assert (page.context["total"], '<span class="count" data-total-shown>1</span>' in page.content.decode()) == (
        "1",
        True,
    )
    for chip in page.context["chips"]:
        assert chip["count"] == str(len(numbers(client, chip["url"].removeprefix("/complaints/")))), chip
    assert {chip["count"] for chip in page.context["chips"]} == {"0", "1", "2"}
    assert 'data-total="2"' in client.get("/complaints/", headers={"HX-Request": "true"}).content.decode()


@pytest.mark.usefixtures("sent_as_written")
def test_a_list_counts_no_further_than_the_desk_in_one_statement(two, client_for):
    client = client_for("kf.agent")
    client.get("/complaints/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/complaints/")
    (statement,) = [query["sql"] for query in queries if "AS bounded" in query["sql"]]
    assert statement.count("LIMIT 100)") == statement.count("AS bounded") > 10
    counting = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert [sql for sql in counting if "LIMIT 100)" not in sql] == []


def test_a_line_has_the_customers_words_masked_and_no_statement_more(play, client_for):
    content = "我叫王建国，电话 13871234567，\n上周三起打不通电话。"
    play.upto("delivered", content=content)
    for username in ("kf.agent", "wh.contact", "sj.auditor"):
        page = client_for(username).get("/complaints/").content.decode()
        assert "上周三起打不通电话" in page, username
        assert ("王建国" in page, "13871234567" in page) == (False, False), username


@pytest.mark.parametrize("before", [81, 85, 89])
def test_a_number_where_the_words_end_is_masked_whole(play, client_for, before):
    play.upto("delivered", content=f"{'网' * before}13871234567")
    assert not re.search(r"网1387?1", client_for("kf.agent").get("/complaints/").content.decode())


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


@pytest.mark.rule("R12")
def test_by_due_the_nearest_comes_first_whatever_its_class(play, now, client_for):
    later = play.upto("delivered", priority="P3").matter.number
    now.forward(minutes=20)
    urgent = play.upto("delivered", phone="13900000001", priority="P1").matter.number
    client = client_for("kf.agent")
    assert numbers(client) == [urgent, later]
    assert numbers(client, "?order=due") == [later, urgent]


@pytest.mark.parametrize("order", ["", "due", "newest", "oldest"])
def test_every_order_shows_each_once_page_by_page(play, client_for, order):
    made = {play.upto("registered", phone=f"139000000{place:02d}").matter.number for place in range(27)}
    client = client_for("kf.agent")
    first = client.get("/complaints/", {"order": order}).context["page"]
    second = client.get("/complaints/", {"order": order, "after": first.after}).context["page"]
    shown = [c.matter.number for c in [*first.rows, *second.rows]]
    assert (len(shown), set(shown)) == (27, made)


def test_a_place_in_one_order_is_none_in_another(play, client_for):
    for place in range(27):
        play.upto("registered", phone=f"139000000{place:02d}")
    client = client_for("kf.agent")
    after = client.get("/complaints/?order=newest").context["page"].after
    assert len(numbers(client, f"?order=newest&after={after}")) == 2
    assert numbers(client, f"?order=oldest&after={after}") == numbers(client, "?order=oldest")


def test_each_active_filter_is_a_chip_that_takes_it_away(two, client_for):
    client = client_for("kf.agent")
    page = client.get("/complaints/?list=overdue&state=dispatched&unit=WH&mine=on&order=due&after=x&open=y")
    assert page.context["active"] == [
        ("状态：已派单", "/complaints/?list=overdue&unit=WH&mine=on&order=due"),
        ("现责任单位：武汉分公司", "/complaints/?list=overdue&state=dispatched&mine=on&order=due"),
        ("只看与我有关", "/complaints/?list=overdue&state=dispatched&unit=WH&order=due"),
    ]
    assert client.get("/complaints/?mine=on").context["active"] == [("只看与我有关", "/complaints/?list=")]
    assert client.get("/complaints/?order=due&priority=bogus").context["active"] == []


def test_a_number_is_the_one_filter_that_counts(two, client_for):
    page = client_for("kf.agent").get(f"/complaints/?number={two[0]}&priority=P3")
    assert page.context["active"] == [(f"投诉编号：{two[0]}", "/complaints/?priority=P3")]


def test_an_order_keeps_the_filters_and_begins_anew(two, client_for):
    page = client_for("kf.agent").get("/complaints/?state=all&order=due&after=x")
    assert [(order["url"], order["current"]) for order in page.context["orders"]] == [
        ("/complaints/?state=all", False),
        ("/complaints/?state=all&order=due", True),
        ("/complaints/?state=all&order=newest", False),
        ("/complaints/?state=all&order=oldest", False),
    ]


@pytest.mark.rule("R6")
def test_a_line_shows_every_clock_the_nearest_first(play, now, client_for):
    play.upto("delivered")
    client = client_for("kf.agent")
    assert [deadline.kind for deadline in client.get("/complaints/").context["lines"][0].clocks] == [
        "handoff", "handling", "first_reply", "legal",
    ]  # fmt: skip
    assert client.get("/complaints/").content.decode().count("clock--line") == 4


def test_the_complaint_stands_beside_the_list(two, client_for):
    page = client_for("wh.zhang").get(f"/complaints/?open={two[0]}").content.decode()
    assert page.count(f'data-complaint="{two[0]}"') == 1
    assert page.count("</html>") == 1
    assert f'action="/complaints/{two[0]}/answer/"' in page


def test_anothers_complaint_beside_the_list_is_like_one_that_is_not_there(two, client_for):
    client = client_for("yc.contact")
    pages = [client.get(f"/complaints/?open={number}") for number in (two[0], "TS20200101000001")]
    assert [page.status_code for page in pages] == [200, 200]
    assert ["没有这件投诉" in page.content.decode() for page in pages] == [True, True]
    assert ["data-complaint" in page.content.decode() for page in pages] == [False, False]


def test_a_complaint_is_asked_for_without_its_frame(two, client_for):
    client = client_for("kf.agent")
    part = client.get(f"/complaints/{two[0]}/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert f'data-complaint="{two[0]}"' in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" in client.get(f"/complaints/{two[0]}/").content.decode()


@pytest.mark.parametrize(
    ("shown_at", "goes_on_at"),
    [
        ("/complaints/?list=answer&open=x", "/complaints/?list=answer&open=x"),
        ("/complaints/{number}/", "/complaints/{number}/"),
        ("https://elsewhere.example/complaints/?list=answer", "/complaints/{number}/"),
    ],
)
def test_who_acts_beside_the_list_goes_on_there(two, client_for, shown_at, goes_on_at):
    current = shown_at.format(number=two[0])
    asked = {
        "HX-Request": "true",
        "HX-Current-URL": current if "://" in current else f"http://testserver{current}",
    }
    typed = {"result": "已退费。", "cause": "套餐变更时未告知。"}
    answer = client_for("wh.zhang").post(f"/complaints/{two[0]}/answer/", typed, headers=asked)
    assert answer.headers["HX-Redirect"] == goes_on_at.format(number=two[0])


def test_asking_anew_is_nothing_that_somebody_did(two, now, client_for):
    """The session ends when it would have ended: it is neither prolonged nor written by the half-minute's fetch."""
    client = client_for("kf.agent")
    before = list(Session.objects.values_list("session_key", "session_data", "expire_date"))
    now.forward(hours=1)
    answer = client.get("/complaints/", headers={"HX-Request": "true", "X-Poll": "1"})
    assert (answer.status_code, "sessionid" in answer.cookies) == (200, False)
    assert list(Session.objects.values_list("session_key", "session_data", "expire_date")) == before


def test_single_keys_can_be_switched_off(client_for):
    client = client_for("kf.agent")
    assert "data-keys" in client.get("/complaints/").content.decode()
    assert client.post("/preferences/", {"language": "zh-hans"}).status_code == 302
    page = client.get("/complaints/").content.decode()
    assert ("data-keys" in page, '<dialog id="keys"' in page) == (False, False)
    assert client.post("/preferences/", {"language": "zh-hans", "shortcuts": "on"}).status_code == 302
    assert "data-keys" in client.get("/complaints/").content.decode()


def test_the_rows_alone_are_asked_for_anew(two, client_for):
    page = client_for("kf.agent").get("/complaints/?order=newest", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'hx-get="/complaints/?order=newest"' in page
    assert page.index(two[1]) < page.index(two[0])


def typed(client, query: str):
    """The answer to what is typed in the search of the list."""
    return client.get(f"/complaints/?{query}", headers={"HX-Request": "true", "HX-Target": "queue"})


def test_what_is_typed_replaces_the_list_and_its_address(two, client_for):
    client = client_for("kf.agent")
    answer = typed(client, f"list=&number={two[1][-4:]}&priority=")
    text = answer.content.decode()
    assert (answer.headers["HX-Replace-Url"], "<html" in text) == (f"/complaints/?number={two[1][-4:]}", False)
    assert [line.complaint.matter.number for line in answer.context["lines"]] == [two[1]]
    assert 'data-total="1"' in text
    for part in ('id="queue"', 'id="bulk"', f'name="number" value="{two[1][-4:]}"', "queue__orders", "去掉筛选"):
        assert part in text, part
    assert typed(client, "list=&number=").headers["HX-Replace-Url"] == "/complaints/?list="
    assert {"HX-Request", "HX-Target"} <= set(answer.headers["Vary"].split(", "))
    assert typed(client_for("yc.contact"), f"number={two[1]}").context["lines"] == []


def test_what_is_typed_takes_fewer_statements_than_the_page(play, client_for):
    client = client_for("kf.agent")
    counted = []
    for size in (1, 30):
        for place in range(size):
            play.upto("registered", phone=f"139{size:04d}{place:04d}")
        for ask in (client.get, lambda address: typed(client, address.split("?")[1])):
            ask("/complaints/?state=all")
            with CaptureQueriesContext(connection) as queries:
                assert ask("/complaints/?state=all").status_code == 200
            counted.append(len(queries))
    page, search, *again = counted
    assert (search < page, again) == (True, [page, search])


def test_a_list_masks_the_customer(two, client_for):
    page = client_for("kf.agent").get("/complaints/").content.decode()
    assert page.count("王**") == 2
    assert "王建国" not in page
    assert "13871234567" not in page


def test_a_list_is_read_only(client_for):
    assert client_for("kf.agent").post("/complaints/").status_code == 405


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact"])
@pytest.mark.parametrize("query", ["", "?order=due&open={number}"])
def test_a_page_takes_as_many_queries_for_a_hundred_as_for_one(play, client_for, username, query):
    client = client_for(username)
    counted = []
    asked = query.format(number=play.upto("delivered").matter.number)
    for size in (0, 9, 90):
        for place in range(size):
            play.upto("delivered", phone=f"13{size:03d}{place:06d}")
        numbers(client, asked)
        with CaptureQueriesContext(connection) as queries:
            numbers(client, asked)
        counted.append(len(queries))
    assert counted == [counted[0]] * 3


def test_a_token_tells_nothing(play, client_for):
    """Not how urgent the complaint at the edge is, nor since when."""
    for place in range(26):
        play.upto("registered", phone=f"139000000{place:02d}")
    token = client_for("kf.agent").get("/complaints/").context["page"].after
    assert b"2026-" not in urlsafe_b64decode(token.split(":")[0].lstrip(".") + "===")
