"""Composes messages in the recipient's language: the sentence from the inbox with the complaint's number, then what it
is about, whose it is and when it is due, as in the inbox, and a link.

A message contains no customer's name or number and no free text; people sign in to read more. It says only what its
recipient may see at that instant. Masking is only the last safeguard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accountability.deadlines.limits import show_due
from accountability.models import Notification
from accountability.notices import sentences
from accountability.notices.channels import Message
from accountability.notices.telling import Telling
from accountability.permissions import Actor
from accountability.security.masking import mask_text

MOST_LINES = 5
MOST_LOOKED_UP = 200
"""Of more notices a digest tells how many there are of which sentence, and looks up nothing: after an outage one person
gets tens of thousands, and a notice of the thirty minutes waits until they are put into words.
"""
MOST_BYTES = 2048
"""A robot takes no longer text: a message that would be longer leaves out what its matters are about."""


LONGEST_MARK = 20
"""Bytes of what stands before the first line."""

KIND = "notice"
"""What a gateway's template for these messages is configured by."""


@dataclass(frozen=True)
class Reader:
    """Who reads a message: the recipient's language and rights, and whether nobody else reads it."""

    language: str
    actor: Actor | None
    alone: bool = True


def compose(
    notices: Sequence[Notification], *, key: str, address: str, reader: Reader, at: datetime, unit: str = ""
) -> Message:
    """A message for one notice, or a digest of several. `unit`: the code of the reader's."""
    with override(reader.language):
        told = _told(notices, reader)
        lines = _lines(told)
        if len("\n".join(lines).encode()) > MOST_BYTES - LONGEST_MARK:
            lines = _lines([line | {"named": []} for line in told])
        subject = _("【首问】%(line)s") % {"line": lines[0]}
        said, link = (lines[:-1], lines[-1]) if settings.SITE_URL else (lines, "")
        return Message(
            key=key, address=address, subject=subject, text="\n".join([subject, *lines[1:]]), at=at, unit=unit,
            kind=KIND, values={"text": " ".join(said), "link": link},
        )  # fmt: skip


def _lines(told: Sequence[dict[str, Any]]) -> list[str]:
    """The last one is the link, if there is one."""
    return _single(told[0]) if len(told) == 1 else _digest(told)


def _told(notices: Sequence[Notification], reader: Reader) -> list[dict[str, Any]]:
    """The lines of the inbox; only sentences and links where the recipient's rights are unknown, or for very many."""
    if reader.actor is None or len(notices) > MOST_LOOKED_UP:
        return [
            {"row": row, "text": sentences.notice(row), "url": sentences.link(row), "named": [], "due": None}
            for row in notices
        ]
    telling = Telling.about(notices, reader.actor)
    lines = [telling.line(row) for row in notices]
    for line in lines:
        if not reader.alone:
            line |= {"named": [], "due": None}
    return lines


def _sentence(line: dict[str, Any], number: bool = True) -> str:
    matter = line["row"].matter
    return f"{f'{matter.number} ' if number and matter and matter.number else ''}{mask_text(line['text'])}"


def _about(line: dict[str, Any]) -> str:
    """What it is about, whose it is and when it is due; empty if nothing of it is known."""
    due = [_("时限 %(due)s") % {"due": show_due(line["due"])}] if line["due"] else []
    return " · ".join([*map(mask_text, line["named"]), *due])


def _single(line: dict[str, Any]) -> list[str]:
    return [_sentence(line), *filter(None, [_about(line)]), *_link(line["url"] or reverse("inbox"))]


def _digest(told: Iterable[dict[str, Any]]) -> list[str]:
    """The number of notices, then their sentences with counts, the most frequent first: a sentence that is there once
    as in a message of its own, one that is there more often with the earliest due instant.
    """
    alike: dict[str, list[dict[str, Any]]] = {}
    for line in told:
        alike.setdefault(mask_text(line["text"]), []).append(line)
    groups = sorted(alike.values(), key=lambda lines: -len(lines))
    shown, rest = groups[:MOST_LINES], sum(map(len, groups[MOST_LINES:]))
    said = [_("您有 %(count)s 条新通知。") % {"count": sum(map(len, groups))}, *map(_alike, shown)]
    said += [_("另有 %(count)s 条。") % {"count": rest}] if rest else []
    return [*said, *_link(reverse("inbox"))]


def _alike(lines: Sequence[dict[str, Any]]) -> str:
    if len(lines) == 1:
        return " ".join(filter(None, [_sentence(lines[0]), _about(lines[0])]))
    dues = [line["due"] for line in lines if line["due"]]
    first = " " + _("最早时限 %(due)s") % {"due": show_due(min(dues))} if dues else ""
    return f"{_sentence(lines[0], number=False)} ×{len(lines)}{first}"


def _link(path: str) -> list[str]:
    """The full URL, as a list; empty if `settings.SITE_URL` isn't set."""
    return [f"{settings.SITE_URL.rstrip('/')}{path}"] if settings.SITE_URL else []
