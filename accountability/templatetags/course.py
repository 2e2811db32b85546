"""An entry of a course of events, written without a template, as a row's cells are: a page has thirty of them
(docs/adr/0041-constants-and-rows.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accountability.security.markup import format_html
from accountability.templatetags.shouwen import icon, when

register = template.Library()


@register.filter
def course_entry(entry: Mapping[str, Any]) -> SafeString:
    """What was done, by whom and when, and the words of it; files are the template's."""
    unit, text, late = entry.get("unit"), entry.get("text"), ""
    if entry.get("late"):
        late = format_html(
            '\n          <span class="badge tone-danger">{}{}</span>\n        ', icon("clock-late"), _("超时")
        )
    return format_html(
        '<span class="timeline__dot">{}</span>\n      <div class="timeline__head">\n        <strong>{}</strong>'
        '\n        <span class="muted">{}{}</span>\n        {}\n        {}\n      </div>\n      {}',
        icon(entry.get("icon") or "dot"), entry["title"], entry["actor"], format_html(" · {}", unit) if unit else "",
        late, when(entry["at"]), format_html('<div class="timeline__body">{}</div>', text) if text else "",
    )  # fmt: skip
