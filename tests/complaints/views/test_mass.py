"""The pages of mass events: who sees them, and a day's work at one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.search import finders
from complaints.models import Complaint, MassEvent
from complaints.sweep.mass_events import look_out
from tests.complaints.views.test_search import found
from tests.crowds import NETWORK, crowd, the_event
from tests.factories import Now, Play

SEES = ("kf.agent", "kf.supervisor", "kf.head", "sc.officer", "sj.auditor")
SEES_NOT = ("wh.contact", "wh.head", "yc.chen", "sj.plain")


def test_who_sees_the_pages(warned: MassEvent, client_for: Callable[[str], Client]) -> None:
    number = warned.matter.number
    places = ("/mass/", f"/mass/{number}/", f"/mass/{number}/confirm_mass/", "/mass/DM20200101000001/")
    found = {
        name: [client_for(name).get(place).status_code for place in places] for name in ("kf.agent", *SEES, *SEES_NOT)
    }
    assert found == {"kf.agent": [200, 200, 200, 404], "kf.supervisor": [200, 200, 200, 404]} | {
        name: [200, 200, 403, 404] for name in SEES[2:]
    } | {name: [403, 404, 404, 404] for name in SEES_NOT}


@pytest.mark.parametrize("most_keys", [1000, 0], ids=["few", "many"])
def test_who_finds_it_by_its_number(
    most_keys: int, warned: MassEvent, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finders, "MOST_KEYS", most_keys)
    number = str(warned.matter.number)
    shown = {name: found(client_for(name), number).get("mass", []) for name in (*SEES, *SEES_NOT)}
    assert shown == {name: [number] for name in SEES} | {name: [] for name in SEES_NOT}


def test_a_warning_is_on_the_pages_of_the_centre_and_in_the_list_of_marketing(
    warned: MassEvent, client_for: Callable[[str], Client]
) -> None:
    sentence = "1 起疑似大面积投诉待确认。"
    told_to = [name for name in (*SEES, *SEES_NOT) if sentence in client_for(name).get("/units/").content.decode()]
    assert told_to == ["kf.agent", "kf.supervisor"]
    listed = client_for("sc.officer").get("/alarms/").content.decode()
    assert f"疑似大面积投诉：武汉“{NETWORK}”已有 4 件。" in listed
    assert f'href="/mass/{warned.matter.number}/"' in listed


def test_a_day_at_the_event_by_its_pages(
    play: Play, answerable: Any, client_for: Callable[[str], Client], now: Now
) -> None:
    event, (forwarded, *some) = answerable
    client, place = client_for("kf.supervisor"), f"/mass/{event.matter.number}/"
    page = client.get(place)
    assert [tally["count"] for tally in page.context["tallies"]] == [5, 3, 0, 0]
    assert [form.verb.name for form in page.context["forms"]] == [
        "reply_all", "add_member", "remove_member", "close_mass",
    ]  # fmt: skip
    assert page.content.decode().count(f'action="{place}reply_all/"') == 1
    asked = client.get(f"{place}remove_member/?pick={forwarded}")
    assert asked.context["form"]["complaints"].value() == str(forwarded)
    typed = {"content": "网络已恢复，客户电话13871234567。", "_key": "k1", "_seen": event.position}
    report = client.post(f"{place}reply_all/", typed)
    assert (report.status_code, report.context["done"], report.context["refused"]) == (200, 2, 1)
    assert [(r.number, bool(r.refusal)) for r in report.context["results"]] == [
        (str(forwarded), True), *((str(one), False) for one in some),
    ]  # fmt: skip
    again = client.post(f"{place}reply_all/", typed)
    assert (again.status_code, again.context["done"]) == (200, 2)
    assert client.post(f"{place}reply_all/", typed | {"_key": "k2"}).status_code == 409
    assert client.post(f"{place}close_mass/", {}).status_code == 422
    ended = client.post(f"{place}close_mass/", {"reason": "已恢复。"})
    assert (ended.status_code, ended.headers["location"], the_event().state) == (302, place, "closed")
    shown = client.get(place).content.decode()
    assert ("网络已恢复，客户电话138****4567。" in shown, "13871234567" in shown) == (True, False)
    assert [len(client.get(f"/mass/{query}").context["rows"]) for query in ("", "?all=1")] == [0, 1]


def test_a_word_that_is_no_verb_is_not_found(warned: MassEvent, client_for: Callable[[str], Client]) -> None:
    place = f"/mass/{warned.matter.number}/"
    found = [client_for("kf.agent").get(f"{place}{word}/").status_code for word in ("reply", "warn_mass", "reply_all")]
    assert found == [404, 404, 409]


def test_the_complaints_page_names_its_event_to_those_who_may_know(
    play: Play, warned: MassEvent, client_for: Callable[[str], Client]
) -> None:
    complaint = play("dispatch", "kf.agent", Complaint.objects.earliest("pk"))
    link, place = f"/mass/{warned.matter.number}/", f"/complaints/{complaint}/"
    found = [link in client_for(name).get(place).content.decode() for name in ("kf.agent", "wh.contact")]
    assert found == [True, False]


def test_pages_take_as_many_queries_for_many_members_as_for_four(
    play: Play, warned: MassEvent, client_for: Callable[[str], Client], now: Now
) -> None:
    client, counted = client_for("kf.agent"), []
    for more in (0, 30):
        if more:
            crowd(play, more, every=0.1, first=20)
            look_out(now.at)
        for place in ("/mass/", f"/mass/{warned.matter.number}/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(place).status_code == 200
            counted.append(len(queries))
    assert counted[:2] == counted[2:]
