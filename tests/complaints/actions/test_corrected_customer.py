"""A mistyped number, name or text put right by an agent: what was written before stays sealed, all else follows."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accountability.models import LedgerEntry, PersonalData, SearchText
from complaints.dossier.customer import customer_of, texts_of
from complaints.models import Complaint
from tests.factories import Play

pytestmark = pytest.mark.django_db

OLD, NEW = "13871234567", "13987654321"


def corrected(play: Play, **facts: str) -> Complaint:
    complaint = play.upto("accepted", content="王建国来电：账单多出两笔扣费。")
    return play("correct", "kf.agent2", complaint, reason="登记时听错。", **facts)


@pytest.mark.rule("R8")
def test_number_name_and_words_are_put_right_with_a_reason(play: Play) -> None:
    complaint = corrected(play, phone=NEW, customer="汪建国", content="账单多出三笔扣费。", wanted="退还三笔扣费。")
    now = customer_of(complaint)
    assert (now.name, now.phone, now.content, now.wanted) == ("汪建国", NEW, "账单多出三笔扣费。", "退还三笔扣费。")
    first = LedgerEntry.objects.get(matter=complaint.matter, verb="register")
    assert texts_of(first.texts)["phone"] == OLD
    entry = LedgerEntry.objects.get(matter=complaint.matter, verb="correct")
    assert not {OLD, NEW, "王建国", "汪建国"} & set(str(entry.facts).split("'"))


@pytest.mark.rule("R8")
def test_what_it_was_corrected_to_is_what_is_found(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = corrected(play, phone=NEW, customer="汪建国")
    number = str(complaint.matter)

    def finds(words: str) -> bool:
        agent = client_for("kf.agent")
        if words.isdigit() and len(words) > 4:
            return number in agent.post("/complaints/lookup/", {"phone": words}).content.decode()
        return number in agent.get("/search/", {"q": words}).content.decode()

    assert [finds(words) for words in (NEW, NEW[-4:], "汪建国")] == [True, True, True]
    assert [finds(words) for words in (OLD, OLD[-4:], "王建国")] == [False, False, False]


@pytest.mark.rule("R8")
def test_older_texts_stay_masked_by_the_former_name_and_number(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted", content="王建国来电，回电请打 027-8765 4321。", phone="02787654321")
    complaint = play("propose_solution", "wh.zhang", complaint, solution="已联系王建国本人，退还扣费。")
    complaint = play("correct", "kf.agent", complaint, customer="汪建国", phone=NEW, reason="听错。")
    complaint = play("correct", "kf.agent", complaint, customer="黄建国", reason="又听错。")
    assert set(customer_of(complaint).former) == {("王建国", "02787654321"), ("汪建国", NEW)}
    for who in ("kf.agent", "wh.zhang", "wh.contact", "sc.officer"):
        page = client_for(who).get(f"/complaints/{complaint.matter}/").content.decode()
        assert not [name for name in ("王建国", "汪建国", "黄建国", "87654321", "8765 4321") if name in page]
    kept = "".join(SearchText.objects.filter(matter=complaint.matter).values_list("text", flat=True))
    assert not [name for name in ("王建国", "汪建国", "黄建国") if name in kept]


@pytest.mark.rule("R8")
@pytest.mark.parametrize(("wrong", "right"), [("王建国", "王建"), ("王建", "王建国")])
def test_a_name_that_begins_another_leaves_nothing_of_it_to_be_read(play: Play, wrong: str, right: str) -> None:
    complaint = play.upto("registered", customer=wrong, content="王建国来电。")
    complaint = play("correct", "kf.agent", complaint, customer=right, reason="听错。")
    assert customer_of(complaint).masked_content == "王**来电。"


@pytest.mark.rule("R12")
def test_whether_it_repeats_another_follows_the_number(play: Play) -> None:
    earlier = play.upto("registered", phone=NEW)
    complaint = corrected(play, phone=NEW)
    assert (complaint.repeat_of_id, complaint.priority) == (earlier.pk, "P2")
    assert play("correct", "kf.agent", complaint, phone=OLD, reason="原号码是对的。").repeat_of_id is None


@pytest.mark.rule("R8")
@pytest.mark.parametrize("received", ["2026-11-20 10:00", "1995-03-01 10:00"])
def test_what_was_taken_over_without_a_category_is_put_right_too(play: Play, received: str) -> None:
    play.upto("registered", phone=NEW)
    complaint = play("import_complaint", "kf.agent", closed=False, received=received)
    complaint = play("correct", "kf.agent", complaint, phone=NEW, customer="汪建国", reason="来源中没有号码。")
    assert (customer_of(complaint).phone, complaint.repeat_of_id) == (NEW, None)
    complaint = play("correct", "kf.agent", complaint, category="资费与收费争议", reason="补登类别。")
    assert complaint.repeat_of_id is None


def test_it_is_erased_with_the_complaint(play: Play) -> None:
    """Every text of a complaint stands in rows that bear its matter, which erasing goes through."""
    complaint = corrected(play, phone=NEW, customer="汪建国")
    rows = PersonalData.objects.filter(matter=complaint.matter)
    assert complaint.intake_id in set(rows.values_list("pk", flat=True))
    assert rows.filter(phone_digest="").exclude(kind__in=("intake", "register", "correct")).exists()


def test_nonsense_is_refused_at_its_field_and_changes_nothing(play: Play) -> None:
    complaint = play.upto("accepted")
    before = customer_of(complaint)
    assert list(play.refused("correct", "kf.agent", complaint, phone="abc").fields) == ["phone"]
    assert play.refused("correct", "kf.agent", complaint, phone=OLD, region="武汉").code == "condition"
    assert play.refused("correct", "wh.zhang", complaint, phone=NEW).code == "forbidden"
    assert customer_of(play.again(complaint)) == before


def test_the_form_shows_what_stands_masked(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted")
    page = client_for("kf.agent").get(f"/complaints/{complaint.matter}/correct/").content.decode()
    assert "138****4567" in page
    assert OLD not in page
