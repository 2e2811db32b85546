"""The tour: every role has its own, on pages it may open, at elements that are there; nobody is asked twice."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from accountability.declarations.tours import STEPS
from accountability.models import AccessLog, Preferences, actor_for
from accountability.rules.catalogue import RULES
from accountability.web.tour_steps import TOURS, VERSION, roles_of, steps_of, stops_of
from tests.looking import writes
from tests.test_access_matrix import ROLES

TAKEN = {
    "agent": ["agent"],
    "csc_supervisor": ["csc_supervisor"],
    "centre_head": ["head"],
    "contact_own": ["contact"],
    "deputy_own": ["contact"],
    "contact_other": ["contact"],
    "handler_own": ["handler"],
    "handler_other": ["handler"],
    "leader": ["leader"],
    "head": ["head"],
    "head_other": ["contact", "leader", "head"],
    "marketing": ["marketing"],
    "marketing_leader": ["head", "marketing"],
    "auditor": ["auditor"],
    "forwarder": ["handler"],
    "plain": ["plain"],
    "system_admin": ["system_admin"],
    "security_admin": ["security_admin"],
    "audit_admin": ["audit_admin"],
}
"""Which tours the people of the matrix take: zd.head stands in for a contact, and leads people of the unit."""


def actor(cast, now, role):
    return actor_for(cast[ROLES[role]].pk, now.at)


def ids(html):
    return set(re.findall(r'\sid="([^"]+)"', html))


def links_in(html):
    return re.findall(r'<a\s[^>]*href="([^"]+)"', html)


def offers(client):
    return 'id="tour-offer"' in client.get("/").content.decode()


def test_everybody_has_the_tours_of_their_roles(cast, now):
    assert {role: roles_of(actor(cast, now, role)) for role in ROLES} == TAKEN
    assert {len(steps_of(role)) in (4, 5, 6) for role in TOURS} == {True}
    assert [step.name for step in STEPS.values() if not step.tours or set(step.tours) - set(TOURS)] == []
    assert [
        role for role in TOURS if [step.tours[role] for step in steps_of(role)] != [*range(1, len(steps_of(role)) + 1)]
    ] == []


def test_every_tour_names_rules_that_there_are():
    named = {role: {f"R{number}" for step in steps_of(role) for number in re.findall(r"R(\d+)", str(step.text))}
             for role in TOURS}  # fmt: skip
    assert {rule for rules in named.values() for rule in rules} - set(RULES) == set()
    assert [role for role, rules in named.items() if len(rules) < 3] == []


@pytest.mark.parametrize("lived_in", [False, True], ids=["empty", "lived-in"])
def test_every_step_leads_to_its_element(cast, now, play, client_for, lived_in):
    if lived_in:
        play("forward", "sj.plain")
        play.upto("accepted")
    found = {(role, stop.step.name): missing_on(client_for(name), stop)
             for role, name in ROLES.items() for stop in stops_of(actor(cast, now, role))}  # fmt: skip
    assert {step: missing for step, missing in found.items() if missing} == {}
    assert len(found) == 111


def missing_on(client, stop):
    response = client.get(stop.guided_url)
    html = response.content.decode()
    wrong = {"tour", stop.step.target} - ids(html)
    return wrong | ({response.status_code} - {200}) | (set() if f"第 {stop.number} 步" in html else {"number"})


def test_every_link_of_the_tour_answers(client_for):
    wrong = []
    for username in ROLES.values():
        client = client_for(username)
        page = client.get(reverse("tour"))
        links = links_in(page.content.decode().partition("<ol")[2].partition("</ol>")[0])
        wrong += [(username, stop.url) for stop in page.context["stops"] if stop.url not in links]
        places = {urlsplit(link).path for link in links}
        wrong += [(username, place) for place in places if client.get(place).status_code != 200]
    assert wrong == []


def test_who_has_several_roles_takes_each_step_once(cast, now):
    names = [stop.step.name for stop in stops_of(actor(cast, now, "head_other"))]
    assert names == [
        "hand_over", "bell", "give_back", "roster", "report", "joint", "clocks", "opinion", "penalty", "rules",
        "burning", "plans", "readings",
    ]  # fmt: skip


def test_the_first_desk_offers_the_tour_and_skipping_is_kept(client_for, cast):
    client = client_for("wh.contact")
    assert offers(client) is True
    answered = client.post(reverse("answer_tour"), {"answer": "skip"})
    assert (answered.status_code, answered["Location"]) == (302, "/")
    mine = Preferences.objects.get(pk=cast["wh.contact"].pk)
    assert (mine.toured, mine.tour_skipped) == (VERSION, True)
    assert [offers(client), offers(client_for("wh.contact")), offers(client_for("wh.deputy"))] == [False, False, True]


def test_beginning_leads_to_the_first_step_and_is_kept(client_for, cast):
    client = client_for("kf.agent")
    answered = client.post(reverse("answer_tour"), {"answer": "take"})
    assert answered["Location"] == "/?tour=centre"
    mine = Preferences.objects.get(pk=cast["kf.agent"].pk)
    assert (mine.toured, mine.tour_skipped) == (VERSION, False)
    assert offers(client) is False


def test_a_tour_that_was_rewritten_is_offered_anew(client_for, monkeypatch):
    client = client_for("kf.agent")
    client.post(reverse("answer_tour"), {"answer": "skip"})
    monkeypatch.setattr("accountability.web.tour_steps.VERSION", VERSION + 1)
    assert offers(client) is True


def test_looking_at_the_tour_changes_nothing(client_for):
    client = client_for("kf.agent")
    client.get("/")
    before = writes(without=(AccessLog,))
    client.get(reverse("tour"))
    client.get("/?tour=centre")
    assert writes(without=(AccessLog,)) == before
    assert client.get(reverse("answer_tour")).status_code == 405
    assert offers(client) is True


def test_the_answer_leaves_the_other_choices_alone(client_for, cast):
    Preferences.objects.create(employee=cast["kf.agent"], language="en", shortcuts=False, plays_sound=True)
    client_for("kf.agent").post(reverse("answer_tour"), {"answer": "skip"})
    mine = Preferences.objects.get(pk=cast["kf.agent"].pk)
    assert (mine.language, mine.shortcuts, mine.plays_sound, mine.toured) == ("en", False, True, VERSION)


@pytest.mark.parametrize("asked", ["sheets", "handle", "nothing", ""], ids=["foreign", "other-page", "none", "blank"])
def test_a_step_that_is_not_theirs_is_not_shown(client_for, asked):
    page = client_for("wh.zhang").get("/inbox/", {"tour": asked})
    assert (page.status_code, "tour" in ids(page.content.decode())) == (200, False)


def test_a_step_can_be_left_without_a_script(client_for):
    html = client_for("wh.zhang").get("/inbox/?tour=table").content.decode()
    card = html.partition('id="tour"')[2].partition("</section>")[0]
    steps = [link for link in links_in(card) if not link.startswith("/rules/")]
    assert steps == ["/complaints/?tour=clocks", "/complaints/forward/?tour=forward", "/inbox/", "/tour/"]
