"""What a spreadsheet program takes for a formula, and which formulas start or fetch something. Imports only `re`.

Every repetition is bounded or works on one cell from its beginning, so that the time grows only with the length.
"""

from __future__ import annotations

import re

FORMULA = re.compile("[\\s\x00-\x1f\u200b-\u200d\ufeff]*+[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Matches a formula also after spaces, which some programs drop, and with full-width signs, which Chinese spreadsheet
programs treat like the plain ones.
"""

_CALLS = re.compile(
    r"\b(?:WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMAGE|IMPORT(?:XML|DATA|HTML|FEED|RANGE)) ?[(\uff08]",
    re.IGNORECASE,
)
_LINK = re.compile(r"\bHYPERLINK ?[(\uff08]", re.IGNORECASE)


def fetches(formula: str) -> bool:
    """Whether a formula starts a program (`cmd|'/c calc'!A0`) or reads something from elsewhere by itself."""
    if 0 <= formula.find("|") < formula.rfind("!"):
        return True
    return _calls(_CALLS, formula)


def links(formula: str) -> bool:
    """Whether a formula is a link whose words hide where it leads."""
    return _calls(_LINK, formula)


def _calls(function: re.Pattern[str], formula: str) -> bool:
    if "(" not in formula and "\uff08" not in formula:
        return False
    return function.search(" ".join(formula.split())) is not None
