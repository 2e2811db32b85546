"""The field of a verb for the phrases that marketing may edit in papers; each phrase is checked separately."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.documents.phrases import PHRASES, Phrase
from accountability.documents.template_fields import in_code, in_words
from accountability.documents.widgets import PhrasesInput
from accountability.gate.fields import BadFact, Fact
from accountability.gate.lookups import Lookups

IN_BRACES = re.compile(r"\{([^{}]*)\}")
OF_NO_PREFIX = re.compile(r"[0-9〔〕\[\]()（）\s]")


@dataclass(frozen=True, kw_only=True)
class Phrases(Fact):
    """`{name: text}`. An empty text restores the default; a name that is left out keeps its text."""

    def clean(self, raw: Any, lookups: Lookups) -> dict[str, str]:
        if not isinstance(raw, dict):
            raise BadFact(_("请按用语的名称填写。"))
        unknown = sorted(str(name) for name in raw if name not in PHRASES)
        if unknown:
            raise BadFact(_("没有“%(name)s”这一用语。") % {"name": unknown[0]})
        return {name: _judged(PHRASES[name], text) for name, text in raw.items()}

    def record(self, value: dict[str, str]) -> list[str]:
        """The names only, because the texts are in the version itself."""
        return sorted(value)

    def control(self, subject: Any, actor: Any) -> Any:
        return PhrasesInput()


def _judged(phrase: Phrase, raw: Any) -> str:
    """The text to store, "" for the default. Raises BadFact with a message that names the phrase."""
    if not isinstance(raw, str):
        raise BadFact(_("“%(phrase)s”应为文字。") % {"phrase": phrase.label})
    text = in_code(raw.replace("\r\n", "\n").replace("\x00", "").strip())
    if len(text) > phrase.most:
        told = {"phrase": phrase.label, "most": phrase.most, "now": len(text)}
        raise BadFact(_("“%(phrase)s”最多 %(most)s 个字，现有 %(now)s 个。") % told)
    if phrase.rows == 1 and "\n" in text:
        raise BadFact(_("“%(phrase)s”只能写一行。") % {"phrase": phrase.label})
    _check_braces(phrase, text)
    if phrase.is_prefix and OF_NO_PREFIX.search(IN_BRACES.sub("", text)):
        raise BadFact(_("“%(phrase)s”只写发文代字，不含年份、序号、括号和空格。") % {"phrase": phrase.label})
    return "" if text == phrase.default else text


def _check_braces(phrase: Phrase, text: str) -> None:
    known = "、".join(in_words(f"{{{name}}}") for name in phrase.placeholders)
    for name in IN_BRACES.findall(text):
        if name not in phrase.placeholders:
            told = {"phrase": phrase.label, "name": in_words(f"{{{name}}}"), "known": known or _("无")}
            raise BadFact(_("“%(phrase)s”不能用占位符 %(name)s，可用：%(known)s。") % told)
    if re.search(r"[{}]", IN_BRACES.sub("", text)):
        raise BadFact(_("“%(phrase)s”的花括号不成对。") % {"phrase": phrase.label})
