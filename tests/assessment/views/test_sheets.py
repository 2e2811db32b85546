"""The 互动单: written from leads or a complaint, read as a paper by few, and for everybody else not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate.sweeper import sweep
from accountability.models import AccessLog, Deadline, actor_for
from assessment.models import Case, Sheet, open_leads
from complaints.models import Complaint
from tests.assessment.views.test_leads import READS, READS_NOT, missed, text_of, the_lead
from tests.factories import Now, Play
from tests.walking import addresses

CANARY = "云雀在篱笆上唱歌"
TITLE = "关于武汉分公司涉嫌违反“首问责任制”的互动单"


def filled(complaint: Complaint, **over: Any) -> dict[str, Any]:
    return {
        "unit": "WH",
        "complaints": str(complaint),
        "person": "wh.zhang",
        "description": f"{CANARY}，客户 13871234567 王建国。",
        "evidence": "第一项依据\n第二项依据",
        "_key": "k1",
    } | over


@pytest.fixture
def complaint(play: Play, now: Now) -> Complaint:
    return missed(play, now)


@pytest.fixture
def sheet(complaint: Complaint, client_for: Callable[[str], Client]) -> Sheet:
    assert client_for("kf.agent").post("/sheets/new/", filled(complaint)).status_code == 302
    return Sheet.objects.get()


@pytest.mark.rule("R39")
def test_the_form_is_told_from_the_leads_picked(
    complaint: Complaint, now: Now, client_for: Callable[[str], Client], play: Play
) -> None:
    now.forward(minutes=55)
    page = client_for("kf.agent").get(f"/sheets/new/?lead={the_lead(complaint).pk}")
    form = page.context["form"]
    contact = play.cast["wh.contact"]
    assert {name: form[name].value() for name in ("unit", "complaints", "person", "description", "evidence")} == {
        "unit": "WH",
        "complaints": str(complaint),
        "person": "wh.contact",
        "description": "武汉分公司办理下列投诉时未在规定时限内履行首问责任：\n"
        f"{complaint}#1（资费与收费争议）：交办超时 20分（接口人{contact}）。",
        "evidence": f"{complaint}#1 交办时限 2026-11-24 09:30 到期，2026-11-24 09:50 交办，超时 20分",
    }
    assert f"《{TITLE}》" in page.content.decode()


@pytest.mark.rule("R39")
def test_what_was_never_done_is_told_as_it_stands(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=45)
    sweep(now.at)
    form = client_for("kf.agent").get(f"/sheets/new/?complaint={complaint}").context["form"]
    assert [form[name].value() for name in ("unit", "person", "evidence")] == [
        "WH", "wh.contact", f"{complaint}#1 交办时限 2026-11-24 09:30 到期，至 2026-11-24 09:45 未交办，已超时 15分",
    ]  # fmt: skip


@pytest.mark.rule("R32", "R39")
def test_a_cooperation_names_the_invited_units_people(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint = play.upto("concluded")
    now.set("2026-11-24 15:30")
    sweep(now.at)
    lead = open_leads(kind="cooperation").get()
    page = client_for("kf.agent").get(f"/sheets/new/?lead={lead.pk}")
    form, row = page.context["form"], page.context["picked"].leads[0]
    due, now_is = "2026-11-24 15:00", "2026-11-24 15:30"
    told = f"{complaint}#1 协办时限（宜昌分公司配合） {due} 到期，至 {now_is} 未完成配合任务，已超时 30分"
    assert [form[name].value() for name in ("unit", "person", "evidence")] == ["YC", "yc.contact", told]
    assert [(owing.ground, owing.person) for owing in row.owing] == [("cooperating", play.cast["yc.contact"])]


@pytest.mark.rule("R24", "R39")
def test_a_late_handling_names_handler_and_leader(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted")
    now.forward(hours=37)
    sweep(now.at)
    form = client_for("kf.agent").get(f"/sheets/new/?complaint={complaint}").context["form"]
    assert form["person"].value() == "wh.zhang"
    assert f"（首问责任人{play.cast['wh.zhang']}，分管领导{play.cast['wh.leader']}）" in form["description"].value()


@pytest.mark.rule("R39")
def test_leads_of_two_units_are_told_apart(
    play: Play, now: Now, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    other = missed(play, now, unit="YC")
    ids = [the_lead(one).pk for one in (complaint, other)]
    page = client_for("kf.agent").get(f"/sheets/new/?lead={ids[0]}&lead={ids[1]}")
    body = page.content.decode()
    assert (page.status_code, "一张互动单只针对一个单位" in body) == (422, True)
    assert [f'href="/sheets/new/?lead={pk}"' in body for pk in ids] == [True, True]


def test_what_is_a_lead_no_more_is_said_to_be_left_out(
    play: Play, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    lead = the_lead(complaint)
    play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="已说明。")
    page = client_for("kf.agent").get(f"/sheets/new/?lead={lead.pk}&lead=99999999&lead=x")
    assert (page.status_code, page.context["picked"].gone, page.context["form"]["unit"].value()) == (200, 2, "")


@pytest.mark.rule("R38")
def test_a_sheet_may_rest_on_a_complaint_without_a_lead(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted")
    client = client_for("kf.agent")
    place = f"/sheets/new/?complaint={complaint}"
    assert f'href="{place}"' in client.get(f"/complaints/{complaint}/").content.decode()
    form = client.get(place).context["form"]
    assert [form[name].value() for name in ("unit", "complaints", "person")] == ["WH", str(complaint), "wh.zhang"]
    assert [client.post(place, filled(complaint)).status_code, Case.objects.get().complaint_ids] == [
        302,
        [complaint.pk],
    ]


@pytest.mark.rule("R39")
def test_a_refusal_keeps_everything_typed_and_a_double_click_makes_one_sheet(
    complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    client, place = client_for("kf.agent"), f"/sheets/new/?lead={the_lead(complaint).pk}"
    typed = filled(complaint, unit="YC", person="wh.zhang", evidence="")
    refused = client.post(place, typed)
    form = refused.context["form"]
    assert (refused.status_code, sorted(form.errors), Sheet.objects.count()) == (422, ["evidence"], 0)
    assert {name: form[name].value() for name in typed} == typed
    assert "《关于宜昌分公司涉嫌违反“首问责任制”的互动单》" in refused.content.decode()
    right = typed | {"unit": "WH", "evidence": "第一项依据"}
    sent = [client.post(place, right) for _twice in range(2)]
    number = Sheet.objects.get().number
    assert [(one.status_code, one.headers["location"]) for one in sent] == [(302, f"/sheets/{number}/")] * 2
    assert list(open_leads()) == []


@pytest.mark.rule("R40")
def test_who_writes_and_who_reads(sheet: Sheet, client_for: Callable[[str], Client]) -> None:
    places = ("/sheets/", f"/sheets/{sheet.number}/", "/sheets/new/", "/sheets/HD2026-22222222/")
    found = {name: [client_for(name).get(place).status_code for place in places] for name in (*READS, *READS_NOT)}
    writes = {"kf.agent": 200, "kf.supervisor": 200}
    assert found == {name: [200, 200, writes.get(name, 403), 404] for name in READS} | {
        name: [404] * 4 for name in READS_NOT
    }


@pytest.mark.rule("R40")
def test_for_others_it_answers_like_a_number_that_is_not_there(
    sheet: Sheet, client_for: Callable[[str], Client]
) -> None:
    other = "HD2026-22222222"
    for name in READS_NOT:
        real, unreal = (client_for(name).get(f"/sheets/{number}/") for number in (sheet.number, other))
        assert text_of(real).replace(sheet.number, other) == text_of(unreal)


@pytest.mark.rule("R40")
def test_an_agent_who_answers_for_the_unit_reads_no_sheet_about_it(play: Play, sheet: Sheet, now: Now) -> None:
    wuhan = frozenset({play.cast.unit("WH").pk})
    agent, contact = (actor_for(play.cast[name].pk, now.at) for name in ("kf.agent2", "wh.contact"))
    assert agent is not None
    assert contact is not None
    assert agent.roles == frozenset({"agent"})
    assert contact.roles == frozenset({"contact"})
    actors = [
        agent,
        replace(agent, heads=wuhan),
        replace(agent, stands_in_for=wuhan),
        replace(contact, roles=contact.roles | agent.roles),
    ]
    assert [Sheet.objects.visible_to(actor).count() for actor in actors] == [1, 0, 0, 0]


@pytest.mark.rule("R39")
def test_the_paper_has_the_fields_of_the_form_and_no_raw_customer(
    play: Play, sheet: Sheet, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    play("notify_unit", "sc.officer", Case.objects.get(pk=sheet.case_id), check="请核查交办过程。")
    body = client_for("sc.officer").get(f"/sheets/{sheet.number}/").content.decode()
    paper = body[body.index("<article") : body.index("</article>")]
    fields = re.findall(r'<th scope="row"[^>]*>(.+?)</th>', paper)
    assert fields == [
        "首问责任人", "所在部门", "投诉客户姓名", "联系电话", "客户投诉原因", "违规问题描述",
        "意见", "客户服务中心签字", "日期", "意见", "市场经营部签字", "日期",
    ]  # fmt: skip
    assert "".join(re.findall("<span>(.*?)</span>", paper[: paper.index("</h2>")])) == TITLE
    told = [
        "王**", "138****4567", "五月账单多出两笔扣费，要求退费。", f"{CANARY}，客户 138****4567 王**。", "判定的依据",
        "1. 第一项依据", "2. 第二项依据", f">{play.cast['kf.agent']}</td>", f">{play.cast['sc.officer']}</td>",
        "2026年11月24日</td>",
    ]  # fmt: skip
    assert [text for text in told if text not in paper] == []
    assert [text for text in ("王建国", "13871234567") if text in body] == []


@pytest.mark.rule("R40")
def test_every_reading_stands_in_the_access_log(sheet: Sheet, client_for: Callable[[str], Client]) -> None:
    for name in ("kf.agent", "sj.auditor", "wh.head"):
        client_for(name).get(f"/sheets/{sheet.number}/")
    rows = AccessLog.objects.filter(action="sheet").order_by("pk").values_list("actor__username", "matter_id", "result")
    assert list(rows) == [("kf.agent", sheet.case_id, "ok"), ("sj.auditor", sheet.case_id, "ok")]


def test_the_pages_ask_a_constant_number_of_questions(
    play: Play, now: Now, sheet: Sheet, client_for: Callable[[str], Client]
) -> None:
    def queries(place: str) -> int:
        with CaptureQueriesContext(connection) as made:
            client.get(place)
        return len(made)

    client = client_for("kf.agent")
    client.get("/sheets/")
    one = queries("/sheets/"), queries(f"/sheets/{sheet.number}/"), queries("/sheets/new/?lead=1")
    others = [missed(play, now) for _place in range(3)]
    numbers = [str(other) for other in others]
    for place, number in enumerate(numbers):
        facts = {"unit": "WH", "person": "wh.zhang", "description": "超时。", "evidence": "超时"}
        play("issue_sheet", "kf.agent", Case(), complaints=numbers if place == 0 else [number], **facts)
    many = Sheet.objects.order_by("pk")[1]
    assert (queries("/sheets/"), queries(f"/sheets/{many.number}/")) == one[:2]


MORE_WHO_MUST_NOT_KNOW = ("wh.head", "wh.zhang", "wh.leader", "yc.contact", "sj.plain")


def readable(complaint: Complaint) -> Iterator[str]:
    """Every address without arguments and every page of the complaint."""
    for address in addresses():
        if address.name.startswith("admin:") or address.positional:
            continue
        if address.takes == ():
            yield reverse(address.name)
        elif tuple(address.takes) == ("number",):
            yield reverse(address.name, kwargs={"number": complaint.matter.number})
    deadline = Deadline.objects.get(matter_id=complaint.pk, kind="handoff").pk
    yield f"/complaints/{complaint}/deadlines/{deadline}/"
    yield f"/complaints/{complaint}/rounds/1/notice/"
    yield f"/complaints/?number={complaint}"
    yield from ("/complaints/?state=all", "/units/WH/", "/complaints/?unit=WH")


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    "name", ["wh.contact", *(pytest.param(name, marks=pytest.mark.slow) for name in MORE_WHO_MUST_NOT_KNOW)]
)
def test_no_page_of_others_changes_by_a_sheet(
    name: str, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    """Not a word, not a count, not an alarm: every page is what it was before the sheet was issued.

    Each page is opened once before they are compared: opening the complaint marks the reader's notices of it as read.
    """
    client = client_for(name)
    for place in readable(complaint):
        client.get(place)
    before = {place: text_of(client.get(place)) for place in readable(complaint)}
    assert client_for("kf.agent").post("/sheets/new/", filled(complaint)).status_code == 302
    after = {place: text_of(client.get(place)) for place in before}
    assert [place for place in before if before[place] != after[place]] == []
    sheet = Sheet.objects.get()
    secrets = (CANARY, sheet.number, str(sheet.case.matter))
    assert [text for body in after.values() for text in secrets if text in body] == []


@pytest.mark.rule("R38", "R40")
def test_a_complaints_page_tells_what_became_of_its_leads(
    play: Play, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    def state(name: str) -> list[tuple[str, bool]]:
        cards = client_for(name).get(f"/complaints/{complaint}/").context["cards"]
        return [(lead.state, lead.case is not None) for card in cards for lead in card.about.leads]

    names = ("kf.agent", "sc.officer", "sj.auditor", "kf.head", "wh.zhang", "wh.head")
    assert [state(name) for name in names] == [[("open", False)]] * 3 + [[]] * 3
    play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="已说明。")
    assert [state(name) for name in names] == [[("aside", False)]] * 3 + [[]] * 3
    play("restore_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="理由不成立。")
    play(
        "open_case", "sc.officer", Case(), unit="WH", source="leader", description="超时。", complaints=[str(complaint)]
    )
    assert [state(name) for name in names] == [
        [("open", False)], [("taken", True)], [("taken", True)], [], [], [],
    ]  # fmt: skip


def test_the_case_of_a_lead_takes_the_page_no_statement_of_its_own(
    play: Play, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    client = client_for("sc.officer")

    def statements() -> int:
        client.get(f"/complaints/{complaint}/")  # the notices of it are read from now on
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/complaints/{complaint}/")
        return len(queries)

    play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="已说明。")
    aside = statements()
    play("restore_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="理由不成立。")
    play(
        "open_case", "sc.officer", Case(), unit="WH", source="leader", description="超时。", complaints=[str(complaint)]
    )
    assert statements() == aside
