"""The form widget for the phrases of papers."""

from __future__ import annotations

from typing import Any

from django import forms

from accountability.documents.phrases import PHRASES, Phrase
from accountability.documents.template_fields import in_words


class PhrasesInput(forms.MultiWidget):
    """An input or textarea for each declared phrase, with the default as placeholder; returns `{name: text}`."""

    template_name = "accountability/documents/widgets/phrases.html"
    use_fieldset = True

    def __init__(self) -> None:
        self.phrases = list(PHRASES.values())
        super().__init__({phrase.name: _control(phrase) for phrase in self.phrases})

    def decompress(self, value: Any) -> list[Any]:
        known = (
            value if isinstance(value, dict) else {}
        )  # the initial value can come from a link, so it may be anything
        return [in_words(str(known.get(phrase.name, ""))) for phrase in self.phrases]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        return {phrase.name: text for phrase, text in zip(self.phrases, typed, strict=True) if text is not None}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["parts"] = list(zip(self.phrases, context["widget"]["subwidgets"], strict=True))
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        return False


def _control(phrase: Phrase) -> forms.Widget:
    told = {"placeholder": in_words(phrase.default), "maxlength": phrase.most, "autocomplete": "off", "lang": "zh-hans"}
    return forms.TextInput(told) if phrase.rows == 1 else forms.Textarea(told | {"rows": phrase.rows})
