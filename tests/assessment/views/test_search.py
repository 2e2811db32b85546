"""Cases, sheets and papers in the search: by their numbers, for whoever may see them, and there for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accountability.models import Paper, SearchText
from accountability.search import finders
from assessment.models import Case, Sheet
from complaints.models import Complaint
from tests import casework
from tests.assessment.plans.made_plans import Plans
from tests.complaints.views.test_search import found, plain
from tests.factories import Play

ClientFor = Callable[[str], Client]
FEW_AND_MANY = pytest.mark.parametrize("most_keys", [1000, 0], ids=["few", "many"])
"""Whether the keys of what has such a number are read first, or stand in the statement as a query."""

OF_THE_SHEET = ("kf.agent", "kf.supervisor", "sc.officer", "sc.leader", "sj.auditor")
NOT_OF_IT = ("wh.contact", "wh.head", "wh.zhang", "yc.contact", "kf.head", "sj.plain")


@pytest.fixture
def case(play: Play) -> Case:
    """Opened by the centre's sheet, the unit not told yet."""
    return casework.issue(play, casework.missed(play))


@pytest.mark.rule("R40")
@FEW_AND_MANY
@pytest.mark.parametrize("cut", [None, -3], ids=["exact", "how it begins"])
def test_case_and_sheet_are_found_by_those_who_may_see_them(
    cut: int | None, most_keys: int, case: Case, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finders, "MOST_KEYS", most_keys)
    case_number, sheet_number = str(case.matter), Sheet.objects.get().number
    for username in OF_THE_SHEET:
        client = client_for(username)
        assert found(client, case_number[:cut])["cases"] == [case_number]
        assert found(client, sheet_number[:cut])["sheets"] == [sheet_number]


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    "username", [NOT_OF_IT[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NOT_OF_IT[1:])]
)
def test_for_everybody_else_they_are_numbers_that_nobody_has(username: str, case: Case, client_for: ClientFor) -> None:
    client = client_for(username)
    for number, nobodys in ((str(case.matter), "AJ2026-22222222"), (Sheet.objects.get().number, "HD2026-22222222")):
        for cut in (None, -3, 6):
            nothing = nobodys[:2] + "2025" if cut == 6 else nobodys
            assert (found(client, number[:cut]), plain(client, number[:cut])) == ({}, plain(client, nothing))


@FEW_AND_MANY
def test_a_plan_is_found_by_those_who_may_see_it(
    most_keys: int, plans: Plans, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marketing and auditors, the unit's contacts and head, the owner."""
    monkeypatch.setattr(finders, "MOST_KEYS", most_keys)
    number = str(plans("open_plan", "sc.officer").matter)
    people = ("sc.officer", "sj.auditor", "wh.contact", "wh.head", "wh.zhang", "yc.contact", "kf.agent", "sj.plain")
    shown = {name: found(client_for(name), number).get("plans", []) for name in people}
    assert shown == {name: [number] if name in people[:5] else [] for name in people}


@pytest.mark.rule("R40")
def test_the_unit_finds_its_case_from_the_notice_on_and_never_the_sheet(
    case: Case, play: Play, client_for: ClientFor
) -> None:
    casework.notify(play, case)
    client = client_for("wh.contact")
    assert found(client, str(case.matter)) == {"cases": [str(case.matter)]}
    assert found(client, Sheet.objects.get().number) == {}
    assert [found(client_for("wh.contact"), word) for word in ("夜莺描述", "夜莺依据", "互动单", "涉嫌")] == [{}] * 4


@pytest.mark.rule("R40")
def test_the_sheets_paper_is_found_like_the_sheet(case: Case, client_for: ClientFor) -> None:
    numbers = {paper.number for paper in Paper.objects.filter(kind="sheet")} - {""}
    for number in numbers:
        assert found(client_for("sc.officer"), number)["papers"] == [number]
        assert [found(client_for(username), number) for username in NOT_OF_IT] == [{}] * len(NOT_OF_IT)


@pytest.mark.parametrize("brackets", ["〔〕", "[]", "()", "（）"])
def test_a_paper_by_its_number_however_its_brackets_are_typed(brackets: str, play: Play, client_for: ClientFor) -> None:
    complaint: Complaint = play.upto("delivered")
    number = Paper.objects.get(matter=complaint.matter).number
    typed = number.replace("〔", f" {brackets[0]}").replace("〕", f"{brackets[1]} ")
    seen = {name: found(client_for(name), typed) for name in ("kf.agent", "wh.contact", "yc.contact", "sj.plain")}
    assert {name: groups.get("papers") for name, groups in seen.items()} == {
        "kf.agent": [number], "wh.contact": [number], "yc.contact": None, "sj.plain": None,
    }  # fmt: skip


# Texts of cases


@pytest.mark.rule("R40")
def test_a_sheets_words_are_found_by_those_who_see_sheets(case: Case, client_for: ClientFor) -> None:
    asked = {name: found(client_for(name), "夜莺依据") for name in (*OF_THE_SHEET, *NOT_OF_IT)}
    assert asked == {name: {"case_texts": [str(case.matter)]} for name in OF_THE_SHEET} | {
        name: {} for name in NOT_OF_IT
    }


@pytest.mark.rule("R40")
def test_the_unit_finds_what_it_was_told_and_filed_and_the_centre_what_it_may_read(
    case: Case, play: Play, client_for: ClientFor
) -> None:
    case = casework.notify(play, case)
    casework.dispute(play, case)
    number, people = str(case.matter), ("wh.contact", "wh.head", "kf.agent", "sc.officer", "sj.auditor", "yc.contact")
    asked = {word: [found(client_for(name), word) == {"case_texts": [number]} for name in people]
             for word in ("夜莺核查", "夜莺事实", "夜莺描述")}  # fmt: skip
    assert asked == {
        "夜莺核查": [True, True, True, True, True, False],
        "夜莺事实": [True, True, False, True, True, False],
        "夜莺描述": [False, False, True, True, True, False],
    }
    assert found(client_for("yc.contact"), "夜莺核查") == {}


def test_the_customers_names_stand_masked_in_the_texts_of_a_case(play: Play, client_for: ClientFor) -> None:
    complaints = [casework.missed(play), casework.missed(play, customer="李大勇", phone="15900007777")]
    casework.issue(
        play, complaints[0], complaints=[str(one.matter) for one in complaints],
        description="王建国和李大勇都说过，号码１３８７１２３４５６７、15900007777。",
    )  # fmt: skip
    agent, kept = client_for("kf.agent"), SearchText.objects.filter(kind="case").values_list("text", flat=True)
    assert list(kept) == ["王**和李**都说过，号码138****4567、159****7777。\n夜莺依据：通知单。"]
    assert [list(found(agent, name)) for name in ("王建国", "李大勇", "都说过")] == [
        ["complaints"], ["complaints"], ["case_texts"],
    ]  # fmt: skip
    before = list(SearchText.objects.order_by("pk").values("pk", "text"))
    call_command("reindex_search", stdout=StringIO())
    assert list(SearchText.objects.order_by("pk").values("pk", "text")) == before


@pytest.mark.rule("R8")
def test_a_name_that_a_complaint_learns_of_later_is_masked_in_its_cases_too(play: Play, client_for: ClientFor) -> None:
    complaint = casework.missed(play)
    casework.issue(play, complaint, description="客户自称汪建国，回电打 027-8765 4321，都说过。")
    kept = SearchText.objects.filter(kind="case")
    assert "汪建国" in kept.get().text
    play("correct", "kf.agent", complaint, customer="汪建国", phone="02787654321", reason="登记时听错。")
    text = kept.get().text
    assert [words for words in ("汪建国", "8765", "4321都") if words in text] == []
    assert "都说过" in text
    assert list(found(client_for("kf.agent"), "都说过")) == ["case_texts"]
