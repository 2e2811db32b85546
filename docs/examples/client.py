"""A client of the interface for programs (docs/api.md), with nothing but Python's own library, to be copied.

    SHOUWEN_TOKEN=sw_… python client.py https://HOST/api/v1

lists the complaints that the token's person holds, the most urgent first.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, NotRequired, TypedDict, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT, TRIES, LONGEST_WAIT = 30, 5, 60
"""Seconds for a request, how often it is sent, and the most seconds between two tries."""


class Receipt(TypedDict):
    """What was done."""

    number: str
    verb: str
    at: str
    round: int | None


class State(TypedDict):
    name: str
    label: str


class Deadline(TypedDict):
    name: str
    due_at: str | None
    status: str


class Row(TypedDict):
    """Some of a complaint in a list. `fields` leaves out what isn't named; what the reader may not know is null."""

    number: str
    state: NotRequired[State]
    priority: NotRequired[str | None]
    awaits: NotRequired[str | None]
    deadlines: NotRequired[list[Deadline]]


@dataclass(frozen=True)
class Read:
    """A complaint as it was read, and the tag that says which reading that was."""

    told: dict[str, Any]
    tag: str


class Refusal(Exception):
    """Nothing was done (RFC 9457). `errors` has a sentence for each field that is wrong."""

    def __init__(self, status: int, said: dict[str, Any]) -> None:
        super().__init__(f"{status} {said.get('title', '')}: {said.get('detail', '')}")
        self.status = status
        self.code = str(said.get("type", "")).rpartition(":")[2]
        self.errors: dict[str, Any] = said.get("errors", {})
        self.state: str | None = said.get("state")


class _Stay(HTTPRedirectHandler):
    """The interface redirects nowhere: a token follows no address that somebody else names."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class Desk:
    """One person's desk, as far as their token goes."""

    def __init__(self, base: str, token: str, language: str = "zh-hans") -> None:
        self.base = base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._opener = build_opener(_Stay)

    def complaints(self, **filters: str) -> Iterator[Row]:
        """Every row of a list, page by page."""
        place = f"/complaints?{urlencode({'limit': '100', **filters})}"
        while place:
            told, _headers = self._send("GET", place)
            yield from cast("list[Row]", told["items"])
            place = str(told["next"] or "").removeprefix(urlsplit(self.base).path)

    def complaint(self, number: str) -> Read:
        told, headers = self._send("GET", f"/complaints/{quote(number)}")
        return Read(told, headers["ETag"])

    def register(self, key: str = "", **facts: Any) -> Receipt:
        """`key` names this very call of a customer, so that it is taken in once however often this is sent."""
        return self._act("/complaints", key, "", facts)

    def act(self, number: str, verb: str, *, seen: Read | None = None, key: str = "", **facts: Any) -> Receipt:
        """Run a verb of docs/vocabulary.md. `seen`: only if nothing has changed since that reading."""
        return self._act(f"/complaints/{quote(number)}/{verb}", key, seen.tag if seen else "", facts)

    def _act(self, place: str, key: str, tag: str, facts: dict[str, Any]) -> Receipt:
        headers = {"Idempotency-Key": key or secrets.token_urlsafe(16), "Content-Type": "application/json"}
        told, _headers = self._send("POST", place, facts, headers | ({"If-Match": tag} if tag else {}))
        return cast(Receipt, told)

    def _send(
        self, method: str, place: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[dict[str, Any], Any]:
        """Send it until it is answered. An act goes with the same key each time: it is done once at most."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        asked = Request(  # noqa: S310  the base is what its owner typed
            self.base + place, data, self._headers | (headers or {}), method=method
        )
        for tried in range(1, TRIES + 1):
            wait = float(min(2**tried, LONGEST_WAIT))
            try:
                with self._opener.open(asked, timeout=TIMEOUT) as answer:
                    return json.load(answer), answer.headers
            except HTTPError as error:
                if error.code not in (429, 503) or tried == TRIES:
                    raise Refusal(error.code, _problem(error)) from None
                wait = min(float(error.headers["Retry-After"] or wait), LONGEST_WAIT)
            except (OSError, HTTPException):
                if tried == TRIES:
                    raise
            time.sleep(wait)
        raise AssertionError


def _problem(error: HTTPError) -> dict[str, Any]:
    """What the interface says; nothing where a proxy before it answered with a page."""
    try:
        said = json.load(error)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def main() -> None:
    desk = Desk(sys.argv[1], os.environ["SHOUWEN_TOKEN"])
    for row in desk.complaints(mine="1", order="due", fields="number,state,deadlines"):
        due = min((limit["due_at"] for limit in row.get("deadlines", []) if limit["due_at"]), default="")
        print(row["number"], row["state"]["label"] if "state" in row else "", due)


if __name__ == "__main__":
    main()
