"""Writes one's own limits as an iCalendar file (RFC 5545): UTC instants, texts escaped, lines of at most 75 bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accountability.permissions import Actor
from accountability.web.desk import OWN_LIMITS

CONTENT_TYPE = "text/calendar; charset=utf-8"
MOST_BYTES = 75
"""Of a line, without its end; a longer one goes on in the next, which begins with a space."""

MOST = 300
"""Events of a file, the nearest first."""

READ_AGAIN_AFTER = "PT30M"
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True)
class Event:
    """An instant. `key` is the same whenever the file is written, so that a calendar knows it again."""

    key: str
    at: datetime
    summary: str
    url: str


def of_own_limits(reader: Actor, request: HttpRequest, at: datetime) -> bytes:
    """What the reader has to keep: number, what is owed, and when."""
    limits = (limit for limits_of in OWN_LIMITS for limit in limits_of(reader, at))
    events = [
        Event(
            f"{limit.key}@{request.get_host()}", limit.due_at, f"{limit.number} {limit.what}",
            request.build_absolute_uri(limit.url),
        )
        for limit in sorted(limits, key=lambda limit: (limit.due_at, limit.key))[:MOST]
    ]  # fmt: skip
    return written(_("首问时限"), events, at)


def written(name: str, events: Iterable[Event], at: datetime) -> bytes:
    """The whole file. `name` is the calendar's, `at` when it is written."""
    lines = (line for told in _lines(name, events, at) for line in _folded(told))
    return b"".join(line + b"\r\n" for line in lines)


def _lines(name: str, events: Iterable[Event], at: datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//shouwen//limits//ZH", "CALSCALE:GREGORIAN")
    yield from ("METHOD:PUBLISH", f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}")
    yield from (f"REFRESH-INTERVAL;VALUE=DURATION:{READ_AGAIN_AFTER}", f"X-PUBLISHED-TTL:{READ_AGAIN_AFTER}")
    for event in events:
        yield from ("BEGIN:VEVENT", f"UID:{_text(event.key)}", f"DTSTAMP:{_utc(at)}", f"DTSTART:{_utc(event.at)}")
        yield from (f"SUMMARY:{_text(event.summary)}", f"URL:{_plain(event.url)}")
        yield from ("TRANSP:TRANSPARENT", "END:VEVENT")
    yield "END:VCALENDAR"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(said: str) -> str:
    for sign in "\\;,":
        said = said.replace(sign, f"\\{sign}")
    return _plain(said)


def _plain(said: str) -> str:
    """Without signs that could begin another line or turn the reading direction."""
    return "".join(" " if unicodedata.category(sign) in UNSEEN else sign for sign in said)


def _folded(line: str) -> Iterator[bytes]:
    """The line in parts of whole characters."""
    part, most = b"", MOST_BYTES
    for sign in line:
        written_as = sign.encode()
        if len(part) + len(written_as) > most:
            yield part
            part = b" "
        part += written_as
    yield part
