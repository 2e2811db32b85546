"""Which limits of a complaint somebody is told who doesn't know all of it."""

from __future__ import annotations

from accountability.models import Deadline
from complaints.dossier.dossier import present_of, story_of
from complaints.models import Complaint
from tests.complaints.views.test_desk_numbers import actor_of
from tests.factories import Play


def test_a_unit_whose_round_is_over_is_told_no_limit_of_the_complaint_itself(play: Play) -> None:
    found = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    for username, knows in (("wh.contact", False), ("wh.head", False), ("yc.contact", True), ("kf.agent", True)):
        actor = actor_of(play.cast[username], play.now)
        for read in (story_of, present_of):
            limits = read(Complaint.objects.for_page().get(pk=found.pk), actor).deadlines
            assert any(limit.part == 0 for limit in limits) is knows, username
            assert [(each.part, each.pk) for each in limits] == sorted((each.part, each.pk) for each in limits)


def test_of_limits_that_name_the_forwarder_they_know_that_of_their_reply_alone(play: Play) -> None:
    """They may have been the contact who owed the hand-over, and have left that unit since."""
    found = play.upto("forwarded and completed", tier="vip")
    who = play.cast["yc.chen"]
    Deadline.objects.filter(matter=found.pk, kind="handling").update(person=who)
    Deadline.objects.filter(matter=found.pk, kind="handoff").update(party="YC", unit_id=play.cast.unit("YC").pk)
    story = story_of(Complaint.objects.for_page().get(pk=found.pk), actor_of(who, play.now))
    assert {limit.kind for limit in story.deadlines} == {"first_reply"}


def test_a_limit_that_carries_an_invited_units_code_is_told_if_it_is_one_of_the_invited(play: Play) -> None:
    found = play.upto("confirmed")
    Deadline.objects.filter(matter=found.pk, kind="handoff").update(party="YC", unit_id=play.cast.unit("YC").pk)
    story = story_of(Complaint.objects.for_page().get(pk=found.pk), actor_of(play.cast["yc.contact"], play.now))
    assert {limit.kind for limit in story.deadlines} <= {"confirmation", "cooperation"}
