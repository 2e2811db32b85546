"""On PostgreSQL words are found by pairs of signs, from an index; making it anew disturbs no act."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accountability.gate.perform import perform
from accountability.models import LedgerEntry, SearchText, actor_for, bigrams
from accountability.models.search import number_of, pair
from assessment.lists.search import texts_for
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.postgres.test_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def play(transactional_db: None, now: Now) -> Play:
    return Play(Cast(), now)


def found(term: str) -> list[int]:
    return list(SearchText.objects.with_any([term]).order_by("pk").values_list("matter", flat=True))


def test_two_signs_are_found_by_the_index(play: Play) -> None:
    first = play.upto("registered", content="宽带断网三天。")
    second = play.upto("registered", phone="13900001111", content="断网VoLTE 100%")
    play.upto("registered", phone="13900002222", content="断了，网也慢。")
    asked = {term: found(term) for term in ("断网", "断网三天", "volte", "0%", "网断", "三天断网")}
    assert asked == {"断网": [first.pk, second.pk], "断网三天": [first.pk], "volte": [second.pk], "0%": [second.pk],
                     "网断": [], "三天断网": []}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            plan = SearchText.objects.filter(kind="complaint").with_any(["断网", "退费"]).explain()
        finally:
            cursor.execute("RESET enable_seqscan")
    assert "search_in_complaint" in plan


def test_the_index_leaves_out_what_the_centre_does_not_read_of_a_case(play: Play) -> None:
    """Or of a frequent word every text of a case that has it would be looked up in its entry."""
    agent = actor_for(play.cast["kf.agent"].pk, play.now.at)
    assert agent is not None
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            plan = texts_for(agent).with_any(["断网"]).explain()
        finally:
            cursor.execute("RESET enable_seqscan")
    (asked,) = [line for line in plan.splitlines() if "Index Cond: ((terms" in line]
    assert "terms && " in asked


def test_a_sign_beyond_sixteen_bits_is_told_from_others(play: Play) -> None:
    """𠮷 and 𠎷 have the same number."""
    first = play.upto("registered", content="𠮷野先生断网。")
    play.upto("registered", phone="13900001111", content="𠎷野先生断网。")
    assert pair("𠮷", "野") == pair("𠎷", "野")
    assert {term: found(term) for term in ("𠮷野", "𠮷野先")} == {"𠮷野": [first.pk], "𠮷野先": [first.pk]}


def test_every_row_holds_the_pairs_of_its_words_and_its_verb(play: Play) -> None:
    play.upto("archived")
    rows = list(SearchText.objects.values_list("entry__verb", "text", "terms"))
    assert len({verb for verb, _text, _terms in rows}) == 3
    assert [terms for *_read, terms in rows] == [[number_of(verb), *bigrams(text)] for verb, text, _terms in rows]


def test_made_anew_while_people_work(play: Play) -> None:
    complaints = [play.upto("registered", phone=f"1390000{place:04d}") for place in range(12)]

    def work(complaint: Complaint) -> Any:
        by, at = play.cast["kf.agent"], play.now.at
        return perform(Complaint(matter_id=complaint.pk), "dispatch", by=by, at=at, unit="WH", reason="归属甲地。")

    results = at_once(
        lambda: [work(complaint) for complaint in complaints],
        *[lambda: call_command("reindex_search", verbosity=0)] * 3,
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    told = LedgerEntry.objects.filter(matter__kind="complaint", texts__isnull=False).order_by("pk")
    assert list(SearchText.objects.order_by("pk").values_list("pk", flat=True)) == list(
        told.values_list("pk", flat=True)
    )


def test_how_frequent_a_pair_is_is_kept_of_ten_thousand() -> None:
    """Of fewer the planner takes a rare word for a frequent one, and reads every text there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstattarget FROM pg_attribute WHERE attname = 'terms' AND attrelid = %s::regclass",
            [SearchText._meta.db_table],
        )
        assert cursor.fetchone() == (1000,)
