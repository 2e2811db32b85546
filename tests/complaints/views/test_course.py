"""The complaint's page: clocks with their reasons, the hands that gave it back, and what was done, by kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from accountability.gate.verbs import verbs_of
from accountability.models import Deadline
from complaints.dossier.timeline import KINDS, OF_THE_SYSTEM
from complaints.models import Complaint
from complaints.views.history import FEW_MORE, NEWEST
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]


@pytest.fixture
def turned_back(play: Play, now: Now) -> Complaint:
    """Returned by WH, returned by YC, and dispatched to WH once more."""
    found = play("rule_on_return", "kf.agent", play("request_return", "wh.contact", play.upto("delivered")))
    found = play("dispatch", "kf.agent", found, unit="YC")
    now.forward(minutes=40)
    found = play("rule_on_return", "kf.agent", play("request_return", "yc.contact", found))
    return play("dispatch", "kf.supervisor", found, unit="WH")


def page(client: Client, complaint: Complaint, query: str = "") -> str:
    return client.get(f"{reverse('complaint', args=[complaint.matter.number])}{query}").content.decode()


def titles(body: str) -> list[str]:
    (part,) = re.findall(r'<ol class="timeline"[^>]*>(.*?)</ol>', body, re.DOTALL)
    return re.findall(r"<strong>(.*?)</strong>", part)


def chips(body: str) -> dict[str, tuple[int, bool]]:
    found = re.findall(
        r'id="course-(\w+)".*?(aria-current="true")?>[^<]*<span class="num">(\d+)</span>', body, re.DOTALL
    )
    return {name: (int(count), bool(current)) for name, current, count in found}


def test_the_course_is_shown_by_kind(turned_back: Complaint, client_for: ClientFor) -> None:
    client = client_for("kf.agent")
    whole, limits = page(client, turned_back), page(client, turned_back, "?show=limits")
    assert (titles(limits), len(titles(whole))) == (["交办超时"], 10)
    assert chips(whole) == {"all": (10, True), "way": (8, False), "limits": (1, False), "talks": (1, False)}
    assert chips(limits) == {"all": (10, False), "way": (8, False), "limits": (1, True), "talks": (1, False)}
    assert titles(page(client, turned_back, "?show=nonsense")) == titles(whole)


def test_beside_the_list_the_address_keeps_the_place(turned_back: Complaint, client_for: ClientFor) -> None:
    number = turned_back.matter.number
    body = client_for("kf.agent").get(f"/complaints/?list=&open={number}&show=limits").content.decode()
    assert titles(body) == ["交办超时"]
    assert f'href="/complaints/?list=&amp;open={number}&amp;show=way#course"' in body


def links(body: str) -> dict[str, str]:
    """The way to the older entries, or back, by what it says: its address, and what a script fetches."""
    found = re.findall(r'id="course-older"\s+href="([^"]*)"\s+hx-get="([^"]*)"[^>]*>([^<]*)<', body)
    return {label: f"{url} {part}".replace("&amp;", "&") for url, part, label in found}


def test_of_a_long_course_the_older_entries_are_shown_when_asked_for(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    for place in range(FEW_MORE + NEWEST):
        play("add_note", "kf.agent", complaint, note=f"第 {place} 次说明。")
    own = reverse("complaint", args=[complaint.matter.number])
    client = client_for("kf.agent")
    body = page(client, complaint)
    assert (len(titles(body)), "第 9 次" in body, "第 10 次" in body, "第 39 次" in body) == (NEWEST, False, True, True)
    assert chips(body)["all"] == (41, True)
    assert links(body) == {"更早的 11 条": f"{own}?show=&older=on#course {own}?show=&older=on"}
    older = page(client, complaint, "?older=on")
    assert (len(titles(older)), "第 0 次" in older, 'matter__fold" open' in older) == (41, True, True)
    assert links(older) == {"只显示最新的 30 条": f"{own}?show=#course {own}?show="}
    notes = page(client, complaint, "?show=talks")
    assert (len(titles(notes)), links(notes)) == (NEWEST + FEW_MORE, {})


def test_beside_the_list_the_older_entries_keep_the_place(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    for _place in range(FEW_MORE + NEWEST):
        play("add_note", "kf.agent", complaint, note="再次说明。")
    number = complaint.matter.number
    client = client_for("kf.agent")
    body = client.get(f"/complaints/?list=&open={number}").content.decode()
    (place,) = links(body).values()
    assert place.split() == [
        f"/complaints/?list=&open={number}&show=&older=on#course", f"/complaints/{number}/?show=&older=on"
    ]  # fmt: skip
    assert len(titles(client.get(place.split("#")[0]).content.decode())) == FEW_MORE + NEWEST + 1


def test_what_is_shown_of_the_open_complaint_is_no_filter_of_the_list(
    turned_back: Complaint, client_for: ClientFor
) -> None:
    """A file of the list is refused where the address has what the list doesn't know."""
    asked = f"open={turned_back.matter.number}&show=limits&older=on"
    page = client_for("kf.supervisor").get(f"/complaints/?list=&state=all&{asked}")
    files = [link.url for link in page.context["page"].files]
    assert (len(files), [url for url in files if "state=all" not in unquote(url)]) == (2, [])
    own = [*files, page.context["closed"], *(each["url"] for each in page.context["orders"])]
    assert [url for url in own if "show=" in unquote(url) or "older=" in unquote(url)] == []


def addresses(body: str) -> set[str]:
    """Where the chips and the ways to older entries lead without a script."""
    found = re.findall(r'id="course-[\w-]+"\s+href="([^"#]*)#course"', body)
    return {address.replace("&amp;", "&") for address in found}


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside"])
def test_without_a_script_the_course_asked_for_is_open(play: Play, client_for: ClientFor, beside: bool) -> None:
    complaint = play.upto("registered")
    for _place in range(FEW_MORE + NEWEST):
        play("add_note", "kf.agent", complaint, note="再次说明。")
    number, client = complaint.matter.number, client_for("kf.agent")
    start = f"/complaints/?list=&open={number}" if beside else f"/complaints/{number}/"

    def opened(address: str) -> tuple[set[str], bool]:
        body = client.get(address).content.decode()
        return addresses(body), 'matter__fold" open' in body

    bare, is_open = opened(start)
    older = {address for address in bare if "older" in address}
    lead_back = {address for each in older for address in opened(each)[0]}
    assert (is_open, len(older), len(bare), len(lead_back)) == (False, 1, 4, 3)
    assert {address: opened(address)[1] for address in bare | lead_back} == dict.fromkeys(bare | lead_back, True)


def test_no_kind_is_told_twice() -> None:
    declared = {entry.timeline or "way" for entry in verbs_of(Complaint)}
    assert declared | set(OF_THE_SYSTEM.values()) == set(KINDS)
    assert [entry.name for entry in verbs_of(Complaint) if entry.name in OF_THE_SYSTEM] == []


def test_a_unit_is_offered_the_kinds_of_what_it_knows(turned_back: Complaint, client_for: ClientFor) -> None:
    assert chips(page(client_for("wh.contact"), turned_back)) == {}
    assert chips(page(client_for("yc.contact"), turned_back)) == {
        "all": (6, True), "way": (4, False), "limits": (1, False), "talks": (1, False),
    }  # fmt: skip


@pytest.mark.rule("R28")
def test_what_was_given_back_stands_out(turned_back: Complaint, client_for: ClientFor) -> None:
    body = page(client_for("kf.agent"), turned_back)
    (strip,) = re.findall(r'<ol class="strip".*?</ol>', body, re.DOTALL)
    assert (strip.count("is-return"), strip.count("is-bounce"), strip.count("再次经手")) == (2, 1, 1)
    assert ("退回 2 次" in body, "再次经手 1 次" in body) == (True, True)
    own = page(client_for("yc.contact"), turned_back)
    assert ("退回 1 次" in own, "再次经手" in own) == (True, False)


def test_each_clock_on_top_says_why(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("delivered")
    body = page(client_for("wh.contact"), complaint)
    (head,) = re.findall(r'<section class="matter__line"[^>]*>.*?</section>', body, re.DOTALL)
    linked = {int(pk) for pk in re.findall(r"/deadlines/(\d+)/", head)}
    kinds = Deadline.objects.filter(pk__in=linked).values_list("kind", flat=True)
    assert (len(linked), "handoff" in kinds) == (2, True)
    assert (head.count("时限依据"), 'id="clocks"' in body) == (2, True)
