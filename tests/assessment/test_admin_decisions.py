"""Decisions on cases in the administration: each by its form, through the gate, to the content that was read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accountability.deadlines.limits import day_of
from accountability.models import LedgerEntry
from assessment.models import Case, Circular, Penalty
from tests.assessment.adjudicating import begin, do, errors, page, post, shown
from tests.assessment.cases import made_cases
from tests.factories import Cast, Now, Play


@pytest.mark.rule("R41")
def test_marketing_opens_a_case(play: Play, cast: Cast, officer: Client) -> None:
    complaint = made_cases.linked(play)
    typed = {"unit": "WH", "source": "leader", "description": "推诿客户。", "complaints": f"{complaint.matter}\n"}
    response = post(officer, begin("open_case"), **typed)
    case = Case.objects.get()
    assert (response.status_code, response.headers["location"]) == (302, page(case))
    assert (case.state, case.officer, case.complaint_ids) == ("opened", cast["sc.officer"], [complaint.pk])


@pytest.mark.rule("R22")
def test_marketing_opens_a_fault_and_decides_it(play: Play, officer: Client) -> None:
    complaint = made_cases.linked(play)
    post(officer, begin("open_fault"), round=f"{complaint.matter}#1", description="未及时交办。")
    case = Case.of_matter(Case.objects.get().pk)
    refused = officer.get(do(case, "decide_fault"))
    assert (refused.status_code, refused.context["sentence"]) == (409, "当前状态不能“决定”。")
    case = play("file_opinion", "wh.head", case, opinion="当日请假未交接。")
    assert "当日请假未交接。" in officer.get(do(case, "decide_fault")).content.decode()
    post(officer, do(case, "decide_fault"), conclusion="violated", reasons="无正当理由。")
    assert made_cases.again(case).state == "violation"


@pytest.mark.rule("R42")
def test_a_refusal_keeps_what_was_typed(play: Play, officer: Client) -> None:
    case = made_cases.by_sheet(play)
    quote = "核查：八小时内未处理亦未答复客户。"
    response = post(officer, do(case, "notify_unit"), check=quote, document_number="鄂市通〔2026〕9号")
    assert (response.status_code, list(errors(response))) == (422, ["check"])
    text = response.content.decode()
    assert (quote in text, "鄂市通〔2026〕9号" in text, made_cases.again(case).state) == (True, True, "sheet_issued")


@pytest.mark.rule("R42")
def test_declining_waits_for_the_leader_who_reads_the_reason(play: Play, officer: Client, leader: Client) -> None:
    case = made_cases.by_sheet(play)
    assert officer.get(do(case, "decline_case")).context["form"].initial["approved_by"] == "sc.leader"
    post(officer, do(case, "decline_case"), reason="客户已撤诉。", approved_by="sc.leader")
    assert made_cases.again(case).state == "sheet_issued"
    mine = {offer["url"] for offer in officer.get(page(case)).context["offers"]}
    theirs = {offer["url"] for offer in leader.get(page(case)).context["offers"]}
    assert (do(case, "approve") in mine, do(case, "approve") in theirs) == (False, True)
    form = leader.get(do(case, "approve"))
    text = form.content.decode()
    above = text[: text.index('type="submit">批准')]
    assert [word for word in ("不予立案", "客户已撤诉。", "方睿") if word not in above] == []
    assert form.context["counterpart"]["url"] == do(case, "disapprove")
    post(leader, do(case, "approve"))
    assert made_cases.again(case).state == "declined"


@pytest.mark.rule("R42")
def test_an_approval_is_bound_to_the_reason_that_was_read(play: Play, officer: Client, leader: Client) -> None:
    case = made_cases.by_sheet(play)
    post(officer, do(case, "decline_case"), reason="客户已撤诉。", approved_by="sc.leader")
    read = shown(leader, do(case, "approve"))
    play("decline_case", "sc.officer2", made_cases.again(case), reason="另一个理由。", approved_by="sc.leader")
    response = leader.post(do(case, "approve"), read)
    assert (response.status_code, made_cases.again(case).state) == (409, "sheet_issued")
    assert "另一个理由。" in response.content.decode()


@pytest.mark.rule("R48")
def test_members_speak_by_the_material_and_marketing_records_what_it_comes_to(
    play: Play, officer: Client, leader: Client
) -> None:
    """Nobody reads another's opinion before all are in, marketing neither; then the record is prefilled from them."""
    case = made_cases.disputed(play)
    widget = officer.get(do(case, "appoint_panel")).context["form"]["members"]
    first = widget.subwidgets[0].data["subwidgets"][0]["name"]
    due = (day_of(play.now.at) + timedelta(days=3)).isoformat()
    post(officer, do(case, "appoint_panel"), **{first: ["sc.officer", "sc.leader"], "due": due})
    text = leader.get(do(case, "give_opinion")).content.decode()
    assert [word for word in ("时限内已回复。", "关联轮次与时限", "八小时内未处理") if word not in text] == []
    whole = leader.get(page(case))
    text = whole.content.decode()
    assert whole.context["verb"].name == "give_opinion"
    assert text.index("关联轮次与时限") < text.index('id="actions"'), "it is among the facts"
    post(leader, do(case, "give_opinion"), opinion="not_violated", grounds="夜莺说明在此。")
    for client in (officer, leader):
        own = client is leader
        for where in (page(case), do(case, "give_opinion"), "/search/?q=夜莺说明"):
            assert ("夜莺说明在此" in client.get(where).content.decode()) in ((True, False) if own else (False,))
        seats = client.get(page(case)).context["file"].panel.seats
        assert [seat.is_shown for seat in seats] == [False, own]
    post(officer, do(case, "give_opinion"), opinion="not_violated")
    form = officer.get(do(case, "record_panel"))
    assert (form.context["form"]["conclusion"].value(), "夜莺说明在此" in form.content.decode()) == (
        "not_violated",
        True,
    )
    post(officer, do(case, "record_panel"), conclusion="not_violated", reasons="录音可证。")
    assert made_cases.again(case).state == "no_violation"


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_one_click_fills_in_who_owes_and_why(play: Play, officer: Client) -> None:
    case = made_cases.admitted(play)
    place = do(case, "penalise")
    answer = officer.get(page(case))
    owed = [(str(owing.labels[0]), owing.person.username) for owing in answer.context["file"].owing]
    assert owed == [("首问责任人", "wh.zhang"), ("分管领导", "wh.leader"), ("单位负责人", "wh.head")]
    link = f'href="{place}?person=wh.leader&amp;ground=leader"'
    assert link in answer.content.decode()
    assert "?person=" not in officer.get(place).content.decode(), "a click on a name would lose what was typed"
    prefilled = officer.get(f"{place}?person=wh.leader&ground=leader").context["form"].initial
    assert (prefilled["person"], prefilled["ground"]) == ("wh.leader", "leader")
    refused = post(officer, place, person="wh.leader", ground="leader", months="4", reason="督促不力。")
    assert (refused.status_code, list(errors(refused)), Penalty.objects.count()) == (422, ["months"], 0)
    post(officer, place, person="wh.leader", ground="leader", months="2", reason="督促不力。")
    assert [(row.person.username, row.grounds, row.months) for row in Penalty.objects.all()] == [
        ("wh.leader", ["leader"], 2)
    ]
    left = [owing.person.username for owing in officer.get(page(case)).context["file"].owing]
    assert left == ["wh.zhang", "wh.head"]


@pytest.mark.rule("R52")
def test_a_leader_signs_the_text_they_read(play: Play, officer: Client, leader: Client) -> None:
    case = made_cases.penalised(play, made_cases.admitted(play))
    form = officer.get(do(case, "issue_circular")).context["form"]
    named = "张伟民（首问责任人）：扣除1个月绩效奖金。"
    assert (named in form.initial["body"], named in officer.get(do(case, "issue_circular")).content.decode()) == (
        False, True,
    )  # fmt: skip
    post(officer, do(case, "issue_circular"), body=form.initial["body"] + "\n特此通报。", signed_by="sc.leader")
    text = leader.get(do(case, "sign_circular")).content.decode()
    above = text[: text.index("签发通报批评</button>")]
    assert [line for line in [*form.initial["body"].split("\n"), "特此通报。", named] if line not in above] == []
    assert "特此通报。" in officer.get(do(case, "issue_circular")).context["form"].initial["body"]
    read = shown(leader, do(case, "sign_circular"))
    post(officer, do(case, "issue_circular"), body="改过的正文。", signed_by="sc.leader")
    stale = leader.post(do(case, "sign_circular"), read)
    assert (stale.status_code, "改过的正文。" in stale.content.decode()) == (409, True)
    post(leader, do(case, "sign_circular"))
    circular = Circular.objects.get()
    assert (circular.number, circular.signer.username if circular.signer else "") == (
        "鄂移通报〔2026〕1号",
        "sc.leader",
    )
    assert post(officer, do(case, "close_case")).status_code == 302
    assert made_cases.again(case).state == "closed"


@pytest.mark.rule("R52")
def test_a_circular_anew_says_by_which_way_the_violation_was_found(play: Play, now: Now, officer: Client) -> None:
    case = made_cases.penalised(play, made_cases.deemed(play, now))
    case = play("sign_circular", "sc.leader", play("issue_circular", "sc.officer", case, signed_by="sc.leader"))
    case = play("close_case", "sc.officer", case)
    case = play("withdraw_circular", "sc.officer", case, reason="文字有误。", signed_by="sc.leader")
    case = play("sign_circular", "sc.leader", case)
    body = officer.get(do(case, "issue_circular")).context["form"].initial["body"]
    assert "该单位逾期未报自查报告，依规定视为违反“首问责任制”。" in body


@pytest.mark.rule("R48")
def test_two_officers_decide_at_once_and_one_decision_stands(play: Play, client_for: Callable[[str], Client]) -> None:
    case = play("file_opinion", "wh.head", made_cases.fault(play), opinion="当日请假未交接。")
    place = do(case, "decide_fault")
    first, second = client_for("sc.officer"), client_for("sc.officer2")
    seen = [shown(first, place), shown(second, place)]
    answers = [
        first.post(place, seen[0] | {"conclusion": "violated", "reasons": "无正当理由。"}),
        second.post(place, seen[1] | {"conclusion": "not_violated", "reasons": "情有可原。"}),
    ]
    assert [answer.status_code for answer in answers] == [302, 409]
    text = answers[1].content.decode()
    assert errors(answers[1]) == {"__all__": ["页面已过时，当前状态：判定违反。"]}
    assert ("情有可原。" in text, answers[1].context["can_run"]) == (True, False)
    assert LedgerEntry.objects.filter(matter=case.matter, verb="decide_fault").count() == 1
    assert made_cases.again(case).violated is True


def test_a_double_click_has_one_effect(play: Play, officer: Client) -> None:
    case = made_cases.by_sheet(play)
    typed = shown(officer, do(case, "notify_unit")) | {"check": "请核查处理时限。"}
    assert [officer.post(do(case, "notify_unit"), typed).status_code for _click in range(2)] == [302, 302]
    assert LedgerEntry.objects.filter(matter=case.matter, verb="notify_unit").count() == 1


def test_what_ends_something_is_set_apart(play: Play, officer: Client) -> None:
    case = made_cases.by_sheet(play)
    offers = officer.get(page(case)).context["offers"]
    assert [(str(offer["label"]), offer["is_awaited"], offer["is_grave"]) for offer in offers] == [
        ("通知自查", True, False), ("交由他人经办", False, False), ("不予立案", False, True),
    ]  # fmt: skip
    assert "button--danger" in officer.get(do(case, "decline_case")).content.decode()


@pytest.mark.rule("R52")
def test_annulment_takes_two_people(play: Play, officer: Client, leader: Client) -> None:
    case = made_cases.penalised(play, made_cases.admitted(play))
    post(officer, do(case, "annul_case"), reason="认定有误。", approved_by="sc.leader")
    assert made_cases.again(case).state == "admitted"
    post(leader, do(case, "approve"))
    assert (made_cases.again(case).state, officer.get(page(case)).context["file"].owing) == ("annulled", [])


def test_a_case_is_handed_to_a_colleague(play: Play, cast: Cast, officer: Client) -> None:
    case = made_cases.notified(play)
    post(officer, do(case, "assign_case"), to="sc.officer2")
    assert made_cases.again(case).officer == cast["sc.officer2"]
