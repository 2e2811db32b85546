"""Template filters of the administration's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accountability.notices.sentences import verb_label
from accountability.templatetags.shouwen import NOTHING, when

register = template.Library()


def yes_or_no(value: bool | None) -> str:
    if value is None:
        return NOTHING
    return gettext("是") if value else gettext("否")


@register.filter
def contents(field: Any) -> Any:
    """The value of a read-only field of Django's admin, shown as on every other page."""
    value = getattr(field.form.instance, field.field["name"], "")
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return yes_or_no(value)
    shown = field.contents()
    return NOTHING if shown in ("", "None") else shown


@register.filter
def cells(row: Iterable[Any], headers: Sequence[dict[str, Any]]) -> list[Any]:
    """Django's cells of a row, each with its column's name for narrow screens, where a row is a card."""
    return [_labelled(cell, str(header["text"])) for cell, header in zip(row, headers, strict=True)]


def _labelled(cell: SafeString, label: str) -> SafeString:
    """The cell as Django made it, with two more attributes."""
    opened, scope = ("<th", ' scope="row"') if cell.startswith("<th") else ("<td", "")
    more = scope + format_html(' data-label="{}"', label)
    # Unescaped: Django has escaped the cell, and format_html the attributes.
    return SafeString(cell.replace(opened, opened + more, 1))  # nosec B703


@register.filter
def reason_words(reason: str | None) -> Any:
    """The reason of a version: a person's words, or the label of the verb that made it."""
    return verb_label(reason) if reason else NOTHING
