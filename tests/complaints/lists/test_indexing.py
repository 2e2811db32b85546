"""Words are kept for searching by the act that wrote them: masked, and no longer than the texts they are made from."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accountability.gate.act import Batch
from accountability.gate.changes import flush
from accountability.gate.verbs import VERBS
from accountability.models import LedgerEntry, SearchText, bigrams
from accountability.models.search import is_exact, number_of, pair
from accountability.search.index import forget
from assessment.cases.dossier import OF_THE_SYSTEM
from complaints.models import Complaint
from tests.factories import Play
from tests.looking import verbs_of

RAW = ("王建国", "李大勇", "13871234567", "15900007777")


def words(complaint: Complaint) -> dict[str, str]:
    """What is kept of the complaint, by verb."""
    rows = SearchText.objects.filter(matter=complaint.matter).order_by("pk")
    return {row.entry.verb: row.text for row in rows.select_related("entry")}


def raw(complaint: Complaint) -> list[str]:
    return [text for text in RAW for kept in words(complaint).values() if text in kept]


def erase(play: Play, complaint: Complaint, verb: str) -> None:
    """As a verb would that erases what was written with another one."""
    with transaction.atomic():
        batch = Batch(play.now.at)
        (act,) = batch.acts_for([complaint])
        row = LedgerEntry.objects.get(matter=complaint.matter, verb=verb).texts
        assert row is not None
        act.changes.watch(row)
        row.sealed, row.erased_at = None, play.now.at
        act.record("note", play.cast["sc.officer"])
        flush(batch)


def test_each_act_keeps_its_own_words_masked(play: Play) -> None:
    said = "王建国说：号码13871234567，回电１３８-7123-4567。"
    complaint = play("register", "kf.agent", content=said)
    complaint = play("dispatch", "kf.agent", complaint, reason="王建国在武汉办理。")
    complaint = play("hand_off", "wh.contact", complaint)
    play("answer", "wh.zhang", complaint, result="已向13871234567退费。", cause="未告知王建国。")
    assert words(complaint) == {
        "register": "王**说：号码138****4567，回电138****4567。",
        "dispatch": "王**在武汉办理。",
        "answer": "已向138****4567退费。\n未告知王**。",
    }
    assert raw(complaint) == []


def test_a_whole_way_keeps_no_name_and_no_number(play: Play) -> None:
    has: dict[str, Any] = {"content": "王建国（13871234567）来电"}
    complaint = play.upto("finished", content="王建国（13871234567）来电")
    play("reply", "kf.agent", play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint)), **has)
    silent = {"dispatch", "hand_off", "accept", "confirm_task", "conclude_coordination", "judge_complete"}
    assert set(words(complaint)) == set(verbs_of(complaint)) - silent
    assert raw(complaint) == []
    assert words(complaint)["record_tasks"] == "提供合约原件。"


def test_a_corrected_name_is_masked_in_what_was_said_before_and_the_old_one_stays_so(play: Play) -> None:
    said = "王建国替李大勇来电，号码13871234567或15900007777。"
    forwarded = play("forward", "yc.chen", content=said)
    assert words(forwarded) == {"forward": "王**替李大勇来电，号码138****4567或159****7777。"}
    complaint = play("register", "kf.agent", forwarded, customer="李大勇", phone="15900007777")
    assert words(complaint) == {"forward": "王**替李**来电，号码138****4567或159****7777。"}
    play("dispatch", "kf.agent", complaint, reason="李大勇和王建国都在武汉。")
    assert words(complaint)["dispatch"] == "李**和王**都在武汉。"


def test_a_corrected_text_is_masked_like_the_first(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen"), content="王建国补充：费用仍在扣。")
    assert words(complaint)["register"] == "王**补充：费用仍在扣。"


def test_what_was_erased_is_found_no_more(play: Play) -> None:
    complaint, other = play.upto("answered"), play.upto("answered", phone="13900001111")
    before = words(complaint)
    erase(play, complaint, "answer")
    assert words(complaint) == {verb: text for verb, text in before.items() if verb != "answer"}
    erase(play, complaint, "register")
    assert words(complaint) == {}
    play("judge_complete", "kf.agent", complaint, complete=False, reason="王建国未获答复。")
    call_command("reindex_search", verbosity=0)
    assert (words(complaint), words(other)) == ({}, before)


def test_an_act_that_is_refused_keeps_no_words(play: Play) -> None:
    complaint = play.upto("registered")
    before = SearchText.objects.count()
    with pytest.raises(Exception, match="权限"):
        play("dispatch", "wh.contact", complaint, reason="我来派。")
    assert SearchText.objects.count() == before


def test_made_anew_it_is_the_same(
    play: Play, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accountability.management.commands.reindex_search.AT_A_TIME", 2)
    play("register", "kf.agent", play("forward", "yc.chen"), customer="李大勇")
    for phone in ("13900001111", "13900002222"):
        play.upto("concluded", phone=phone)
    before = list(SearchText.objects.order_by("pk").values("entry", "matter", "kind", "text"))
    forget(list(SearchText.objects.values_list("matter", flat=True)))
    for _twice in range(2):
        call_command("reindex_search")
    assert list(SearchText.objects.order_by("pk").values("entry", "matter", "kind", "text")) == before
    assert capsys.readouterr().out == f"3 matters, {len(before)} entries\n" * 2


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("", []), ("断", []), ("断网", ["断网"]), ("5G 网", ["5g"]), ("断网断网", ["断网", "网断"])],
)
def test_pairs_of_signs(text: str, pairs: list[str]) -> None:
    assert bigrams(text) == sorted(pair(*each) for each in pairs)


def test_every_verb_has_a_number_of_its_own_that_no_pair_of_a_text_has() -> None:
    """Of two verbs with the same number a search would look up both in their entries: no harm, but needless."""
    names = {name for _kind, name in VERBS} | set(OF_THE_SYSTEM)
    assert len({number_of(name) for name in names}) == len(names)
    assert max(map(number_of, names)) < pair("\x01", "\0")


def test_a_pair_has_a_number_of_its_own_unless_it_has_a_rare_sign() -> None:
    """𠮷 (a surname) is beyond 16 bits, and has its number together with others."""
    signs = "\0az断网\ud7ff\ue000\uffff𠮷𣎴"
    pairs = [first + second for first in signs for second in signs]
    numbers = [pair(*each) for each in pairs if is_exact(each)]
    assert len(numbers) == 64 == len(set(numbers))
    assert set(numbers).isdisjoint(pair(*each) for each in pairs if not is_exact(each))
    assert all(-(2**31) <= pair(*each) < 2**31 for each in pairs)
    assert not is_exact("断网了")
    assert not is_exact("İ网")
