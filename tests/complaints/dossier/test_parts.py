"""The parts of a coordination are read once, for the page and for what may be done, where the reader sees all."""

from __future__ import annotations

from pytest_django import DjangoAssertNumQueries

from accountability.models import actor_for
from complaints.dossier.dossier import story_of
from complaints.dossier.minutes import minutes_of
from complaints.models import Complaint
from complaints.models.coordination import newest_first, parts_of
from tests.factories import Play


def test_of_two_coordinations_the_newest_comes_first_and_is_read_once(
    play: Play, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pk = play("convene", "wh.zhang", play.upto("finished"), units=["YC", "SJ"], problem="再协调").pk
    actor = actor_for(play.cast["kf.agent"].pk, play.now.at)
    assert actor is not None
    complaint = Complaint.objects.for_page().get(pk=pk)
    story = story_of(complaint, actor)
    with django_assert_num_queries(0):
        mine = complaint.parts
    theirs = newest_first(parts_of([pk])[pk])
    assert mine == theirs
    assert [part.coordination_id for part in mine] == sorted((p.coordination_id for p in theirs), reverse=True)
    assert len({id(part.coordination) for part in mine}) == len({part.coordination_id for part in theirs}) == 2
    assert [minutes.place for minutes in minutes_of(story)] == [1, 2]


def test_what_may_be_done_looks_at_all_parts_also_where_the_reader_sees_their_own(play: Play) -> None:
    """An invited unit sees its part alone; whether all are confirmed or finished is asked of every part."""
    pk = play("convene", "wh.zhang", play.upto("accepted"), units=["YC", "SJ"], problem="协调").pk
    actor = actor_for(play.cast["yc.contact"].pk, play.now.at)
    assert actor is not None
    complaint = Complaint.objects.for_page().get(pk=pk)
    story = story_of(complaint, actor)
    assert [part.unit.code for part in story.parts] == ["YC"]
    assert sorted(part.unit.code for part in complaint.parts) == ["SJ", "YC"]
