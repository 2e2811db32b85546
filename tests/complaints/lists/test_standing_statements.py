"""Statements whose text is built once say the same as those that are built for the person and the instant."""

from __future__ import annotations

import gc
import re
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext

from accountability.db.row_keys import Key, Keys
from accountability.db.sql import by_key, compiled, fetched, shape_of, with_constants
from accountability.declarations.places import PLACES
from accountability.gate.subjects import SUBJECTS
from accountability.rules import desk as rules
from accountability.search import finders
from accountability.web import navigation, noticed, standing_statements, verb_pages
from accountability.web.combined_queries import counted
from accountability.web.standing_statements import Word
from assessment import admin
from assessment.cases import complaint_card, leads, papers
from assessment.cases import dossier as of_a_case
from assessment.cases import page as case_page
from assessment.exports import desk as exports
from assessment.lists import desk as of_cases
from assessment.lists import search as case_search
from assessment.lists import worklists
from assessment.plans import desk as plans
from assessment.views import places
from complaints.actions import intake
from complaints.dossier import dossier
from complaints.fields import candidates
from complaints.lists import choices, desk, hotspots, newest, queue, standing
from complaints.lists import search as complaint_search
from complaints.lists import worklists as of_complaints
from complaints.models import Complaint
from complaints.views import lists as of_the_page
from tests.complaints.views.test_desk_numbers import PEOPLE, actor_of, stock
from tests.shared_world import shared
from tests.xss import forget_how_to_read, planted

stage, own_copy, now, cast, _play, client_for, _stock = shared(stock)

PAGES = [kind() for kind in verb_pages.MatterPage.__subclasses__()]

ASKED: tuple[tuple[Any, ...], ...] = (
    (queue._open_in_lists, 100),
    (queue._first_open, "", 26),
    (queue._first_open, "hand_off", 26),
    (newest._first_of_each, of_complaints.NEWEST, 100),
    (newest._few_of_each, 100),
    (choices._tables,),
    (of_the_page._views,),
    (dossier._kin, Keys((2, 3, 5, 8))),
    (complaint_card._marks, Keys((2, 3, 5, 8))),
    (leads._accused, Keys((2, 3, 5, 8))),
    (candidates._handlers_to_name, Key(2), Key(3)),
    (candidates._leaders_of, Key(2), Key(3)),
    (intake._earlier, 720, Key(2), Key(3), None),
    (intake._earlier, 720, Key(2), None, Key(4)),
    (desk._first_of_each, False, 6),
    (desk._first_of_each, True, 1000),
    (of_complaints._shown, Keys((2, 3, 5, 8))),
    (newest._seen_among, Keys((2, 3, 5, 8)), Keys((13, 21))),
    (newest._seen_among, Keys(), Keys((13, 21))),
    (newest._seen_among, Keys((2, 3)), Keys()),
    (desk._by_clock, False, 100, (0,)),
    (desk._by_clock, True, 100, (1, 0)),
    (navigation._newest_unread,),
    (worklists._first_of_each, 100),
    (places._own_plans,),
    *((verb_pages._of_a_number, seen) for page in PAGES for seen in (page.seen, page.seen_to_act)),
    (noticed._newest, False, 26),
    (noticed._newest, True, 26),
    (noticed._earlier, False, Keys((2, 3)), Keys((5, 8, 13))),
    (noticed._earlier, True, Keys((2, 3)), Keys((5, 8, 13))),
    (admin._of_a_key, Key(2)),
    (of_complaints._limits_told, Keys((2, 3, 5, 8))),
    (of_complaints._own_rounds_and_invitations, Keys((2, 3, 5, 8))),
    (of_complaints._own_rounds_and_invitations, Keys()),
    (standing._limits_and_waits, Keys((2, 3, 5, 8))),
    (standing._limits_and_waits, Keys(range(2, 3000))),
    (hotspots._of_people, 1000),
    (hotspots._of_units,),
    (exports._asked_and_made, 100),
    (rules._readings, Key(2)),
    (rules._principles,),
    (worklists._visible, Keys((2, 3))),
    (worklists._known, Keys((2, 3))),
    (worklists._limits, Keys((2, 3))),
    (of_cases._first_owed, 200),
    (of_cases._links, Keys((2, 3))),
    (of_cases._linked, Keys((2, 3))),
    (of_cases._silent, Keys((2, 3))),
    (plans._by_clock, 100),
    (dossier._rare, Key(2), Key(3), Key(5)),
    (of_a_case._complaints, Keys((2, 3, 5, 8))),
    (of_a_case._rounds, Keys((2, 3, 5, 8))),
    (of_a_case._sheet, Key(2)),
    (case_page._plans, Key(2)),
    (papers._penalties, Key(2)),
    (dossier._rounds, Key(2)),
    (dossier._parts, Key(2)),
    (dossier._all_deadlines, Key(2)),
    (dossier._own_deadlines, Key(2), Keys((1, 2)), True, Keys()),
    (dossier._own_deadlines, Key(2), Keys(), False, Keys((2, 3))),
    (dossier._all_entries, Key(2)),
    (dossier._own_entries, Key(2), Keys((1, 3)), Keys((2,)), True, True),
    (dossier._own_entries, Key(2), Keys(), Keys(), False, False),
    *((noticed._seen, kind, Keys((2, 3, 5, 8))) for kind, model in SUBJECTS.items() if hasattr(model, "objects")),
    (noticed._newest_unread_duty,),
    *(
        (finders._newest_with_terms, texts, 1001, by_word, *among, *words)
        for texts in (complaint_search.texts_for, case_search.texts_for)
        for by_word, *among in ((False, "", Keys()), (True, "", Keys()), (False, "pk", Keys((2, 3))))
        for words in ((Word("退费"),), (Word("50%_"), Word("账单")), (Word("It's"), Word("\\x"), Word("😀😀")))
    ),
    (finders._with_terms, "complaint", 1001, Word("退费")),
    (finders._with_terms, "case", 1001, Word("50%_"), Word("账单")),
    (finders._texts_of, Keys((2, 3))),
    (finders._issued, 1000, Word("TS2026")),
    (finders._issued, 1000, Word("10%_")),
    (complaint_search._with_a_number_outside,),
    (finders._newest_with_terms, complaint_search._readable, 1001, False, "matter", Keys((2, 3, 5)), Word("退费")),
)


def test_every_question_that_is_kept_is_asked_here() -> None:
    """One that read anything besides its person, its instant and what it is given would be kept as it was then."""
    code = [
        path.read_text()
        for app in ("accountability", "assessment", "complaints")
        for path in Path(settings.BASE_DIR, app).rglob("*.py")
    ]
    found = Counter(n for text in code for n in re.findall(r"\bstanding_(?:statements|rows)\((_\w+), ", text))
    of_places = [place.found.__name__ for place in PLACES.values() if place.found]
    uses = sum(len(re.findall(r"(?<!def )\bstanding_(?:statements|rows)\(", text)) for text in code)
    assert uses == found.total() + 1  # one of the places
    found.update(of_places)
    assert found == Counter({(asked.__module__, asked.__name__): asked.__name__ for asked, *_more in ASKED}.values())


@pytest.mark.parametrize("username", PEOPLE)
@pytest.mark.parametrize(("asked", "more"), [(asked, more) for asked, *more in ASKED])
def test_text_and_values_are_those_of_the_person_and_the_instant(cast, now, username, asked, more):
    """At instants of the day, the night and another year, in the twofold order that a set of units may have."""
    here = actor_of(cast[username], now)
    for later in (timedelta(), timedelta(hours=9, microseconds=7), timedelta(hours=15), timedelta(days=401)):
        actor = replace(here, at=here.at + later)
        bound = standing_statements.standing_statements(asked, actor, actor.at, *more)
        built = [compiled(query) for query in asked(actor, actor.at, *more)]
        if connection.vendor == "postgresql":  # where what is the same for everybody stands in the text
            bound, built = [[(_whole(each, actor), ()) for each in asked] for asked in (bound, built)]
        assert [text for text, _values in bound] == [text for text, _values in built]
        for (_text, mine), (_same, theirs) in zip(bound, built, strict=True):
            assert _in_order(mine, actor) == _in_order(theirs, actor)
            assert [type(value) for value in mine] == [type(value) for value in theirs]


def _in_order(values, actor):
    return list(values) if len(actor.units | actor.answers_for) < 2 else sorted(values, key=repr)


def _whole(asked, actor):
    """The statement with its values as the driver sends it, word for word."""
    return _in_order(re.findall(r"\w+|\S", with_constants(*asked)), actor)


@pytest.mark.parametrize("username", PEOPLE)
def test_they_find_the_same(cast, now, username):
    actor = actor_of(cast[username], now)
    for asked, *more in ASKED:
        bound = standing_statements.standing_statements(asked, actor, actor.at, *more)
        built = [compiled(query) for query in asked(actor, actor.at, *more)]
        assert [sorted(fetched(each)) for each in bound] == [sorted(fetched(each)) for each in built]
        assert counted(bound) == counted(built)


@pytest.mark.parametrize("username", PEOPLE)
def test_all_of_them_are_kept_and_asked_of_no_database(cast, now, username):
    actor = actor_of(cast[username], now)
    standing_statements._kept.cache_clear()
    with CaptureQueriesContext(connection) as queries:
        for asked, *more in ASKED:
            standing_statements.standing_statements(asked, actor, actor.at, *more)
            stand_in = standing_statements._stand_in(actor)
            assert standing_statements._kept(asked, stand_in, tuple(more), connection.vendor) is not None
    assert len(queries) == 0


def test_who_serves_otherwise_at_the_same_instant_has_another_stand_in(cast, now):
    """It is kept for a page's thirty questions; an office won or lost meanwhile is another position."""
    actor, stand_in = actor_of(cast["wh.contact"], now), standing_statements._stand_in
    before = stand_in(actor)
    changed: dict[str, Any] = {
        "roles": frozenset(), "heads": frozenset({actor.unit_id}), "heads_centre": True, "unit_id": None,
        "stands_in_for": frozenset({1, 2}), "verified": not actor.verified, "at_odds": True, "supervisor_id": 77,
    }  # fmt: skip
    for name, value in changed.items():
        assert stand_in(replace(actor, **{name: value})) != before, name
    assert stand_in(actor) == before == stand_in(replace(actor, at=actor.at + timedelta(hours=1)))
    assert (stand_in.cache_info().maxsize or 1000) <= 16


def test_who_is_in_the_same_position_has_nothing_built(cast, now, client_for, monkeypatch):
    """kf.agent2 is a second agent; the same agent comes back a minute later."""
    agent, second = (actor_of(cast[name], now) for name in ("kf.agent", "kf.agent2"))
    standing_statements.standing_statements(queue._open_in_lists, agent, agent.at, 100)

    def never(_query):
        raise AssertionError("built again")

    monkeypatch.setattr(standing_statements, "compiled", never)
    later = now.at + timedelta(minutes=1)
    for actor in (replace(agent, at=later), second, replace(second, at=later)):
        assert standing_statements.standing_statements(queue._open_in_lists, actor, actor.at, 100)


def _by_the_hour(actor, at):
    return [Complaint.objects.filter(agent=actor.pk) if at.hour < 12 else Complaint.objects.filter(state="replied")]


def _by_a_sum(actor, at):
    return [Complaint.objects.filter(pk__gt=2 * actor.pk)]


def _by_the_name(actor, at):
    return [Complaint.objects.filter(agent__username=actor.username)]


@pytest.mark.parametrize("asked", [_by_the_hour, _by_a_sum, _by_the_name])
def test_what_is_not_understood_is_built_each_time(cast, now, asked):
    for name in ("kf.agent", "kf.agent2"):
        actor = actor_of(cast[name], now)
        bound = standing_statements.standing_statements(asked, actor, actor.at)
        assert bound == [compiled(query) for query in asked(actor, actor.at)]


def test_one_text_serves_any_number_of_rows(cast, now, monkeypatch):
    actor = actor_of(cast.wh_contact, now)
    several = [Keys.of(range(how_many)) for how_many in (1, 2, 1000)]
    (first,) = standing_statements.standing_statements(standing._limits_and_waits, actor, actor.at, several[0])
    monkeypatch.setattr(standing_statements, "compiled", None)
    for keys in several:
        (asked,) = standing_statements.standing_statements(standing._limits_and_waits, actor, actor.at, keys)
        assert asked[0] == first[0]
        assert keys.as_value(connection.vendor) in asked[1]


@pytest.mark.parametrize("username", PEOPLE)
@pytest.mark.parametrize("how_many", [0, 1, 3, 5, 100])
def test_the_limits_of_any_number_of_rows_are_those_of_the_query(cast, now, username, how_many):
    actor = actor_of(cast[username], now)
    keys = Keys.of(Complaint.objects.order_by("-pk").values_list("pk", flat=True)[:how_many])
    read = standing_statements.standing_rows(of_complaints._limits_told, actor, actor.at, keys)
    (found,) = of_complaints._limits_told(actor, actor.at, keys)
    mine, theirs = (sorted((vars(limit) | {"_state": 0} for limit in each), key=repr) for each in (read, found))
    assert mine == theirs


def everything_at(row, above=()):
    """Its columns, and those of each row that it leads to without another statement, unless it came from there."""
    columns = {name: value for name, value in vars(row).items() if name != "_state"}
    above = (*above, id(row))
    links = {
        name: there if there is None or id(there) in above else everything_at(there, above)
        for name, there in row._state.fields_cache.items()
    }
    return type(row), row._state.db, row._state.adding, columns, links


@pytest.mark.parametrize("username", PEOPLE)
@pytest.mark.parametrize("how_many", [0, 1, 3, 7])
def test_rows_come_with_all_that_the_query_joins_and_follows(cast, now, username, how_many):
    actor = actor_of(cast[username], now)
    keys = Keys.of(Complaint.objects.order_by("-pk").values_list("pk", flat=True)[:how_many])
    (found,) = of_complaints._shown(actor, actor.at, keys)
    with CaptureQueriesContext(connection) as theirs:
        built = {row.pk: everything_at(row) for row in found}
    with CaptureQueriesContext(connection) as ours:
        read = standing_statements.standing_rows(of_complaints._shown, actor, actor.at, keys)
    assert {row.pk: everything_at(row) for row in read} == built
    seen = Complaint.objects.visible_to(actor).filter(pk__in=keys)
    assert (set(built), len(ours)) == (set(seen.values_list("pk", flat=True)), len(theirs))
    assert not read or {"matter", "category", "intake"} <= read[0]._state.fields_cache.keys()


def _annotated(_actor, _at):
    return [Complaint.objects.annotate(said=Value("x"))]


def _fetched_before(_actor, _at):
    return [Complaint.objects.prefetch_related("rounds")]


def _of_values(_actor, _at):
    return [Complaint.objects.values("pk")]


@pytest.mark.parametrize("asked", [_annotated, _fetched_before, _of_values])
def test_a_query_whose_rows_would_lack_something_is_refused(cast, now, asked):
    actor = actor_of(cast.wh_contact, now)
    with pytest.raises(AssertionError):
        standing_statements.standing_rows(asked, actor, actor.at)


def test_an_actor_of_another_instant_is_taken_as_given(cast, now):
    actor, at = actor_of(cast.wh_contact, now), now.at + timedelta(hours=1)
    bound = standing_statements.standing_statements(queue._open_in_lists, actor, at, 100)
    assert bound == [compiled(query) for query in queue._open_in_lists(actor, at, 100)]


def test_they_outlive_the_thread_that_built_them(cast, now):
    """A connection belongs to its thread: what is kept asks that of whoever binds the values."""
    actor = actor_of(cast.wh_contact, now)
    standing_statements._kept.cache_clear()
    forget_how_to_read()
    keys = Keys.of(Complaint.objects.values_list("pk", flat=True)[:3])
    theirs: list[weakref.ref[Any]] = []

    def build():
        theirs.append(weakref.ref(connection.ops))
        standing_statements.standing_statements(queue._open_in_lists, actor, actor.at, 100)
        shape_of(Complaint, connection.vendor)
        if position := standing_statements._position(of_complaints._shown, actor, actor.at, (keys,)):
            standing_statements._reading(*position)

    with ThreadPoolExecutor() as threads:
        threads.submit(build).result()
    gc.collect()
    assert theirs[0]() is None


def test_what_is_planted_for_a_test_of_markup_is_read_in_it_and_not_after_it(cast, now):
    actor = actor_of(cast.kf_agent, now)
    keys = Keys.of(Complaint.objects.values_list("pk", flat=True)[:1])

    def regions() -> list[str]:
        kept = standing_statements.standing_rows(of_complaints._shown, actor, actor.at, keys)
        return [*(row.region for row in kept), *(row.region for row in by_key(Complaint, keys).values())]

    before = regions()
    with planted() as columns:
        assert all("xss" in region for region in regions())
    assert "Complaint.region" in columns
    assert regions() == before
    assert not any("xss" in region for region in before)
