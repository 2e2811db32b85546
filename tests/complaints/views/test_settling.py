"""Settled on the call: one form does what five acts do, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages

from accountability.models import AccessLog, Deadline, LedgerEntry, Matter, Notification
from complaints.models import Complaint, State
from tests.complaints.views.test_intake import TYPED, fresh, the_complaint

IN_ORDER = ["register", "handle_directly", "judge_complete", "reply", "record_satisfaction"]
SETTLED = {
    "settled-result": "已为客户关闭误订的流量包。",
    "settled-content": "您好，已关闭并退费。",
    "settled-satisfied": "true",
}
NEW = "/complaints/new/"


@pytest.fixture
def agent(client_for):
    return client_for("kf.agent")


def settle(client: Any, **typed: str) -> Any:
    return client.post(NEW, TYPED | fresh(client) | SETTLED | {"then": "settle"} | typed)


def written(complaint: Complaint) -> list[tuple[Any, ...]]:
    """What the ledger says, in order, without what differs between any two complaints."""
    found = LedgerEntry.objects.filter(matter=complaint.matter_id).order_by("seq").select_related("texts", "actor")
    return [
        (
            entry.verb,
            entry.actor.username,
            entry.at,
            entry.part,
            without_rows(entry.facts),
            entry.texts and entry.texts.opened,
        )
        for entry in found
    ]


def without_rows(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in ("rows", "repeat_of")}


def clocks(complaint: Complaint) -> list[tuple[Any, ...]]:
    found = Deadline.objects.filter(matter=complaint.matter_id).order_by("pk")
    return list(
        found.values_list(
            "kind", "part", "cycle", "started_at", "due_at", "met_at", "voided_at", "person_id", "unit_id"
        )
    )


def notices(complaint: Complaint) -> list[tuple[Any, ...]]:
    found = Notification.objects.filter(matter=complaint.matter_id).order_by("pk")
    return list(found.values_list("recipient__username", "kind"))


def by_five_acts(client: Any) -> Complaint:
    client.post(NEW, TYPED | fresh(client) | {"phone": "13871239999"})
    complaint = Complaint.objects.latest("pk")
    for verb, typed in (
        ("handle_directly", {"result": SETTLED["settled-result"]}),
        ("judge_complete", {"complete": "true"}),
        ("reply", {"content": SETTLED["settled-content"]}),
        ("record_satisfaction", {"satisfied": "true"}),
    ):
        assert client.post(f"/complaints/{complaint.matter.number}/{verb}/", typed).status_code == 302
    return Complaint.objects.get(pk=complaint.pk)


def test_one_form_writes_what_five_acts_write(agent):
    assert settle(agent, phone="13871239998").status_code == 302
    one, five = the_complaint(), by_five_acts(agent)
    assert [entry[0] for entry in written(one)] == IN_ORDER

    def plain(entries: list[tuple[Any, ...]]) -> str:
        return str(entries).replace("13871239998", "13871239999")

    assert plain(written(one)) == plain(written(five))
    assert clocks(one) == clocks(five)
    assert notices(one) == notices(five)
    assert (one.state, one.satisfied, one.resolved, one.ended_as) == (
        five.state,
        five.satisfied,
        five.resolved,
        five.ended_as,
    )
    assert one.state == State.ARCHIVED


def test_without_words_of_its_own_the_reply_is_the_result(agent):
    settle(agent, **{"settled-content": ""})
    reply = LedgerEntry.objects.get(verb="reply")
    assert reply.texts is not None
    assert SETTLED["settled-result"] in reply.texts.opened["content"]


def test_who_isnt_satisfied_is_decided_on(agent):
    settle(agent, **{"settled-satisfied": "false", "settled-kind": "result", "settled-reason": "还是贵。"})
    assert (the_complaint().state, the_complaint().awaits) == (State.REPLIED, "decide")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "已登记并办结，编号"),
        (
            {"settled-satisfied": "false", "settled-kind": "result", "settled-reason": "还是贵。"},
            "已登记并回复客户，客户不满意，待决定，编号",
        ),
    ],
)
def test_the_message_says_what_became_of_it(agent, typed, words):
    answer = settle(agent, **typed)
    assert words in str(list(get_messages(answer.wsgi_request))[-1])


@pytest.mark.parametrize("then", ["", "dispatch"])
@pytest.mark.parametrize("name", ["settled-result", "settled-content"])
def test_what_was_typed_there_isnt_lost_by_another_button(agent, then, name):
    typed = TYPED | fresh(agent) | {"then": then, "unit": "WH", "category": "", name: "已退费。"}
    answer = agent.post(NEW, typed)
    settling = answer.context["settling"]
    assert (answer.status_code, Complaint.objects.count()) == (422, 0)
    assert settling.result.errors["result"] == ["已填写当场处理结果：请点“登记并办结”，或清空后再提交。"]
    assert set(answer.context["form"].errors) == {"category"}
    assert settling.is_open
    form = settling.result if name == "settled-result" else settling.reply
    assert form[name.removeprefix("settled-")].value() == "已退费。"


def test_an_option_that_cant_be_taken_back_keeps_nobody_from_registering(agent):
    assert agent.post(NEW, TYPED | fresh(agent) | {"settled-satisfied": "true"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"settled-result": ""}, {"result"}),
        ({"settled-satisfied": ""}, {"satisfied"}),
        ({"settled-satisfied": "false"}, {"kind", "reason"}),
        ({"category": "", "settled-result": ""}, {"category", "result"}),
        ({"phone": "1", "settled-satisfied": "maybe"}, {"phone", "satisfied"}),
    ],
)
def test_if_one_act_lacks_something_none_is_done_and_what_was_typed_is_kept(agent, typed, wrong):
    answer = settle(agent, **typed)
    settling = answer.context["settling"]
    assert answer.status_code == 422
    assert {name for form in (answer.context["form"], *settling.forms.values()) for name in form.errors} == wrong
    assert (
        Complaint.objects.count(),
        LedgerEntry.objects.count(),
        Matter.objects.filter(kind="complaint").count(),
    ) == (0, 0, 0)
    assert answer.context["form"]["content"].value() == TYPED["content"]
    assert settling.reply["content"].value() == SETTLED["settled-content"]
    assert '<details class="disclosure card" open>' in answer.content.decode()


def test_a_refusal_of_the_last_act_undoes_the_first_and_is_logged(agent):
    """满意 with a reason for 不满意 is refused by the action itself, when four acts are done already."""
    answer = settle(agent, **{"settled-kind": "result"})
    assert answer.status_code == 422
    assert set(answer.context["settling"].satisfaction.errors) == {"kind"}
    assert (Complaint.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    logged = AccessLog.objects.get(action="record_satisfaction")
    assert (logged.result, logged.matter_id) == ("condition", None)


def test_a_reply_that_is_anothers_is_not_given_for_them(agent, play):
    """A VIP customer's complaint that an employee forwarded is replied to by that employee alone (R34)."""
    complaint = play.upto("forwarded", tier="vip")
    page = f"/complaints/{complaint.matter.number}/register/"
    typed = {"category": "资费与收费争议", "priority": "P2", "then": "settle"} | SETTLED | fresh(agent, page)
    answer = agent.post(page, typed)
    assert answer.status_code == 403
    assert "回复客户" in answer.content.decode()
    assert play.again(complaint).state == State.FORWARDED
    assert [entry.verb for entry in LedgerEntry.objects.filter(matter=complaint.matter_id)] == ["forward"]
    assert AccessLog.objects.filter(action="reply", result="forbidden", matter=complaint.matter_id).exists()


def test_a_double_click_settles_once(agent):
    key = fresh(agent)
    first, second = settle(agent, **key), settle(agent, **key)
    assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
    assert [entry.verb for entry in LedgerEntry.objects.order_by("seq")] == IN_ORDER


def test_nobody_but_the_centre_settles(client_for, agent):
    typed = TYPED | fresh(agent) | SETTLED | {"then": "settle"}
    assert client_for("wh.contact").post(NEW, typed).status_code == 403
    assert LedgerEntry.objects.count() == 0


def test_the_page_demands_nothing_of_who_only_registers(agent):
    settling = agent.get(NEW).context["settling"]
    assert not settling.is_open
    assert "required" not in str(settling.result["result"])
    agent.post(NEW, TYPED | fresh(agent))
    assert [entry.verb for entry in LedgerEntry.objects.all()] == ["register"]
