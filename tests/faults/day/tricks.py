"""What people do to a form besides sending it once: two clicks, an old tab, two at once, a stranger, nothing typed."""

from __future__ import annotations

import re
import secrets
import threading
from datetime import UTC, datetime
from typing import Any

from tests.faults.client import Answer, Browser, Sent
from tests.faults.day.course import DONE, FORM, HIDDEN, LATE, Course, Try
from tests.faults.day.script import BOTH, EMPTY, OUTSIDER, STALE, TWICE, Step

SEEN = re.compile(rb'name="_seen" value="([^"]*)"')


class Hands:
    """Sends the forms of one step of a course, by these browsers."""

    def __init__(self, course: Course, step: Step, browsers: dict[str, Browser]) -> None:
        self.course, self.step, self.browsers = course, step, browsers
        self.who = course.who_does(step)

    def do(self) -> Try:
        """The step with everything that its trick sends besides. Returns the try that is to be done."""
        whole = {TWICE: self.twice, STALE: self.with_an_old_tab, BOTH: self.both_at_once}.get(self.step.trick)
        if whole:
            return whole()
        if self.step.trick == OUTSIDER:
            self.send(self.step.other, HIDDEN)
        if self.step.trick == EMPTY:
            self.send(self.who, FORM, facts={})
        return self.send(self.who)

    def send(self, who: str, *expected: int, facts: dict[str, Any] | None = None, seen: str = "") -> Try:
        """One form; it has to be done where nothing else is expected."""
        facts = self.step.facts if facts is None else facts
        form = Sent(who, self.course.number, self.step.verb, secrets.token_urlsafe(16))
        one = Try(form, facts, expected or (DONE,))
        self.post(one, seen)
        self.course.tries.append(one)
        return one

    def post(self, one: Try, seen: str = "") -> Answer:
        """Send it, and note the number of a new complaint."""
        is_new = one.form.verb == "register"
        path = "/complaints/new/" if is_new else f"/complaints/{self.course.number}/{one.form.verb}/"
        typed = one.facts | ({"_seen": seen} if seen else {})
        one.sent = datetime.now(UTC)
        answer = self.browsers[one.form.who].post(path, one.form, **typed)
        if not answer.status:  # sent once more, so that it is known what became of it
            answer = self.browsers[one.form.who].post(path, one.form, **typed)
        one.answered = datetime.now(UTC)
        if answer.status == DONE and one.form.verb == "register":
            self.name(answer.location)
        return answer

    def name(self, location: str) -> None:
        """The number that the complaint was given. A second click must be told the same."""
        number = location.strip("/").rpartition("/")[2]
        if self.course.number not in ("", number):
            self.course.wrong.append(f"a second click on {self.course.number} registered {number}")
        self.course.number = number

    def twice(self) -> Try:
        """The same form at the same time; it arrives once."""
        one = Try(
            Sent(self.who, self.course.number, self.step.verb, secrets.token_urlsafe(16)), self.step.facts, (DONE,)
        )
        begun = datetime.now(UTC)
        second = threading.Thread(target=self.post, args=[one])
        second.start()
        self.post(one)
        second.join()
        one.sent, one.answered = begun, datetime.now(UTC)
        self.course.tries.append(one)
        return one

    def with_an_old_tab(self) -> Try:
        """Another opens the form before, and sends it after the right person's."""
        page = self.browsers[self.step.other].open("GET", f"/complaints/{self.course.number}/{self.step.verb}/")
        found = SEEN.search(page.body)
        if found is None:
            self.course.wrong.append(f"the form of {self.step.verb} was answered {page.status}, or has no state")
        done = self.send(self.who)
        self.send(self.step.other, LATE, seen=found[1].decode() if found else "")
        return done

    def both_at_once(self) -> Try:
        """Two people press the button at the same instant: one of them has done it, the other is refused."""
        pair = [
            Try(Sent(who, self.course.number, self.step.verb, secrets.token_urlsafe(16)), self.step.facts, (DONE, LATE))
            for who in (self.who, self.step.other)
        ]
        second = threading.Thread(target=self.post, args=[pair[1]])
        second.start()
        self.post(pair[0])
        second.join()
        self.course.tries += pair
        done = [one for one in pair if one.form.done]
        if len(done) != 1:
            self.course.wrong.append(f"{len(done)} of two hand-overs of {self.course.number} at once were done")
        return done[0] if done else pair[0]
