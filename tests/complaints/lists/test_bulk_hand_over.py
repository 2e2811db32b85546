"""Several hand-overs in one go: a person for each complaint or one for all, what can still be saved first (R19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.models import Complaint, Round
from tests.complaints.lists.test_bulk import numbers, several, told
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
HERE = "/complaints/bulk/hand_off/"
WHOLE = f"{HERE}?list=hand_off&all=on"


@pytest.fixture
def contact(client_for: ClientFor) -> Client:
    return client_for("wh.contact")


def handed(complaints: list[Complaint]) -> list[str | None]:
    found = {one.complaint_id: one.handler for one in Round.objects.filter(complaint__in=complaints)}
    return [person.username if (person := found[one.pk]) else None for one in complaints]


def hands_of(page: Any, place: int = 0) -> dict[str, list[str]]:
    """What is told of each person of a complaint, in their order."""
    choices = [choice for _late, group in page.context["groups"] for choice in group]
    return {hand.username: [words for words, _tone in hand.notes] for hand in choices[place].people}


def test_each_is_handed_to_the_person_chosen_for_it(contact: Client, play: Play) -> None:
    complaints = several(play, "delivered", 3)
    first, second, third = numbers(complaints)
    typed = {"pick": [first, second, third], "method": "system", f"to-{first}": "wh.zhang", f"to-{second}": "wh.li"}
    report = told(contact.post(HERE, typed))
    assert handed(complaints) == ["wh.zhang", "wh.li", None]
    assert (report[first], report[second], report[third]) == ("", "", "没有选首问责任人，未交办。")


def test_one_person_for_all_takes_the_rest(contact: Client, play: Play) -> None:
    complaints = several(play, "delivered", 3)
    typed = {"pick": numbers(complaints), "method": "system", "to": "wh.zhang", f"to-{complaints[1]}": "wh.li"}
    contact.post(HERE, typed)
    assert handed(complaints) == ["wh.zhang", "wh.li", "wh.zhang"]


def test_without_anybody_the_field_says_so_and_nothing_is_done(contact: Client, play: Play) -> None:
    complaints = several(play, "delivered", 2)
    page = contact.post(HERE, {"pick": numbers(complaints), "method": "system"})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"to"})
    assert handed(complaints) == [None, None]


def test_what_was_chosen_is_kept_when_something_else_is_wrong(contact: Client, play: Play) -> None:
    (complaint,) = several(play, "delivered", 1)
    page = contact.post(HERE, {"pick": [str(complaint)], "method": "owl", f"to-{complaint}": "wh.li"})
    assert page.status_code == 422
    assert [choice.typed for _late, group in page.context["groups"] for choice in group] == ["wh.li"]


@pytest.mark.parametrize("username", ["yc.chen", "nobody", "wh.contact'--"])
def test_somebody_who_may_not_be_named_is_refused_for_that_one_alone(
    contact: Client, play: Play, username: str
) -> None:
    complaints = several(play, "delivered", 2)
    first, second = numbers(complaints)
    report = told(
        contact.post(
            HERE, {"pick": [first, second], "method": "system", f"to-{first}": username, f"to-{second}": "wh.li"}
        )
    )
    assert (bool(report[first]), report[second]) == (True, "")
    assert handed(complaints) == [None, "wh.li"]


def test_a_double_click_hands_over_once(contact: Client, play: Play) -> None:
    complaints = several(play, "delivered", 2)
    key = contact.get(WHOLE).context["form"]["_key"].value()
    typed = {"pick": numbers(complaints), "method": "system", "to": "wh.zhang", "_key": key}
    assert [set(told(contact.post(HERE, typed)).values()) for _click in range(2)] == [{""}, {""}]


def test_what_can_still_be_saved_comes_first_the_nearest_first(contact: Client, play: Play, now: Now) -> None:
    late = several(play, "delivered", 2, priority="P1")
    now.forward(minutes=31)
    first = several(play, "delivered", 1)
    now.forward(minutes=5)
    second = several(play, "delivered", 1, priority="P1")
    groups = contact.get(WHOLE).context["groups"]
    shown = [(is_late, [str(choice.line.complaint) for choice in group]) for is_late, group in groups]
    assert shown == [(False, numbers([*first, *second])), (True, numbers(late))]


def test_a_person_is_shown_with_what_a_contact_weighs(contact: Client, play: Play, now: Now) -> None:
    """Open work, who was last for the customer and the category, who is a leader."""
    former = play("hand_off", "wh.contact", play.upto("delivered", phone="13700000077"), to="wh.li")
    several(play, "handed_off", 2, category="网络质量")
    now.forward(hours=1)
    play.upto("delivered", phone="13700000077", category=former.category.path)
    hands = hands_of(contact.get(WHOLE))
    assert next(iter(hands)) == "wh.li"
    assert hands["wh.li"] == ["上次办此客户", "上次办同类", "在办 1"]
    assert hands["wh.zhang"] == ["在办 2"]


def test_who_is_away_comes_last_and_is_marked(contact: Client, play: Play) -> None:
    several(play, "delivered", 1)
    present = hands_of(contact.get(WHOLE))
    first = next(iter(present))
    away = {"starts_at": "2026-11-24 08:00", "ends_at": "2026-11-26 08:30", "reason": "年假"}
    play("record_absence", "wh.head", employee=first, **away)
    hands = hands_of(contact.get(WHOLE))
    assert list(hands)[-1] == first
    assert hands[first][0] == "离岗至 11-26 08:30"


def test_it_costs_the_same_however_many(contact: Client, play: Play) -> None:
    several(play, "delivered", 2)
    contact.get(WHOLE)
    counted = []
    for more in (0, 6):
        several(play, "delivered", more)
        with CaptureQueriesContext(connection) as queries:
            contact.get(WHOLE)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_the_form_of_one_hand_over_shows_the_same(contact: Client, play: Play) -> None:
    complaint = play.upto("delivered")
    page = contact.get(f"/complaints/{complaint.matter.number}/hand_off/").content.decode()
    assert 'value="wh.zhang"' in page
    assert "在办 0" in page


def test_the_desk_leads_to_all_of_them_from_two_on(contact: Client, play: Play) -> None:
    several(play, "delivered", 1)
    assert "bulk/hand_off" not in contact.get("/").content.decode()
    several(play, "delivered", 1)
    page = contact.get("/").content.decode()
    assert "/complaints/bulk/hand_off/?list=hand_off&amp;all=on" in page
