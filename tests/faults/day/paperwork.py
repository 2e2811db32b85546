"""The papers of the day: a round's notice as a file, an export that a second person approves, the month's bulletin."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from accountability.deadlines.limits import SHANGHAI
from tests.faults.client import Answer, Browser, Sent
from tests.faults.day.course import DONE
from tests.faults.day.looking import OK, Look
from tests.faults.day.persons import Person

PAPER = re.compile(rb'href="/papers/([^/"]+)/"')
BULLETIN = re.compile(rb'href="/bulletins/([^/"]+)/"')
AGAIN = 2.0
"""Seconds until somebody looks again whether a file is there."""


class Paperwork:
    """Each thing that was asked for has to come; `waiting` names what hasn't yet."""

    def __init__(self, browsers: dict[str, Browser], people: dict[str, Person], looks: list[Look]) -> None:
        self.browsers, self.people, self.looks = browsers, people, looks
        self.sent: list[Sent] = []
        self.wrong: list[str] = []
        self.waiting: set[str] = set()
        self.asked: list[str] = []

    def get(self, who: str, path: str) -> Answer:
        answer = self.browsers[who].open("GET", path)
        self.looks.append(Look(path, answer.status, answer.seconds))
        return answer

    def post(self, who: str, verb: str, path: str, **facts: Any) -> Answer:
        form = Sent(who, path, verb, secrets.token_urlsafe(16))
        answer = self.browsers[who].post(path, form, **facts)
        self.sent.append(form)
        if answer.status not in (200, 302):
            self.wrong.append(f"{verb} at {path} by {who} was answered {answer.status}")
        return answer

    def until(self, who: str, name: str, is_there: Callable[[], bool]) -> None:
        """The person looks now and then whether it is there."""
        self.waiting.add(name)

        def look() -> None:
            if is_there():
                self.waiting.discard(name)
            else:
                self.people[who].give(look, AGAIN)

        self.people[who].give(look, AGAIN)

    def notice(self, who: str, number: str) -> None:
        """Ask for the file of the round's notice."""
        page = self.get(who, f"/complaints/{number}/rounds/1/notice/")
        if (found := PAPER.search(page.body)) is None:
            self.wrong.append(f"the notice of {number} has no paper: {page.status}")
            return
        place = f"/papers/{found[1].decode()}/"
        self.asked.append(place)
        form = Sent(who, number, "ask for a file", secrets.token_urlsafe(16))
        answer = self.browsers[who].post(f"{place}pdf/", form)
        self.looks.append(Look(f"{place}pdf/", answer.status, answer.seconds, DONE))
        self.until(who, f"paper {place}", lambda: self.browsers[who].get(f"{place}pdf/")[0] == OK)

    def export(self, who: str, second: str) -> None:
        """Ask for the complaints of these days; another approves; then the file is fetched."""
        today = datetime.now(SHANGHAI).date()
        asked = {"what": "complaints", "format": "csv", "reason": "日报。"}
        asked |= {"since": str(today - timedelta(days=1)), "until": str(today)}
        place = self.post(who, "request_export", "/exports/begin/request_export/", **asked).location
        self.asked.append(place)
        self.people[second].give(partial(self.approve, who, second, place), AGAIN)

    def approve(self, who: str, second: str, place: str) -> None:
        self.post(second, "approve_export", f"{place}do/approve_export/", remark="同意。")
        self.until(who, f"export {place}", lambda: b"file/" in self.get(who, place).body and self.fetch(who, place))

    def fetch(self, who: str, place: str) -> bool:
        return self.post(who, "fetch_export", f"{place}file/").status == OK

    def bulletin(self, who: str) -> None:
        """Have the numbers of last month's draft counted anew."""
        listed = self.get(who, "/bulletins/")
        if (found := BULLETIN.search(listed.body)) is None:
            self.wrong.append(f"no bulletin was drafted: {listed.status}")
            return
        place = f"/bulletins/{found[1].decode()}/"
        self.get(who, place)
        self.asked.append(place)
        self.post(who, "draft_bulletin", f"{place}do/draft_bulletin/")
