"""The papers of complaints as they are issued: whole texts, versions, masking, who may read them, their statements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accountability.documents.content import Content
from accountability.documents.reading import papers_of
from accountability.gate import sweeper
from accountability.gate.perform import perform_many
from accountability.models import LedgerEntry, Paper, PaperFile, actor_for
from complaints.dossier.customer import Customer
from complaints.models import Complaint, MassEvent
from complaints.sweep.mass_events import look_out
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
EXPECTED = Path(__file__).parents[1] / "expected"

TELLING = "我是王建国，请打１３８７１２３４５６７或 139 0000 1111，身份证420106198001011234。\n五月账单多出两笔扣费。"
"""A text full of what no paper may show: the customer's name, their number in full-width digits, others' numbers."""


def issued(complaint: Complaint, kind: str) -> list[Paper]:
    return list(Paper.objects.filter(matter=complaint.matter, kind=kind).order_by("part", "version"))


def words(paper: Paper) -> str:
    assert paper.text is not None
    return "\n".join(Content.from_text(paper.text).as_lines()) + "\n"


def expected(name: str) -> str:
    return (EXPECTED / f"{name}.txt").read_text(encoding="utf-8")


def numbered(papers: list[Paper]) -> list[tuple[int, int, str]]:
    return [(paper.part, paper.version, paper.number) for paper in papers]


def readers(paper: Paper, play: Play) -> list[str]:
    """Who of the cast may read it."""
    people = [person for person in play.cast if person.username != "system"]
    actors = {person.username: actor_for(person.pk, play.now.at) for person in people}
    return sorted(
        name
        for name, actor in actors.items()
        if actor and paper.pk in {p.pk for p in papers_of([paper.matter_id], actor)}
    )


# 投诉处理通知单


@pytest.mark.rule("R18")
def test_the_notice_goes_out_with_its_slip_blank_and_comes_back_filled_in(play: Play, now: Now) -> None:
    complaint = play("register", "kf.agent", content=TELLING, category="资费与收费争议/套餐资费", flags=["third_party"])
    play("dispatch", "kf.agent", complaint, reason="客户 13871234567 归属该市。")
    play("hand_off", "wh.contact", complaint, at=now.forward(minutes=10))
    play("accept", "wh.zhang", complaint, at=now.forward(minutes=10))
    play("propose_solution", "wh.zhang", complaint, at=now.forward(hours=1))
    result = "已退费，王建国认可；回访１３８７１２３４５６７。"
    play("answer", "wh.zhang", complaint, result=result, at=now.forward(hours=1))
    play("judge_complete", "kf.agent", complaint, at=now.forward(hours=1), reason="核实无误。")
    papers = issued(complaint, "dispatch_notice")
    number = complaint.matter.number.replace("TS", "TZ") + "-1"
    assert numbered(papers) == [(1, 1, number), (1, 2, number)]
    assert [words(paper) for paper in papers] == [expected("notice-dispatched"), expected("notice-answered")]
    assert [paper.issued_by.username for paper in papers] == ["kf.agent", "kf.agent"]


@pytest.mark.rule("R18", "R27")
def test_a_returned_round_and_the_next(play: Play, now: Now) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    play("dispatch", "kf.agent", complaint)
    play("request_return", "wh.contact", complaint, suggested_unit="WL", at=now.forward(minutes=5))
    play("rule_on_return", "kf.agent", complaint, at=now.forward(minutes=5))
    play("dispatch", "kf.agent", complaint, unit="YC", at=now.forward(minutes=5))
    papers = issued(complaint, "dispatch_notice")
    assert [(part, version) for part, version, _number in numbered(papers)] == [(1, 1), (1, 2), (2, 1)]
    assert words(papers[1]) == expected("notice-returned")
    assert ("武汉分公司" in words(papers[2]), "不属本单位职责" in words(papers[2])) == (False, False)


@pytest.mark.rule("R28")
def test_the_dispatch_after_so_many_returns_says_that_it_is_a_ruling(play: Play) -> None:
    complaint = play.upto("registered")
    for unit, contact in (("WH", "wh.contact"), ("YC", "yc.contact")):
        play("request_return", contact, play("dispatch", "kf.agent", complaint, unit=unit))
        play("rule_on_return", "kf.agent", complaint)
    play("dispatch", "kf.supervisor", complaint, unit="WH")
    assert "派单轮次 | 3（裁定派发，不得再退回）" in words(issued(complaint, "dispatch_notice")[-1])


@pytest.mark.parametrize(
    ("verb", "said"), [("recall", "撤回派单：派错单位。"), ("withdraw", "客户撤诉：客户自行撤回。")]
)
def test_a_round_that_was_cancelled_says_why(play: Play, now: Now, verb: str, said: str) -> None:
    complaint = play.upto("delivered")
    play(verb, "kf.agent", complaint, at=now.forward(minutes=5))
    papers = issued(complaint, "dispatch_notice")
    assert [paper.version for paper in papers] == [1, 2]
    assert f"客服中心审核意见 | {said}（林晓雯 2026-11-24 09:05）" in words(papers[-1])


def test_what_was_corrected_since_stands_in_the_next_version_alone(play: Play) -> None:
    complaint = play("correct", "kf.agent", play.upto("accepted"), region="宜昌")
    play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
    regions = [
        line for paper in issued(complaint, "dispatch_notice") for line in words(paper).split("\n") if "归属地" in line
    ]
    assert regions == ["归属地市 | 武汉 | 客户级别 | 普通", "归属地市 | 宜昌 | 客户级别 | 普通"]


def test_its_digest_stands_in_the_entry_that_issued_it(play: Play) -> None:
    complaint = play.upto("completed")
    entries = LedgerEntry.objects.filter(matter=complaint.matter, facts__has_key="papers").order_by("seq")
    told = [(entry.verb, entry.facts["papers"]) for entry in entries]
    first, second = issued(complaint, "dispatch_notice")
    assert told == [("dispatch", [first.digest]), ("judge_complete", [second.digest])]


def test_nothing_is_made_of_it_until_somebody_asks(play: Play) -> None:
    play.upto("completed")
    assert (Paper.objects.count(), PaperFile.objects.count()) == (2, 0)


def test_it_is_chinese_whatever_language_the_page_was_in(play: Play) -> None:
    complaint = play.upto("registered")
    with translation.override("en"):
        play("dispatch", "kf.agent", complaint)
        assert translation.get_language() == "en"
    text = words(issued(complaint, "dispatch_notice")[0])
    assert ("受理渠道 | 客户来电" in text, "P3 一般" in text) == (True, True)


def test_it_says_that_the_complaint_belongs_to_a_mass_event(play: Play, now: Now) -> None:
    play("set_mass_limits", "sc.officer", warn_count=2, level3_count=3)
    several = [play.upto("registered", phone=f"1390000000{place}") for place in range(3)]
    look_out(now.at)
    play("confirm_mass", "kf.supervisor", MassEvent.objects.get(), level="3", reason="停电。")
    play("dispatch", "kf.agent", several[0])
    assert "标志 | 重复" not in words(issued(several[0], "dispatch_notice")[0])
    assert "标志 | 大面积" in words(issued(several[0], "dispatch_notice")[0])


def test_a_short_number_in_full_width_digits_is_masked_too() -> None:
    assert Customer("王建国", "87654321", "").mask("请打８７６５４３２１，找王建国。") == "请打876*4321，找王**。"


@pytest.mark.rule("R18")
def test_only_who_may_see_the_round_reads_its_notice(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("concluded")
    (paper,) = issued(complaint, "dispatch_notice")
    assert readers(paper, play) == [
        "kf.agent", "kf.agent2", "kf.head", "kf.supervisor", "sc.leader", "sc.officer", "sc.officer2",
        "sj.auditor", "wh.contact", "wh.deputy", "wh.head", "wh.leader", "wh.zhang",
    ]  # fmt: skip
    asked = {who: client_for(who).get(f"/papers/{paper.token}/").status_code for who in ("wh.zhang", "yc.contact")}
    assert asked == {"wh.zhang": 200, "yc.contact": 404}


@pytest.mark.parametrize(
    ("state", "verb", "facts"),
    [("registered", "dispatch", {"unit": "WH"}), ("answered", "judge_complete", {"complete": True})],
)
def test_one_or_three_take_as_many_statements(play: Play, state: str, verb: str, facts: dict[str, Any]) -> None:
    several = [play.upto(state, phone=f"139{place:08d}") for place in range(4)]
    counts = []
    for some in (several[:1], several[1:]):
        with CaptureQueriesContext(connection) as captured:
            outcomes = perform_many(some, verb, by=play.cast["kf.agent"], at=play.now.at, **facts)
        assert [outcome.refused for outcome in outcomes] == [None] * len(some)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# 协调纪要


@pytest.mark.rule("R30")
def test_the_minutes_are_what_the_table_agreed_on(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    tasks = [
        {"unit": "YC", "task": "向王建国（13871234567）提供合约原件。", "due": "2026-11-25 15:00"},
        {"unit": "WL", "task": "核对计费配置。", "due": "2026-11-25 24:00"},
    ]
    play("convene", "wh.zhang", complaint, units=["YC", "WL"], at=now.forward(minutes=30))
    play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang", "yc.chen"],
         third_parties="某设备公司 １３９００００１１１１", at=now.forward(minutes=30))  # fmt: skip
    play("confirm_task", "yc.contact", complaint, handler="yc.chen", objection="期限偏紧，王建国已催。")
    play("confirm_task", "wl.contact", complaint, unit="WL", at=now.forward(minutes=10))
    play("conclude_coordination", "wh.zhang", complaint, at=now.forward(minutes=10))
    (paper,) = issued(complaint, "minutes")
    assert words(paper) == expected("minutes")
    assert sorted(PaperFile.objects.filter(paper=paper).values_list("form", flat=True)) == ["docx", "pdf"]


@pytest.mark.rule("R30")
def test_the_whole_minutes_are_read_by_who_sees_the_round_whole(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("concluded")
    (paper,) = issued(complaint, "minutes")
    (notice,) = issued(complaint, "dispatch_notice")
    assert readers(paper, play) == readers(notice, play)
    place = f"/complaints/{complaint.matter.number}/coordinations/1/minutes/"
    kept = {who: client_for(who).get(place).context["kept"] for who in ("wh.zhang", "kf.agent", "yc.contact")}
    assert kept == {"wh.zhang": [paper], "kf.agent": [paper], "yc.contact": []}
    assert client_for("yc.contact").get(f"/papers/{paper.token}/").status_code == 404


@pytest.mark.rule("R30")
def test_a_second_coordination_has_minutes_of_its_own(play: Play) -> None:
    complaint = play.upto("finished")
    for verb, by in (
        ("convene", "wh.zhang"), ("record_tasks", "wh.zhang"), ("confirm_task", "yc.contact"),
        ("conclude_coordination", "wh.zhang"),
    ):  # fmt: skip
        play(verb, by, complaint)
    numbers = [number for _part, _version, number in numbered(issued(complaint, "minutes"))]
    assert numbers == [f"{complaint.matter.number}-1", f"{complaint.matter.number}-2"]


# 催办通知书


@pytest.mark.rule("R13")
def test_the_unit_is_urged_in_writing(play: Play, now: Now, client_for: ClientFor) -> None:
    complaint = play.upto("accepted", category="资费与收费争议/套餐资费")
    play("chase", "kf.agent", complaint, at=now.forward(hours=2))
    sweeper.sweep(now.set("2026-11-26 21:01"))
    (paper,) = issued(complaint, "urging")
    assert words(paper) == expected("urging")
    assert paper.issued_by.username == "system"
    (notice,) = issued(complaint, "dispatch_notice")
    assert readers(paper, play) == readers(notice, play)
    page = client_for("wh.contact").get(f"/complaints/{complaint.matter.number}/deadlines/{paper.part}/urging/")
    assert page.context["kept"] == [paper]


@pytest.mark.rule("R13")
def test_an_invited_unit_reads_what_is_written_to_it(play: Play, now: Now, client_for: ClientFor) -> None:
    complaint = play.upto("concluded")
    sweeper.sweep(now.set("2026-11-25 15:01"))
    (paper,) = issued(complaint, "urging")
    assert words(paper) == expected("urging-invited")
    (notice,) = issued(complaint, "dispatch_notice")
    invited = ["yc.chen", "yc.contact", "yc.head", "yc.leader"]
    assert set(readers(paper, play)) - set(readers(notice, play)) == set(invited)
    page = client_for("yc.chen").get(f"/complaints/{complaint.matter.number}/coordinations/1/minutes/")
    assert page.context["kept"] == [paper]


def test_within_anothers_act_it_is_still_the_systems(play: Play, now: Now) -> None:
    """No sweep came: the answer settles first what time has made of it, and the digest stands in the step's entry."""
    complaint = play("answer", "wh.zhang", play.upto("accepted"), at=now.set("2026-11-27 09:00"))
    (paper,) = issued(complaint, "urging")
    entry = LedgerEntry.objects.get(verb="urge")
    assert (paper.issued_by.username, entry.facts["papers"]) == ("system", [paper.digest])
    assert "papers" not in LedgerEntry.objects.get(verb="answer").facts


def test_one_sweep_urges_one_or_three_in_as_many_statements(play: Play, now: Now) -> None:
    counts = []
    for count in (1, 3):
        first = Complaint.objects.count()
        for place in range(first, first + count):
            play.upto("accepted", phone=f"139{place:08d}")
        sweeper.sweep(now.forward(hours=36, minutes=1))
        with CaptureQueriesContext(connection) as captured:
            sweeper.sweep(now.forward(hours=24))
        counts.append(len(captured))
        assert Paper.objects.filter(kind="urging").count() == first + count
    assert counts[0] == counts[1]


# Several at once


def asked_for(client: Client, *numbers: str, method: str = "get") -> Any:
    return getattr(client, method)("/complaints/notices/", {"pick": list(numbers)})


def test_the_notices_of_a_selection_are_ordered_in_one_go(play: Play, client_for: ClientFor) -> None:
    mine = play.upto("completed")
    other = play("dispatch", "kf.agent", play.upto("registered", phone="13900000001"), unit="YC")
    numbers = [str(mine.matter), str(other.matter), "TS20200101000001"]
    contact = client_for("wh.contact")
    page = asked_for(contact, *numbers)
    told = {
        notice.number: (notice.paper and notice.paper.version, notice.refusal) for notice in page.context["notices"]
    }
    assert told == {numbers[0]: (2, ""), numbers[1]: (None, "没有这件投诉。"), numbers[2]: (None, "没有这件投诉。")}
    assert PaperFile.objects.count() == 0
    after = asked_for(contact, *numbers, method="post")
    assert after.status_code == 302
    files = PaperFile.objects.order_by("form").values_list(
        "paper__matter", "paper__version", "form", "asked_by__username"
    )
    assert list(files) == [(mine.pk, 2, "docx", "wh.contact"), (mine.pk, 2, "pdf", "wh.contact")]
    listed = contact.get(after.url)
    assert [file.state for file in listed.context["notices"][0].files] == ["waiting", "waiting"]
    assert listed.headers["Refresh"] == "5"
    asked_for(contact, *numbers, method="post")
    assert PaperFile.objects.count() == 2


def test_what_was_never_dispatched_or_is_known_by_an_invitation_alone_has_no_notice(
    play: Play, client_for: ClientFor
) -> None:
    waiting, invited = play.upto("registered", phone="13900000001"), play.upto("concluded")
    refusals = {
        who: [notice.refusal for notice in asked_for(client_for(who), str(one.matter)).context["notices"]]
        for who, one in (("kf.agent", waiting), ("yc.contact", invited))
    }
    assert refusals == {"kf.agent": ["没有您可以查看的通知单。"], "yc.contact": ["没有您可以查看的通知单。"]}


def test_one_notice_or_three_take_as_many_statements(play: Play, client_for: ClientFor) -> None:
    several = [str(play.upto("delivered", phone=f"139{place:08d}").matter) for place in range(4)]
    agent, counts = client_for("kf.agent"), []
    agent.get("/inbox/")
    for some in (several[:1], several[1:]):
        for method in ("get", "post"):
            with CaptureQueriesContext(connection) as captured:
                asked_for(agent, *some, method=method)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]


def test_more_than_two_hundred_or_none_are_not_ordered(play: Play, client_for: ClientFor) -> None:
    agent = client_for("kf.agent")
    too_many = asked_for(agent, *[f"TS2020010100{place:04d}" for place in range(201)], method="post")
    assert (too_many.status_code, agent.get("/complaints/notices/").status_code) == (422, 302)
