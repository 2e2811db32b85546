"""Composes messages in the recipient's language: the sentence from the inbox, the complaint's number, and a link.

A message contains no customer's name or number and no free text; people sign in to read more. Masking is only the last
safeguard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accountability.models import Notification
from accountability.notices import sentences
from accountability.notices.channels import Message
from accountability.security.masking import mask_text

MOST_LINES = 5


def compose(notices: Sequence[Notification], *, key: str, address: str, language: str) -> Message:
    """A message for one notice, or a digest of several."""
    with override(language):
        lines = _single(notices[0]) if len(notices) == 1 else _digest(notices)
        subject = _("【首问】%(line)s") % {"line": lines[0]}
        return Message(key=key, address=address, subject=subject, text="\n".join([subject, *lines[1:]]))


def _single(notice: Notification) -> list[str]:
    number = f"{notice.matter.number} " if notice.matter and notice.matter.number else ""
    sentence = f"{number}{mask_text(sentences.notice(notice))}"
    return [sentence, *_link(sentences.link(notice) or reverse("inbox"))]


def _digest(notices: Sequence[Notification]) -> list[str]:
    """The number of notices, then their sentences with counts, the most frequent first."""
    counts = Counter(mask_text(sentences.notice(notice)) for notice in notices).most_common()
    told, rest = counts[:MOST_LINES], sum(count for _text, count in counts[MOST_LINES:])
    lines = [_("您有 %(count)s 条新通知。") % {"count": len(notices)}]
    lines += [f"{sentence} ×{count}" if count > 1 else sentence for sentence, count in told]
    lines += [_("另有 %(count)s 条。") % {"count": rest}] if rest else []
    return [*lines, *_link(reverse("inbox"))]


def _link(path: str) -> list[str]:
    """The full URL, as a list; empty if `settings.SITE_URL` isn't set."""
    return [f"{settings.SITE_URL.rstrip('/')}{path}"] if settings.SITE_URL else []
