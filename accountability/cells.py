"""Cells of files that people open in a spreadsheet program: none of them may become a formula."""

from __future__ import annotations

import re
from typing import Any

FORMULA = re.compile("[\\s\x00-\x1f\u200b-\u200d\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Also behind spaces, which some programs drop. The full-width signs as well: where Chinese is typed, spreadsheets take
them for the same.
"""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no workbook may hold."""


def is_risky(text: str) -> bool:
    return FORMULA.match(text) is not None


def guarded(cell: Any) -> str:
    """A cell of a CSV file, which knows no types, that no spreadsheet takes for a formula: an apostrophe before it, as
    people put there themselves.
    """
    text = str(cell)
    return f"'{text}" if is_risky(text) or text.startswith("'") else text


def put_text(cell: Any, text: str) -> Any:
    """A workbook's cell that holds a text as such, also where it begins like a formula."""
    cell.value, cell.data_type = UNPRINTABLE.sub("", text), "s"
    return cell
