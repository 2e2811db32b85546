"""A page and an act find a case by statements that are kept: those cases that the person may open, and no others."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.http import Http404

from accountability.models import actor_for
from accountability.permissions import Actor
from accountability.web.standing_statements import GIVEN
from assessment.models import Case
from assessment.views.case import PAGE
from tests.assessment.docket import Docket
from tests.factories import Play
from tests.shared_world import shared


def several(play: Play) -> list[Case]:
    """Hidden from the unit, told to it, before a panel, of a contact's fault, and declined."""
    return [
        Docket(play).upto(way)
        for way in ("sheet_issued", "opened", "admitted", "panel sits", "fault_opened", "declined")
    ]


stage, own_copy, _now, _cast, play, _client_for, world = shared(several, signs_in=False)


def everybody(play: Play) -> list[Actor]:
    return [actor for person in play.cast if (actor := actor_for(person.pk, play.now.at))]


def found(find: Callable[[Any, str], Case], actor: Actor | None, named: str) -> list[dict[str, Any]]:
    """The columns of case and matter; nothing where there is no such case for this person."""
    request: Any = SimpleNamespace(actor=actor)
    try:
        case = find(request, named)
    except Http404:
        return []
    return columns(case)


def columns(case: Case) -> list[dict[str, Any]]:
    return [{f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields} for one in (case, case.matter)]


def test_page_and_act_find_what_the_person_may_open(play: Play, world: list[Case]) -> None:
    """The administration finds what the person sees; the page outside it also what they are asked about."""
    desk: Any = admin.site._registry[Case]
    met = set()
    for actor in everybody(play):
        for case in world:
            number, own = str(case.matter), Case.objects.filter(pk=case.pk)
            sees, opens = (bool(own & seen) for seen in (Case.objects.visible_to(actor), Case.objects.known_to(actor)))
            whole = columns(own.get())
            for find in (PAGE.find, PAGE.find_to_act):
                assert found(find, actor, number) == (whole if opens else []), (actor.username, number)
            for find in (desk.known_subject, desk.subject_to_act):
                assert found(find, actor, str(case.pk)) == (whole if sees else []), (actor.username, number)
            met.add((number, opens))
    assert len(met) == 2 * len(world)  # each is found by some, and not by others


@pytest.mark.parametrize("number", ["", "AJ2026-999", "%", GIVEN])
def test_a_number_that_isnt_one_finds_nothing(play: Play, world: list[Case], number: str) -> None:
    assert found(PAGE.find_to_act, actor_for(play.cast["sc.officer"].pk, play.now.at), number) == []


@pytest.mark.parametrize("key", ["", "0", "-1", "x", "_31", "9" * 18, "9" * 19, "9" * 400])
def test_a_key_that_no_case_has_finds_nothing(play: Play, world: list[Case], key: str) -> None:
    desk: Any = admin.site._registry[Case]
    assert found(desk.subject_to_act, actor_for(play.cast["sc.officer"].pk, play.now.at), key) == []


@pytest.mark.parametrize("way", ["sheet_issued", "panel sits", "penalised", "circular issued", "fault_opened"])
def test_the_gate_reads_what_a_page_reads(play: Play, way: str) -> None:
    """A page and an act read the same rows in the same order as Django's own relations have them."""
    case = Docket(play).upto(way)
    locked, joined = Case.of_matter(case.pk), Case.objects.get(pk=case.pk)
    for name in ("penalty_rows", "circular_rows", "report_rows", "panel_rows", "complaint_ids", "position", "awaits"):
        assert getattr(locked, name) == getattr(joined, name), name
    for name in ("matter", "unit", "officer", "approver", "round", "handoff", "at_fault", "opinion_givers"):
        assert getattr(locked, name) == getattr(joined, name), name
    assert [report.named for report in locked.report_rows] == [report.named for report in joined.report_rows]
    assert [panel.seat_rows for panel in locked.panel_rows] == [panel.seat_rows for panel in joined.panel_rows]
