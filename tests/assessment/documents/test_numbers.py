"""Numbers are given at issue, one after the other; issued anew it is the next version; the ledger has the digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.gate.act import Act, refuse_unless
from accountability.gate.perform import Outcome, perform_many
from accountability.models import LedgerEntry, Paper
from assessment.actions import opening
from assessment.models import Case, Circular
from tests.assessment.docket import ADMITS, PAID, Docket
from tests.assessment.paper_trail import issued, words
from tests.assessment.rankings.made_rankings import Rankings

rule = pytest.mark.rule


def numbers(kind: str) -> list[str]:
    return list(Paper.objects.filter(kind=kind, version=1).order_by("pk").values_list("number", flat=True))


@rule("R42")
@rule("R49")
def test_notices_and_orders_share_a_series_without_a_gap(docket: Docket) -> None:
    for _ in range(2):
        docket.upto("admitted")
    assert numbers("notice") == ["鄂市通〔2026〕1号", "鄂市通〔2026〕3号"]
    assert numbers("order") == ["鄂市通〔2026〕2号", "鄂市通〔2026〕4号"]
    assert numbers("report") == ["鄂移武汉〔2026〕1号", "鄂移武汉〔2026〕2号"]


@rule("R42")
def test_a_refused_notice_gives_its_number_back(docket: Docket) -> None:
    case = docket.upto("sheet_issued")
    refusal = docket.refused("notify_unit", "sc.officer", case, seen="something else")
    assert (refusal.code, numbers("notice")) == ("stale", [])
    docket("notify_unit", "sc.officer", case)
    assert numbers("notice") == ["鄂市通〔2026〕1号"]


@rule("R42")
def test_a_number_that_an_officer_typed_is_not_given_once_more(docket: Docket) -> None:
    docket("notify_unit", "sc.officer", docket.upto("sheet_issued"), document_number="鄂市通〔2026〕1号")
    docket.upto("notified")
    assert numbers("notice") == ["鄂市通〔2026〕1号", "鄂市通〔2026〕2号"]


@rule("R42")
def test_of_several_notices_the_refused_one_leaves_no_gap(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is refused after its number was drawn, between two that are not."""
    cases = [docket.upto("sheet_issued") for _ in range(3)]
    told = opening.tell_unit

    def may_fail(act: Act, notice: str) -> None:
        told(act, notice)
        refuse_unless(act.matter.pk != cases[1].pk, "不行。")

    monkeypatch.setattr(opening, "tell_unit", may_fail)
    outcomes = notify(docket, cases)
    assert [outcome.refused is None for outcome in outcomes] == [True, False, True]
    assert numbers("notice") == ["鄂市通〔2026〕1号", "鄂市通〔2026〕2号"]
    monkeypatch.undo()
    docket("notify_unit", "sc.officer", cases[1])
    assert numbers("notice")[-1] == "鄂市通〔2026〕3号"


TAKEN = "发文字号“{}”已经使用过，请填写别的文号，或留空由系统编号。"


def notify(docket: Docket, cases: Sequence[Case], **facts: Any) -> list[Outcome]:
    return perform_many(cases, "notify_unit", by=docket.cast["sc.officer"], at=docket.now.at, **facts)


@rule("R42")
@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("鄂市通〔2026〕1号", "鄂市通〔2026〕1号"),
        ("鄂市通[2026] 第０１号", "鄂市通〔2026〕1号"),
        ("鄂市通（2026）1号", "鄂市通〔2026〕1号"),
        ("鄂市通〔2026〕2号", "鄂市通〔2026〕2号"),
        ("鄂移武汉【2026】1 号", "鄂移武汉〔2026〕1号"),
        ("市场部第 9 号函", "市场部第9号函"),
    ],
)
def test_a_typed_number_is_nobody_elses(docket: Docket, typed: str, known: str) -> None:
    """Neither one of a series (a notice's, an order's, a report's) nor one that was typed before, however written."""
    docket("notify_unit", "sc.officer", docket.upto("sheet_issued"), document_number="市场部第9号函")
    docket.upto("admitted")
    before, case = numbers("notice"), docket.upto("sheet_issued")
    refusal = docket.refused("notify_unit", "sc.officer", case, document_number=typed)
    assert refusal.fields == {"document_number": TAKEN.format(known)}
    assert numbers("notice") == before
    case = docket("notify_unit", "sc.officer", case, document_number="鄂市通[2026]7号")
    assert (case.document_number, numbers("notice")[-1]) == ("鄂市通〔2026〕7号",) * 2


@rule("R42")
def test_a_number_typed_for_several_at_once_is_the_first_ones(docket: Docket) -> None:
    cases = [docket.upto("sheet_issued") for _ in range(2)]
    first, second = notify(docket, cases, document_number="鄂市通〔2026〕1号")
    assert (first.refused, second.refused and second.refused.fields) == (
        None, {"document_number": TAKEN.format("鄂市通〔2026〕1号")},
    )  # fmt: skip
    assert numbers("notice") == ["鄂市通〔2026〕1号"]


@rule("R42")
def test_of_several_at_once_none_gets_by_the_series_what_another_has_typed(docket: Docket) -> None:
    """And what was drawn by the series can't be typed by the next."""
    cases = [docket.upto("sheet_issued") for _ in range(4)]
    typed = ("鄂市通〔2026〕1号", "", "鄂市通〔2026〕2号", "")
    own = {case.pk: {"document_number": number} for case, number in zip(cases, typed, strict=True)}
    outcomes = notify(docket, cases, own=own)
    assert [outcome.refused is None for outcome in outcomes] == [True, True, False, True]
    assert numbers("notice") == ["鄂市通〔2026〕1号", "鄂市通〔2026〕2号", "鄂市通〔2026〕3号"]


@rule("R53")
@rule("R54")
def test_other_papers_leave_out_a_typed_number_too(docket: Docket, rankings: Rankings) -> None:
    docket("notify_unit", "sc.officer", docket.upto("sheet_issued"), document_number="鄂市通〔2027〕1号")
    ranking = rankings("confirm_barred", "sc.leader", rankings.draft({"WH": (1, 2)}), reason="单位不足。")
    assert ranking.document_number == "鄂市通〔2027〕2号"


@rule("R52")
def test_the_circular_has_the_number_of_its_paper(docket: Docket) -> None:
    case = docket.upto("withdrawn")
    circulars = Circular.objects.filter(case=case).order_by("pk").values_list("pk", "number")
    assert [(paper.part, paper.number) for paper in issued(case, "circular")] == list(circulars)


@rule("R39")
def test_the_sheet_has_a_second_version_with_marketings_part(docket: Docket) -> None:
    case = docket.upto("notified")
    assert [(paper.version, paper.issued_by.username) for paper in issued(case, "sheet")] == [
        (1, "kf.agent"), (2, "sc.officer"),
    ]  # fmt: skip


@rule("R22")
@rule("R41")
@pytest.mark.parametrize("position", ["opened", "contact at fault"])
def test_a_case_without_a_sheet_has_no_paper_of_one(position: str, docket: Docket) -> None:
    case = docket.upto(position)
    if position == "opened":
        case = docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    assert issued(case, "sheet") == []


@rule("R49")
@rule("R51")
def test_the_order_comes_back_once_every_penalty_is_there_and_proved(docket: Docket) -> None:
    case = docket.go(docket.upto("admitted"), PAID[0])
    case = docket("file_slip", "wh.contact", case)
    case = docket.go(case, *PAID[1:])
    case = docket("file_slip", "wh.contact", case, person="wh.leader")
    assert [paper.version for paper in issued(case, "order")] == [1]
    case = docket("file_slip", "wh.contact", case, person="wh.head")
    first, second = issued(case, "order")
    assert (second.version, second.number, second.issued_by.username) == (2, first.number, "wh.contact")


@rule("R45")
def test_a_deemed_violation_is_ordered_by_the_system_also_when_a_late_act_brings_it_to_light(docket: Docket) -> None:
    case = docket.upto("notified")
    docket.now.set("2026-12-02 09:00")
    case = docket("file_report", "wh.head", case, **ADMITS)
    ((order,), (report,)) = issued(case, "order"), issued(case, "report")
    deemed = LedgerEntry.objects.get(matter=case.pk, verb="deemed_violation")
    filed = LedgerEntry.objects.get(matter=case.pk, verb="file_report")
    assert (order.issued_by.username, deemed.facts["papers"]) == ("system", [order.digest])
    assert (report.issued_by.username, filed.facts["papers"]) == ("wh.head", [report.digest])


@rule("R48")
@rule("R49")
def test_a_case_that_was_cleared_has_a_record_and_no_order(docket: Docket) -> None:
    case = docket.upto("cleared and closed")
    assert [len(issued(case, kind)) for kind in ("panel_record", "order", "circular")] == [1, 0, 0]
    assert "认定武汉分公司不违反“首问责任制”。" in words(issued(case, "panel_record")[0])


@rule("R48")
def test_opinions_are_no_paper_before_they_are_recorded(docket: Docket) -> None:
    assert issued(docket.upto("panel has spoken"), "panel_record") == []


ISSUING = ("issue_sheet", "notify_unit", "sign_report", "sign_circular")


def test_an_act_that_issues_a_paper_takes_as_many_statements_for_one_complaint_as_for_three(
    docket: Docket, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """The same for a case that rests on three complaints as for one that rests on a single one."""
    taken: dict[str, list[int]] = {}
    whole = docket.outcome

    def counted(verb: str, by: str, case: Any = None, **facts: Any) -> Any:
        told = docket.facts(verb, by, **facts)
        with CaptureQueriesContext(connection) as queries:
            outcome = whole(verb, by, case, **told)
        taken.setdefault(verb, []).append(sum("SAVEPOINT" not in query["sql"] for query in queries))
        return outcome

    monkeypatch.setattr(docket, "outcome", counted)
    for complaints in (1, 3):
        linked = [docket.number(docket.complaint(phone=f"1390000{complaints}{n:03d}")) for n in range(complaints)]
        case = docket("issue_sheet", "kf.agent", complaints=linked)
        case = docket.go(case, ("notify_unit", "sc.officer", {}), ("file_report", "wh.contact", ADMITS))
        docket.go(case, ("sign_report", "wh.head", {}), *PAID, ("issue_circular", "sc.officer", {}),
                  ("sign_circular", "sc.leader", {}))  # fmt: skip
    assert {verb: len(taken[verb]) for verb in ISSUING} == dict.fromkeys(ISSUING, 2)
    assert {verb: len(set(taken[verb])) for verb in ISSUING} == dict.fromkeys(ISSUING, 1)
