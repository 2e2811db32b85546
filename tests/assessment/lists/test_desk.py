"""The cases on the desk: the next act, who owes it, and what of a case its reader may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accountability.db.row_keys import Keys
from accountability.gate.sweeper import sweep
from accountability.models import Deadline, actor_for
from assessment.lists.desk import _linked
from assessment.models import Case
from tests.assessment.docket import OBJECTS, Docket
from tests.assessment.office import SECRET, Stage
from tests.factories import Now

ClientFor = Callable[[str], Client]


def groups(client: Client) -> dict[str, list[Any]]:
    blocks = [block for block in client.get("/").context["blocks"] if block.card]
    return {str(title): rows for block in blocks for title, _count, rows in block.card.about.groups}


def told(client: Client) -> dict[str, list[tuple[int, str, str]]]:
    """By group: the case, its next act, and who owes it."""
    return {
        title: [(row.case.pk, str(row.act), "、".join(str(person) for person in row.who)) for row in rows]
        for title, rows in groups(client).items()
    }


@pytest.mark.rule("R48")
def test_while_an_opinion_is_missing_its_member_owes_it(stage: Stage, client_for: ClientFor) -> None:
    case, cast = stage.judged(), stage.play.cast
    others = {"等他人办理": [(case.pk, "发表评判意见", f"{cast['sc.leader']}、{cast['yc.head']}")]}
    assert told(client_for("sc.officer")) == others
    stage.do("give_opinion", "sc.leader", case, opinion="violated")
    assert told(client_for("sc.officer")) == {"等他人办理": [(case.pk, "发表评判意见", str(cast["yc.head"]))]}
    stage.do("give_opinion", "yc.head", case, opinion="violated")
    assert told(client_for("sc.officer")) == {"等我办理": [(case.pk, "记录评判", "我")]}


@pytest.mark.parametrize(
    ("position", "username", "act"),
    [
        ("judged", "sc.leader", "发表评判意见"),
        ("judged", "yc.head", "发表评判意见"),
        ("waiting", "wh.head", "签发自查报告"),
        ("notified", "wh.contact", "提交自查报告"),
        ("admitted", "wh.head", "一并记录处理"),
        ("fault", "wh.leader", "提交处理意见"),
        ("closed", "wh.contact", "提交执行回执"),
        ("sheet", "sc.leader", "通知自查"),
    ],
)
def test_the_form_of_the_next_act_is_one_click_away(
    stage: Stage, client_for: ClientFor, position: str, username: str, act: str
) -> None:
    getattr(stage, position)()
    client = client_for(username)
    [row] = groups(client)["等我办理"]
    assert str(row.act) == act
    assert client.get(row.act_url).context["can_run"] is True
    assert client.get(row.url).status_code == 200


def test_a_case_without_an_officer_is_for_all_of_marketing(stage: Stage, client_for: ClientFor) -> None:
    stage.sheet()
    client = client_for("sc.officer")
    [row] = groups(client)["等他人办理"]
    assert client.get(row.act_url).context["can_run"] is True


def test_a_leader_of_marketing_sees_what_waits_for_their_signature(stage: Stage, client_for: ClientFor) -> None:
    asked = {"reason": "证据不足。", "approved_by": "sc.leader"}
    declined = stage.do("decline_case", "sc.officer", stage.sheet(), **asked)
    drafted = stage.penalised(stage.admitted(phone="13800000009"))
    drafted = stage.do("issue_circular", "sc.officer", drafted, signed_by="sc.leader")
    mine = told(client_for("sc.leader"))["等我办理"]
    assert set(mine) == {(declined.pk, "批准", "我"), (drafted.pk, "签发通报批评", "我")}


@pytest.mark.rule("R51")
def test_a_closed_case_whose_slip_is_overdue_is_still_there(stage: Stage, client_for: ClientFor, now: Now) -> None:
    case = stage.closed()
    client = client_for("sc.officer")
    assert told(client) == {}
    due = Deadline.objects.filter(matter=case.pk, kind="slip").latest("due_at").due_at
    assert due is not None
    now.set(due + timedelta(minutes=1))
    sweep(now.at)
    assert told(client) == {"等他人办理": [(case.pk, "提交执行回执", str(stage.play.cast["wh.head"]))]}


def test_a_row_is_drawn_as_text(stage: Stage, client_for: ClientFor) -> None:
    """What was typed, what people and units are called, its act as a link, who owes it, and its limit."""
    hostile = '<b onclick="x">&\''
    case = stage.judged(content=hostile)
    for named in (case.unit, stage.play.cast["sc.leader"], stage.play.cast["yc.head"]):
        type(named).objects.filter(pk=named.pk).update(name=hostile)
    [row] = groups(client_for("sc.officer"))["等他人办理"]
    escaped = "&lt;b onclick=&quot;x&quot;&gt;&amp;&#x27;"
    assert ("<b" in row.drawn, row.drawn.count(escaped)) == (False, 4)
    assert f'<span class="muted">{escaped}、{escaped}</span>' in row.drawn
    assert f'href="{row.url}">{case.matter.number}</a>' in row.drawn
    assert ('<div class="clock' in row.drawn) is (row.line.clock is not None)
    [asked] = groups(client_for("sc.leader"))["等我办理"]
    assert f'<a href="{asked.act_url}">{asked.act}</a>' in asked.drawn
    assert '<span class="muted">' not in asked.drawn


@pytest.mark.rule("R40")
def test_it_says_what_it_is_about_and_whom_the_sheet_charges_but_not_to_the_unit(
    stage: Stage, client_for: ClientFor
) -> None:
    case = stage.notified(content="上网套餐乱扣费，请致电13812345678。", phone="13812345678")
    [row] = groups(client_for("sc.officer"))["等他人办理"]
    assert "乱扣费" in row.about
    assert "13812345678" not in row.about
    assert row.charged == stage.play.cast["wh.zhang"]
    [own] = groups(client_for("wh.contact"))["等我办理"]
    assert (own.case.pk, own.charged) == (case.pk, "")
    pages = [client_for(username).get("/").content.decode() for username in ("sc.officer", "wh.contact", "wh.head")]
    assert [page for page in pages if SECRET in page] == []


def test_a_member_from_elsewhere_reads_nothing_of_it(stage: Stage, client_for: ClientFor) -> None:
    stage.judged(content="上网套餐乱扣费。")
    [row] = groups(client_for("yc.head"))["等我办理"]
    assert (row.about, row.charged) == ("", "")


@pytest.mark.rule("R48")
def test_a_member_who_reads_every_complaint_is_told_of_none_by_the_case(docket: Docket, client_for: ClientFor) -> None:
    """The centre's head may read the complaint, but not that this case, which marketing opened, rests on it."""
    case = docket("open_case", "sc.officer", complaints=[docket.number(docket.complaint())])
    docket("notify_unit", "sc.officer", case)
    docket("file_report", "wh.head", case, **OBJECTS)
    docket("appoint_panel", "sc.officer", case, members=["sc.leader", "kf.head"])
    [row] = groups(client_for("kf.head"))["等我办理"]
    assert (row.case.pk, row.line.is_seen, row.about) == (case.pk, False, "")
    [own] = groups(client_for("sc.leader"))["等我办理"]
    assert own.about


def test_linked_complaints_are_those_that_the_reader_sees(docket: Docket) -> None:
    complaint = docket.complaint()
    seen = {
        username: [row.pk for row in _linked(actor, actor.at, Keys((complaint.pk,)))[0]]
        for username in ("sc.officer", "kf.head", "wh.contact", "wh.zhang", "yc.head", "yc.contact", "sj.plain")
        for actor in [actor_for(docket.cast[username].pk, docket.now.at)]
        if actor is not None
    }
    own, none = [complaint.pk], list[int]()
    assert seen == {
        **dict.fromkeys(("sc.officer", "kf.head", "wh.contact", "wh.zhang"), own),
        **dict.fromkeys(("yc.head", "yc.contact", "sj.plain"), none),
    }


def test_other_peoples_complaints_are_not_in_marketings_main_column(stage: Stage, client_for: ClientFor) -> None:
    complaint = stage.play.upto("delivered", phone="13800000007")
    stage.play.now.forward(days=30)
    sweep(stage.play.now.at)
    assert Case.objects.count() == 0
    context = client_for("sc.officer").get("/").context
    assert [key for section in context["sections"] for key in section.first] == [complaint.pk]
    assert context["desk"] == []
