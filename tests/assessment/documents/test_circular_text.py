"""What a circular says: duty, instants and conclusion from the record, people with their months (R45, R49–R52)."""

from __future__ import annotations

import re

import pytest

from accountability.documents.phrases import wording_at
from accountability.gate.sweeper import sweep
from accountability.models import Deadline
from assessment.documents import circular_text
from assessment.models import Case
from tests.assessment.docket import ADMITS, SIGNED, Docket
from tests.assessment.paper_trail import NAME, PHONE, issued, words

pytestmark = pytest.mark.rule("R52")


def paid(docket: Docket, case: Case, months: int = 2) -> Case:
    """Everybody who owes, by marketing."""
    while case.unpaid:
        owed = case.unpaid[0]
        person = next((each.username for each in docket.cast if each.pk == owed["person"]), "wh.li")
        case = docket("penalise", "sc.officer", case, person=person, ground=owed["ground"], months=months)
    return case


def body(docket: Docket, case: Case) -> list[str]:
    """What would be laid before the leader now."""
    told = circular_text(docket.again(case), wording_at(docket.now.at))
    return re.sub(r"TS\d{14}", "TS编号", told).split("\n")


def decided(case: Case, place: int = -1) -> list[str]:
    """The decision of a circular that was signed."""
    lines = words(issued(case, "circular")[place]).split("\n")
    return lines[lines.index("三、处理决定") + 1 : lines.index("四、有关要求")]


@pytest.mark.rule("R47")
def test_facts_duty_and_instants_come_from_the_record(docket: Docket) -> None:
    lines = body(docket, docket.upto("admitted"))
    assert lines[3:6] == [
        "（一）投诉TS编号第1轮派单：武汉分公司应于2026年11月24日9时30分前交办首问责任人，"
        "实际于2026年11月24日9时31分完成，已超时。",
        "（二）根据客户投诉，省公司市场部于2026年11月24日9时31分通知武汉分公司开展自查。",
        "（三）武汉分公司于2026年11月24日9时31分报送自查报告。",
    ]
    assert [line for line in lines if "涉嫌" in line or NAME in line or PHONE in line] == []


@pytest.mark.parametrize(
    ("position", "conclusion"),
    [
        pytest.param("admitted", "经自查，该单位承认违反“首问责任制”。", marks=pytest.mark.rule("R47")),
        pytest.param("violation", "经省公司讨论评判，判定该单位违反“首问责任制”。", marks=pytest.mark.rule("R49")),
        pytest.param(
            "deemed_violation", "该单位逾期未报自查报告，依规定视为违反“首问责任制”。", marks=pytest.mark.rule("R45")
        ),
        pytest.param(
            "contact at fault", "经省公司决定，认定该单位投诉处理接口人处理不当，违反“首问责任制”。",
            marks=pytest.mark.rule("R22"),
        ),
    ],
)  # fmt: skip
def test_the_conclusion_is_how_it_was_found(docket: Docket, position: str, conclusion: str) -> None:
    lines = body(docket, docket.upto(position))
    assert lines[lines.index("二、性质认定") + 1].startswith(conclusion)


@pytest.mark.rule("R45")
def test_a_report_that_never_came_is_told_with_its_limit(docket: Docket) -> None:
    lines = body(docket, docket.upto("deemed_violation"))
    assert "（三）自查报告应于2026年12月1日24时前报送，武汉分公司逾期未报。" in lines


def test_what_was_never_done_is_told_so(docket: Docket) -> None:
    complaint = docket.play("register", "kf.agent")
    docket.play("dispatch", "kf.agent", complaint, unit="WH")
    docket.now.forward(minutes=31, seconds=7)
    sweep(docket.now.at)
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    duty = Deadline.objects.get(matter=complaint.pk, kind="handoff")
    assert (duty.missed_at, duty.met_at) == (duty.due_at, None)
    (told,) = [line for line in body(docket, docket("notify_unit", "sc.officer", case)) if line.startswith("（一）")]
    assert told.endswith("前交办首问责任人，至今未交办首问责任人。")


def test_seconds_are_told_where_they_decide(docket: Docket) -> None:
    complaint = docket.play("register", "kf.agent")
    docket.play("dispatch", "kf.agent", complaint, unit="WH")
    docket.now.forward(minutes=30, seconds=1)
    docket.play("hand_off", "wh.contact", complaint, to="wh.zhang")
    lines = body(docket, docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)]))
    assert lines[3].endswith("实际于2026年11月24日9时30分1秒完成，已超时。")


def test_where_no_limit_was_missed_the_rounds_are_told(docket: Docket) -> None:
    complaint = docket.play("register", "kf.agent")
    docket.play("dispatch", "kf.agent", complaint, unit="WH")
    docket.play("hand_off", "wh.contact", complaint, to="wh.zhang")
    case = docket("open_case", "sc.officer", complaints=[docket.number(complaint)])
    assert body(docket, docket("notify_unit", "sc.officer", case))[3:5] == [
        "（一）投诉TS编号第1轮派单：2026年11月24日9时派单至武汉分公司，2026年11月24日9时交办首问责任人，"
        "应于2026年11月25日21时前提出解决方案并答复，至今未答复。",
        "（二）根据有关领导反映的投诉，省公司市场部于2026年11月24日9时通知武汉分公司开展自查。",
    ]


def test_a_round_that_came_after_the_violation_was_found_is_not_told(docket: Docket) -> None:
    play = docket.play
    complaint = play("hand_off", "wh.contact", play.upto("delivered"), to="wh.zhang")
    case = docket("open_case", "sc.officer", complaints=[docket.number(complaint)])
    case = docket("file_report", "wh.head", docket("notify_unit", "sc.officer", case), **ADMITS)
    docket.now.forward(minutes=5)
    for verb, by in (("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent")):
        complaint = play(verb, by, complaint)
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint, unit="WH"), to="wh.li")
    assert body(docket, case)[3].startswith("（一）投诉TS编号第1轮派单")


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_people_stand_in_it_with_their_months_whatever_was_typed(docket: Docket) -> None:
    """The decision is the record's: nobody types months, and nobody is forgotten."""
    case = paid(docket, docket.upto("admitted"), months=3)
    case = docket("issue_circular", "sc.officer", case, body="各单位：\n一、基本情况\n略。\n二、性质认定\n略。")
    case = docket("sign_circular", "sc.leader", case)
    people = {str(docket.cast[who]): as_what for who, as_what in (
        ("wh.zhang", "首问责任人"), ("wh.leader", "分管领导"), ("wh.head", "单位负责人"),
    )}  # fmt: skip
    unit, *named = decided(case)
    assert unit == "对武汉分公司予以全省通报批评。"
    assert sorted(named) == sorted(f"{name}（{as_what}）：扣除3个月绩效奖金。" for name, as_what in people.items())


@pytest.mark.rule("R45")
@pytest.mark.rule("R50")
def test_a_deemed_violation_names_its_unit_first_and_its_people_in_a_second(docket: Docket) -> None:
    case = docket.go(docket.upto("deemed_violation"), *SIGNED)
    assert decided(case) == ["对武汉分公司予以全省通报批评。", "对责任人的处理情况另行通报。"]
    case = docket.go(paid(docket, case), *SIGNED)
    named = [str(penalty.person) for penalty in case.penalty_rows]
    assert [line.split("（")[0] for line in decided(case)] == named
    assert "（武汉分公司已由鄂移通报〔2026〕1号通报批评）" in words(issued(case, "circular")[1])


def test_a_text_that_still_suspects_is_refused(docket: Docket) -> None:
    case = docket.upto("penalised")
    told = "各单位：\n武汉分公司涉嫌违反“首问责任制”。"
    assert list(docket.refused("issue_circular", "sc.officer", case, body=told).fields) == ["body"]


@pytest.mark.parametrize("lines", [0, 1, 12])
def test_its_headings_go_on_from_those_that_were_typed(docket: Docket, lines: int) -> None:
    told = "\n".join(["各单位：", *(f"一、第{place}段" for place in range(lines))])
    case = docket("issue_circular", "sc.officer", docket.upto("penalised"), body=told)
    said = words(issued(docket("sign_circular", "sc.leader", case), "circular")[0]).split("\n")
    number = {0: "一", 1: "二", 12: "十三"}[lines]
    assert f"{number}、处理决定" in said
