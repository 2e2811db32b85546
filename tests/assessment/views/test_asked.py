"""The narrow page of those who are asked for one thing: an opinion on the panel, or on their contact's fault."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.assessment.office import Stage, form_of, page_of

ClientFor = Callable[[str], Client]


@pytest.mark.rule("R48")
def test_a_member_reads_the_papers_and_nothing_more(stage: Stage, client_for: ClientFor) -> None:
    case = stage.judged()
    response = client_for("yc.head").get(page_of(case))
    text = response.content.decode()
    round_ = f"{case.complaint_links.get().complaint.matter}#1"
    told = (
        "武汉", "请核查交办是否及时。", round_, "纳入的超时", "已当面交办。", "系统登记晚于交办。", "交办记录.pdf",
        "发表评判意见", "意见截止",
    )  # fmt: skip
    assert [said for said in told if said not in text] == []
    assert [one.deadlines != [] for one in response.context["judged"]] == [True]
    kept = ("市通〔2026〕8号", "办理经过", "互动单", "disputed", "待评判", f"/complaints/{round_[:-2]}")
    assert [said for said in kept if said in text] == []
    assert response.context["form"].verb.name == "give_opinion"


def test_a_member_reads_the_files(stage: Stage, client_for: ClientFor) -> None:
    client = client_for("yc.head")
    (link,) = re.findall(r"/files/[\w-]+/", client.get(page_of(stage.judged())).content.decode())
    assert client.get(link).status_code == 200


def test_a_member_speaks_once_and_then_reads_their_own_opinion(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.judged(), client_for("yc.head")
    form = client.get(page_of(case)).context["form"]
    typed = {name: form[name].value() for name in ("_key", "_seen")}
    typed |= {"opinion": "not_violated", "grounds": "记录可信。"}
    answers = [client.post(form_of(case, "give_opinion"), typed) for _click in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, page_of(case))] * 2  # type: ignore[attr-defined]
    response = client.get(page_of(case))
    assert response.context["form"] is None
    assert [said for said in ("我的评判意见", "记录可信。") if said not in response.content.decode()] == []
    assert client.get(form_of(case, "give_opinion")).status_code == 403


def test_the_form_by_itself_shows_the_papers_too(stage: Stage, client_for: ClientFor) -> None:
    text = client_for("yc.head").get(form_of(stage.judged(), "give_opinion")).content.decode()
    assert [said for said in ("已当面交办。", "请核查交办是否及时。") if said not in text] == []


@pytest.mark.rule("R48")
def test_another_members_opinion_is_read_once_all_are_in(stage: Stage, client_for: ClientFor) -> None:
    client = client_for("yc.head")
    case = stage.do("give_opinion", "sc.leader", stage.judged(), opinion="violated", grounds="拖延明显。")
    assert "拖延明显。" not in client.get(page_of(case)).content.decode()
    case = stage.do("give_opinion", "yc.head", case, opinion="violated", grounds="同意。")
    assert "拖延明显。" in client.get(page_of(case)).content.decode()
    stage.do("record_panel", "sc.officer", case, conclusion="violated", reasons="登记时间为准。")
    assert "登记时间为准。" in client.get(page_of(case)).content.decode()


def test_a_refused_opinion_keeps_its_words_and_tells_no_state(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.judged(), client_for("yc.head")
    form = client.get(page_of(case)).context["form"]
    typed = {name: form[name].value() for name in ("_key", "_seen")}
    assert "disputed" not in typed["_seen"]
    typed |= {"opinion": "not_violated", "grounds": "记录可信。", "_seen": "older"}
    response = client.post(form_of(case, "give_opinion"), typed)
    text = response.content.decode()
    assert response.status_code == 409
    assert [said for said in ("记录可信。", "页面已过时，请核对后再提交。") if said not in text] == []
    assert [said for said in ("待评判", "单位有异议") if said in text] == []
    form = response.context["form"]
    retried = {name: form[name].value() for name in ("_key", "_seen", "opinion", "grounds")}
    assert client.post(form_of(case, "give_opinion"), retried).status_code == 302


def test_who_was_replaced_is_asked_no_more(stage: Stage, client_for: ClientFor) -> None:
    case = stage.judged()
    stage.do("replace_member", "sc.officer", case, member="yc.head", successor="wl.leader", reason="外出学习。")
    assert client_for("yc.head").get(page_of(case)).status_code == 404
    assert client_for("wl.leader").get(page_of(case)).status_code == 200


@pytest.mark.rule("R22")
def test_a_leader_of_the_unit_reads_the_fault_and_answers(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.fault(), client_for("wh.leader")
    response = client.get(page_of(case))
    text = response.content.decode()
    number = f"{case.round.complaint.matter.number}#1"  # type: ignore[union-attr]
    assert [said for said in (number, "武汉", "接单后一小时才交办。", "提交处理意见") if said not in text] == []
    assert [said for said in ("办理经过", "当前责任人", "fault_opened") if said in text] == []
    form = response.context["form"]
    typed = {name: form[name].value() for name in ("_key", "_seen")} | {"opinion": "当日请假未交接。"}
    assert client.post(form_of(case, "file_opinion"), typed).status_code == 302
    assert "当日请假未交接。" in client.get(page_of(case)).content.decode()


def test_anothers_opinion_is_not_a_leaders_to_read(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("file_opinion", "wh.head", stage.fault(), opinion="当日请假未交接。")
    case = stage.do("decide_fault", "sc.officer", case, conclusion="violated", reasons="无正当理由。")
    client = client_for("wh.leader")
    text = client.get(page_of(case)).content.decode()
    assert [said for said in ("当日请假未交接。", "无正当理由。", "判定违反") if said in text] == []
    response = client.post(form_of(case, "file_opinion"), {"opinion": "补充说明。"})
    assert response.status_code == 409
    assert "补充说明。" in response.content.decode()
    assert "判定违反" not in response.content.decode()


def test_a_charge_that_is_no_fault_is_not_a_leaders_to_know(stage: Stage, client_for: ClientFor) -> None:
    assert client_for("wh.leader").get(page_of(stage.notified())).status_code == 404
