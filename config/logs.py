"""Log lines that can't be forged and don't name people: data from a client are escaped and masked.

A record is one line. A character that could begin another, colour a terminal or turn the reading direction is written
as its number; lines of a traceback begin with a bar, so that none looks like a record. Telephone and identity card
numbers are masked as on pages; addresses lose their query and any token that opens a file.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from itertools import pairwise

FORMAT = "{asctime} {levelname} {name}: {message}"
BAR = "    | "

LONGEST = 50_000
"""The most characters of a message or a traceback that are written."""

UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

# Each unbounded repetition keeps what it took (`++`), so that the time grows only with the text's length.
_WORD = re.compile(r"[^\s\"'<>]++")
_NAMED = re.compile(r"[\w.-]++=")
_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{30,}+(?=/|$|[\s\"'])")
_DETAIL = re.compile(r"(?im)^([^\S\n]*+(?:DETAIL|CONTEXT|HINT|STATEMENT|详细信息|背景):)[^\n]*+")
_SECRET = re.compile(
    r"(?i)\b((?:sessionid|csrftoken|csrfmiddlewaretoken|password\w*+|passwd|authorization|cookie|token|secret)"
    r"['\"]?\s*+[=:]\s*+)(?:bearer\s++)?['\"]?[^\s'\",;&}]++"
)
_WIDE_DIGIT = re.compile(r"\\uff1([0-9])")


def harmless(text: str) -> str:
    """The text as one line, without anything planted by a client and without personal data."""
    return _escaped(masked(text))


def masked(text: str) -> str:
    """Without queries, tokens of files, values in database errors, named secrets, and people's numbers."""
    from accountability.security.masking import masked_beginning

    return masked_beginning(text, LONGEST, _without_what_leads_to_people)


def _without_what_leads_to_people(text: str) -> str:
    from accountability.security.masking import mask_text

    text = _DETAIL.sub(r"\1 …", _WIDE_DIGIT.sub(r"\1", text))
    text = _WORD.sub(_without_query, text)
    return mask_text(_SECRET.sub(r"\1…", _TOKEN.sub("…", text)))


def _without_query(found: re.Match[str]) -> str:
    """The word up to the first question mark that begins a query: after a path, or before a name and its value."""
    parts = found[0].split("?")
    for number, (before, after) in enumerate(pairwise(parts), start=1):
        if "/" in before.rpartition("|")[2] or _NAMED.match(after):
            return f"{'?'.join(parts[:number])}?…"
    return found[0]


def _escaped(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_number(sign) if unicodedata.category(sign) in UNSEEN else sign for sign in text)


def _number(sign: str) -> str:
    code = ord(sign)
    return {10: "\\n", 13: "\\r", 9: "\\t"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


class Line(logging.Formatter):
    """The formatter of every handler, gunicorn's and Celery's too."""

    def __init__(self, fmt: str = FORMAT, datefmt: str | None = None, style: str = "{", **_more: object) -> None:
        super().__init__(fmt, datefmt, style)  # type: ignore[arg-type]

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        trace = ""
        if getattr(record, "status_code", 500) >= 500:  # of what a client did wrong the line says enough
            trace = self.formatException(record.exc_info) if record.exc_info else record.exc_text or ""
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        below = masked("\n".join(part for part in (trace, stack) if part))
        lines = (f"{BAR}{_escaped(line)}" for line in below.splitlines())
        return "\n".join([harmless(self.formatMessage(record)), *lines])
