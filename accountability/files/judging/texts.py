"""Checks text and CSV files, and decodes them."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator

from accountability.files.judging.reasons import Reason, demand
from accountability.spreadsheets.formulas import FORMULA, fetches, links

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"(?i)(?:<[!?a-z]|#!|\{\\rtf|%PDF|%!PS|MZ[^ ,\w])")
_SIGN_OF_A_CELL = re.compile(r"(?:^|[\W_])[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""No formula begins right after a letter or digit: neither is a delimiter."""

_SEPARATOR = re.compile(r"(?i)[\"']?sep=([^\r\n\"])")
_BEFORE = ' \t"'
"""What may stand in a cell before a formula; a quotation mark where a program reads quotes in another way. An
apostrophe may not: it makes the cell a text.
"""


def check_text(content: bytes) -> None:
    """Check for UTF-8 or GB18030 text. A web page or script is refused, although it would only be served as text."""
    _readable(content)


def check_table(content: bytes) -> None:
    """Check a CSV file: it must be text, and no cell may start a program when a spreadsheet opens it, or be a link
    whose words hide where it leads.
    """
    text = _readable(content)
    delimiters = _delimiters(text)
    if not _is_risky(text) or not _SIGN_OF_A_CELL.search(text):
        return
    for row in _rows(text, delimiters):
        if _is_risky("\0".join(row)):
            _check_cells(row)


def _is_risky(text: str) -> bool:
    return fetches(text) or links(text)


def _check_cells(row: list[str]) -> None:
    for cell in row:
        bare = cell.lstrip(_BEFORE)
        if _is_risky(bare) and FORMULA.match(bare):
            demand(not fetches(bare), Reason.STARTS)
            demand(not links(bare), Reason.LINKS)


def _readable(content: bytes) -> str:
    text = decoded(content)
    demand(text is not None and not _UNSEEN.search(text), Reason.NOT_TEXT)
    assert text is not None
    demand(not _MARKUP.match(text.lstrip()[:10]))
    return text


def _delimiters(text: str) -> str:
    """What programs take for one by themselves, and what the file's first line asks for (`sep=`): no letter."""
    asked = _SEPARATOR.match(text)
    demand(not asked or not asked[1].isalnum())
    return ",;\t|:^~ " + (asked[1] if asked else "")


def _rows(text: str, delimiters: str) -> Iterator[list[str]]:
    """The rows as a program could read them: by each delimiter, with quotation marks and with none."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        for delimiter in delimiters:
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
                yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    finally:
        csv.field_size_limit(before)


def decoded(content: bytes) -> str | None:
    """The text of a file; None if it isn't UTF-8 or GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
