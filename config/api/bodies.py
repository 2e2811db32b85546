"""Reads the JSON that a program sends: bounded in length and depth, one object, each name once, no character that can't
be stored.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from config.api.problems import Problem

DEEPEST = 8
MEDIA_TYPE = "application/json"


class Parser(BaseParser):
    media_type = MEDIA_TYPE

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> dict[str, Any]:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(most + 1)
        if len(content) > most:
            raise Problem(413)
        try:
            read = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_refuse, parse_float=_number)
            _check(read)
        except (ValueError, RecursionError):
            raise Problem(400, _("内容不是可以接受的 JSON。")) from None
        if not isinstance(read, dict):
            raise Problem(400, _("内容应是一个 JSON 对象。"))
        return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _number(written: str) -> float:
    found = float(written)
    return found if isfinite(found) else _refuse(written[:20])


def _check(value: Any, depth: int = 0) -> None:
    """NUL and half a surrogate pair can't be stored."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode()
        if "\x00" in value:
            raise ValueError("NUL")
    for inner in (
        (*value.keys(), *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        _check(inner, depth + 1)
