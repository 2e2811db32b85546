"""The circular: laid before a leader, signed by them, numbered then, withdrawn only by another (R47, R49, R52)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest

from accountability.models import Notification, Series
from assessment.models import Circular
from complaints.dossier.customer import texts_of
from tests.assessment.actions.test_opening import second_leader
from tests.assessment.docket import PAID_AS_FOUND, SIGNED, Docket, circulars, holder, told
from tests.assessment.paper_trail import issued as issued_papers
from tests.assessment.paper_trail import words
from tests.factories import INTAKE


def issued(docket: Docket, case: object, by: str = "sc.officer") -> list[str | None]:
    case = docket("sign_circular", "sc.leader", docket("issue_circular", by, case))
    return [number for number, _withdraws in circulars(case)]


@pytest.mark.rule("R52")
def test_it_names_the_unit_and_goes_to_all_units(docket: Docket) -> None:
    case = docket.upto("circular issued")
    circular = Circular.objects.get(case=case)
    body = "\n".join(words(issued_papers(case, "circular")[0]).split("\n")[3:])
    assert (circular.title, circular.number) == ("关于对武汉分公司违反“首问责任制”的通报", "鄂移通报〔2026〕1号")
    assert body.startswith("各单位：\n现将武汉分公司违反“首问责任制”的情况通报如下。")
    assert [part in body for part in ("一、", "二、", "三、", "四、")] == [True] * 4
    announced = Notification.objects.filter(kind="circular_issued", matter=None)
    assert set(announced.values_list("recipient__username", flat=True)) == {
        "wh.contact", "wh.deputy", "wh.head", "yc.contact", "yc.head", "wl.contact", "wl.leader", "zd.head", "kf.head",
        "sj.head",
    }  # fmt: skip


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    ("username", "before"), [("sc.officer2", True), ("sj.auditor", True), ("yc.chen", False), ("kf.agent", False)]
)
def test_a_draft_is_the_departments_and_a_circular_everybodys(docket: Docket, username: str, before: bool) -> None:
    def reads() -> bool:
        return Circular.objects.visible_to(docket.actor(username)).exists()

    case = docket.upto("circular laid before")
    assert reads() is before
    docket("sign_circular", "sc.leader", case)
    assert reads() is True


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    "body",
    [
        "对客户王建国的投诉。", "客户号码 13871234567。", "客户号码 138 7123 4567。", "客户号码 138-7123-4567。",
        "客户号码１３８７１２３４５６７。", "客户 王 建 国 反映。", "客户王\u3000建国反映。",
    ],
)  # fmt: skip
def test_no_customer_stands_in_it_however_written(docket: Docket, body: str) -> None:
    case = docket.upto("penalised")
    assert list(docket.refused("issue_circular", "sc.officer", case, body=body).fields) == ["body"]


@pytest.mark.rule("R52")
def test_no_customer_stands_in_the_reason_of_a_withdrawal(docket: Docket) -> None:
    case = docket.upto("circular issued")
    for reason in ("客户王建国已谅解。", "1387123 4567 来电澄清。"):
        assert list(docket.refused("withdraw_circular", "sc.officer", case, reason=reason).fields) == ["reason"]


@pytest.mark.rule("R52")
def test_the_drafted_text_names_no_customer(docket: Docket) -> None:
    for position in ("circular issued", "deemed_violation"):
        body = texts_of(Circular.objects.filter(case=docket.upto(position)).get().texts)["body"]
        assert [value for value in (INTAKE["customer"], INTAKE["phone"], INTAKE["content"]) if value in body] == []


# Signing


@pytest.mark.rule("R52")
def test_the_leader_named_signs_and_nobody_else(docket: Docket) -> None:
    second_leader(docket)
    case = docket.upto("circular laid before")
    assert (holder(case), told(case, "to_do", verb="sign_circular")) == ("sc.leader", {"sc.leader"})
    for by in ("sc.officer", "sc.officer2", "kf.supervisor", "wh.head", "sj.auditor"):
        assert docket.refused("sign_circular", by, case).code == "forbidden"
    case = docket("issue_circular", "sc.officer", case, signed_by="sc.officer2")
    assert docket.refused("sign_circular", "sc.leader", case).code == "forbidden"
    assert circulars(docket("sign_circular", "sc.officer2", case)) == [("鄂移通报〔2026〕1号", False)]


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    ("by", "signer"), [("sc.leader", "sc.leader"), ("sc.officer", "sc.officer2"), ("sc.officer", "wh.head")]
)
def test_only_another_marketing_leader_is_asked_to_sign(docket: Docket, by: str, signer: str) -> None:
    case = docket.upto("penalised")
    assert list(docket.refused("issue_circular", by, case, signed_by=signer).fields) == ["signed_by"]


@pytest.mark.rule("R52")
def test_a_deemed_violation_names_the_unit_at_once_and_its_people_when_they_are_penalised(docket: Docket) -> None:
    """R45, R50: the draft first, of the unit alone, whoever has a row already; then another with everybody."""
    case = docket("issue_circular", "sc.officer", docket.go(docket.upto("deemed_violation"), PAID_AS_FOUND[0]))
    assert (case.matter.awaits, told(case, "to_do", verb="sign_circular")) == ("sign_circular", {"sc.leader"})
    case = docket("sign_circular", "sc.leader", case)
    assert (case.named_people, case.matter.awaits) == (set(), "penalise")
    assert "接口人" not in texts_of(case.circular_rows[0].texts)["body"].partition("三、")[2]
    assert docket.refused("issue_circular", "sc.officer", case).code == "condition"
    case = docket("penalise", "sc.officer", case, person="wh.contact", ground="contact", months=2)
    case = docket.go(case, PAID_AS_FOUND[1])
    assert case.matter.awaits == "issue_circular"
    case = docket.go(case, *SIGNED)
    people = {docket.cast["wh.contact"].pk, docket.cast["wh.head"].pk}
    assert (case.named_people, case.people_to_name, case.matter.awaits) == (people, [], "close_case")
    assert docket.refused("issue_circular", "sc.officer", case).code == "state"
    assert len(circulars(docket("close_case", "sc.officer", case))) == 2


@pytest.mark.rule("R50")
def test_whom_it_names_is_not_penalised_anew(docket: Docket) -> None:
    """Nor between what the leader reads and what they sign, nor by a part of which nothing was owed."""
    for position in ("circular laid before", "circular issued"):
        case = docket.upto(position)
        for person, ground in (("wh.zhang", "handler"), ("wh.contact", "contact")):
            refusal = docket.refused("penalise", "sc.officer", case, person=person, ground=ground, months=3)
            assert (refusal.code, list(refusal.fields)) == ("condition", ["person"])


@pytest.mark.rule("R50")
def test_of_a_deemed_violation_whom_none_names_is_still_penalised_and_then_named(docket: Docket) -> None:
    case = docket.go(docket.upto("deemed_violation"), *PAID_AS_FOUND, *SIGNED)
    assert list(docket.refused("penalise", "sc.officer", case, person="wh.contact", ground="contact").fields) == [
        "person"
    ]
    case = docket("penalise", "sc.officer", case)
    assert docket.refused("close_case", "sc.officer", case).code == "condition"
    case = docket("close_case", "sc.officer", docket.go(case, *SIGNED))
    assert [len(circular.named) for circular in sorted(case.circular_rows, key=lambda row: row.pk)] == [2, 1]


@pytest.mark.rule("R52")
def test_a_signature_is_bound_to_the_text_that_was_read(docket: Docket) -> None:
    case = docket.upto("circular laid before")
    seen = case.shown_for("sign_circular")
    case = docket("issue_circular", "sc.officer", case, body="各单位：\n另一份正文。")
    assert case.position == docket.again(case).position
    assert docket.refused("sign_circular", "sc.leader", case, seen=seen).code == "stale"
    case = docket.outcome("sign_circular", "sc.leader", case, seen=case.shown_for("sign_circular")).subject
    assert texts_of(Circular.objects.get(case=case).texts)["body"] == "各单位：\n另一份正文。"


@pytest.mark.rule("R52")
def test_who_lost_the_leadership_signs_nothing_and_another_is_asked(docket: Docket) -> None:
    second_leader(docket)
    case = docket.upto("circular laid before")
    told = {"employee": "sc.leader", "role": "marketing_leader", "ends_on": "2026-11-24"}
    docket.play.by_two("end_appointment", "sc.officer", "sc.officer2", **told)
    docket.now.forward(days=1)
    assert docket.refused("sign_circular", "sc.leader", case).code == "forbidden"
    case = docket("issue_circular", "sc.officer", case, signed_by="sc.officer2")
    assert circulars(docket("sign_circular", "sc.officer2", case)) == [("鄂移通报〔2026〕1号", False)]


# Numbers


@pytest.mark.rule("R52")
def test_numbers_are_given_at_signing_without_gaps(docket: Docket) -> None:
    """S63: a draft laid anew, and one that an annulment dropped, take none."""
    waiting = docket.upto("circular laid before")
    waiting = docket("issue_circular", "sc.officer", waiting, body="再次送签。")
    dropped = docket.upto("circular laid before")
    dropped = docket("approve", "sc.leader", docket("annul_case", "sc.officer", dropped))
    third = docket.upto("circular issued")
    docket("sign_circular", "sc.leader", waiting)
    found = [circulars(case) for case in (third, waiting, dropped)]
    assert found == [[("鄂移通报〔2026〕1号", False)], [("鄂移通报〔2026〕2号", False)], [(None, False)]]
    series = Series.objects.filter(name__startswith="鄂移通报")
    assert list(series.values_list("name", "last")) == [("鄂移通报〔2026〕", 2)]


@pytest.mark.rule("R52")
def test_a_refused_signature_takes_no_number(docket: Docket) -> None:
    case = docket.upto("circular laid before")
    docket.refused("sign_circular", "sc.leader", case, seen="something else")
    assert list(Series.objects.filter(name__startswith="鄂移通报")) == []
    assert circulars(docket("sign_circular", "sc.leader", case)) == [("鄂移通报〔2026〕1号", False)]


@pytest.mark.rule("R52")
def test_each_year_has_its_own_series(docket: Docket) -> None:
    docket.play("publish_calendar", "sc.officer", year=2027)
    docket.upto("circular issued")
    case = docket.upto("circular laid before")
    docket.now.set("2027-01-04 09:00")
    assert circulars(docket("sign_circular", "sc.leader", case)) == [("鄂移通报〔2027〕1号", False)]


@pytest.mark.rule("R45")
@pytest.mark.rule("R52")
def test_a_deemed_violation_has_drafted_its_own(docket: Docket) -> None:
    case = docket.upto("deemed_violation")
    assert circulars(case) == [(None, False)]
    assert Circular.objects.get(case=case).drafted_by.username == "system"
    assert issued(docket, case) == ["鄂移通报〔2026〕1号"]


@pytest.mark.rule("R52")
def test_it_is_issued_once(docket: Docket) -> None:
    case = docket.upto("circular issued")
    assert docket.refused("issue_circular", "sc.officer", case).code == "state"
    assert docket.refused("sign_circular", "sc.leader", case).code == "forbidden"


# Withdrawing


@pytest.mark.rule("R52")
def test_only_another_circular_withdraws_one(docket: Docket) -> None:
    case = docket("withdraw_circular", "sc.officer", docket.upto("circular issued"))
    first, second = Circular.objects.filter(case=case).order_by("pk")
    assert (first.is_in_force, second.withdraws, second.number, case.matter.awaits, holder(case)) == (
        True, first, None, "sign_circular", "sc.leader",
    )  # fmt: skip
    case = docket("sign_circular", "sc.leader", case)
    assert (circulars(case), case.circular_in_force) == (
        [("鄂移通报〔2026〕1号", False), ("鄂移通报〔2026〕2号", True)], None,
    )  # fmt: skip
    second = Circular.objects.get(withdraws=first)
    assert second.title == "关于撤回对武汉分公司违反“首问责任制”的通报的通报"
    assert texts_of(second.texts)["body"] == (
        "各单位：\n现撤回《关于对武汉分公司违反“首问责任制”的通报》（鄂移通报〔2026〕1号）。\n撤回理由：事实有误。"
    )
    assert (
        Notification.objects.filter(matter=None, kind="circular_issued", recipient=docket.cast["zd.head"]).count() == 2
    )


@pytest.mark.rule("R52")
def test_a_withdrawn_one_may_be_issued_anew(docket: Docket) -> None:
    case = docket("withdraw_circular", "sc.officer", docket.upto("circular issued"))
    case = docket("sign_circular", "sc.leader", case)
    assert (case.state, case.matter.awaits) == ("admitted", "issue_circular")
    assert docket.refused("withdraw_circular", "sc.officer", case).code == "state"
    assert docket.refused("close_case", "sc.officer", case).code == "condition"
    assert issued(docket, case) == ["鄂移通报〔2026〕1号", "鄂移通报〔2026〕2号", "鄂移通报〔2026〕3号"]


@pytest.mark.rule("R52")
def test_a_withdrawal_in_a_closed_case_waits_for_its_signer(docket: Docket) -> None:
    case = docket.upto("withdrawal of a closed case")
    assert (case.state, case.matter.awaits, holder(case), case.matter.closed_at) == (
        "closed", "sign_circular", "sc.leader", None,
    )  # fmt: skip
    assert case.matter.alarm_at is not None
    case = docket("sign_circular", "sc.leader", case)
    assert (case.circular_in_force, case.matter.awaits, holder(case), case.matter.closed_at) == (
        None, "issue_circular", "sc.officer", None,
    )  # fmt: skip
    assert case.matter.alarm_at is not None
    assert len(issued(docket, case)) == 3
    case = docket.again(case)
    assert (case.state, case.matter.awaits, holder(case), case.matter.alarm_at, case.matter.closed_at) == (
        "closed", "", None, None, docket.now.at,
    )  # fmt: skip


@pytest.mark.rule("R50")
@pytest.mark.rule("R52")
def test_the_second_circular_of_a_deemed_violation_names_its_people_again(docket: Docket) -> None:
    """Withdrawn in a closed case, it leaves the first in force, which names the unit alone."""
    case = docket.go(docket.upto("deemed_violation"), *SIGNED)
    case = docket.go(case, *PAID_AS_FOUND, *SIGNED, ("close_case", "sc.officer", {}))
    for verb, by in (("withdraw_circular", "sc.officer"), ("sign_circular", "sc.leader")):
        case = docket(verb, by, case)
    assert (case.state, case.matter.awaits) == ("closed", "issue_circular")
    case = docket.again(docket.go(case, *SIGNED))
    assert (case.matter.awaits, case.people_to_name) == ("", [])


@pytest.mark.rule("R51")
def test_no_case_is_closed_while_its_circular_is_about_to_be_withdrawn(docket: Docket) -> None:
    """Closed first and withdrawn after, it would fine people whom no circular names."""
    case = docket("withdraw_circular", "sc.officer", docket.upto("circular issued"))
    assert docket.refused("close_case", "sc.officer2", case).code == "condition"
    case = docket("return_circular", "sc.leader", case, remarks="事实清楚。")
    assert docket("close_case", "sc.officer2", case).state == "closed"


@pytest.mark.rule("R52")
def test_a_withdrawal_cites_the_title_that_was_issued(docket: Docket) -> None:
    case = docket.upto("circular issued")
    docket.play("set_unit", "sc.officer", code="WH", name="武汉新分公司", kind="branch")
    case = docket("withdraw_circular", "sc.officer", docket.again(case))
    body = texts_of(Circular.objects.get(case=case, signed_at=None).texts)["body"]
    assert "现撤回《关于对武汉分公司违反“首问责任制”的通报》" in body


@pytest.mark.rule("R52")
def test_what_was_not_issued_is_not_withdrawn(docket: Docket) -> None:
    for position in ("penalised", "circular laid before", "deemed_violation"):
        assert docket.refused("withdraw_circular", "sc.officer", docket.upto(position)).code == "state"


@pytest.mark.rule("R49")
@pytest.mark.rule("R52")
@pytest.mark.parametrize("position", ["sheet_issued", "notified", "disputed", "no_violation", "annulled"])
def test_without_a_violation_there_is_no_circular(docket: Docket, position: str) -> None:
    assert docket.refused("issue_circular", "sc.officer", docket.upto(position)).code == "state"
