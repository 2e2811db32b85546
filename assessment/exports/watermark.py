"""The watermark in every file of data: who took it, when, and under which number.

If a file turns up where it doesn't belong, it shows who took it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_second
from accountability.models import Employee


def watermark(who: Employee, at: datetime, number: str = "") -> str:
    """One line; with the export's number if it has one."""
    told = {"name": who.name or who.username, "username": who.username, "at": show_second(at)}
    sentence = _("%(name)s（%(username)s）于 %(at)s 导出，仅限本人因公使用，不得外传。") % told
    return f"{number} {sentence}" if number else sentence


def mark(book: Any, text: str, who: Employee) -> None:
    """On every sheet's printed pages, and in the workbook's properties; the caller writes the first row."""
    plain = text.replace("&", "＆")  # in a header `&` begins a code
    for sheet in book.worksheets:
        sheet.oddHeader.center.text = sheet.oddFooter.center.text = plain
    book.properties.creator, book.properties.description, book.properties.keywords = who.username, text, text
