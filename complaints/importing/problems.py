"""What can be wrong with a file or a row. `str()` gives the message for the person who imports it."""

from __future__ import annotations

from accountability.spreadsheets.workbooks import BadFile

__all__ = ["BadFile", "BadRow"]


class BadRow(Exception):
    """This row can't be imported; the others can."""
