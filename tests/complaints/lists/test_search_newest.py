"""A word is looked for in the newest complaints first; what is found is the same as if all were looked through."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import SearchText
from accountability.search import finders
from complaints.lists import search
from complaints.lists.newest import first_keys_of
from complaints.lists.worklists import NEWEST, OLDEST
from complaints.models import Complaint
from tests.complaints.lists.test_newest import SEVERAL, lived_in
from tests.complaints.views.test_desk_numbers import actor_of
from tests.shared_world import shared

stage, own_copy, now, cast, _play, client_for, _stock = shared(lived_in)
TYPED = ("退费", "账单", "核查", "处理", "退费 处理", "账单 处理 没有这个词", "没有这个词")


def asked(cast, now, username: str, **given: str) -> Any:
    return SimpleNamespace(actor=actor_of(cast[username], now), at=now.at, GET=given, path="/search/")


def plainly(actor: Any, terms: list[str]) -> list[tuple[int, int]]:
    """Matters by how many of the words their texts have, then the newest first."""
    matched: dict[int, set[str]] = {}
    for term in terms:
        for matter_id in search.texts_for(actor).with_any([term]).values_list("matter_id", flat=True):
            matched.setdefault(matter_id, set()).add(term)
    return sorted(((len(found), matter_id) for matter_id, found in matched.items()), reverse=True)


@pytest.mark.parametrize("most_keys", [0, finders.MOST_KEYS])
@pytest.mark.parametrize(("first", "more"), [(1, 3), (2, 6), (6, 9), (100, 1000)])
@pytest.mark.parametrize("username", SEVERAL)
def test_the_first_page_is_that_of_all_texts(cast, now, username, first, more, most_keys, monkeypatch):
    monkeypatch.setattr(search, "NEWEST_LOOKED_AT", first)
    monkeypatch.setattr(search, "MORE_LOOKED_AT", more)
    monkeypatch.setattr(finders, "MOST_KEYS", most_keys)
    request = asked(cast, now, username)
    for typed in TYPED:
        query, size = finders.Query.of(typed), 3
        found, rest = plainly(request.actor, query.terms), asked(cast, now, username)
        pages = []
        while True:
            page = search._by_text(query, rest, size)
            if page is None:
                break
            assert not page.is_cut
            pages.append([line.complaint.pk for line in page.rows])
            if page.after is None:
                break
            rest = asked(cast, now, username, after=page.after)
        assert [pk for rows in pages for pk in rows] == [pk for _matched, pk in found], typed
        assert all(len(rows) == size for rows in pages[:-1])


def test_the_words_are_there(cast, now):
    """Or the comparison would tell nothing."""
    found = {typed: len(plainly(actor_of(cast.wh_contact, now), typed.split())) for typed in TYPED}
    assert {typed for typed, hits in found.items() if hits > 3} >= {"退费", "账单", "处理", "退费 处理"}, found


@pytest.mark.parametrize("username", SEVERAL)
def test_the_newest_are_those_of_what_is_visible(cast, now, username):
    actor = actor_of(cast[username], now)
    seen = list(Complaint.objects.visible_to(actor).order_by("-pk").values_list("pk", flat=True))
    for how_many in (1, 5, 200):
        assert first_keys_of(actor, NEWEST, how_many) == seen[:how_many]
        assert first_keys_of(actor, OLDEST, how_many) == seen[::-1][:how_many]
        assert first_keys_of(actor, NEWEST, how_many, seen[0] if seen else 1) == seen[1:][:how_many]


def test_of_a_frequent_word_only_the_newest_are_looked_through(cast, now):
    request = asked(cast, now, "wh.contact")
    with CaptureQueriesContext(connection) as queries:
        search._by_text(finders.Query.of("退费"), request, 2)
    texts = [query["sql"] for query in queries if f'FROM "{SearchText._meta.db_table}" INNER JOIN' in query["sql"]]
    (text,) = texts
    assert '"complaints_complaint"' not in text


@pytest.mark.usefixtures("sent_as_written")
@pytest.mark.parametrize(
    ("username", "looked_at", "by_an_index"),
    [("wh.contact", 1, False), ("wh.contact", 1000, True), ("kf.agent", 1, True)],
)
def test_where_the_newest_have_no_page_of_it_all_texts_with_a_word_are_found_first(
    cast, now, username, looked_at, by_an_index, monkeypatch
):
    """Read from the newest on, the archive would be read for the few of them that a unit may read."""
    monkeypatch.setattr(finders, "MOST_KEYS", 0)
    monkeypatch.setattr(search, "MORE_LOOKED_AT", looked_at)
    request = asked(cast, now, username, after="of an earlier page")
    with CaptureQueriesContext(connection) as queries:
        search._ranked(finders.Query.of("退费"), request, 2)
    *_few, text = [query["sql"] for query in queries if f'FROM "{SearchText._meta.db_table}"' in query["sql"]]
    assert ('"entry_id" + 0) DESC' not in text) == by_an_index


def test_texts_of_others_change_neither_hits_nor_what_is_said(play, client_for, monkeypatch):
    monkeypatch.setattr(finders, "MOST_KEYS", 2)
    monkeypatch.setattr(search, "NEWEST_LOOKED_AT", 1)
    monkeypatch.setattr(search, "MORE_LOOKED_AT", 2)
    mine = play.upto("delivered", content="麒麟的话。")
    for place in range(3):
        play.upto("delivered", phone=f"1390000{place}111")

    def told() -> tuple[list[int], bool]:
        page = search_of(client_for("wh.contact"))
        return [line.complaint.pk for line in page.rows], page.is_cut

    def search_of(client: Any) -> Any:
        groups = client.get("/search/", {"q": "麒麟"}).context["groups"]
        return next(each.page for each in groups if each.finder.name == "texts")

    before = told()
    assert before == ([mine.pk], False)
    for place in range(4):
        play.upto("registered", phone=f"1390000{place}222", content="麒麟的话。")
        assert told() == before


def test_no_complaint_comes_on_two_pages_by_two_words(cast, now, play, monkeypatch):
    """Old complaints get new texts, so that of the newest complaints the older texts are no longer looked at."""
    monkeypatch.setattr(finders, "MOST_LOOKED_AT", 6)
    monkeypatch.setattr(finders, "MOST_KEYS", 2)
    monkeypatch.setattr(search, "NEWEST_LOOKED_AT", 1)
    monkeypatch.setattr(search, "MORE_LOOKED_AT", 3)
    made = [play.upto("delivered", phone=f"1370000{place}111", content="麒麟和凤凰。") for place in range(6)]
    for complaint in made[:3]:
        play("supplement", "kf.agent", complaint, content="凤凰又来了。")
    rest, found = asked(cast, now, "kf.agent"), []
    while True:
        page = search._by_text(finders.Query.of("麒麟 凤凰"), rest, 2)
        assert page is not None
        found += [line.complaint.pk for line in page.rows]
        if page.after is None:
            break
        rest = asked(cast, now, "kf.agent", after=page.after)
    assert len(found) == len(set(found))


def test_a_word_in_no_text_asks_for_nobodys_rights(cast, now):
    request = asked(cast, now, "wh.contact", after="of an earlier page")
    with CaptureQueriesContext(connection) as queries:
        assert search._by_text(finders.Query.of("没有这个词"), request, 2) is None
    (alone,) = [query["sql"] for query in queries]
    assert "complaints" not in alone.replace("'complaint'", "")
