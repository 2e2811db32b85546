"""Who else is at a complaint: told to those it concerns, for seconds, by a sign of life that is no doing of anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.signin import sessions
from complaints.dossier import presence
from complaints.models import Complaint, Presence
from tests.factories import Cast, Now, Play

ClientFor = Callable[[str], Client]
BY_ITSELF = {"X-Poll": "1"}


def beat(client: Client, complaint: Complaint, **typed: Any) -> Any:
    return client.post(reverse("presence", args=[complaint.matter.number]), typed, headers=BY_ITSELF)


def told(answer: Any) -> list[str]:
    """Each badge of an answer in words."""
    badges = re.findall(r'<span class="badge tone-(?:info|warn)">(.*?)</span>', answer.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<svg.*?</svg>", "", badge, flags=re.DOTALL).split()) for badge in badges]


def at_the_page(client: Client, complaint: Complaint) -> list[str]:
    page = client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()
    (part,) = re.findall(r"data-onlookers>(.*?)</div>", page, re.DOTALL)
    return re.findall(r"(\S+)\s+正在(?:查看|填写)", re.sub(r"<svg.*?</svg>", "", part, flags=re.DOTALL))


@pytest.fixture
def complaint(play: Play) -> Complaint:
    found = play("register", "kf.agent", play("forward", "yc.chen"))
    return play("accept", "wh.zhang", play("hand_off", "wh.contact", play("dispatch", "kf.agent", found)))


AT_IT = ("kf.agent", "kf.supervisor", "wh.zhang", "wh.contact", "yc.chen", "sc.officer", "sc.leader", "sj.auditor")


@pytest.mark.parametrize(
    ("username", "sees"),
    [
        ("kf.agent", {"kf.supervisor", "wh.zhang", "wh.contact"}),
        ("wh.zhang", {"kf.agent", "kf.supervisor", "wh.contact"}),
        ("yc.chen", set()),
        ("sc.officer", {"sc.leader"}),
        ("sj.auditor", set()),
    ],
)
def test_who_is_shown_to_whom(
    username: str, sees: set[str], complaint: Complaint, cast: Cast, client_for: ClientFor
) -> None:
    for name in AT_IT:
        assert beat(client_for(name), complaint).status_code == 200
    shown = told(beat(client_for(username), complaint))
    names = {name for name in AT_IT if any(line.startswith(str(cast[name])) for line in shown)}
    assert (names, len(shown)) == (sees, len(sees))
    assert len(at_the_page(client_for(username), complaint)) == len(sees)


def test_a_unit_whose_round_is_over_meets_only_its_own(play: Play, complaint: Complaint, client_for: ClientFor) -> None:
    found = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
    found = play("record_satisfaction", "kf.agent", play("reply", "kf.agent", found), satisfied=False)
    play("dispatch", "kf.agent", found, unit="YC")
    beat(client_for("kf.agent"), complaint)
    beat(client_for("yc.contact"), complaint)
    beat(client_for("wh.contact"), complaint)
    assert [len(told(beat(client_for(name), complaint))) for name in ("wh.zhang", "yc.contact", "kf.agent")] == [
        1,
        1,
        1,
    ]


def test_what_somebody_fills_in_is_told_for_twenty_seconds(
    complaint: Complaint, cast: Cast, now: Now, client_for: ClientFor
) -> None:
    agent, zhang = client_for("kf.agent"), client_for("wh.zhang")
    beat(zhang, complaint, verb="answer", ago="5")
    name = f"{cast.wh_zhang} · {cast.wh_zhang.unit}"
    assert told(beat(agent, complaint)) == [f"{name} 正在填写“答复客服中心”"]
    now.forward(seconds=15)
    assert told(beat(agent, complaint)) == [f"{name} 正在查看"]
    now.forward(seconds=30)
    assert told(beat(agent, complaint)) == []


def test_the_unit_learns_that_the_centre_is_there_and_not_what_it_writes(
    complaint: Complaint, cast: Cast, client_for: ClientFor
) -> None:
    beat(client_for("kf.supervisor"), complaint, verb="set_aside_lead", ago="0")
    supervisor = f"{cast.kf_supervisor} · {cast.kf_supervisor.unit}"
    assert told(beat(client_for("wh.zhang"), complaint)) == [f"{supervisor} 正在查看"]
    assert f"{supervisor} 正在填写“线索不予采用”" in told(beat(client_for("kf.agent"), complaint))


@pytest.mark.parametrize(
    "typed", [{"verb": "nonsense", "ago": "1"}, {"verb": "answer", "ago": "-1"}, {"verb": "answer", "ago": "20"},
              {"verb": "answer"}, {"ago": "1"}, {"verb": "answer", "ago": "9" * 9}],
)  # fmt: skip
def test_what_makes_no_sense_is_no_typing(typed: dict[str, str], complaint: Complaint, client_for: ClientFor) -> None:
    assert beat(client_for("wh.zhang"), complaint, **typed).status_code == 200
    assert list(Presence.objects.values_list("verb", "typing_until")) == [("", None)]


def test_a_sign_of_life_keeps_no_session_alive(settings: Any, complaint: Complaint, client_for: ClientFor) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    client = client_for("wh.zhang")
    session: Any = client.session
    session.set_expiry(600)
    session.save()
    beat(client, complaint)
    assert sessions.left(client.session) <= 600
    assert Presence.objects.count() == 1


def test_whoever_is_gone_leaves_no_trace(complaint: Complaint, now: Now, client_for: ClientFor) -> None:
    beat(client_for("wh.zhang"), complaint)
    beat(client_for("wh.zhang"), complaint)
    now.forward(seconds=44)
    presence.sweep(now.at)
    assert Presence.objects.count() == 1
    now.forward(seconds=1)
    presence.sweep(now.at)
    assert Presence.objects.count() == 0


def test_nobody_is_told_who_looks_at_what_isnt_theirs(complaint: Complaint, client_for: ClientFor) -> None:
    assert [beat(client_for(name), complaint).status_code for name in ("wl.contact", "sj.plain")] == [404, 404]
    assert Presence.objects.count() == 0


def test_a_crowd_costs_no_more_than_one(complaint: Complaint, cast: Cast, client_for: ClientFor) -> None:
    client, counts = client_for("wh.zhang"), []
    beat(client, complaint)
    for names in (["kf.agent"], ["kf.supervisor", "wh.contact", "wh.leader", "sc.officer"]):
        for name in names:
            beat(client_for(name), complaint)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            beat(client, complaint)
        counts.append(len(asked))
    assert counts[0] == counts[1]
