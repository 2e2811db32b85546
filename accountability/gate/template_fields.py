"""The field for the text of an answer template, and its placeholders in braces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.fields import BadFact, Text
from accountability.gate.lookups import Lookups

IN_BRACES = re.compile(r"\{([^{}]*)\}")

PLACEHOLDERS: dict[str, Any] = {
    "number": _("投诉编号"),
    "category": _("投诉类别"),
    "unit": _("答复单位"),
    "received": _("受理日期"),
    "due": _("时限"),
    "today": _("今天"),
}
"""The placeholders that the program fills in. None is about the customer, so that a template can't put personal data
into a text unnoticed (R10).
"""


def known_placeholders() -> str:
    return str(_("、")).join(f"{{{name}}}" for name in PLACEHOLDERS)


@dataclass(frozen=True, kw_only=True)
class TemplateText(Text):
    """Refuses unknown placeholders, so that none is left in an answer to a customer."""

    max_length: int = 2000
    rows: int = 8

    def clean(self, raw: Any, lookups: Lookups) -> str:
        value = super().clean(raw, lookups)
        for name in IN_BRACES.findall(value):
            if name not in PLACEHOLDERS:
                told = {"name": f"{{{name}}}", "known": known_placeholders()}
                raise BadFact(_("没有占位符 %(name)s，可用：%(known)s。") % told)
        if re.search(r"[{}]", IN_BRACES.sub("", value)):
            raise BadFact(_("花括号不成对。"))
        return value


def fill_in(text: str, values: dict[str, str]) -> str:
    """Fill in the placeholders in one pass, so that braces within a value aren't filled in again."""
    return IN_BRACES.sub(lambda found: values.get(found[1], found[0]), text)
