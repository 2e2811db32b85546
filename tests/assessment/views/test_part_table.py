"""The table of who has which part in a case, by which round and limit, and what each owes, on both pages (R22, R50)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accountability.gate.sweeper import sweep
from assessment.models import Case
from tests.assessment.adjudicating import page
from tests.assessment.docket import penalties
from tests.assessment.office import SECRET, Stage, page_of

ClientFor = Callable[[str], Client]
OWES = "扣除1至3个月"


def table(response: Any) -> list[tuple[str, str, str]]:
    context = response.context
    found = context["part_table"] if "part_table" in context else context["file"].part_table
    return [(line.who, str(line.ground), line.owes) for line in found.lines]


def named(stage: Stage, *rows: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    return [(str(stage.play.cast[username]), ground, owes) for username, ground, owes in rows]


@pytest.mark.rule("R22")
@pytest.mark.rule("R50")
@pytest.mark.parametrize("position", ["notified", "disputed"])
def test_before_anything_is_decided_both_sides_read_who_would_owe(
    stage: Stage, client_for: ClientFor, position: str
) -> None:
    """By a late hand-over the contact and the head, not who got it late; by which round and limit."""
    case = getattr(stage, position)()
    expected = named(
        stage, ("wh.zhang", "首问责任人", ""), ("wh.leader", "分管领导", ""), ("wh.head", "单位负责人", OWES),
        ("wh.contact", "接口人", OWES),
    )  # fmt: skip
    for username, place in (("sc.officer", page(case)), ("sj.auditor", page(case)), ("wh.contact", page_of(case))):
        response = client_for(username).get(place)
        assert table(response) == expected
        text = response.content.decode()
        number = f"{case.complaint_links.get().complaint.matter.number}#1"
        assert [said for said in (number, "尚未认定", "不应处理") if said not in text] == []
    assert SECRET not in client_for("wh.contact").get(page_of(case)).content.decode()


@pytest.mark.rule("R40")
def test_the_unit_reads_none_before_it_is_told_and_the_centre_never(stage: Stage, client_for: ClientFor) -> None:
    case = stage.sheet()
    assert table(client_for("sc.officer").get(page(case)))[-1][1] == "接口人"
    assert client_for("wh.contact").get(page_of(case)).status_code == 404
    case = stage.do("notify_unit", "sc.officer", case)
    assert "涉案人员与应处理" not in client_for("kf.agent").get(page_of(case)).content.decode()


@pytest.mark.rule("R50")
def test_once_determined_it_stands_as_it_was_stamped(stage: Stage, client_for: ClientFor) -> None:
    """Who is penalised is the head's to know, not the contact's."""
    case = stage.admitted()
    stage.play("set_head", "sc.officer", unit="WH", head="wh.li")
    expected = named(
        stage, ("wh.zhang", "首问责任人", OWES), ("wh.leader", "分管领导", OWES), ("wh.head", "单位负责人", OWES),
        ("wh.contact", "接口人", ""),
    )  # fmt: skip
    assert table(client_for("sc.officer").get(page(case))) == expected
    assert table(client_for("wh.li").get(page_of(case))) == expected
    assert client_for("wh.contact").get(page_of(case)).context["part_table"] is None


@pytest.mark.rule("R50")
def test_without_a_round_one_of_the_unit_and_their_leader(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("open_case", "sc.officer", None, unit="WH", source="leader", description="领导批示。")
    assert table(client_for("sc.officer").get(page(case))) == [
        (str(stage.play.cast["wh.head"]), "单位负责人", OWES),
        ("该单位任一人员（负责人除外）", "首问责任人", OWES),
        ("该首问责任人的分管领导", "分管领导", OWES),
    ]


@pytest.mark.rule("R22")
def test_in_a_fault_case_the_contact_alone(stage: Stage, client_for: ClientFor) -> None:
    case = stage.fault()
    expected = named(stage, ("wh.contact", "接口人", OWES))
    assert (
        table(client_for("wh.head").get(page_of(case))) == table(client_for("sc.officer").get(page(case))) == expected
    )


@pytest.mark.rule("R45")
def test_of_a_deemed_violation_the_head_is_asked_though_the_circular_comes_first(
    stage: Stage, client_for: ClientFor
) -> None:
    case = stage.notified()
    stage.play.now.set("2026-12-03 09:00")
    sweep(stage.play.now.at)
    case = Case.of_matter(case.pk)
    assert (case.matter.awaits, penalties(case)) == ("issue_circular", [])
    assert "待处理责任人" in client_for("wh.head").get("/cases/").content.decode()
    assert "待处理责任人" not in client_for("wh.contact").get("/cases/").content.decode()


@pytest.mark.rule("R32")
def test_the_unit_does_not_read_who_did_the_task_of_another(stage: Stage, client_for: ClientFor) -> None:
    play = stage.play
    complaint = play("convene", "wh.zhang", play.upto("accepted"))
    due = play.now.at.replace(hour=23)
    tasks = [{"unit": "YC", "task": "提供合约原件。", "due": due}]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang"])
    complaint = play("confirm_task", "yc.contact", complaint, unit="YC")
    number = str(complaint.matter)
    told = {"source": "leader", "description": "领导批示。", "complaints": [number]}
    own = stage.do("notify_unit", "sc.officer", stage.do("open_case", "sc.officer", None, unit="WH", **told))
    other = stage.do("notify_unit", "sc.officer", stage.do("open_case", "sc.officer", None, unit="YC", **told))
    contact = str(play.cast["yc.contact"])
    assert contact in [line[0] for line in table(client_for("wh.head").get(page_of(own)))]
    theirs = table(client_for("yc.head").get(page_of(other)))
    assert {line[0] for line in theirs} & {str(play.cast["wh.zhang"]), str(play.cast["wh.leader"])} == set()
    assert contact in [line[0] for line in theirs]
