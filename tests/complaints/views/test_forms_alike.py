"""Forms at a desk's lines that say the same are built and drawn once; each line still has its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from accountability.files.fields import Files
from accountability.gate.fields import Line, Offered
from accountability.gate.verbs import find
from complaints.models import Complaint, RoundState
from complaints.views import desk
from tests.shared_world import shared

AS_PEOPLE_SEE_IT = ("wh.contact", "wh.zhang", "wh.leader", "yc.contact")


def stock(play):
    """Two and more of each kind of line that has forms; two calls told to one person, at two instants."""
    now = play.now
    for place, at in enumerate(("2026-11-24 08:10", "2026-11-24 08:20", "2026-11-24 08:30")):
        now.set(at)
        for kind, state in enumerate(("delivered", "reported", "handed_off")):
            play.upto(state, phone=f"1390000{place:02d}{kind:02d}", at=at)
        told = play.upto("delivered", phone=f"1391111{place:04d}", at=at)
        play("record_told", "wh.contact", told, to="wh.zhang", happened=at)
    now.set("2026-11-24 08:40")


stage, own_copy, now, cast, _play, client_for, _stock = shared(stock)


def said(page: Any) -> str:
    """Without what is random on every page."""
    return re.sub(r'name="(_key|csrfmiddlewaretoken)" value="[^"]*"', r'name="\1"', page.content.decode())


def test_each_line_has_the_form_that_it_would_have_alone(client_for, monkeypatch):
    built = {}
    build = desk.FormsInPlace._built
    for alone in (False, True):
        names: list[tuple[str, str]] = []

        def noted(forms, verb, complaint, work, names=names):
            names.append((verb.name, work))
            return build(forms, verb, complaint, work)

        with monkeypatch.context() as changed:
            changed.setattr(desk.FormsInPlace, "_built", noted)
            if alone:
                changed.setattr(desk, "_likeness", lambda verb, complaint: (complaint.pk,))
            built[alone] = [said(client_for(username).get("/")) for username in AS_PEOPLE_SEE_IT], sorted(names)
    assert built[False][0] == built[True][0]
    once, each = built[False][1], built[True][1]
    assert {name for name, _work in each} == {
        "hand_off", "report_to_leader", "record_told", "confirm_told", "deny_told", "name_handler", "accept",
    }  # fmt: skip
    together = {name for name, _work in each if once.count((name, _work)) < each.count((name, _work))}
    assert together == {"hand_off", "report_to_leader", "record_told", "name_handler", "accept"}


def test_every_form_of_a_page_has_a_key_of_its_own(client_for):
    page = client_for("wh.contact").get("/").content.decode()
    keys = re.findall(r'name="_key" value="([^"]+)"', page)
    assert len(keys) == len(set(keys)) > 3
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def delivered() -> list[Complaint]:
    """In one unit, none of them reported to a leader."""
    found = [complaint for complaint in Complaint.objects.order_by("pk") if complaint.round]
    return [complaint for complaint in found if complaint.round.state == RoundState.DELIVERED]


@pytest.mark.usefixtures("_stock")
@pytest.mark.parametrize(
    ("fact", "is_shared"),
    [
        (Line(name="more"), True),
        (Line(name="more", required=lambda complaint: complaint == delivered()[0]), False),
        (Offered(name="more", offers=lambda complaint: [(complaint.pk, "?")]), False),
        (Files(name="more"), False),
    ],
)
def test_what_may_differ_from_line_to_line_is_drawn_for_each(fact, is_shared):
    verb = find(Complaint, "hand_off")
    verb = replace(verb, facts=(*verb.facts, fact))
    one, other = (tuple(desk._likeness(verb, complaint)) for complaint in delivered()[:2])
    assert (one == other) is is_shared


@pytest.mark.usefixtures("_stock")
def test_people_of_one_unit_are_not_offered_at_the_lines_of_another():
    """Nor the leader that one was reported to at the line of another."""
    verb = find(Complaint, "hand_off")
    complaint = delivered()[0]
    assert complaint.round is not None
    here = tuple(desk._likeness(verb, complaint))
    complaint.round.unit_id += 1
    there = tuple(desk._likeness(verb, complaint))
    complaint.round.reported_to_id = 77
    assert len({here, there, tuple(desk._likeness(verb, complaint))}) == 3


def test_only_the_first_form_of_the_first_line_is_open(client_for):
    """Each other one is folded behind the name of its verb."""
    for username in ("wh.contact", "wh.zhang", "wh.leader"):
        page = re.sub(r"\s+", " ", said(client_for(username).get("/")))
        forms = [found.start() for found in re.finditer(r'<form class="form form--line" action="/complaints/TS', page)]
        folded = [found.start() for found in re.finditer(r'<details class="disclosure disclosure--quiet">', page)]
        assert len(forms) > 2
        assert len(folded) == len(forms) - 1
        assert forms[0] < folded[0]
