"""Templates of answers: kept by the centre's supervisors, offered by category, filled in without anything personal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.documents.template_fields import fill_in
from accountability.gate.act import Refused
from accountability.gate.subjects import Organisation
from accountability.models import AnswerTemplate, LedgerEntry
from complaints.models import Complaint
from tests.factories import Play

LIST = reverse("answer_templates")
SET, WITHDRAW = (reverse("edit_template", args=[verb]) for verb in ("set_template", "withdraw_template"))
TYPED = {
    "name": "退费", "use": "reply", "category": "资费与收费争议", "text": "{编号} 已由{单位}核查。", "reason": "常用",
}  # fmt: skip


@pytest.fixture
def supervisor(client_for: Callable[[str], Client]) -> Client:
    return client_for("kf.supervisor")


def saved() -> list[tuple[str, int, str, bool]]:
    return list(AnswerTemplate.objects.order_by("pk").values_list("name", "version", "text", "is_withdrawn"))


@pytest.mark.rule("R35")
def test_a_supervisor_saves_and_each_change_is_a_version(supervisor: Client, play: Play) -> None:
    assert supervisor.post(SET, TYPED).url == LIST  # type: ignore[attr-defined]
    assert supervisor.post(SET, TYPED | {"text": "已退费。", "reason": "改写"}).status_code == 302
    assert saved() == [("退费", 1, "{number} 已由{unit}核查。", False), ("退费", 2, "已退费。", False)]
    newest = AnswerTemplate.objects.latest("pk")
    assert (newest.author, newest.reason, str(newest.category)) == (
        play.cast["kf.supervisor"],
        "改写",
        "资费与收费争议",
    )
    said = LedgerEntry.objects.filter(verb="set_template").order_by("seq")
    assert [entry.facts["version"] for entry in said] == [1, 2]
    shown = supervisor.get(LIST).content.decode()
    assert (TYPED["text"] in shown, "已退费。" in shown) == (False, True)
    assert TYPED["text"] in supervisor.get(f"{LIST}?name=退费").content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "尊敬的{customer}：",
            "没有占位符 {customer}，可用：{编号}、{投诉类别}、{单位}、{受理日期}、{时限}、{今天}。",
        ),
        ("请致电 {phone}", "没有占位符 {phone}，可用：{编号}、{投诉类别}、{单位}、{受理日期}、{时限}、{今天}。"),
        ("编号 {number", "花括号不成对。"),
        (" ", "此项必填。"),
        ("长" * 2001, "最多 2000 个字，现有 2001 个。"),
    ],
)
def test_what_the_program_cannot_fill_in_is_refused_at_the_field(supervisor: Client, text: str, sentence: str) -> None:
    answer = supervisor.post(SET, TYPED | {"text": text})
    form = answer.context["form"]
    assert (answer.status_code, dict(form.errors), form["name"].value()) == (422, {"text": [sentence]}, "退费")
    assert saved() == []


def test_without_a_change_there_is_no_version(supervisor: Client) -> None:
    supervisor.post(SET, TYPED)
    answer = supervisor.post(SET, TYPED)
    assert (answer.status_code, dict(answer.context["form"].errors)) == (422, {"text": ["没有变更。"]})
    assert len(saved()) == 1


def test_one_that_is_withdrawn_is_offered_no_more_and_may_come_back(supervisor: Client, play: Play) -> None:
    supervisor.post(SET, TYPED)
    assert supervisor.get(f"{WITHDRAW}?name=退费").context["form"]["name"].value() == "退费"
    assert supervisor.post(WITHDRAW, {"name": "退费", "reason": "过时"}).status_code == 302
    assert list(AnswerTemplate.objects.current()) == []
    assert dict(supervisor.post(WITHDRAW, {"name": "退费", "reason": "再"}).context["form"].errors) == {
        "name": ["没有这一名称的模板。"]
    }
    supervisor.post(SET, TYPED)
    assert [template.version for template in AnswerTemplate.objects.current()] == [3]


def test_a_form_begins_with_what_is_in_force(supervisor: Client) -> None:
    supervisor.post(SET, TYPED)
    form = supervisor.get(f"{SET}?name=退费").context["form"]
    assert {name: form[name].value() for name in ("name", "use", "category", "text")} == {
        name: TYPED[name] for name in ("name", "use", "category", "text")
    }
    assert supervisor.get(f"{SET}?name=没有").context["form"]["name"].value() is None


def test_from_an_older_page_nothing_is_overwritten(supervisor: Client, play: Play) -> None:
    seen = Organisation.standing().shown_for("set_template")
    play("set_template", "kf.supervisor", **TYPED)
    answer = supervisor.post(SET, TYPED | {"text": "别的", "_seen": seen})
    assert (answer.status_code, len(saved())) == (409, 1)


@pytest.mark.rule("R35")
@pytest.mark.parametrize("username", ["kf.agent", "kf.head", "sc.officer", "sj.auditor", "wh.contact"])
def test_nobody_else_keeps_them(play: Play, client_for: Callable[[str], Client], username: str) -> None:
    with pytest.raises(Refused) as caught:
        play("set_template", username, **TYPED)
    assert caught.value.code == "forbidden"
    assert client_for(username).post(SET, TYPED).status_code == 403
    assert saved() == []


# Offered and filled in


def keep(play: Play, *templates: tuple[str, str, str, str]) -> None:
    for name, use, category, text in templates:
        play("set_template", "kf.supervisor", name=name, use=use, category=category, text=text, reason="常用")


def offered(answer: Any) -> list[tuple[str, str]]:
    return [(preset.name, preset.text) for preset in answer.context["form"].presets]


def test_a_form_offers_those_of_its_act_and_category_the_nearest_first(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    keep(
        play, ("甲", "answer", "", "通用"), ("乙", "answer", "资费与收费争议", "大类"),
        ("丙", "answer", "资费与收费争议/退费", "小类"),
        ("丁", "answer", "营销宣传", "别类"), ("戊", "reply", "", "回复"),
    )  # fmt: skip
    complaint = play.upto("accepted", category="资费与收费争议/退费")
    page = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/answer/")
    assert offered(page) == [("丙", "小类"), ("乙", "大类"), ("甲", "通用")]
    other = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/propose_solution/")
    assert (offered(other), "答复模板" in other.content.decode()) == ([], False)


def test_placeholders_are_filled_in_from_the_complaint(play: Play, client_for: Callable[[str], Client]) -> None:
    keep(play, ("全", "answer", "", "{number}|{category}|{unit}|{received}|{due}|{today}"))
    complaint = play.upto("accepted", category="资费与收费争议/退费")
    page = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/answer/")
    filled = dict(offered(page))["全"].split("|")
    assert filled == [
        complaint.matter.number, "资费与收费争议/退费", "武汉分公司", "2026-11-24", "2026-11-25 21:00", "2026-11-24",
    ]  # fmt: skip


def test_what_a_value_brings_along_is_no_placeholder() -> None:
    assert fill_in("{a}{b}{c}", {"a": "{b}", "b": "x"}) == "{b}x{c}"


def test_a_forwarder_learns_nothing_by_a_template(play: Play, client_for: Callable[[str], Client]) -> None:
    """Neither category nor unit, which their page doesn't tell either."""
    keep(play, ("退费", "reply", "资费与收费争议", "某类"), ("全", "reply", "", "{number}|{category}|{unit}"))
    complaint = play.upto("forwarded and completed", tier="vip")
    page = client_for("yc.chen").get(f"/complaints/{complaint.matter.number}/reply/")
    assert offered(page) == [("全", f"{complaint.matter.number}|——|——")]


@pytest.fixture
def replied(play: Play) -> Complaint:
    keep(play, ("退费", "reply", "", "{number} 已退费。"))
    return play.upto("completed")


def test_the_button_puts_it_behind_what_was_typed_and_does_nothing_else(
    replied: Complaint, client_for: Callable[[str], Client]
) -> None:
    place = f"/complaints/{replied.matter.number}/reply/"
    agent, before = client_for("kf.agent"), LedgerEntry.objects.count()
    answer = agent.post(place, {"content": "您好。\n", "_preset": "退费", "_insert": "1", "_key": "k"})
    form = answer.context["form"]
    assert (answer.status_code, form["content"].value()) == (200, f"您好。\n{replied.matter.number} 已退费。")
    assert (form["_key"].value(), form.errors) == ("k", {})
    part = agent.post(place, {"_preset": "没有", "_insert": "1"}, headers={"HX-Request": "true"})
    assert ("<html" in part.content.decode(), part.context["form"]["content"].value()) == (False, None)
    assert LedgerEntry.objects.count() == before


def test_who_may_not_reply_gets_no_template(replied: Complaint, client_for: Callable[[str], Client]) -> None:
    place = f"/complaints/{replied.matter.number}/reply/"
    answer = client_for("wh.zhang").post(place, {"_preset": "退费", "_insert": "1"})
    assert (answer.status_code, "已退费。" in answer.content.decode()) == (403, False)


# One reply for a mass event


def test_one_reply_for_all_offers_the_templates_of_replies(
    play: Play, answerable: Any, client_for: Callable[[str], Client]
) -> None:
    event, _members = answerable
    keep(
        play, ("通用", "reply", "", "{category}：{number} 截至 {today}，由{unit}答复。"), ("甲", "answer", "", "不是"),
        ("网络", "reply", "网络质量", "基站已修复。"), ("别类", "reply", "资费与收费争议", "不是"),
    )  # fmt: skip
    place = reverse("mass_act", args=[event.matter.number, "reply_all"])
    client = client_for("kf.agent")
    assert offered(client.get(place)) == [
        ("网络", "基站已修复。"), ("通用", "网络质量：—— 截至 2026-11-24，由省客户服务中心答复。"),
    ]  # fmt: skip
    shown = client.get(reverse("mass", args=[event.matter.number])).content.decode()
    assert (shown.count('name="_insert"'), "shouwen/presets.js" in shown) == (1, True)


def test_a_template_is_put_into_the_reply_for_all_and_nothing_is_sent(
    play: Play, answerable: Any, client_for: Callable[[str], Client]
) -> None:
    event, _members = answerable
    keep(play, ("网络", "reply", "网络质量", "基站已修复。"))
    place = reverse("mass_act", args=[event.matter.number, "reply_all"])
    client, before = client_for("kf.agent"), LedgerEntry.objects.count()
    answer = client.post(place, {"content": "您好。", "_preset": "网络", "_insert": "1"})
    assert (answer.status_code, answer.context["form"]["content"].value()) == (200, "您好。\n基站已修复。")
    unknown = client.post(place, {"content": "您好。", "_preset": "没有", "_insert": "1"})
    assert unknown.context["form"]["content"].value() == "您好。"
    assert LedgerEntry.objects.count() == before
    assert client_for("sc.officer").post(place, {"_preset": "网络", "_insert": "1"}).status_code == 403
