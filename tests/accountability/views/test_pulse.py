"""What an open page asks for by itself: unread notices, a new round, how long the session lasts; and staying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accountability.models import Notification, Preferences
from accountability.signin import sessions
from tests.factories import Play

PULSE, STAY = reverse("pulse"), reverse("stay")
BY_ITSELF = {"X-Poll": "1"}


def asked(client: Client) -> dict[str, Any]:
    answer = client.get(PULSE, headers=BY_ITSELF)
    assert (answer.status_code, answer.headers["Cache-Control"].split(",")[0]) == (200, "max-age=0")
    return answer.json()


def test_it_tells_what_is_unread(play: Play, client_for: Callable[[str], Client]) -> None:
    contact = client_for("wh.contact")
    assert (asked(contact)["unread"], asked(contact)["round"]) == (0, None)
    play.upto("delivered")
    assert asked(contact)["unread"] == Notification.objects.filter(recipient__username="wh.contact").count()
    assert asked(client_for("yc.contact"))["unread"] == 0


@pytest.mark.rule("R19")
def test_a_new_round_is_told_to_the_contact_until_it_is_read(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint, contact = play.upto("delivered"), client_for("wh.contact")
    number = complaint.matter.number
    told = Notification.objects.get(recipient__username="wh.contact", kind="to_do")
    expected = {"id": told.pk, "text": f"新到一轮派单 {number}，请尽快交办。", "url": f"/complaints/{number}/"}
    assert asked(contact)["round"] == expected
    assert asked(client_for("wh.zhang"))["round"] is None
    newer = play.upto("delivered", phone="13900000001")
    assert asked(contact)["round"]["url"] == f"/complaints/{newer.matter.number}/"
    contact.post(reverse("mark_read"))
    assert asked(contact)["round"] is None


def test_a_round_that_somebody_may_not_see_rings_nowhere(play: Play, client_for: Callable[[str], Client]) -> None:
    """The notice stays; what it is about became another unit's."""
    play.upto("delivered")
    told = Notification.objects.get(recipient__username="wh.contact", kind="to_do")
    told.pk, told.recipient = None, play.cast["yc.contact"]
    told.save()
    told.pk, told.recipient = None, play.cast["kf.agent"]
    told.save()
    assert asked(client_for("yc.contact"))["round"] is None
    assert asked(client_for("kf.agent"))["round"]["id"] == told.pk


def test_a_contact_asks_more_often(client_for: Callable[[str], Client]) -> None:
    assert [asked(client_for(name))["every"] for name in ("wh.contact", "wh.head", "wh.zhang", "kf.agent")] == [
        10, 10, 30, 30,
    ]  # fmt: skip


def test_sound_and_title_are_as_the_person_chose(client_for: Callable[[str], Client]) -> None:
    client = client_for("wh.contact")
    assert (asked(client)["sound"], asked(client)["title"]) == (False, True)
    client.post(reverse("preferences"), {"language": "zh-hans", "plays_sound": "on"})
    chosen = Preferences.objects.get()
    assert (chosen.plays_sound, chosen.counts_in_title) == (True, False)
    assert (asked(client)["sound"], asked(client)["title"]) == (True, False)


def test_it_asks_as_many_queries_whatever_there_is(
    play: Play, client_for: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    for place in range(5):
        play.upto("delivered", phone=f"1390000000{place}")
    client = client_for("wh.contact")
    with django_assert_max_num_queries(14):
        asked(client)


# The session


@pytest.fixture(autouse=True)
def stands(sessions_stand: datetime) -> None:
    """Else a test that takes long finds less left of a session than it set."""


def age(client: Client, seconds: int) -> None:
    """As if nobody had done anything for so long."""
    session: Any = client.session
    session.set_expiry(timedelta(seconds=sessions.left(session) - seconds))
    session.save()


def left(client: Client) -> float:
    """In minutes."""
    return sessions.left(client.session) / 60


def test_a_session_lasts_as_long_as_somebody_does_something(settings: Any, client_for: Callable[[str], Client]) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    client = client_for("wh.zhang")
    assert left(client) == 60
    age(client, 3000)
    assert left(client) == 10
    client.get(reverse("inbox"))
    assert left(client) == 60


def test_what_a_page_asks_by_itself_keeps_no_session_alive(settings: Any, client_for: Callable[[str], Client]) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    client = client_for("wh.zhang")
    age(client, 3000)
    for place in (PULSE, reverse("complaints"), reverse("home")):
        assert client.get(place, headers=BY_ITSELF).status_code == 200
    assert (left(client), asked(client)["left"] / 60) == (10, 10)
    age(client, 3600)
    assert client.get(PULSE, headers=BY_ITSELF).status_code == 302


def test_whoever_stays_has_the_whole_time_again(settings: Any, client_for: Callable[[str], Client]) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    client = client_for("wh.zhang")
    age(client, 3590)
    answer = client.post(STAY, headers=BY_ITSELF)
    assert (answer.status_code, answer.json()["left"] / 60, left(client)) == (200, 60, 60)
    assert client.get(STAY).status_code == 405


def test_half_a_day_after_the_sign_in_it_ends_whatever_is_done(
    settings: Any, client_for: Callable[[str], Client]
) -> None:
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS = 600, 3600
    client = client_for("wh.zhang")
    client.post(STAY)
    assert left(client) == 10


def test_a_session_from_before_its_end_was_noted_is_over(client_for: Callable[[str], Client]) -> None:
    client = client_for("wh.zhang")
    session: Any = client.session
    del session[sessions.UNTIL]
    session.save()
    assert Session.objects.count() == 1
    assert client.get(reverse("inbox")).headers["location"] == "/sign-in/?next=/inbox/"
    assert Session.objects.count() == 0


def test_not_every_request_writes_the_session(client_for: Callable[[str], Client]) -> None:
    client = client_for("wh.zhang")
    before = Session.objects.get().session_data
    client.get(reverse("inbox"))
    assert Session.objects.get().session_data == before
