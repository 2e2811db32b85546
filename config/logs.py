"""Log lines that can't be forged and don't name people: data from a client are escaped and masked.

`Line` writes a record for people, `Json` as an object for a log server; `Sparing` writes the same error once a minute.

A record is one line. A character that could begin another, colour a terminal or turn the reading direction is written
as its number; lines of a traceback begin with a bar, so that none looks like a record. Telephone and identity card
numbers are masked as on pages; addresses lose their query and any token that opens a file.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import threading
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.keys import modes_of
from config.request_ids import ids

FORMAT = "{asctime} {levelname} {name}: {message}"
BAR = "    | "

LONGEST = 50_000
"""The most characters of a message or a traceback that are written."""

UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

# Each unbounded repetition keeps what it took (`++`), so that the time grows only with the text's length.
_WORD = re.compile(r"[^\s\"'<>]++")
_NAMED = re.compile(r"[\w.-]++=")
_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{30,}+(?=/|$|[\s\"'])")
_LINK = re.compile(r"(?:(?<=/c/)|(?<=/calendar/feed/))[^/\s\"'?]++")
"""What opens a customer's page, or somebody's calendar."""
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
    return mask_text(_SECRET.sub(r"\1…", _TOKEN.sub("…", _LINK.sub("…", text))))


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
    """A record as a line for people; the lines of its traceback follow."""

    def __init__(self, fmt: str = FORMAT, datefmt: str | None = None, style: str = "{", **_more: object) -> None:
        super().__init__(fmt, datefmt, style)  # type: ignore[arg-type]

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        times = f" (repeated {repeated} times)" if (repeated := getattr(record, REPEATED, 0)) else ""
        lines = (f"{BAR}{line}" for line in self.below(record))
        return "\n".join([harmless(self.formatMessage(record)) + times, *lines])

    def below(self, record: logging.LogRecord) -> list[str]:
        """The harmless lines of the traceback and the stack."""
        trace = ""
        if getattr(record, "status_code", 500) >= 500:  # of what a client did wrong the line says enough
            trace = self.formatException(record.exc_info) if record.exc_info else record.exc_text or ""
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        below = masked("\n".join(part for part in (trace, stack) if part))
        return [_escaped(line) for line in below.splitlines()]


class Json(Line):
    """A record as one JSON object. What a caller adds as `extra` is left out: Django adds the request."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": harmless(record.name),
            "message": harmless(record.getMessage()),
        }
        said |= getattr(record, IDS, None) or ids()
        if repeated := getattr(record, REPEATED, 0):
            said[REPEATED] = repeated
        if below := self.below(record):
            said["exception"] = "\n".join(below)
        return json.dumps(said, ensure_ascii=False)


FORMATTERS: dict[str, type[Line]] = {"line": Line, "json": Json}


def formatter_of(environ: Mapping[str, str], *, usual: str | None = None) -> type[Line]:
    """The formatter of every handler, gunicorn's and Celery's too: the one of LOG_FORMAT, else JSON in production."""
    name = environ.get("LOG_FORMAT") or usual or ("line" if modes_of(environ) else "json")
    if name not in FORMATTERS:
        raise ImproperlyConfigured(f"LOG_FORMAT={name}: it is {' or '.join(FORMATTERS)}.")
    return FORMATTERS[name]


REPEATED, IDS = "repeated", "ids"
"""What `Sparing` adds to a record: how often it came again, and the ids of where it last came."""

MINUTE = 60.0
MOST_KEPT = 1_000
"""Different errors that are compared at a time; more are written each time they come."""


@dataclass
class _Written:
    """An error that was written: when it may be again, and what came meanwhile."""

    due: float
    latest: logging.LogRecord
    times: int = 0


class Sparing(logging.StreamHandler[Any]):
    """Writes an error at once. What comes again within a minute is counted, and its latest record written with the
    count when the minute is over, or when the process ends.
    """

    def __init__(self, stream: Any = None, every: float = MINUTE) -> None:
        super().__init__(stream)
        self.every = every
        self.written: dict[tuple[object, ...], _Written] = {}
        self.timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Called under the handler's lock. A record that can't be read harms nobody but the log."""
        try:
            if not self.is_spared(record):
                super().emit(record)
                self.wake()
        except Exception:
            self.handleError(record)

    def is_spared(self, record: logging.LogRecord) -> bool:
        """Whether it was written less than a minute ago; it is counted then."""
        if record.levelno < logging.ERROR:
            return False
        raised = record.exc_info[0] if record.exc_info else None
        key = (record.name, record.levelno, record.getMessage(), raised)
        if known := self.written.get(key):
            known.times, known.latest = known.times + 1, record
            setattr(record, IDS, ids())
            return True
        if len(self.written) < MOST_KEPT:
            self.written[key] = _Written(time.monotonic() + self.every, record)
        return False

    def wake(self) -> None:
        if self.written and (self.timer is None or not self.timer.is_alive()):
            self.wait()

    def wait(self) -> None:
        """Wake when the first minute is over."""
        if self.written:
            first = min(each.due for each in self.written.values())
            self.timer = threading.Timer(max(0.0, first - time.monotonic()), self.tell_when_over)
            self.timer.daemon = True
            self.timer.start()

    def tell_when_over(self) -> None:
        with self.lock:  # type: ignore[union-attr]  # a handler has one from its creation
            now = time.monotonic()
            self.tell([key for key, each in self.written.items() if each.due <= now])
            self.wait()

    def tell(self, keys: list[tuple[object, ...]]) -> None:
        """Write what was counted of these; what didn't come again is forgotten. A stream that was closed before its
        process ended takes nothing more.
        """
        for key in keys:
            each = self.written.pop(key)
            if each.times and not self.stream.closed:
                again = copy.copy(each.latest)
                setattr(again, REPEATED, each.times)
                super().emit(again)
                self.written[key] = _Written(time.monotonic() + self.every, each.latest)

    def close(self) -> None:
        with self.lock:  # type: ignore[union-attr]
            if self.timer is not None:
                self.timer.cancel()
            self.tell(list(self.written))
            self.written.clear()
        super().close()
