"""Office telephones on a complaint's page: for those who work on it, and for nobody who only reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accountability.models import Employee, Preferences
from complaints.models import Complaint
from tests.factories import Cast, Play

NUMBERS = {"kf.agent": "02712345601", "wh.contact": "02712345602", "wh.zhang": "02712345603", "wh.leader": "027601"}


@pytest.fixture(autouse=True)
def numbers(cast: Cast) -> None:
    for username, number in NUMBERS.items():
        known, _made = Preferences.objects.get_or_create(employee=cast[username])
        known.addresses = {"email": f"{username}@example.com", "mobile": "13800000000", "office": number}
        known.save()


def dialled(client: Client, complaint: Complaint) -> set[str]:
    """Whose office can be dialled from the complaint's page; of the other addresses nothing is there."""
    page = client.get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert ("@example.com" in page, "13800000000" in page) == (False, False)
    return {username for username, office in NUMBERS.items() if f'href="tel:{office}"' in page}


@pytest.mark.parametrize(
    ("username", "found"),
    [
        ("kf.agent2", {"kf.agent", "wh.contact", "wh.zhang", "wh.leader"}),
        ("wh.contact", {"kf.agent", "wh.zhang", "wh.leader"}),
        ("wh.zhang", {"kf.agent", "wh.contact", "wh.leader"}),
        ("sc.officer", set()),
        ("sj.auditor", set()),
    ],
)
def test_who_works_on_it_can_call_the_others(
    play: Play, client_for: Callable[[str], Client], username: str, found: set[str]
) -> None:
    complaint = play.upto("accepted")
    assert dialled(client_for(username), complaint) == found


def test_the_softphone_is_called_as_it_wants_to_be(
    play: Play, client_for: Callable[[str], Client], settings: Settings
) -> None:
    settings.DIAL_ADDRESS = "sip:{number}@pbx.example"
    page = client_for("wh.zhang").get(f"/complaints/{play.upto('accepted').matter.number}/").content.decode()
    assert (f'href="sip:{NUMBERS["wh.leader"]}@pbx.example"' in page, 'href="tel:' in page) == (True, False)


def test_a_unit_whose_round_is_over_and_an_archived_complaint_show_none(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    again = play.upto("returned")
    assert dialled(client_for("wh.contact"), again) == set()
    ended = play.upto("archived")
    assert dialled(client_for("kf.agent"), ended) == set()


def test_a_revealed_number_can_be_dialled(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted", phone="+852 2123 4567")
    place = f"/complaints/{complaint.matter.number}/reveal/"
    assert 'href="tel:+85221234567"' in client_for("wh.zhang").post(place).content.decode()


def test_a_leaver_cannot_be_called(play: Play, cast: Cast) -> None:
    play("dismiss", "sc.officer", employee="wh.zhang")
    assert Employee.objects.get(username="wh.zhang").pk not in Preferences.office_numbers()
