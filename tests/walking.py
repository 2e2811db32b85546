"""The addresses of the whole system, read off the URL resolver, so that tests over all of them grow by themselves."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from config.request_ids import HEADER


@dataclass(frozen=True)
class Address:
    """One named pattern: `name` with its namespace, and the names of what it takes."""

    name: str
    takes: tuple[str, ...]
    positional: int = 0


def addresses() -> list[Address]:
    """Every pattern of the resolver, each once."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: list[Any], namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            regex = pattern.pattern.regex
            named = tuple(sorted(regex.groupindex) or sorted(pattern.pattern.converters))
            yield Address(f"{namespace}{pattern.name}", named, regex.groups - len(regex.groupindex))


Values = dict[str, list[Any]]

MOST = 500
"""Places of one address: beyond it a walk asks the same page thousands of times and says no more."""


def filled(address: Address, values: Values) -> Iterator[str]:
    """The address with every value given for what it takes; what nobody thought of takes whatever fits."""
    anything = [value for several in values.values() for value in several]
    if address.positional:
        yield from (reverse(address.name, args=[pk, 1]) for pk in values["object_id"])
        return
    given = [values.get(name, anything) for name in address.takes]
    assert prod(map(len, given)) < MOST, f"{address.name}: say which values {address.takes} shall take"
    for chosen in product(*given):
        with suppress(NoReverseMatch):
            yield reverse(address.name, kwargs=dict(zip(address.takes, chosen, strict=True)))


def everywhere(values_for: Callable[[Address], Values], *, most: int = MOST) -> Iterator[str]:
    """Every address that can be read, filled with at most so many of its values, taken at equal distances.

    The way out of the session is left out.
    """
    for address in addresses():
        if address.name not in ("admin:None", "admin:logout", "sign_out"):
            yield from some_of(list(filled(address, values_for(address))), most)


def some_of(places: list[str], most: int) -> list[str]:
    """At most so many of them, from the first on, at equal distances."""
    return places[:: max(1, ceil(len(places) / most))]


def body_of(response: Any) -> str:
    """What came back, a file's bytes too."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


CHANGING = (
    r'name="csrfmiddlewaretoken" value="\w+"',
    r'name="[\w-]*_key"\s+value="[\w-]+"',
    r'"left": \d+',  # seconds of the session
    r"(after|before)=[\w-]+",  # a place in a list, sealed anew each time
    r"/calendar/feed/swc_[\w-]+",  # an address that is made anew each time
)
"""What a page writes otherwise for every request."""


def steady(body: str) -> str:
    """The page without what differs from one request to the next."""
    for pattern in CHANGING:
        body = re.sub(pattern, "", body)
    return body


def steady_headers(response: Any) -> dict[str, str]:
    """The headers without the number of the request."""
    return {name: value for name, value in response.headers.items() if name != HEADER}


OTHER_SIGNS = str.maketrans("123456789ABCDEFGHJKLMNPQRSTUVWXYZ", "851732694BCDEFGHJKLMNPQRSTUVWXYZA")


def nobodys(identifier: Any) -> Any:
    """An identifier of the same look that nobody has: of a day that is none, with zeros where the known one has them,
    since a page may judge how a text looks (a password may not be a run of digits).
    """
    if isinstance(identifier, int):
        return 987_654_321
    if not re.match(r"[A-Z]{2}\d{4}", identifier):
        return secrets.token_urlsafe(24)
    number, mark, part = identifier.partition("#")
    other = number[:6] + number[6:].translate(OTHER_SIGNS)
    return f"{other if other != number else number[:2] + '2222'}{mark}{part}"
