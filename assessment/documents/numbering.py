"""Numbers of papers (发文字号) by the prefixes that marketing set, given in the act that issues them."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from accountability.documents.numbers import last_number, next_number
from accountability.documents.phrases import wording_of
from accountability.gate.act import Act, refuse_unless
from assessment.models import Case

OFFICES = ("分公司", "公司", "中心", "部")
TYPED = re.compile(r"(.+?)[(\[〔【]([0-9]{4})[)\]〕】]第?0*([1-9][0-9]*)号")
BY_HAND = "by hand"
"""The series for typed numbers that belong to no other; locking its row makes simultaneous ones wait for each other."""


def number_by(act: Act, phrase: str, **values: str) -> str:
    """The next number with this prefix, skipping numbers that an officer typed for a notice."""
    prefix = wording_of(act.batch).text(phrase, **values)
    number = next_number(act, prefix)
    while _is_typed(act, number):
        number = next_number(act, prefix)
    return number


def number_typed(act: Act, typed: str, field_name: str) -> str:
    """The typed number in standard form (GB/T 9704). Refused if a paper already has it: it was typed before, or it
    isn't above the last number its series gave out.
    """
    number, series, place = _read(typed)
    last = last_number(series)  # locks it first, so that nobody draws or types a number meanwhile
    is_free = (series == BY_HAND or place > last) and not _is_typed(act, number)
    refuse_unless(
        is_free,
        _("发文字号“%(number)s”已经使用过，请填写别的文号，或留空由系统编号。") % {"number": number}, field_name,
    )  # fmt: skip
    act.typed = number
    return number


def _is_typed(act: Act, number: str) -> bool:
    """For another case, or in another act of this batch."""
    together = any(other.typed == number for other in act.batch.acts if other is not act and not other.dropped)
    return together or Case.objects.filter(document_number=number).exists()


def _read(typed: str) -> tuple[str, str, int]:
    """The number in standard form, its series and its place in it."""
    bare = "".join(typed.split())
    found = TYPED.fullmatch(unicodedata.normalize("NFKC", bare))
    if found is None:
        return bare, BY_HAND, 0
    series = f"{found[1]}〔{found[2]}〕"
    return f"{series}{found[3]}号", series, int(found[3])


def short_name(name: str) -> str:
    """武汉分公司 as in the prefix of its own papers: 武汉."""
    for office in OFFICES:
        if name.endswith(office) and name != office:
            return name.removesuffix(office)
    return name
