"""What can be wrong with a file, and with one row of it; `str()` is the sentence for whoever imports it."""

from __future__ import annotations

from accountability.spreadsheets.workbooks import BadFile

__all__ = ["BadFile", "BadRow"]


class BadRow(Exception):
    """This row can't be imported; the others can."""
