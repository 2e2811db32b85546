"""The addresses of the whole system, read off the URL resolver, so that tests over all of them grow by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


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
