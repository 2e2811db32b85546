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
"""The series whose row makes two that are typed at once, and belong to no series, wait for each other."""


def number_by(act: Act, phrase: str, **values: str) -> str:
    """The next one by this prefix; one that an officer has typed for a notice of their own is left out."""
    prefix = wording_of(act.batch).text(phrase, **values)
    number = next_number(act, prefix)
    while _is_typed(act, number):
        number = next_number(act, prefix)
    return number


def number_typed(act: Act, typed: str, field_name: str) -> str:
    """What an officer typed, written as numbers are (GB/T 9704); refused where a paper has it already, be it by the
    series, which has given out every number up to its last, or typed.
    """
    number, series, place = _read(typed)
    last = last_number(series)  # locks it first: nobody draws or types it meanwhile
    is_free = (series == BY_HAND or place > last) and not _is_typed(act, number)
    refuse_unless(
        is_free,
        _("发文字号“%(number)s”已经使用过，请填写别的文号，或留空由系统编号。") % {"number": number}, field_name,
    )  # fmt: skip
    act.typed = number
    return number


def _is_typed(act: Act, number: str) -> bool:
    """For a case, or just now in the same batch."""
    together = any(other.typed == number for other in act.batch.acts if other is not act and not other.dropped)
    return together or Case.objects.filter(document_number=number).exists()


def _read(typed: str) -> tuple[str, str, int]:
    """The number as it is written, its series and its place in it."""
    bare = "".join(typed.split())
    found = TYPED.fullmatch(unicodedata.normalize("NFKC", bare))
    if found is None:
        return bare, BY_HAND, 0
    series = f"{found[1]}〔{found[2]}〕"
    return f"{series}{found[3]}号", series, int(found[3])


def short_name(name: str) -> str:
    """武汉分公司 as it stands in the prefix of its own papers: 武汉."""
    for office in OFFICES:
        if name.endswith(office) and name != office:
            return name.removesuffix(office)
    return name
