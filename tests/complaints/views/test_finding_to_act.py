"""A page and an act find a complaint by statements of their own: what the person sees, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models
from django.http import Http404

from accountability.models import actor_for
from accountability.permissions import Actor
from accountability.web.standing_statements import GIVEN
from complaints.models import Complaint, Round
from complaints.views.complaint import PAGE
from tests.factories import Play
from tests.shared_world import shared


def several(play: Play) -> list[Complaint]:
    """With each unit's people, with nobody yet, forwarded for a VIP, told by telephone, and at another unit's table."""
    told = play("record_told", "wh.contact", play.upto("delivered"), happened=play.now.at)
    vip = play("register", "kf.agent", play.upto("forwarded", tier="vip"))
    return [
        told, vip, play.upto("registered"), play.upto("forwarded", phone="13871230001"), play.upto("reported"),
        play.upto("convened"), play.upto("returned"), play.upto("archived"),
        play("dispatch", "kf.agent", play.upto("registered"), unit="YC"),
    ]  # fmt: skip


stage, own_copy, _now, _cast, play, _client_for, world = shared(several, signs_in=False)


def everybody(play: Play) -> list[Actor]:
    return [actor for person in play.cast if (actor := actor_for(person.pk, play.now.at))]


def found(find: Any, actor: Any, number: str) -> list[dict[str, Any]]:
    """The columns of complaint, matter and newest round; nothing where there is no such complaint for this person."""
    request: Any = SimpleNamespace(actor=actor)
    try:
        complaint = find(request, number)
    except Http404:
        return []
    return columns(complaint)


def columns(complaint: Complaint) -> list[dict[str, Any]]:
    things: list[models.Model | None] = [complaint, complaint.matter, complaint.latest_round]
    return [{f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields} for one in things if one]


@pytest.mark.parametrize("hours", [0, 200])
def test_page_and_act_find_what_the_person_sees(play: Play, world: list[Complaint], hours: int) -> None:
    """Later, who was told by telephone may see it no more."""
    play.now.forward(hours=hours)
    met = set()
    for actor in everybody(play):
        seen = set(Complaint.objects.visible_to(actor).values_list("pk", flat=True))
        for complaint in world:
            number, whole = str(complaint.matter), columns(Complaint.objects.get(pk=complaint.pk))
            for find in (PAGE.find, PAGE.find_to_act):
                assert found(find, actor, number) == (whole if complaint.pk in seen else []), (actor.username, number)
            met.add((number, complaint.pk in seen))
    assert len(met) > len(world)  # most are found by some, and not by others


@pytest.mark.parametrize("number", ["", "TS20261124999999", "%", GIVEN])
def test_a_number_that_isnt_one_finds_nothing(play: Play, world: list[Complaint], number: str) -> None:
    assert found(PAGE.find_to_act, actor_for(play.cast["kf.agent"].pk, play.now.at), number) == []


@pytest.mark.parametrize("hours", [0, 200])
def test_a_round_at_hand_is_visible_to_those_whom_the_query_finds(
    play: Play, world: list[Complaint], hours: int
) -> None:
    play.now.forward(hours=hours)
    rounds = [complaint.latest_round for complaint in world if complaint.latest_round]
    for actor in everybody(play):
        seen = set(Round.objects.visible_to(actor).values_list("pk", flat=True))
        assert {one.pk for one in rounds if one.is_visible_to(actor)} == seen, actor.username
