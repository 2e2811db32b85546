"""The page of a case: the unit's side, the centre's side, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.models import Case
from tests.assessment.docket import Docket
from tests.assessment.office import SECRET, Stage, page_of
from tests.factories import Now
from tests.test_access_matrix import ask, plain

ClientFor = Callable[[str], Client]

OF_WH = ("wh.contact", "wh.deputy", "wh.head")
NOBODY = ("wh.zhang", "wh.li", "wh.leader", "yc.contact", "yc.head", "kf.head", "zd.head", "sj.plain")


def see(client_for: ClientFor, username: str, case: Case) -> str:
    response = client_for(username).get(page_of(case))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.rule("R50")
def test_of_an_annulled_case_nobody_owes_a_penalty(docket: Docket, client_for: ClientFor) -> None:
    assert "尚未记录的处理" in see(client_for, "wh.head", docket.upto("admitted"))
    assert "尚未记录的处理" not in see(client_for, "wh.head", docket.upto("annulled"))


@pytest.mark.rule("R40")
@pytest.mark.parametrize("username", [*OF_WH, *NOBODY])
def test_before_the_notice_there_is_no_case_for_anybody_of_a_unit(
    stage: Stage, client_for: ClientFor, username: str
) -> None:
    assert client_for(username).get(page_of(stage.sheet())).status_code == 404


@pytest.mark.parametrize("username", OF_WH)
def test_from_the_notice_on_the_unit_sees_what_it_was_told_and_nothing_of_the_sheet(
    stage: Stage, client_for: ClientFor, username: str
) -> None:
    case = stage.notified()
    text = see(client_for, username, case)
    told = (
        "请核查交办是否及时。",
        "市通〔2026〕8号",
        "交办（第 1 轮）",
        "自查报告",
        str(case.sheet.case.complaint_links.get().complaint.matter),
    )
    assert [said for said in told if said not in text] == []
    kept = (SECRET, str(case.sheet.number), "互动单", stage.play.cast["kf.agent"].name)
    assert [said for said in kept if said in text] == []


@pytest.mark.parametrize("username", NOBODY)
def test_a_forbidden_case_answers_like_one_that_is_not_there(
    stage: Stage, client_for: ClientFor, username: str
) -> None:
    case = stage.notified()
    number, client = str(case.matter.number), client_for(username)
    for path in ("", "do/file_report/", "do/close_case/", "deadlines/1/"):
        for method in ("GET", "POST"):
            real, unreal = (ask(client, method, f"/cases/{name}/{path}") for name in (number, "AJ2020-NONE"))
            assert (real.status_code, plain(real, number)) == (unreal.status_code, plain(unreal, "AJ2020-NONE"))


@pytest.mark.parametrize("username", ["sc.officer", "sc.leader", "sj.auditor"])
def test_who_keeps_the_books_is_led_to_the_administration(stage: Stage, client_for: ClientFor, username: str) -> None:
    case = stage.notified()
    response = client_for(username).get(page_of(case))
    assert (response.status_code, response.url) == (302, f"/admin/assessment/case/{case.pk}/change/")  # type: ignore[attr-defined]


@pytest.mark.parametrize("username", ["kf.agent", "kf.agent2", "kf.supervisor"])
def test_the_centre_sees_its_sheet_and_how_far_it_came_and_no_report(
    stage: Stage, client_for: ClientFor, username: str
) -> None:
    case = stage.penalised()
    text = see(client_for, username, case)
    assert str(case.sheet.number) in text
    assert "通知自查" in text
    kept = ("属实。", "扣除绩效奖金", "首次。", "证据材料")
    assert [said for said in kept if said in text] == []
    kinds = [deadline.kind for deadline in client_for(username).get(page_of(case)).context["dossier"].deadlines]
    assert kinds == ["notice"]


def test_the_centre_does_not_see_what_the_marketing_department_opened(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("open_case", "sc.officer", None, unit="WH", source="leader", description="领导反映推诿。")
    assert client_for("kf.agent").get(page_of(case)).status_code == 404


def test_the_report_stands_on_the_page_with_its_files(stage: Stage, client_for: ClientFor) -> None:
    case = stage.disputed()
    client = client_for("wh.deputy")
    text = client.get(page_of(case)).content.decode()
    assert [said for said in ("已当面交办。", "系统登记晚于交办。", "交办记录.pdf") if said not in text] == []
    (link,) = re.findall(r"/files/[\w-]+/", text)
    assert client.get(link).status_code == 200
    assert client_for("kf.agent").get(link).status_code == 404


def test_what_was_found_who_pays_and_who_owes_is_told_to_the_unit(stage: Stage, client_for: ClientFor) -> None:
    case = stage.admitted()
    case = stage.do("penalise", "wh.head", case, person="wh.zhang", ground="handler", months=2, reason="初犯。")
    response = client_for("wh.contact").get(page_of(case))
    text = response.content.decode()
    assert [said for said in ("违反“首问责任制”", "初犯。", "2个月", "待提交") if said not in text] == []
    assert response.context["owing"] == []  # whom else it will meet is the head's to know
    of_head = client_for("wh.head").get(page_of(case)).context["owing"]
    owing = [(owed.person.username, [str(label) for label in owed.labels]) for owed in of_head]
    assert owing == [("wh.leader", ["分管领导"]), ("wh.head", ["单位负责人"])]


def test_slips_and_circulars_are_told(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do(
        "file_slip", "wh.head", stage.closed(), person="wh.zhang", executed_on="2026-11-24", voucher="RL-77"
    )
    text = see(client_for, "wh.head", case)
    number = str(case.circular_rows[0].number)
    assert [said for said in ("RL-77", number, "已结案") if said not in text] == []


def test_the_panel_is_not_the_units_to_see(stage: Stage, client_for: ClientFor) -> None:
    text = see(client_for, "wh.head", stage.decided())
    assert "判定违反" in text
    assert [
        said for said in ("登记时间为准。", "发表评判意见", "记录评判", stage.play.cast["yc.head"].name) if said in text
    ] == []


def test_that_something_is_laid_before_a_leader_is_not_told_to_the_unit(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("annul_case", "sc.officer", stage.admitted(), reason="认定有误。", approved_by="sc.leader")
    response = client_for("wh.head").get(page_of(case))
    holder = response.context["holder"]
    assert (holder["holder"], str(holder["unit"]), str(holder["duty"])) == (None, "市场部", "由市场部办理")
    text = response.content.decode()
    leader = stage.play.cast["sc.leader"].name
    assert [said for said in ("认定有误。", "批准", leader, "annul") if said in text] == []
    form = client_for("wh.head").get(f"{page_of(case)}do/penalise/").content.decode()
    assert [said for said in ("annul_case", leader) if said in form] == []


@pytest.mark.parametrize(
    ("position", "states"),
    [
        ("notified", ["done", "current", "todo", "todo", "todo"]),
        ("disputed", ["done", "done", "current", "todo", "todo"]),
        ("admitted", ["done", "done", "done", "current", "todo"]),
        ("penalised", ["done", "done", "done", "done", "current"]),
        ("closed", ["done", "done", "done", "done", "done"]),
        ("fault", ["done", "current", "todo", "todo", "todo"]),
    ],
)
def test_the_stepper_tells_how_far_it_came(
    stage: Stage, client_for: ClientFor, position: str, states: list[str]
) -> None:
    case = getattr(stage, position)()
    steps = client_for("wh.head").get(page_of(case)).context["steps"]
    assert [step["state"] for step in steps] == states


@pytest.mark.rule("R45")
def test_a_report_that_never_came_is_crossed_out(stage: Stage, client_for: ClientFor, now: Now) -> None:
    case = stage.notified()
    now.forward(days=14)
    stage.do("penalise", "wh.head", case, person="wh.zhang", ground="handler", months=1, reason="逾期未报。")
    response = client_for("wh.contact").get(page_of(case))
    assert [step["state"] for step in response.context["steps"]] == ["done", "skipped", "done", "current", "todo"]
    assert "逾期未报自查报告，视为违反（R45）" in response.content.decode()


def test_no_violation_skips_the_penalties(stage: Stage, client_for: ClientFor) -> None:
    case = stage.decided("not_violated")
    steps = client_for("wh.contact").get(page_of(case)).context["steps"]
    assert [step["state"] for step in steps] == ["done", "done", "done", "skipped", "current"]


def test_a_declined_fault_stays_the_units_to_see(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("decline_case", "sc.officer", stage.fault(), reason="情况不符。", approved_by="sc.leader")
    case = stage.do("approve", "sc.leader", case)
    text = see(client_for, "wh.contact", case)
    assert "不予立案" in text
    assert "情况不符。" not in text


@pytest.mark.parametrize(
    ("position", "username", "verbs"),
    [
        ("notified", "wh.contact", ["file_report"]),
        ("notified", "kf.agent", []),
        ("waiting", "wh.head", ["file_report", "sign_report"]),
        ("waiting", "wh.contact", ["file_report"]),
        ("admitted", "wh.head", ["penalise_all", "penalise"]),
        ("admitted", "wh.contact", []),
        ("penalised", "wh.contact", ["file_slip"]),
        ("fault", "wh.head", ["file_opinion"]),
        ("fault", "wh.contact", []),
    ],
)
def test_everybody_is_offered_what_they_may_do(
    stage: Stage, client_for: ClientFor, position: str, username: str, verbs: list[str]
) -> None:
    context = client_for(username).get(page_of(getattr(stage, position)())).context
    assert sorted(form.verb.name for form in context["forms"]) == sorted(verbs)


def test_who_must_act_and_until_when(stage: Stage, client_for: ClientFor) -> None:
    case = stage.notified()
    holder = client_for("wh.head").get(page_of(case)).context["holder"]
    assert (holder["holder"].username, str(holder["duty"])) == ("wh.contact", "提交自查报告")
    assert holder["until"] == case.matter.deadlines.get(kind="report").due_at


@pytest.mark.parametrize("username", ["wh.head", "kf.agent"])
def test_the_number_of_queries_is_constant(stage: Stage, client_for: ClientFor, username: str) -> None:
    """However many complaints are linked, entries written, people penalised."""
    counts: list[int] = []
    client = client_for(username)
    complaints: list[Any] = []
    for rows in (1, 3):
        while len(complaints) < rows:
            made = stage.play.upto("delivered", phone=f"1387{rows}{len(complaints):06d}")
            stage.play.now.forward(minutes=40)
            complaints.append(stage.play("hand_off", "wh.contact", made))
        case = stage.do(
            "issue_sheet", "kf.agent", None, unit="WH", complaints=[str(made.matter) for made in complaints],
            person="wh.zhang", description="未按时限交办。", evidence="时限记录",
        )  # fmt: skip
        case = stage.do("notify_unit", "sc.officer", case)
        persons = ["wh.zhang", "wh.li", "wh.wang"][:rows]
        case = stage.do(
            "file_report", "wh.head", case, conclusion="admitted", facts="属实。", persons=persons, signer="wh.head"
        )
        for person in persons:
            case = stage.do("penalise", "wh.head", case, person=person, ground="handler", months=1, reason="首次。")
        client.get(page_of(case))
        with CaptureQueriesContext(connection) as found:
            client.get(page_of(case))
        counts.append(len(found))
    assert counts == [counts[0]] * 2
