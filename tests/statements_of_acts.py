"""How many statements an act sends by its page, verb by verb, as docs/scale.md counts: without BEGIN and COMMIT."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar
from unittest.mock import patch

from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.gate import holding
from accountability.models import LedgerEntry
from tests.factories import Play
from tests.signing_in import signed_in

S = TypeVar("S")
"""A step of a way."""

M = TypeVar("M", bound=Model)
"""What the acts are done on."""

Sent = dict[str, list[str]]
"""By verb, the statements of the act that sent most."""


class Walk(ABC, Generic[S, M]):
    """Goes ways by the pages, and notes what each act sent. Each app says how a step of its own is done (`act`)."""

    def __init__(self, play: Play) -> None:
        self.play, self.clients, self.sent = play, dict[str, Client](), Sent()
        self.keys: Iterator[int] = iter(range(10**6))

    def twice(self, ways: Callable[[int], Iterable[Iterable[S]]]) -> Sent:
        """What was sent the second time, when what is kept between requests is there; `ways` of the first turn (0) and
        of the second (1).
        """
        with patch.object(holding, "ASKED_EVERY", math.inf):
            for turn in range(2):
                self.sent.clear()
                for steps in ways(turn):
                    self.go(steps)
        return self.sent

    def go(self, steps: Iterable[S]) -> None:
        subject = None
        for step in steps:
            subject = self.act(step, subject)
            self.play.now.forward(minutes=1)

    @abstractmethod
    def act(self, step: S, before: M | None) -> M:
        """Does the step on what the one before left, and gives it anew."""

    def post(self, verb: str, who: str, address: str, typed: dict[str, Any]) -> int:
        """Notes what the act sends, and gives the number of its matter."""
        typed, client = typed | {"_key": f"walk-{next(self.keys)}"}, self.browser(who)
        with CaptureQueriesContext(connection) as queries:
            response = client.post(address, typed)
        assert response.status_code == 302, (verb, response.context and response.context["form"].errors)
        sent = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        self.sent[verb] = max(sent, self.sent.get(verb, []), key=len)
        return LedgerEntry.objects.get(actor__username=who, key=typed["_key"]).matter_id

    def browser(self, who: str) -> Client:
        if who not in self.clients:
            self.clients[who] = signed_in(self.play.cast[who])
        return self.clients[who]
