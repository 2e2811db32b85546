"""The address of a page by its name, for lists that need one in each row.

`reverse` looks for it anew each time, through fifty calls. Where it stands among the addresses doesn't change while a
process runs: the form is kept, and only what stands in its gaps is filled in.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

MOST = 1000
"""Forms that are kept: there are two hundred pages, and a process serves one address."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
"""What stands in an address as it is, and in one part of it."""


def address_of_page(name: str, *parts: Any) -> str:
    """What `reverse(name, args=parts)` gives."""
    texts = [str(part) for part in parts]
    if not all(map(_PLAIN.fullmatch, texts)):
        return reverse(name, args=parts)
    return _form(name, len(parts), get_script_prefix(), get_urlconf(), settings.ROOT_URLCONF).format(*texts)


@lru_cache(maxsize=MOST)
def _form(name: str, gaps: int, _prefix: str, _urlconf: str | None, _root: str) -> str:
    """The address with `{}` in place of its parts. Digits stand there meanwhile: they fit where a number must be, too.
    `reverse` quotes braces, so that no address has any.
    """
    marks = [f"{7_000_000_000_000_001 + gap}" for gap in range(gaps)]
    form = reverse(name, args=marks)
    for mark in marks:
        form = form.replace(mark, "{}")
    return form
