"""Personal data: sealed under a key outside the database, found without being told, masked wherever it is shown."""

import json
import subprocess
import sys
from time import process_time
from zlib import crc32

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import LazySettings

from accountability.db.own_keys import own_key
from accountability.models import PersonalData, SearchText
from accountability.security import encryption
from accountability.security.encryption import bound_to_row, digest, key_of, normal_phone, seal, sealed_anew, unseal
from accountability.security.masking import mask_customer, mask_name, mask_phone, mask_text
from tests.factories import INTAKE, Play
from tests.looking import contents

TEXTS = {"customer": "王建国", "phone": "13871234567"}


def test_what_was_sealed_is_read_again() -> None:
    assert unseal(seal(TEXTS, matter_id=7, kind="register", row=3), matter_id=7, kind="register", row=3) == TEXTS


def test_the_same_texts_never_look_the_same() -> None:
    assert seal(TEXTS, matter_id=7, kind="register", row=3) != seal(TEXTS, matter_id=7, kind="register", row=3)


@pytest.mark.parametrize(("matter_id", "kind", "row"), [(8, "register", 3), (7, "forward", 3), (7, "register", 4)])
def test_a_row_moved_elsewhere_cannot_be_read(matter_id: int, kind: str, row: int) -> None:
    with pytest.raises(InvalidTag):
        unseal(seal(TEXTS, matter_id=7, kind="register", row=3), matter_id=matter_id, kind=kind, row=row)


def test_a_row_that_was_changed_cannot_be_read() -> None:
    sealed = bytearray(seal(TEXTS, matter_id=7, kind="register", row=3))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        unseal(bytes(sealed), matter_id=7, kind="register", row=3)


LONG = {"words": "关于客户投诉处理的通知：" * 200, "of": "王建国"}
PLAIN, PACKED = 0xFF, 0xFE


OWN = 1 + 4 + 12 + 16
"""Bytes of sealed texts that aren't texts: which key, the nonce, the tag."""


def test_texts_are_packed_where_that_makes_them_shorter() -> None:
    """The words of two papers took half of what a complaint takes on the disk."""
    intake = {name: INTAKE[name] for name in ("customer", "phone", "content")}
    for texts, most in ((LONG, 0.2), (intake, 0.7), (TEXTS, 0.8)):
        sealed, plain = seal(texts, matter_id=7, kind="paper", row=3), json.dumps(texts, ensure_ascii=False).encode()
        assert sealed[0] == PACKED
        assert len(sealed) - OWN < most * len(plain)
        assert unseal(sealed, matter_id=7, kind="paper", row=3) == texts
    strange = {"": "\U0001f600\U0010ffff\x01"}
    sealed = seal(strange, matter_id=7, kind="paper", row=3)
    assert (sealed[0], unseal(sealed, matter_id=7, kind="paper", row=3)) == (PLAIN, strange)


def test_every_character_is_packed_and_read_again() -> None:
    every = "".join(chr(place) for place in range(0x110000) if not 0xD800 <= place <= 0xDFFF)
    sealed = seal({"note": every}, matter_id=7, kind="paper", row=3)
    assert (sealed[0], unseal(sealed, matter_id=7, kind="paper", row=3)) == (PACKED, {"note": every})


def test_what_packing_one_text_does_stays_out_of_the_next() -> None:
    first, second = (seal(LONG, matter_id=7, kind="paper", row=row) for row in (3, 4))
    assert len(first) == len(second)
    assert unseal(second, matter_id=7, kind="paper", row=4) == LONG


def test_what_packing_knows_beforehand_never_changes() -> None:
    """Changed by one byte, no paper of a running system would open."""
    known = encryption._PACKING
    assert (len(known), crc32(known)) == (7870, 3859051089)


GOLDEN = bytes.fromhex(
    "fe5d4d18 f5104e30 78ebf095 0f01e0ae d300f4f0 7dfbe9be 72f8c8f0 5e8f5b40 1981c145 6bc82c34 3e644ade abe7d4da "
    "56727a48 55b97f68 50a2532a a504fb"
)
"""Texts that an earlier process packed and sealed."""


def test_what_an_earlier_process_sealed_opens(settings: LazySettings) -> None:
    settings.PERSONAL_DATA_KEYS = ["of the golden text"]
    opened = unseal(GOLDEN, matter_id=7, kind="register", row=3)
    assert opened == {"customer": "王建国", "content": "客户反映流量异常，要求核实。"}


def test_the_bytes_of_each_character_never_change() -> None:
    """A Python that knew a later edition of GB 18030 would read other characters from what is sealed."""
    every = "".join(chr(place) for place in range(0x110000) if not 0xD800 <= place <= 0xDFFF)
    assert crc32(every.encode("gb18030")) == 876708729


def test_nothing_opens_with_other_words_than_it_was_packed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bare deflate would give another text without an error."""
    sealed = seal(LONG, matter_id=7, kind="paper", row=3)
    command = [sys.executable, "-c", "from accountability.security import encryption; print(encryption._MARKED)"]
    again = subprocess.run(command, env={"LC_ALL": "C"}, check=True, capture_output=True, text=True)
    assert again.stdout.strip() == str(encryption._MARKED)
    monkeypatch.setattr(encryption, "_MARKED", b"packed:%x:" % crc32(encryption._PACKING[1:]))
    with pytest.raises(InvalidTag):
        unseal(sealed, matter_id=7, kind="paper", row=3)


@pytest.mark.django_db
def test_the_notice_of_a_round_takes_a_tenth_of_its_words(play: Play) -> None:
    play.upto("archived")
    row = PersonalData.objects.filter(kind="paper").earliest("pk")
    assert row.sealed is not None
    assert 10 * len(row.sealed) < len(json.dumps(row.opened, ensure_ascii=False).encode())


@pytest.mark.parametrize("texts", [TEXTS, LONG])
def test_what_was_packed_cannot_be_passed_off_as_plain_nor_the_reverse(texts: dict[str, str]) -> None:
    sealed = bytearray(seal(texts, matter_id=7, kind="paper", row=3))
    sealed[0] ^= PLAIN ^ PACKED
    with pytest.raises(InvalidTag):
        unseal(bytes(sealed), matter_id=7, kind="paper", row=3)


def test_packed_texts_get_a_new_key_and_stay_packed(settings: LazySettings) -> None:
    bound = bound_to_row(7, "paper", 3)
    before = seal(LONG, matter_id=7, kind="paper", row=3)
    assert sealed_anew(before, bound) is None
    settings.PERSONAL_DATA_KEYS = ["n" * 48, *settings.PERSONAL_DATA_KEYS]
    assert key_of(before, bound) == 1
    after = sealed_anew(before, bound)
    assert after is not None
    assert (after[0], key_of(after, bound), sealed_anew(after, bound)) == (PACKED, 0, None)
    assert unseal(after, matter_id=7, kind="paper", row=3) == LONG


@pytest.mark.asvs("11.3.3")
def test_two_texts_of_one_matter_and_kind_cannot_be_swapped(play: Play) -> None:
    complaint = play.upto("archived")
    one, other = (PersonalData.of(complaint.matter, "reply", {"answer": text}) for text in ("甲", "乙"))
    assert [row.opened for row in (one, other)] == [{"answer": "甲"}, {"answer": "乙"}]
    one.sealed, other.sealed = other.sealed, one.sealed
    for row in (one, other):
        with pytest.raises(InvalidTag):
            _ = row.opened


def test_keys_of_sealed_rows_rise_and_fit_their_column() -> None:
    keys = [own_key() for _n in range(5000)]
    assert (sorted(set(keys)), keys[-1] < 2**63) == (keys, True)


def test_an_erased_row_is_empty() -> None:
    assert unseal(None, matter_id=7, kind="register", row=3) == {}


def test_a_new_key_is_put_in_front_and_the_old_rows_stay_readable(settings: LazySettings) -> None:
    settings.PERSONAL_DATA_KEYS = ["old"]
    of_old = seal(TEXTS, matter_id=7, kind="register", row=3)
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    of_new = seal(TEXTS, matter_id=7, kind="register", row=3)
    settings.PERSONAL_DATA_KEYS = ["newest", "new", "old"]

    assert [unseal(row, matter_id=7, kind="register", row=3) for row in (of_old, of_new)] == [TEXTS, TEXTS]
    settings.PERSONAL_DATA_KEYS = ["old"]
    with pytest.raises((InvalidTag, IndexError)):
        unseal(of_new, matter_id=7, kind="register", row=3)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("13871234567", "13871234567"),
        ("138 7123 4567", "13871234567"),
        ("138-7123-4567", "13871234567"),
        ("+86 13871234567", "13871234567"),
        ("008613871234567", "13871234567"),
        ("\uff11\uff13\uff18\uff17\uff11\uff12\uff13\uff14\uff15\uff16\uff17", "13871234567"),
        ("027-8765432", "0278765432"),
        ("10086", "10086"),
        ("8612345", "8612345"),
        ("", ""),
    ],
)
def test_a_number_is_compared_by_its_digits(written: str, digits: str) -> None:
    assert normal_phone(written) == digits


def test_a_digest_finds_only_the_whole_value_and_only_its_kind() -> None:
    assert digest("phone", "13871234567") == digest("phone", "13871234567")
    assert digest("phone", "13871234567") != digest("name", "13871234567")
    assert digest("phone", "13871234567") != digest("phone", "1387123456")
    assert digest("phone", "") == ""


def test_a_digest_needs_the_key(settings: LazySettings) -> None:
    known = digest("phone", "13871234567")
    settings.BLIND_INDEX_KEY = "another"
    assert digest("phone", "13871234567") != known


def test_an_intake_is_found_by_number_last_four_and_name(play: Play) -> None:
    complaint = play.upto("registered")
    found = {
        "phone_digest": digest("phone", normal_phone("138 7123 4567")),
        "last4_digest": digest("last4", "4567"),
        "name_digest": digest("name", "王建国"),
    }
    for column, value in found.items():
        assert list(PersonalData.objects.filter(**{column: value}).values_list("matter_id", flat=True)) == [
            complaint.matter_id
        ]


def test_no_table_holds_what_was_typed(play: Play) -> None:
    """Whatever is written into the rows, the customer's own words are in none of them; what searching needs of them
    stands masked in a table of its own.
    """
    complaint = play.upto("archived", customer="欧阳测试", phone="13987654321", content="独一无二的内容")
    play("register", "kf.agent", None, phone="13987654321")
    assert complaint.state == "archived"
    assert "独一无二的内容" in repr(found := list(SearchText.objects.values("text", "terms")))
    assert [typed for typed in ("欧阳测试", "13987654321") if typed in repr(found)] == []
    written = repr(contents(without=(SearchText,)))
    for typed in ("欧阳测试", "13987654321", "独一无二的内容", "已为您退费", "套餐变更时未告知"):
        assert typed not in written
    assert INTAKE["region"] in written  # what is no personal data stands there, so the search above can find


@pytest.mark.parametrize(
    ("value", "masked"),
    [("13871234567", "138****4567"), ("02787654321", "027****4321"), ("10086", "***86"), ("1", "1"), ("", "")],
)
def test_a_number_is_masked(value: str, masked: str) -> None:
    assert mask_phone(value) == masked


@pytest.mark.parametrize(("value", "masked"), [("张三丰", "张**"), ("张", "张"), ("", "")])
def test_a_name_is_masked(value: str, masked: str) -> None:
    assert mask_name(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("请回电13871234567,谢谢", "请回电138****4567,谢谢"),
        ("138 7123 4567", "138****4567"),
        ("138-7123-4567", "138****4567"),
        ("+8613871234567", "+86138****4567"),
        ("8613871234567", "86138****4567"),
        ("008613871234567", "0086138****4567"),
        ("+86 138 7123 4567", "+86 138****4567"),
        ("\uff11\uff13\uff18\uff17\uff11\uff12\uff13\uff14\uff15\uff16\uff17", "138****4567"),
        ("座机027-87654321", "座机027-****4321"),
        ("身份证420106199001011234", "身份证420106********1234"),
        ("身份证42010619900101123X。", "身份证420106********123X。"),
        ("两个:13871234567、13900001111", "两个:138****4567、139****1111"),
        ("五月账单多出25元，订单号 20261124", "五月账单多出25元，订单号 20261124"),
        ("1387 123 4567", "138****4567"),
        ("13 87 12 34 567", "138****4567"),
        ("1 3 8 7 1 2 3 4 5 6 7", "138****4567"),
        ("138.7123.4567", "138****4567"),
        ("138—7123－4567", "138****4567"),
        ("１３８\u3000７１２３\u3000４５６７", "138****4567"),
        ("𝟏𝟑𝟖𝟕𝟏𝟐𝟑𝟒𝟓𝟔𝟕", "138****4567"),
        ("0371-6543 2109", "0371-****2109"),
        ("(0371)65432109", "(0371)****2109"),
        ("（０３７１）６５４３－２１０９", "（0371）****2109"),
        ("0371 6543 2109转8001", "0371 ****2109转8001"),
        ("0719—1234567", "0719—****4567"),
        ("010 8765 4321", "010 ****4321"),
        ("0 3 7 1 6 5 4 3 2 1 0 9", "0 3 7****2109"),
        ("+86 (0371) 6543 2109", "+86 (0371) ****2109"),
        ("0086-371-65432109", "0086-371-****2109"),
        ("身份证420106 1990 0101 1234", "身份证420106********1234"),
        ("420106-19900101-123Ｘ，420106-19900101-123X", "420106********123Ｘ，420106********123X"),
    ],
)  # fmt: skip
def test_numbers_in_a_text_are_masked(value: str, masked: str) -> None:
    assert mask_text(value) == masked


@pytest.mark.parametrize(
    "value",
    [
        "2026-09-30 2026-10-08", "2026-10-15 2026-10-16 9:00", "2026-11-24 17:00:01 派单", "TS20261124000009",
        "鄂市通〔2026〕12号", "15.50 18.00 199 元", "10086、10085", "100 200 300", "138元，2026年",
    ],
)  # fmt: skip
def test_what_is_no_ones_number_stays(value: str) -> None:
    assert mask_text(value) == value


@pytest.mark.parametrize(
    ("name", "phone", "value", "masked"),
    [
        ("王建国", "", "王 建 国，王\u3000建国、王·建国；王\u200b建国", "王**，王**、王**；王**"),
        ("王一", "", "姓王，一直等。王\n一直等。", "姓王，一直等。王\n一直等。"),
        ("Smith", "", "Ｓｍｉｔｈ、S M I T H、smith", "S****、S****、S****"),
        ("Ａｎｎ", "", "Ann，Ａｎｎ", "Ａ**，Ａ**"),
        ("买买提·艾山", "", "买买提艾山，买买提•艾山", "买*****，买*****"),
        ("*王", "", "张王李", "张王李"),
        ("--", "", "甲--乙", "甲-*乙"),
        ("", "037165432109", "６５４３－２１０９", "037*****2109"),
        ("", "037165432109", "0371/6543/2109或(0371)65432109", "037*****2109或(0371)****2109"),
        ("", "87654321", "8765 4321，8765,4321", "876*4321，876*4321"),
        ("", "13871234567", "138/7123/4567", "138****4567"),
        ("", "10086", "10086，1 0086", "***86，1 0086"),
    ],
)
def test_a_customers_own_name_and_number_are_masked_however_they_are_written(
    name: str, phone: str, value: str, masked: str
) -> None:
    assert mask_customer(value, name=name, phone=phone) == masked


def test_the_time_masking_takes_grows_with_the_text_alone() -> None:
    """Each of these took minutes if a repetition were tried in more than one way."""
    begun = process_time()
    for piece in ("1 ", "13-", "0371 ", "86", "王 ", "0 1 ", "--", "（0371）"):
        mask_customer(piece * 20_000, name="王建国王建国", phone="037165432109")
    assert process_time() - begun < 20
