"""Checks that a file of one kind isn't also one of another."""

from __future__ import annotations

import re

from accountability.files.judging.reasons import Reason, demand

_PAGE = re.compile(rb"(?i)<(?:\?php|script|html|iframe|!doctype)")
_LIST_OF_A_PACKAGE = b"PK\x05\x06"


def check_single(content: bytes, *, page_in: int | None = None) -> None:
    """Check that other programs can't take the file for a web page, a script or a ZIP package as well."""
    demand(not _PAGE.search(content[:page_in]), Reason.PAGE)
    demand(_LIST_OF_A_PACKAGE not in content[-70_000:], Reason.PAGE)
