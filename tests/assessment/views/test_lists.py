"""The list of cases, what is asked on top of it, and the desk's numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.models import Case
from tests.assessment.office import Stage, staff
from tests.factories import Now, of_the_business

ClientFor = Callable[[str], Client]

KNOW_FROM_THE_START = {
    "kf.agent", "kf.agent2", "kf.supervisor", "sc.officer", "sc.officer2", "sc.leader", "sj.auditor",
}  # fmt: skip


def numbers(response: Any) -> list[int]:
    return [line.case.pk for line in response.context["lines"]]


def asked(response: Any) -> dict[str, list[int]]:
    return {ask.name: [line.case.pk for line in ask.lines] for ask in response.context["asks"]}


@pytest.mark.parametrize(
    ("position", "sees"),
    [
        ("sheet", KNOW_FROM_THE_START),
        (
            "notified",
            KNOW_FROM_THE_START | {"wh.contact", "wh.deputy", "wh.head"},
        ),
    ],
)
def test_everybody_sees_their_own(stage: Stage, client_for: ClientFor, position: str, sees: set[str]) -> None:
    case = getattr(stage, position)()
    lists = {
        person.username: numbers(client_for(person.username).get("/cases/")) for person in of_the_business(staff(stage))
    }
    assert {username for username, found in lists.items() if found == [case.pk]} == sees
    assert {username for username, found in lists.items() if found == []} == set(lists) - sees


@pytest.mark.rule("R40")
def test_the_unit_is_not_told_by_which_way_it_came(stage: Stage, client_for: ClientFor) -> None:
    stage.notified()
    text = client_for("wh.head").get("/cases/").content.decode()
    assert [said for said in ("来源", "互动单") if said in text] == []
    assert "客服中心互动单" in client_for("kf.agent").get("/cases/").content.decode()


def test_open_ones_come_first_by_their_nearest_instant(stage: Stage, client_for: ClientFor, now: Now) -> None:
    later, now_due = stage.notified(phone="13800000001"), stage.notified(phone="13800000002")
    now.forward(days=1)
    over = stage.closed()
    latest = stage.notified(phone="13800000003")
    client = client_for("wh.contact")
    assert numbers(client.get("/cases/")) == [now_due.pk, later.pk, latest.pk]
    assert numbers(client.get("/cases/?all=1")) == [now_due.pk, later.pk, latest.pk, over.pk]


def test_the_clock_is_one_that_the_reader_may_know(stage: Stage, client_for: ClientFor) -> None:
    stage.notified()
    clocks = {
        username: [line.clock and line.clock.kind for line in client_for(username).get("/cases/").context["lines"]]
        for username in ("wh.contact", "kf.agent", "sc.officer")
    }
    assert clocks == {"wh.contact": ["report"], "kf.agent": [None], "sc.officer": ["report"]}
    stage.sheet(phone="13800000009")
    kinds = [line.clock and line.clock.kind for line in client_for("kf.agent").get("/cases/").context["lines"]]
    assert kinds == ["notice", None]


def test_pages_follow_each_other_by_key(stage: Stage, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [stage.fault(phone=f"1380000000{place}").pk for place in range(3)]
    made.append(stage.notified().pk)
    monkeypatch.setattr("accountability.web.listings.page_by_key", _small_pages())
    client, seen, address = client_for("wh.contact"), [], "/cases/"
    while address:
        response = client.get(address)
        seen += numbers(response)
        after = response.context["page"].after
        address = f"/cases/?after={after}" if after else ""
    assert sorted(seen) == sorted(made)
    assert seen[0] == made[-1]


def _small_pages() -> Any:
    from accountability.web.request import page_by_key

    return lambda *args: page_by_key(*args, size=2)


@pytest.mark.parametrize(
    ("position", "username", "name"),
    [
        ("notified", "wh.contact", "reports"),
        ("waiting", "wh.head", "signatures"),
        ("judged", "yc.head", "opinions"),
        ("judged", "sc.leader", "opinions"),
        ("fault", "wh.head", "fault"),
        ("fault", "wh.leader", "fault"),
        ("closed", "wh.contact", "slips"),
        ("admitted", "wh.head", "penalise"),
    ],
)
def test_what_is_asked_stands_on_top(
    stage: Stage, client_for: ClientFor, position: str, username: str, name: str
) -> None:
    case = getattr(stage, position)()
    assert asked(client_for(username).get("/cases/")) == {name: [case.pk]}


@pytest.mark.parametrize("position", ["notified", "waiting", "judged", "fault", "admitted"])
@pytest.mark.parametrize("username", ["yc.contact", "wh.zhang", "sj.plain", "zd.head"])
def test_nobody_is_asked_what_is_not_theirs(stage: Stage, client_for: ClientFor, position: str, username: str) -> None:
    getattr(stage, position)()
    assert asked(client_for(username).get("/cases/")) == {}


def test_what_a_leader_is_asked_to_approve_or_sign(stage: Stage, client_for: ClientFor) -> None:
    one = stage.do("decline_case", "sc.officer", stage.sheet(), reason="证据不足。", approved_by="sc.leader")
    two = stage.do(
        "issue_circular", "sc.officer", stage.penalised(stage.admitted(phone="13800000009")), signed_by="sc.leader"
    )
    assert set(asked(client_for("sc.leader").get("/cases/"))["signatures"]) == {one.pk, two.pk}


def test_of_what_waits_for_a_leader_the_centre_is_told_the_department(stage: Stage, client_for: ClientFor) -> None:
    stage.do("decline_case", "sc.officer", stage.sheet(), reason="证据不足。", approved_by="sc.leader")
    text = client_for("kf.agent").get("/cases/").content.decode()
    assert "由市场部办理" in text
    assert [said for said in ("批准", stage.play.cast["sc.leader"].name) if said in text] == []


def test_a_member_is_shown_no_state(stage: Stage, client_for: ClientFor) -> None:
    case = stage.judged()
    text = client_for("yc.head").get("/cases/").content.decode()
    assert str(case.matter.number) in text
    assert [said for said in ("待评判", "单位有异议", "自查报告") if said in text] == []


# The desk


def test_the_desk_tells_what_waits(stage: Stage, client_for: ClientFor) -> None:
    stage.waiting()
    assert waits_for(client_for("wh.head")) == [("待我签发或批准", "1")]
    assert waits_for(client_for("wh.zhang")) == []


def waits_for(client: Client) -> list[tuple[str, str]]:
    """What the desk says of cases; what it says of the rules to be read is another block."""
    blocks = [block for block in client.get("/").context["blocks"] if block.url.startswith("/cases/")]
    return [(str(kind.label), kind.said) for block in blocks for kind in block.waiting]


EVERYBODYS = "通报 通报与排名"
LOOKED_UP = "单位与接口人 工作日历 时限 规则 个人信息"
NAVIGATION = {
    "wh.contact": ("工作台 看板 投诉 案件 转交投诉 整改", f"{EVERYBODYS} {LOOKED_UP}"),
    "wh.head": ("工作台 看板 投诉 案件 转交投诉 整改", f"{EVERYBODYS} {LOOKED_UP} 预警"),
    "wh.zhang": ("工作台 投诉 转交投诉", f"{EVERYBODYS} {LOOKED_UP}"),
    "kf.agent": ("工作台 看板 投诉 登记受理 案件 线索 互动单", f"大面积投诉 答复模板 {EVERYBODYS} {LOOKED_UP}"),
    "kf.head": ("工作台 看板 投诉 案件 转交投诉 整改", f"大面积投诉 {EVERYBODYS} 数据导出 {LOOKED_UP} 预警"),
    "sc.officer": (
        "工作台 看板 投诉 案件 线索 互动单 整改 台账",
        f"大面积投诉 转交投诉 {EVERYBODYS} 数据导出 {LOOKED_UP} 重要变更 停摆时段 预警",
    ),
    "sj.auditor": (
        "工作台 看板 投诉 案件 线索 互动单 整改 台账",
        f"大面积投诉 转交投诉 {EVERYBODYS} 数据导出 {LOOKED_UP} 重要变更 停摆时段 预警 记录核验 客户权利请求 访问日志",
    ),
    "sj.plain": ("工作台 投诉 转交投诉", f"{EVERYBODYS} {LOOKED_UP}"),
}  # fmt: skip
"""Each person's places in their order, and what is under 更多."""


@pytest.mark.parametrize("username", NAVIGATION)
def test_the_navigation(cast: Any, client_for: ClientFor, username: str) -> None:
    nav = client_for(username).get("/circulars/").context["nav"]
    shown = [[str(place["label"]) for place in nav if bool(place["aside"]) == aside] for aside in (False, True)]
    assert tuple(" ".join(labels) for labels in shown) == NAVIGATION[username]


def test_a_page_below_a_place_marks_it(cast: Any, client_for: ClientFor) -> None:
    nav = client_for("kf.supervisor").get("/templates/set_template/").context["nav"]
    assert [str(place["label"]) for place in nav if place["current"]] == ["答复模板"]


@pytest.mark.parametrize("username", ["wh.contact", "wh.head", "kf.agent", "sc.officer"])
@pytest.mark.parametrize("address", ["/cases/", "/cases/?all=1", "/"])
def test_the_number_of_queries_is_constant(stage: Stage, client_for: ClientFor, username: str, address: str) -> None:
    client, counts = client_for(username), []
    for rows in (1, 3):
        while Case.objects.count() < 2 * rows:
            stage.notified(phone=f"1390000{Case.objects.count():04d}")
            stage.fault(phone=f"1390000{Case.objects.count():04d}")
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        counts.append(len(found))
    assert counts == [counts[0]] * 2
