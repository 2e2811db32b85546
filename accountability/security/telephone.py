"""Checks a telephone number as it is typed, and tells how to dial it, by the numbering plans of `phonenumbers`."""

from __future__ import annotations

import re

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat

from accountability.security.encryption import normal_phone
from accountability.security.masking import plain_digits

HERE = "CN"
_TYPED = re.compile("[0-9\uff10-\uff19 +()\uff08\uff09\uff0d-]+")
"""The characters allowed in a phone number. Others are refused: dropping them would invent a number."""
_MOBILE = re.compile(r"1[3-9][0-9]{9}|(?:1064[6-9]|14[014]0[0-9])[0-9]{8}")
"""Every mobile number of the plan: a range that was opened after the library's release is taken too. Those of things
(物联卡) have 13 digits.
"""
PATTERN = r"[0-9\uff10-\uff19 +\(\)\uff08\uff09\uff0d\-]{5,30}"
"""What a box for a number lets a browser send, as the attribute `pattern` writes it."""


class OnPage(str):
    """A number as somebody typed it on a page, where a slip can be told at its field and put right at once."""

    __slots__ = ()


class NoNumber(ValueError):
    """Not a number that anybody can be called at; `str()` is the sentence for the field."""


def as_recorded(typed: str) -> str:
    """The digits of a number that another system took in, or that is only looked for: 5 to 15 of them."""
    digits = normal_phone(typed)
    if not _TYPED.fullmatch(typed) or not 5 <= len(digits) <= 15:
        raise NoNumber(_("号码应为 5 到 15 位数字。"))
    return digits


def checked(typed: str) -> str:
    """The digits of a number that a customer can be called at. Raises NoNumber with what is wrong.

    Numbers of this country are kept as they are dialled within it. Service numbers, such as 10086, are refused: nobody
    can be called back there.
    """
    typed = typed.strip()
    if not _TYPED.fullmatch(typed):
        raise NoNumber(_("号码只能有数字、空格、加号、短横和括号。"))
    digits = normal_phone(typed)
    domestic = re.sub(r"^0(?=1[3-9][0-9]{9}$)", "", digits)
    if _MOBILE.fullmatch(domestic):
        return domestic
    found = _parsed(typed)
    if found is None or not _is_valid(found):
        raise NoNumber(_what_is_wrong(digits))
    if found.country_code == phonenumbers.country_code_for_region(HERE):
        return normal_phone(phonenumbers.format_number(found, PhoneNumberFormat.NATIONAL))
    return phonenumbers.format_number(found, PhoneNumberFormat.E164).removeprefix("+")


def is_mobile(digits: str) -> bool:
    """Whether a number on record gets text messages here."""
    return bool(_MOBILE.fullmatch(digits))


def taken(typed: str) -> str:
    """The digits of a number that nobody can put right any more: as `checked` keeps them, or else as recorded."""
    try:
        return checked(typed)
    except NoNumber:
        return as_recorded(typed)


def _parsed(typed: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(plain_digits(typed), HERE)
    except phonenumbers.NumberParseException:
        return None


def _what_is_wrong(digits: str) -> str:
    if re.match(r"1[3-9]", digits) and len(digits) > 6:
        return _("手机号码应为 11 位，现有 %(now)s 位。") % {"now": len(digits)}
    if len(digits) in (7, 8):
        return _("座机请加区号，如 027-87654321。")
    if re.fullmatch(r"1[0-2][0-9]{3,5}|9[56][0-9]{3,6}", digits):
        return _("这是服务号码，请填写能找到客户本人的号码。")
    return _("没有这样的号码，请核对：手机 11 位，座机加区号，境外号码以 + 或 00 开头。")


def dialled(digits: str) -> str:
    """The number on record as a link `tel:` takes it: one from abroad with its plus."""
    is_here = _MOBILE.fullmatch(digits) or _is_valid(_parsed(digits))
    return f"+{digits}" if not is_here and _is_valid(_parsed(f"+{digits}")) else digits


def _is_valid(found: phonenumbers.PhoneNumber | None) -> bool:
    return found is not None and phonenumbers.is_valid_number(found)
