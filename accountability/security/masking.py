"""Finds and masks personal numbers and names in free text, in the many ways that people write them.

It finds mobile and landline numbers, identity cards of 18 and 15 characters and bank cards; local numbers and passport
numbers only after a word that announces them. Digits may be full-width, of another script, 一二三, 壹贰叁, ①②③, mixed
with O or l, and grouped by any separator. Numbers that aren't personal stay: orders, dates, amounts, service lines.
Every repetition in a pattern is bounded, so that the time grows only linearly with the text's length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

_GAP = "[ \t\u00a0\u2000-\u200d\u202f\u3000\ufeff\\-\u2010-\u2015\u2212\uff0d]{0,2}"
"""What people put between the digits of a number: spaces and dashes of any width."""

_ANY_GAP = r"[^\w\n]{0,3}"
"""Allowed between the digits of a known number: anything that is neither letter nor digit."""

_NAME_GAP = r"[^\w\n,，、。；;:：!！?？（）()“”\"']{0,3}"
"""Allowed between the characters of a known name: spaces, dots and dashes, but nothing that ends a phrase."""

_D = f"{_GAP}[0-9]"
_LAST = f"((?:{_D}){{4}})"
_NO_MORE = f"(?!{_D})"

MOBILE = re.compile(
    rf"(?<![0-9])(?!1[3-9]{_GAP}(?:19|20)[0-9]{{2}}-[0-9]{{1,2}}-)"  # a day of the month, followed by another date
    rf"((?:(?:00)?86{_GAP}|0)?)(1{_GAP}[3-9]{_GAP}[0-9])(?:{_D}){{4}}{_LAST}(?![0-9])"
)
_BETWEEN = r"[/\\*_~～·•…|+.:：()（）\[\]【】 \-]"
GROUPED = re.compile(
    rf"(?<![0-9.])[（(\[【]?(1[3-9][0-9]){_BETWEEN}{{1,3}}[0-9]{{4}}{_BETWEEN}{{0,3}}([0-9]{{4}})(?![0-9.])"
)
"""Grouped with separators that other numbers use too, so it must have groups of three, four and four digits."""

_LOCAL = rf"([1-9]{_GAP}(?:[0-9]{_GAP}){{2,3}})((?:[0-9]{_GAP}){{3}}[0-9])(?![0-9])"
_AREA = "0(?:10|2[0-9]|[3-9][0-9]{2})"
LANDLINE = re.compile(rf"(?<![0-9])((?:[(（]{_AREA}[)）]|{_AREA}){_GAP}){_LOCAL}")
ABROAD = re.compile(rf"((?<![0-9])(?:00|\+)86{_GAP}[(（]?0?[1-9][0-9]{{1,2}}[)）]?{_GAP}){_LOCAL}")
SPACED = re.compile(r"(?<![0-9])((?<![0-9] )0 [0-9] [0-9])(?: [0-9]){4,5}((?: [0-9]){4})(?! ?[0-9])")

_PROVINCE = "(?:" + "|".join(
    f"{first}{_GAP}[{second}]"
    for first, second in (
        (1, "1-5"), (2, "1-3"), (3, "1-7"), (4, "1-6"), (5, "0-4"), (6, "1-5"), (7, "1"), (8, "1-3"), (9, "1"),
    )
) + ")"  # fmt: skip
_REGION = f"({_PROVINCE}(?:{_D}){{4}})"
_CHECK = "[0-9XxＸｘ]"
IDENTITY = re.compile(
    rf"(?<![0-9]){_REGION}{_GAP}(?:1{_GAP}[89]|2{_GAP}0)(?:{_D}){{6}}((?:{_D}){{3}}{_GAP}{_CHECK})(?!{_CHECK})"
)
IDENTITY_OF_OLD = re.compile(
    rf"(?<![0-9]){_REGION}(?:{_D}){{2}}{_GAP}(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_D}|3{_GAP}[01])"
    rf"((?:{_D}){{3}})(?![0-9])"
)
"""Fifteen digits, issued until 1999. Province, month and day distinguish it from an order number."""

IDENTITY_NAMED = re.compile(
    rf"((?:身份证|证件)[^0-9\n]{{0,8}}[0-9]{{2}})(?:{_D}){{9,12}}((?:{_D}){{3}}{_GAP}{_CHECK})(?!{_CHECK})"
    rf"|(?<![0-9])([1-9][0-9]{{5}})[0-9]{{8}}([0-9]{{3}}[XxＸｘ])"
)
"""Any digits: the text calls it an identity number, or it ends with X, as only identity numbers do."""

CARD = re.compile(rf"(?<![0-9])([3-6](?:{_D}){{3}})((?:{_D}){{8,11}}){_LAST}(?![0-9])")
DOCUMENT = re.compile(
    r"((?:护照|通行证|军官证|台胞证|居留证)[^0-9A-Za-z\n]{0,6}[A-Za-z]{0,2})[0-9]{4,6}([0-9]{3})(?![0-9])"
)

_SAID = r"((?:电话|手机|号码|联系|致电|回电|拨打|座机|固话)[^0-9\n]{0,6})"
SAID_MOBILE = re.compile(rf"{_SAID}(1[3-9][0-9])[^\w\n]{{1,3}}[0-9]{{4}}[^\w\n]{{1,3}}([0-9]{{4}})(?![0-9])")
SAID_LOCAL = re.compile(rf"{_SAID}(?!(?:19|20)[0-9]{{2}})([2-9](?:{_D}){{2,3}}){_LAST}{_NO_MORE}(?![元条分秒个])")
"""A number without area code. It could be anything, so a word before it must say that it is a phone number."""

SHORTEST_SPACED = 7
"""A known number with fewer digits is only found without separators, because "1 2 3" may be anything."""


# Digits written as other characters

_WORDS = {sign: str(value) for value, signs in enumerate(
    ("零〇○⓪洞", "一壹①幺", "二贰貳②", "三叁參③", "四肆④", "五伍⑤", "六陆陸⑥", "七柒⑦拐", "八捌⑧", "九玖⑨勾")
) for sign in signs}  # fmt: skip
_AS_DIGITS = str.maketrans(_WORDS)
_SIGN = f"[0-9{''.join(_WORDS)}]"
_APART_IN_WORDS = _GAP.replace("]{0,2}", "，,、·]{0,2}")
WRITTEN = re.compile(rf"(?<!{_SIGN}){_SIGN}(?:{_APART_IN_WORDS}{_SIGN}){{9,39}}[XxＸｘ]?(?!{_SIGN})")
_BETWEEN_NUMBERS = re.compile("([，,、])")

LOOKALIKE = re.compile(r"(?<![0-9A-Za-z])[1lI](?:[ -]?[0-9OoQlI]){10}(?![0-9A-Za-z])")
_MEANT = str.maketrans("OoQlI", "00011")
LEAST_DIGITS = 7
"""How many of the eleven characters must be digits, where letters replace some of them."""


def mask_phone(value: str) -> str:
    """`138****1234`; a number of fewer than 8 characters keeps its last two digits."""
    if len(value) < 8:
        return "*" * max(len(value) - 2, 0) + value[-2:]
    return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"


def mask_name(value: str) -> str:
    """`张**`: the first character stays."""
    return value[:1] + "*" * max(len(value) - 1, 0)


NOBODY = frozenset({
    "客户", "客户本人", "顾客", "用户", "用户本人", "机主", "本人", "先生", "女士", "小姐", "同志",
    "某", "某某", "某人", "某先生", "某女士", "某客户", "不详", "姓名不详", "未知", "不知", "匿名", "匿名客户",
    "无", "无名", "无姓名", "没有", "未提供", "不愿透露", "不愿提供", "保密", "空", "测试",
    "none", "unknown", "n/a", "na", "test",
})  # fmt: skip
"""What is typed where a name should stand and nobody gave one."""


def names_somebody(name: str) -> bool:
    """Whether it is a name at all. 客户 or 不详 stands in thousands of texts, and in none tells who the customer is."""
    return re.sub(r"[^\w/]", "", unicodedata.normalize("NFKC", name)).casefold() not in NOBODY


def mask_text(value: str) -> str:
    """Mask the personal numbers in a free text, however their digits are written and grouped."""
    value = plain_digits(value)
    if not value.isascii():
        value = WRITTEN.sub(_masked_words, value)
    value = LOOKALIKE.sub(_masked_lookalike, value)
    return _masked(value) if _HAS_NUMBER.search(value) else value


def masked_beginning(value: str, most: int, mask: Callable[[str], str] = mask_text) -> str:
    """The beginning of a text of any length, masked: it is cut first, so that the work doesn't grow with the text.

    Of a text that was cut the last `EDGE` characters aren't shown: a number or name cut in two can't be recognised.
    """
    return mask(value) if len(value) <= most else mask(value[:most])[:-EDGE]


EDGE = 300
"""More than the longest number has characters, however it is written and grouped."""

_HAS_NUMBER = re.compile(r"[0-9](?:[^0-9\n]{0,3}[0-9]){6}")
"""A quick first test: most texts contain no number and need nothing else."""


def _masked(value: str) -> str:
    value = IDENTITY.sub(lambda m: f"{_bare(m[1])}********{_bare(m[2])}", value)
    value = IDENTITY_NAMED.sub(lambda m: f"{m[1] or m[3]}********{_bare(m[2] or m[4])}", value)
    value = CARD.sub(_masked_card, value)
    value = IDENTITY_OF_OLD.sub(lambda m: f"{_bare(m[1])}******{_bare(m[2])}", value)
    value = MOBILE.sub(lambda m: f"{m[1]}{_bare(m[2])}****{_bare(m[3])}", value)
    value = GROUPED.sub(r"\1****\2", value)
    value = SAID_MOBILE.sub(r"\1\2****\3", value)
    for pattern in (ABROAD, LANDLINE, SPACED):
        value = pattern.sub(lambda m: f"{m[1]}****{_bare(m[m.re.groups])}", value)
    value = SAID_LOCAL.sub(lambda m: f"{m[1]}****{_bare(m[3])}", value)
    return DOCUMENT.sub(r"\1****\2", value)


def _masked_card(found: re.Match[str]) -> str:
    """UnionPay cards begin with 62. For any other card the check digit must fit, or it is taken for an order number."""
    digits = _bare(found[0])
    if not digits.startswith("62") and (len(digits) != len("4392250000000000") or not _check_digit_fits(digits)):
        return found[0]
    return f"{digits[:4]}********{digits[-4:]}"


def _check_digit_fits(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _masked_words(found: re.Match[str]) -> str:
    """Mask the whole match as one number or, if it isn't one, each part between commas."""
    whole = _number_in(found[0])
    if whole is not None:
        return whole
    return "".join(_number_in(piece) or piece for piece in _BETWEEN_NUMBERS.split(found[0]))


def _number_in(written: str) -> str | None:
    """The masked number; None if it isn't a personal number or consists of plain digits only."""
    said = re.sub(r"[^0-9XxＸｘ]", "", written.translate(_AS_DIGITS))
    if len(said) < len("0271234567") or not any(sign in _WORDS for sign in written):
        return None
    masked = _masked(said)
    return masked if masked != said else None


def _masked_lookalike(found: re.Match[str]) -> str:
    meant = re.sub("[ -]", "", found[0].translate(_MEANT))
    is_number = meant[1] in "3456789" and sum(sign.isdigit() for sign in found[0]) >= LEAST_DIGITS
    return mask_phone(meant) if is_number and not re.fullmatch("[0-9 -]*", found[0]) else found[0]


def blotted(value: str, names: Iterable[str]) -> str:
    """Replace these people's names in the text, however they are spaced; the longest names first."""
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) > 1:
            for pattern in _known(name):
                value = _replaced(pattern, BLOT, value)
    return value


BLOT = "×××"


def mask_customer(value: str, *, name: str, phone: str) -> str:
    """Like `mask_text`, and masks this customer's number and name too, however spaced, grouped or full-width."""
    value = mask_text(value)  # first, because it converts all digits to the form of the stored number
    for known, masked in ((phone, mask_phone(phone)), (name, mask_name(name))):
        if len(known) > 1 and names_somebody(known) and _may_hold(value, known):
            for pattern in _known(known):
                value = _replaced(pattern, masked, value)
    return value


def _may_hold(value: str, known: str) -> bool:
    """Whether the text has the signs of a name, or the digits of a number, in their order. Without them no pattern
    fits, and to make the patterns of each customer of an export takes longer than all else.
    """
    text, bare = _folded(value), _bare(_folded(known))
    if bare.isdigit():
        return _without_area(bare) in "".join(filter(str.isdigit, text))
    signs = re.sub(r"[\W_]", "", bare)
    return len(signs) >= WHATEVER_CASE or all(sign in text for sign in signs)


WHATEVER_CASE = 4
"""Signs from which on a name is found in capitals too."""


def _without_area(number: str) -> str:
    """A landline without its area code; any other number as it is."""
    area = _AREA_CODE.match(number)
    return number[area.end() :] if area else number


_AREA_CODE = re.compile(rf"{_AREA}(?=[0-9]{{7,8}}$)")


@lru_cache(maxsize=256)
def _known(value: str) -> tuple[re.Pattern[str], ...]:
    """Patterns for the ways a name or number may be written; a landline also without its area code."""
    bare = _bare(_folded(value))
    if not bare.isdigit():
        signs = re.sub(r"[\W_]", "", bare)
        if len(signs) < 2:
            return (re.compile(re.escape(_folded(value))),)
        return (re.compile(_NAME_GAP.join(signs), re.IGNORECASE if len(signs) >= WHATEVER_CASE else re.NOFLAG),)
    if len(bare) < SHORTEST_SPACED:
        return (re.compile(re.escape(bare)),)
    found = [re.compile(_ANY_GAP.join(bare))]
    if (local := _without_area(bare)) != bare:
        found.append(re.compile(rf"(?<![0-9*]){_GAP.join(local)}(?![0-9])"))
    return tuple(found)


def _replaced(pattern: re.Pattern[str], masked: str, value: str) -> str:
    """Search the folded text and replace in the original text; folding keeps all positions."""
    pieces, end = [], 0
    for found in pattern.finditer(_folded(value)):
        pieces += [value[end : found.start()], masked]
        end = found.end()
    return "".join([*pieces, value[end:]])


def _folded(value: str) -> str:
    """The text with each wide or variant character replaced by its plain form (NFKC), one for one."""
    return value.translate(_FOLDED)


class _Folds(dict[int, int]):
    """By sign, its plain form. Chinese punctuation is wide, so that nearly every text has signs to replace."""

    def __missing__(self, sign: int) -> int:
        plain = unicodedata.normalize("NFKC", chr(sign))
        folded = ord(plain) if len(plain) == 1 else sign
        if sign < _KEPT_BELOW:
            self[sign] = folded
        return folded


_KEPT_BELOW = 0x10000
"""Signs in everyday use; not the million others, which somebody might type to fill the memory."""

_FOLDED = _Folds()


def plain_digits(value: str) -> str:
    """The text with full-width digits and digits of other scripts replaced by 0 to 9."""
    return value if value.isascii() else _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), value)


_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def _bare(value: str) -> str:
    """The text without spaces and dashes."""
    return _APART.sub("", value)


_APART = re.compile(_GAP.replace("{0,2}", "+"))
