"""The numbers of a desk, written without a template, as a row's cells are: it has fifty of them
(docs/adr/0041-constants-and-rows.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accountability.security.markup import format_html_join
from accountability.templatetags.shouwen import icon
from accountability.web.desk import Cell

register = template.Library()


@register.filter
def pills(cells: Iterable[Cell], label: Any) -> SafeString:
    """The numbers of one kind of work; `label` names it for who only hears the page."""
    colon = _("：")
    return format_html_join(
        "",
        '\n        \n          <a class="pill tone-{}{}{}"\n             href="{}">{}'
        '<span class="pill__word">{}</span> <b>{}</b><span class="sr-only">{}{}</span></a>\n        \n      ',
        (
            (
                cell.face[0], "" if cell.count else " pill--none", "" if cell.is_timed else " pill--wide",
                cell.url, icon(cell.face[1]), cell.word, cell.said, colon, label,
            )
            for cell in cells
        ),
    )  # fmt: skip
