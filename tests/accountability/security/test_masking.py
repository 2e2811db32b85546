"""What is a person's number is masked in free text, however it is written, and nothing else is (PIPL 51)."""

from __future__ import annotations

import re
from time import process_time

import pytest

from accountability.security import masking
from accountability.security.masking import mask_customer, mask_text
from tests.accountability.security.masking_corpus import NOBODYS, WITH_NUMBERS

pytestmark = [pytest.mark.compliance(13, 14, 15), pytest.mark.asvs("14.2.6", "1.3.12")]


def test_every_number_of_the_corpus_is_masked_as_it_says() -> None:
    """Recall: 154 of 154. Told line by line, so that what fails is seen."""
    assert [(typed, mask_text(typed)) for typed, _shown in WITH_NUMBERS] == list(WITH_NUMBERS)
    assert len(WITH_NUMBERS) == 154


def test_what_is_nobodys_stays_as_it_is() -> None:
    """Precision: of 87 texts with orders, dates, amounts and service lines none is touched."""
    assert [mask_text(text) for text in NOBODYS] == list(NOBODYS)
    assert len(NOBODYS) == 87


def test_what_was_masked_stays_as_it_is() -> None:
    """Texts are masked again when they are quoted: nothing more is taken away, nothing is put together."""
    shown = [shown for _typed, shown in WITH_NUMBERS]
    assert [mask_text(text) for text in shown] == shown


@pytest.mark.parametrize("between", ["，", "\n", "。", " 与 ", "a"])
def test_texts_side_by_side_hide_nothing_from_each_other(between: str) -> None:
    """As the texts of one act stand together in a search's row: no digit of a number survives beside others."""
    typed = between.join(text for text, _shown in WITH_NUMBERS)
    assert re.findall(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", mask_text(typed)) == []
    assert re.findall(r"(?<![0-9])[13-9][0-9]{16}[0-9X](?![0-9])", mask_text(typed)) == []


PIECES = (
    "1 ", "13-", "0371 ", "86", "王 ", "0 1 ", "--", "（0371）", "一 ", "一三八", "电话8", "身份证4", "I3 ", "138/",
    "4 2 0 1 0 6 1 9 ", "62 ", " 1，", "13871234567", "Ｏ1", "一，二、", "护照E1", "1l", "+86 ", "6222 ", "、一1",
)  # fmt: skip


def _time(text: str) -> float:
    begun = process_time()
    mask_customer(text, name="王建国王建国", phone="037165432109")
    return process_time() - begun


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_takes_twice_the_time(piece: str) -> None:
    """No repetition is tried in more than one way; with one of them it would be four times the time, or for ever."""
    few, many = 10_000, 80_000
    once = min(_time(piece * few) for _try in range(3))
    assert min(_time(piece * many) for _try in range(3)) < 3 * many / few * once + 0.05


KNOWN = (
    "王", "王建国", "欧阳小明", "O'Neil", "·A", "Ａnna", "13871234567", "02787654321", "051287654321",
    "１３８７１２３４５６７", "4001", "٣٤٥",
)  # fmt: skip
TEXTS_AROUND = (
    "", "王 建 国来电", "建国王", "王·建·国", "ANNA 与 o'neil", "ann a", "欧 阳 小 明", "1 3 8-7123 4567",
    "138 7123,4567", "8765 4321", "（027）8765-4321", "87654321", "1387123456", "4 0 0 1", "①③⑧⑦①②③④⑤⑥⑦", "٣ ٤ ٥",
    "没有任何号码，也没有名字。", "A", "·A", "王\n建国",
)  # fmt: skip


@pytest.mark.parametrize("known", KNOWN)
def test_where_no_pattern_is_made_none_would_fit(known: str) -> None:
    """The patterns of a name or number are made only where the text has its signs; otherwise nothing is masked less."""
    for text in TEXTS_AROUND:
        fits = any(pattern.search(masking._folded(text)) for pattern in masking._known(known))
        assert masking._may_hold(text, known) or not fits, (known, text)
    assert any(masking._may_hold(text, known) for text in TEXTS_AROUND)
