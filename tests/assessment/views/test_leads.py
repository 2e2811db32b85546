"""The page of leads: who reads it, in which order, what is set aside, and what a complaint's page tells of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.gate.sweeper import sweep
from accountability.models import Deadline
from assessment.models import Case, LeadMark
from complaints.models import Complaint
from tests.factories import Now, Play

READS = ("kf.agent", "kf.supervisor", "sc.officer", "sc.leader", "sj.auditor")
READS_NOT = ("kf.head", "wh.contact", "wh.head", "wh.zhang", "yc.chen", "sj.plain")


def missed(play: Play, now: Now, **intake: Any) -> Complaint:
    """With WH, handed off at 09:50 instead of 09:30."""
    at, unit = now.at, intake.pop("unit", "WH")
    found = play("dispatch", "kf.agent", play("register", "kf.agent", **intake), unit=unit)
    now.forward(minutes=50)
    to = {"WH": "wh.zhang", "YC": "yc.chen"}[unit]
    found = play("hand_off", f"{unit.lower()}.contact", found, to=to)
    now.set(at)
    return found


def listed(client: Client, query: str = "") -> list[str]:
    return [lead.round_name for lead in client.get(f"/leads/{query}").context["leads"]]


def the_lead(complaint: Complaint) -> Deadline:
    return Deadline.objects.get(matter_id=complaint.pk, kind="handoff")


@pytest.mark.rule("R40")
def test_who_reads_the_leads(client_for: Callable[[str], Client]) -> None:
    found = {name: client_for(name).get("/leads/").status_code for name in (*READS, *READS_NOT)}
    assert found == dict.fromkeys(READS, 200) | dict.fromkeys(READS_NOT, 403)


@pytest.mark.rule("R38")
def test_attitude_business_handling_and_escalations_come_first_then_the_longest_missed(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    plain = missed(play, now)
    now.forward(minutes=1)
    attitude = missed(play, now, category="服务态度与服务规范/推诿拖延")
    now.forward(minutes=1)
    business = missed(play, now, category="业务办理")
    now.forward(minutes=1)
    escalated = play("escalate", "kf.agent", missed(play, now))
    now.forward(minutes=1)
    later = missed(play, now)
    client = client_for("kf.agent")
    first = [f"{one}#1" for one in (attitude, business, escalated)]
    assert listed(client) == [*first, f"{plain}#1", f"{later}#1"]
    assert listed(client, "?focus=on") == first


@pytest.mark.rule("R38")
def test_the_list_is_narrowed_by_unit_and_kind(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    wuhan, yichang = missed(play, now), missed(play, now, unit="YC")
    now.forward(hours=37)
    sweep(now.at)
    client = client_for("kf.agent")
    found = {query: sorted(listed(client, query)) for query in ("?unit=YC", "?kind=handling", "?unit=WH&kind=handoff")}
    assert found == {
        "?unit=YC": [f"{yichang}#1"] * 2,
        "?kind=handling": sorted([f"{wuhan}#1", f"{yichang}#1"]),
        "?unit=WH&kind=handoff": [f"{wuhan}#1"],
    }


def test_pages_follow_one_another_whatever_the_class(
    play: Play, now: Now, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for place in range(5):
        made.append(missed(play, now, category="业务办理" if place % 2 else "营销宣传"))
        now.forward(minutes=1)
    monkeypatch.setattr(
        "accountability.web.request.page_by_key.__kwdefaults__", {"size": 2, "strict": False, "first": None}
    )
    client, seen, query = client_for("kf.agent"), [], ""
    while True:
        page = client.get(f"/leads/{query}").context
        seen.append([lead.complaint.pk for lead in page["leads"]])
        if page["page"].after is None:
            break
        query = f"?after={page['page'].after}"
    in_order = [made[place].pk for place in (1, 3, 0, 2, 4)]
    assert seen == [in_order[:2], in_order[2:4], in_order[4:]]
    back = client.get(f"/leads/?before={page['page'].before}").context
    assert [lead.complaint.pk for lead in back["leads"]] == in_order[2:4]


@pytest.mark.rule("R22", "R38")
def test_a_row_tells_who_owed_it_by_their_part_and_leads_to_the_evidence(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint = missed(play, now, category="业务办理")
    body = client_for("kf.agent").get("/leads/").content.decode()
    lead = the_lead(complaint)
    told = ("武汉分公司", "交办（第 1 轮）", f"接口人 {play.cast['wh.contact']}", "重点", "业务办理", "超时履行")
    assert str(play.cast["wh.zhang"]) not in body
    links = (f'href="/complaints/{complaint}/"', f'href="/complaints/{complaint}/deadlines/{lead.pk}/"')
    assert [text for text in (*told, *links, f'value="{lead.pk}"') if text not in body] == []
    assert (complaint.intake is not None, "王建国" in body, "13871234567" in body) == (True, False, False)


def test_the_number_of_queries_is_constant(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    def queries(place: str) -> int:
        with CaptureQueriesContext(connection) as made:
            client.get(place)
        return len(made)

    client = client_for("kf.supervisor")
    first = missed(play, now)
    one = queries("/leads/")
    others = [missed(play, now, category="业务办理") for _place in range(4)]
    assert queries("/leads/") == one
    play("set_aside_lead", "kf.supervisor", first, leads=["handoff#1"], reason="已说明。")
    one = queries("/leads/?aside=1")
    for other in others:
        play("set_aside_lead", "kf.supervisor", other, leads=["handoff#1"], reason="已说明。")
    assert queries("/leads/?aside=1") == one


@pytest.mark.rule("R38")
def test_a_supervisor_sets_a_lead_aside_and_restores_it(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint = missed(play, now)
    client, agent = client_for("kf.supervisor"), client_for("kf.agent")
    place = f"/complaints/{complaint}/set_aside_lead/"
    assert f'href="{place}?leads=handoff%231"' in client.get("/leads/").content.decode()
    assert place not in agent.get("/leads/").content.decode()
    assert [agent.get(place).status_code, agent.post(place, {}).status_code] == [403, 403]
    form = client.get(f"{place}?leads=handoff%231").context["form"]
    assert form["leads"].value() == ["handoff#1"]
    sent = client.post(place, {"leads": ["handoff#1"], "reason": "客户 13871234567 自行撤回，王建国认可。"})
    assert (sent.status_code, listed(client), listed(client, "?aside=1")) == (302, [], [f"{complaint}#1"])
    body = client.get("/leads/?aside=1").content.decode()
    assert "客户 138****4567 自行撤回，王**认可。" in body
    assert f'href="/complaints/{complaint}/restore_lead/?leads=handoff%231"' in body
    assert "restore_lead" not in agent.get("/leads/?aside=1").content.decode()
    back = client.post(f"/complaints/{complaint}/restore_lead/", {"leads": ["handoff#1"], "reason": "理由不成立。"})
    assert (back.status_code, listed(client), listed(client, "?aside=1")) == (302, [f"{complaint}#1"], [])
    assert LeadMark.objects.count() == 1


@pytest.mark.rule("R38", "R40")
def test_that_a_lead_was_set_aside_stands_on_the_centres_page_of_the_complaint_and_on_no_units(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint = missed(play, now)
    place = f"/complaints/{complaint}/"
    insiders, outsiders = (
        ("kf.agent", "kf.supervisor", "sc.officer", "sj.auditor"),
        ("wh.zhang", "wh.contact", "wh.head"),
    )
    before = {name: text_of(client_for(name).get(place)) for name in outsiders}
    play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="已说明情况。")
    assert [name for name in insiders if "已说明情况。" not in client_for(name).get(place).content.decode()] == []
    assert {name: text_of(client_for(name).get(place)) for name in outsiders} == before
    assert [name for name, body in before.items() if "线索" in body] == []


def text_of(response: Any) -> str:
    """The page or file without what differs from one request to the next."""
    body = response.getvalue().decode()
    differing = r'name="(csrfmiddlewaretoken|_key)"\s+value="[\w-]*"|"left": \d+|[?&](after|before)=[\w-]+'
    return re.sub(differing, "", body)


@pytest.mark.rule("R38")
def test_the_verbs_of_leads_stand_in_a_group_of_their_own_for_supervisors_alone(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint = missed(play, now)
    groups = {
        name: [str(g.label) for g in client_for(name).get(f"/complaints/{complaint}/").context["asides"]]
        for name in ("kf.supervisor", "kf.agent", "wh.zhang")
    }
    assert {name: "违规线索" in found for name, found in groups.items()} == {
        "kf.supervisor": True, "kf.agent": False, "wh.zhang": False,
    }  # fmt: skip


def test_the_supervisors_desk_counts_the_open_leads(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    def told(name: str) -> list[str]:
        return [kind.said for kind in client_for(name).get("/").context["duties"] if kind.label == "待处置线索"]

    missed(play, now)
    assert [told(name) for name in ("kf.supervisor", "kf.agent", "sc.officer", "wh.contact")] == [["1"], [], [], []]


def test_the_places_stand_in_the_navigation_of_who_may_read_them(client_for: Callable[[str], Client]) -> None:
    shown = {
        name: [n["label"] for n in client_for(name).get("/units/").context["nav"] if n["label"] in ("线索", "互动单")]
        for name in (*READS, *READS_NOT)
    }
    assert shown == {name: ["线索", "互动单"] for name in READS} | {name: [] for name in READS_NOT}


FAULT = "提出接口人处理不当"


@pytest.mark.rule("R22", "R38")
def test_a_late_hand_over_proposes_the_contacts_fault_before_the_sheet(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    """To those who may open one; the form has the round, and once it is opened there is no lead any more."""
    complaint = missed(play, now)
    url = f"/cases/open_fault/?round={complaint}%231"
    for name in ("kf.agent", "kf.supervisor", "sc.officer"):
        for place in ("/leads/", f"/complaints/{complaint}/"):
            assert f'href="{url}"' in client_for(name).get(place).content.decode(), (name, place)
    assert url not in client_for("sj.auditor").get("/leads/").content.decode()
    client = client_for("kf.agent")
    page = client.get(f"/complaints/{complaint}/").content.decode()
    card = page[page.index("违规线索") :]
    assert card.index(FAULT) < card.index("发出互动单")
    assert f"接口人 {play.cast['wh.contact']}" in card
    form = client.get(url).context["form"]
    assert (form["round"].value(), form["description"].value()) == (
        f"{complaint}#1",
        f"武汉分公司交办超时 20分（接口人{play.cast['wh.contact']}）。"
        f"{complaint}#1 交办时限 2026-11-24 09:30 到期，2026-11-24 09:50 交办，超时 20分。",
    )
    assert client.post(url, {"round": f"{complaint}#1", "description": "迟迟不交办。"}).status_code == 302
    assert listed(client) == []


@pytest.mark.rule("R22", "R38")
def test_no_fault_is_proposed_of_a_round_whose_fault_was_declined(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    """It is opened once a round; what is missed since is for the sheet. Of marketing's own the centre knows nothing."""
    url = "/cases/open_fault/?round="
    for by, who in (("kf.agent", "kf.supervisor"), ("sc.officer", "sc.officer2")):
        complaint = play.upto("delivered")
        case = play("open_fault", by, Case(), round=f"{complaint}#1", description="迟迟不交办。")
        case = play("decline_case", "sc.officer", case, reason="尚未超时。", approved_by="sc.leader")
        play("approve", "sc.leader", case)
        sweep(now.forward(minutes=31))
        assert f"{url}{complaint}%231" not in client_for(who).get("/leads/").content.decode()
    assert f"{url}{complaint}%231" in client_for("kf.agent").get("/leads/").content.decode()


@pytest.mark.rule("R38")
def test_a_late_handling_proposes_the_sheet(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted")
    now.forward(hours=37)
    sweep(now.at)
    body = client_for("kf.agent").get("/leads/").content.decode()
    assert (FAULT in body, "发出互动单" in body) == (False, True)
    told = (f"首问责任人 {play.cast['wh.zhang']}", f"分管领导 {play.cast['wh.leader']}")
    assert [words for words in told if words not in body] == []
    card = client_for("kf.agent").get(f"/complaints/{complaint}/").content.decode()
    assert [words for words in told if words not in card] == []


@pytest.mark.rule("R38")
def test_a_row_tells_how_long_it_has_waited_and_until_when_it_is_to_be_judged(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    """Missed on Tuesday 2026-11-24: five working days end on 2026-12-01."""
    missed(play, now)
    client = client_for("kf.supervisor")
    now.set("2026-12-01 23:59")
    body = client.get("/leads/").content.decode()
    assert ("待处置 7天 14" in body, "处置截止" in body, "2026-12-01 24:00" in body) == (True, True, True)
    now.set("2026-12-02 00:01")
    assert "超过5个工作日未处置" in client.get("/leads/").content.decode()


@pytest.mark.rule("R38")
def test_without_a_published_calendar_the_page_says_that_nobody_is_judged(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    now.set("2027-12-29 09:00")
    missed(play, now)
    now.set("2028-02-29 09:00")
    body = client_for("kf.supervisor").get("/leads/").content.decode()
    assert ("工作日历未公布，不计处置期限" in body, "超过5个工作日未处置" in body) == (True, False)
