"""A matter as one reader read it: what they are told, and the tag by which a later act names that."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework.response import Response

from accountability.web.request import Request
from config.api import cases, complaints, rankings
from config.api.kinds import CASES, COMPLAINTS, RANKINGS, Kind
from config.api.offers import offer, offered
from config.api.paging import only, told
from config.api.shapes import Json

BODIES: dict[Kind, Callable[[Request, Any], Json]] = {
    COMPLAINTS: complaints.body_of, CASES: cases.body_of, RANKINGS: rankings.body_of,
}  # fmt: skip
"""What a reader is told of a matter, by its kind."""


@dataclass(frozen=True)
class Read:
    """A matter as this reader read it: its ETag, and the head of the record that it was made of."""

    subject: Any
    body: Json
    tag: str
    head: str


def version_of(request: Request, kind: Kind, number: str) -> Read:
    return read(request, kind, kind.find(request, number))


def read(request: Request, kind: Kind, subject: Any) -> Read:
    """The tag is of what this reader is told, in their language, and of what they would put their name to by the verbs
    that are offered to them (`Verb.seen`): it says nothing of what they may not know. So it isn't of the position that
    a page's form carries, in which a case has what waits for a leader of marketing.
    """
    verbs = offered(kind, subject, request.actor)
    body = BODIES[kind](request, subject) | {"verbs": [offer(kind, entry, subject) for entry in verbs]}
    shown = [str(each) for entry in verbs if entry.seen for each in entry.seen(subject)]
    return Read(subject, body, tag_of(request, body, shown), subject.matter.ledger_head)


def tag_of(request: Request, body: Json, shown: list[str]) -> str:
    said = json.dumps([request.actor.pk, body, shown], sort_keys=True, ensure_ascii=False).encode()
    return f'"{hmac.new(settings.SECRET_KEY.encode(), b"api tag:" + said, hashlib.sha256).hexdigest()[:32]}"'


def answered(request: Request, body: Json, tag: str) -> HttpResponse:
    """The members that were asked for, with the tag of all of them; nothing where the program has this version."""
    wanted = request.headers.get("If-None-Match", "")
    if tag in [each.strip().removeprefix("W/") for each in wanted.split(",")]:
        return told(HttpResponse(status=304, headers={"ETag": tag}))
    return told(Response(only(body, request.GET.get("fields")), headers={"ETag": tag}))
