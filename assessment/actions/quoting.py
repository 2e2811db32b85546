"""Checks that nothing a unit reads quotes the sheet (R40), and that no outgoing paper identifies the customer (R42,
R52).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import YesNo
from accountability.security.masking import names_somebody
from assessment.documents.material import linked_to
from assessment.models import Case, Sheet
from complaints.dossier.customer import texts_of

SHORTEST_QUOTE = 8

AROUND = 6
"""So many characters before and after a word are shown with it."""

NOT_CUSTOMER = YesNo(
    name="not_customer", label=_("与客户姓名相同的字样"), required=False, yes=_("不是指客户"), no=_("是指客户"),
    help=_("系统提示有与客户姓名相同的字样，而所指并非客户时，才作此声明。声明记入台账，并告知审计员。"),
)  # fmt: skip
"""What who issues a paper states of words in it that are a customer's name as well, such as 文明 or 江河."""


def refuse_quotes(case: Case, told: str, field_name: str) -> None:
    """Refuse any line of the sheet, whatever its spacing."""
    if not told:
        return
    sheet = Sheet.objects.filter(case=case).select_related("texts").first()
    lines = [line for text in texts_of(sheet.texts).values() for line in text.split("\n")] if sheet else []
    bare = "".join(told.split())
    quoted = any(len(line) >= SHORTEST_QUOTE and line in bare for line in ("".join(each.split()) for each in lines))
    refuse_unless(not quoted, _("不得引用互动单的内容，请只写需要核查的事项。"), field_name)


def refuse_identity(act: Act, text: str, field_name: str, *, not_customer: bool = False) -> None:
    """Refuse a customer's present or former name or number, whatever its spacing or character width, and show where it
    stands. Who states that a name doesn't mean the customer (`NOT_CUSTOMER`) may go on, which the auditors are told; a
    number can't be stated away.
    """
    names: set[str] = set()
    numbers: set[str] = set()
    for customer in linked_to([act.subject], act).customers.values() if text else ():
        for name, number in ((customer.name, customer.phone), *customer.former):
            names |= {_bare(name)} if names_somebody(name) else set()
            numbers.add(_bare(number))
    told = list(_places(text, numbers))
    refuse_unless(not told, _("不得出现客户号码：%(places)s。") % {"places": "；".join(told)}, field_name)
    told = list(_places(text, names))
    refuse_unless(
        not told or not_customer,
        _("不得出现客户姓名：%(places)s。如所指并非客户，请在“与客户姓名相同的字样”中声明。")
        % {"places": "；".join(told)},
        field_name,
    )
    if told:
        assert act.entry is not None
        for auditor in act.batch.auditor_ids:
            act.tell(auditor, "not_customer_stated", verb=act.entry.verb)


def _places(text: str, words: set[str]) -> Iterator[str]:
    """Where the first of each of these bare words stands: `第2行“……在【王 建 国】家中……”`."""
    signs = [(bare, place) for place, sign in enumerate(text) for bare in _bare(sign)]
    joined = "".join(bare for bare, _place in signs)
    for word in sorted(words):
        at = joined.find(word) if len(word) > 1 else -1
        if at >= 0:
            first, last = signs[at][1], signs[at + len(word) - 1][1] + 1
            before, after = text[max(0, first - AROUND) : first], text[last : last + AROUND]
            shown = f"{before}【{text[first:last]}】{after}".replace("\n", " ")
            yield str(_("第%(line)s行“%(words)s”") % {"line": text.count("\n", 0, first) + 1, "words": shown})


def _bare(text: str) -> str:
    return re.sub(
        r"[\s\-·•()._/\u200b-\u200d\u2010-\u2015\u2212\ufeff]", "", unicodedata.normalize("NFKC", text)
    ).casefold()
