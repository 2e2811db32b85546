"""The address of a page by its name, for lists that need one in each row.

`reverse` looks for it anew each time, through fifty calls. Where it stands among the addresses doesn't change while a
process runs: the form is kept, and only what stands in its gaps is filled in.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

MOST = 1000
"""Forms that are kept: there are two hundred pages, and a process serves one address."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
"""What stands in an address as it is, and in one part of it."""


def address_of_page(name: str, *parts: Any) -> str:
    """What `reverse(name, args=parts)` gives, or raises."""
    texts = [str(part) for part in parts]
    if all(map(_PLAIN.fullmatch, texts)):
        are_numbers = tuple(map(str.isdecimal, texts))
        form = _form(name, are_numbers, get_script_prefix(), get_urlconf(), settings.ROOT_URLCONF)
        if form is not None:
            return form.format(*texts)
    return reverse(name, args=parts)


@lru_cache(maxsize=MOST)
def _form(name: str, are_numbers: tuple[bool, ...], _prefix: str, _urlconf: str | None, _root: str) -> str | None:
    """The address with `{}` in place of its parts; None where the page takes no such parts, or only some. Digits stand
    for a number meanwhile, and a word for a text. `reverse` quotes braces, so that no address has any.
    """
    marks = [f"{'' if is_number else 'x'}{7_000_000_000_000_001 + gap}" for gap, is_number in enumerate(are_numbers)]
    try:
        form = reverse(name, args=marks)
    except NoReverseMatch:
        return None
    for mark in marks:
        form = form.replace(mark, "{}")
    return form
