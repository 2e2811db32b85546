"""The field for the text of an answer template, and its placeholders in braces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
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


WRITTEN = {
    "basis": "依据", "category": "投诉类别", "centre": "客服中心", "complaint": "投诉", "cut_off": "截止时间",
    "days": "工作日数", "due": "时限", "found": "认定情况", "marketing": "市场部", "month": "月份",
    "notice": "通知单号", "number": "编号", "received": "受理日期", "recipient": "答复对象", "round": "轮次",
    "source": "来源", "today": "今天", "unit": "单位", "until": "截止日期", "year": "年度",
}  # fmt: skip
"""How a placeholder is written by people, by its name in stored texts; the texts themselves are Chinese. Those of the
phrases of papers too.
"""

READ = {word: name for name, word in WRITTEN.items()}


def in_words(text: str) -> str:
    """A stored text as people read and write it: `{unit}` is `{单位}`, and stays `{unit}` for English readers."""
    return text if (get_language() or "").startswith("en") else _renamed(text, WRITTEN)


def in_code(text: str) -> str:
    """What somebody typed as it is stored: `{单位}` is `{unit}`. Both ways of writing are taken."""
    return _renamed(text, READ)


def _renamed(text: str, names: dict[str, str]) -> str:
    return IN_BRACES.sub(lambda found: f"{{{names.get(found[1], found[1])}}}", text)


def known_placeholders() -> str:
    return str(_("、")).join(in_words(f"{{{name}}}") for name in PLACEHOLDERS)


@dataclass(frozen=True, kw_only=True)
class TemplateText(Text):
    """Refuses unknown placeholders, so that none is left in an answer to a customer."""

    max_length: int = 2000
    rows: int = 8

    def clean(self, raw: Any, lookups: Lookups) -> str:
        value = in_code(super().clean(raw, lookups))
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
