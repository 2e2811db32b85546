"""Why a file isn't taken; `inspection` has a sentence for each."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The words that the judge answers with."""

    MISMATCH = "mismatch"
    PAGE = "page"
    LOCKED = "locked"
    ACTIVE_PDF = "active-pdf"
    BAD_PDF = "bad-pdf"
    PIXELS = "pixels"
    CUT = "cut"
    APPENDED = "appended"
    VIDEO = "video"
    NOT_TEXT = "not-text"
    STARTS = "starts"
    LINKS = "links"
    DAMAGED = "damaged"
    LARGE = "large"
    CROWDED = "crowded"
    ACTIVE = "active"
    OUTSIDE = "outside"
    FILE_LINK = "file-link"
    OLD_OFFICE = "old-office"


class Unfit(Exception):
    """The file isn't taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def demand(condition: object, reason: Reason = Reason.MISMATCH) -> None:
    if not condition:
        raise Unfit(reason)
