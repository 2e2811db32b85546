"""Checks that nothing a unit reads quotes the sheet (R40), and that no outgoing paper identifies the customer (R42,
R52).
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from assessment.documents.material import linked_to
from assessment.models import Case, Sheet
from complaints.dossier.customer import texts_of

SHORTEST_QUOTE = 8


def refuse_quotes(case: Case, told: str, field_name: str) -> None:
    """Refuse any line of the sheet, whatever its spacing."""
    if not told:
        return
    sheet = Sheet.objects.filter(case=case).select_related("texts").first()
    lines = [line for text in texts_of(sheet.texts).values() for line in text.split("\n")] if sheet else []
    bare = "".join(told.split())
    quoted = any(len(line) >= SHORTEST_QUOTE and line in bare for line in ("".join(each.split()) for each in lines))
    refuse_unless(not quoted, _("不得引用互动单的内容，请只写需要核查的事项。"), field_name)


def refuse_identity(act: Act, text: str, field_name: str) -> None:
    """Refuse a customer's present or former name or number, whatever its spacing or character width."""
    bare = _bare(text)
    for customer in linked_to([act.subject], act).customers.values() if bare else ():
        named = ((customer.name, customer.phone), *customer.former)
        known = [_bare(value) for name_and_number in named for value in name_and_number]
        told = [value for value in known if len(value) > 1 and value in bare]
        refuse_unless(not told, _("不得出现客户姓名或号码。"), field_name)


def _bare(text: str) -> str:
    return re.sub(
        r"[\s\-·•()._/\u200b-\u200d\u2010-\u2015\u2212\ufeff]", "", unicodedata.normalize("NFKC", text)
    ).casefold()
