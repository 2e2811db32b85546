"""Plays a scenario through the interface for programs: each act is a request with a token of the person who acts. What
isn't in the interface is played through the gate.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test.client import Client
from django.utils import translation

from accountability.deadlines import clock
from accountability.gate import perform as gate
from accountability.gate import verbs
from accountability.models import ApiToken, Attachment, Employee, Matter
from accountability.signin import tokens
from config.api.kinds import KINDS, Kind
from config.api.problems import PREFIX
from config.replay import others
from config.replay.player import Player
from config.replay.problems import BadScenario, demand
from config.replay.stage import Cast

HOST = "replay"
UNAUTHENTICATED, REFUSED, BROKEN, UNAVAILABLE = 401, 400, 500, 503


@contextmanager
def served() -> Iterator[None]:
    """Requests of this process are answered whatever the deployment's hosts are, and aren't counted; Django logs no
    refusal, since scenarios are full of them.
    """
    log = logging.getLogger("django.request")
    level = log.level
    kept = settings.ALLOWED_HOSTS, settings.LIMITS_COUNT, clock.read, translation.get_language()
    settings.ALLOWED_HOSTS, settings.LIMITS_COUNT = [HOST], False
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        settings.ALLOWED_HOSTS, settings.LIMITS_COUNT, clock.read, language = kept
        log.setLevel(level)
        if language:
            translation.activate(language)


class ApiPlayer(Player):
    """Everything but the acts is as in any replay: the clock, the sweep, the expectations."""

    def __init__(self, name: str, cast: Cast) -> None:
        super().__init__(name, cast)
        self.client = Client()
        self.tokens: dict[str, tuple[ApiToken, str]] = {}

    def perform(self, entry: verbs.Verb, subject: Any, by: Employee, at: datetime, facts: dict[str, Any]) -> Any:
        if entry.name not in others.ACTS:
            return self._each(entry, subject, by, at, facts)
        with transaction.atomic():
            for username, verb, told in others.ACTS[entry.name](entry.name, facts, by, at):
                again = type(subject)(matter_id=subject.matter_id)
                self._each(verbs.find(subject, verb), again, self.cast.person(username), at, told)
        return subject.matter_id

    def _each(self, entry: verbs.Verb, subject: Any, by: Employee, at: datetime, facts: dict[str, Any]) -> int:
        if _kind(entry).takes(entry):
            return self._post(entry, subject.matter_id, by, at, facts)
        return int(gate.perform(subject, entry.name, by=by, at=at, **facts).subject.matter_id)

    def _post(self, entry: verbs.Verb, matter_id: int | None, by: Employee, at: datetime, facts: dict[str, Any]) -> int:
        """Send the act; return its matter. Raises Refused for a refusal."""
        place, more = _address(_kind(entry), entry, matter_id)
        body = json.dumps(facts | more, default=_written)
        read = matter_id is not None and entry.seen is not None
        answer = self._send(place, body, by, at, read=read)
        if answer.status_code == UNAUTHENTICATED:
            # The token ended with a move, or with a refused step that began with it. Who has left gets another in vain.
            self.tokens.pop(by.username, None)
            answer = self._send(place, body, by, at, read=read)
        if answer.status_code >= REFUSED:
            raise _refusal(answer)
        if matter_id is not None:
            return matter_id
        return int(Matter.objects.values_list("pk", flat=True).get(number=answer.json()["number"]))

    def _send(self, place: str, body: str, by: Employee, at: datetime, *, read: bool = False) -> Any:
        """`read`: the person reads the complaint at that instant, and acts on what they have read."""
        clock.read = lambda: at
        headers = {"Host": HOST, "Authorization": f"Bearer {self._secret(by, at)}"}
        if read:
            told = self.client.get(place.rpartition("/")[0], secure=True, headers=headers)
            headers |= {"If-Match": told.headers["ETag"]} if "ETag" in told.headers else {}
        return self.client.post(place, body, content_type="application/json", secure=True, headers=headers)

    def _secret(self, by: Employee, at: datetime) -> str:
        known = self.tokens.get(by.username)
        if known is None or known[0].expires_at < at:
            person = Employee.objects.get(pk=by.pk)
            said = {
                "name": "replay",
                "reads": True,
                "acts": True,
                "organises": True,
                "days": tokens.LONGEST_DAYS,
                "networks": [],
            }
            known = self.tokens[by.username] = tokens.issue(person, at, **said)  # type: ignore[arg-type]
        return known[1]


def _kind(entry: verbs.Verb) -> Kind:
    found = next((kind for kind in KINDS if kind.model is entry.model), None)
    if found is None:
        raise BadScenario(f"{entry.name} isn't in the interface for programs")
    return found


def _address(kind: Kind, entry: verbs.Verb, matter_id: int | None) -> tuple[str, dict[str, Any]]:
    """Where the act is sent, and what is said besides its facts."""
    if matter_id is None:
        return f"{PREFIX}{kind.place}", {"do": entry.name}
    if kind.page is None:
        return f"{PREFIX}{kind.place}/{entry.name}", {}
    number = Matter.objects.values_list("number", flat=True).get(pk=matter_id)
    return f"{PREFIX}{kind.place}/{number}/{entry.name}", {}


def _written(value: Any) -> str:
    """What JSON has no form for: a file by its token, an instant and a day as a scenario writes them."""
    return value.token if isinstance(value, Attachment) else str(value)


def _refusal(answer: Any) -> gate.Refused:
    demand(answer.status_code != UNAVAILABLE, "the database was busy")
    told = answer.json()
    demand(answer.status_code != BROKEN, f"the interface broke: {told}")
    code = str(told["type"]).rpartition(":")[2]
    return gate.Refused(code, told.get("detail") or told["title"], told.get("errors"))
