"""Declares the kinds of notice and of alarm: all facts about a kind in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.declarations.limits import DEADLINE_KINDS, kind_that_binds, ringing_verbs
from accountability.declarations.registry import Facts, Registry, Words
from accountability.permissions import Actor, acts_on_alarms

Tone = Literal["danger", "warn", "info"]
Sentence = Words | Callable[[Facts], Words]
"""A text whose `%(…)s` are filled by `notices.sentences.Filling`, or a function that makes the text from the facts."""


class Topic(models.TextChoices):
    """The groups of notices for which people choose channels."""

    CLOCK = "clock", _("30分钟交办")
    WORK = "work", _("轮到我办理")
    LIMITS = "limits", _("时限预警与超时")
    WAITING = "waiting", _("等待过久与系统预警")
    NEWS = "news", _("结果与其他")


def nowhere(facts: Facts) -> str:
    return ""


@dataclass(frozen=True)
class Notice:
    """A kind of notice. `leads_to` gives the page to open if the notice isn't about a matter.

    News (Topic.NEWS) only informs and is by default not sent off-screen, so an urgent notice can't be news.
    Every other notice is over once its matter moves on, since what it asks for was done, whoever did it. `ends_with`:
    instead, once one of these verbs was run (`()`: only its recipient ends it, by reading it or by an act).
    `takes_back`: the kind of notice that it makes void for its recipient, on the same matter.
    `limit`: the kind of limit whose due instant it names, if its facts name no limit and no verb.
    `too_late`: it tells that a limit has passed, so that notices of limits that can still be kept go first.
    `always_sent`: it goes by e-mail and text message to every address of the recipient at once, whatever they chose and
    whether or not it was read on screen, since somebody else may be reading there.
    """

    name: str
    sentence: Sentence
    topic: Topic | Callable[[Facts], Topic] = Topic.NEWS
    tone: Tone = "info"
    leads_to: Callable[[Facts], str] = nowhere
    always_sent: bool = False
    ends_with: tuple[str, ...] | None = None
    takes_back: str = ""
    limit: str = ""
    too_late: bool = False

    def __post_init__(self) -> None:
        if self.tone != "info" and self.topic == Topic.NEWS:
            raise ValueError(f"the notice {self.name!r} is urgent and may not be among the news")

    def topic_for(self, facts: Facts) -> Topic:
        return self.topic if isinstance(self.topic, Topic) else self.topic(facts)


@dataclass(frozen=True)
class Line:
    """One line about an alarm at the top of every page: a sentence, and a link to `url` with the text `link`."""

    text: Words
    url: str
    link: Words
    tone: Tone = "danger"


@dataclass(frozen=True)
class Count:
    """One line for all open alarms of a kind, or of several kinds that share it; `place` is the order of the line.

    `says` receives the number as formatted text, and the number itself to choose the plural.
    """

    says: Callable[[str, int], Words]
    page: str
    tone: Tone = "danger"
    place: int = 9


@dataclass(frozen=True)
class AlarmKind:
    """A kind of alarm. The people in `shown_to`, who can act on it, see a `line` for each alarm, one `count` for all of
    them, or neither.

    `floods`: there may be very many, so they are counted separately. `lasts`: somebody must answer it; every other
    alarm is cleared when its matter moves on. `told_to_heads`: the head of its unit is notified. `of_the_record`: only
    those who oversee the record see it.
    """

    name: str
    sentence: Sentence
    leads_to: Callable[[Facts], str] = nowhere
    shown_to: Callable[[Actor], bool] = acts_on_alarms
    line: Callable[[Facts, str, Actor], Line] | None = None
    count: Count | None = None
    floods: bool = False
    lasts: bool = False
    told_to_heads: bool = False
    of_the_record: bool = False


NOTICES: Registry[Notice] = Registry("notice")
ALARMS: Registry[AlarmKind] = Registry("kind of alarm")


def topic_of(kind: str, facts: Facts) -> Topic:
    """The topic of a notice; a kind that no app declares any more is news."""
    return NOTICES[kind].topic_for(facts) if kind in NOTICES else Topic.NEWS


def limit_of(kind: str, facts: Facts) -> str:
    """The kind of limit that a notice is about; empty if it is about none."""
    declared = NOTICES[kind].limit if kind in NOTICES else ""
    return facts.get("kind") or declared or kind_that_binds(facts.get("verb", ""))


def is_of_the_clock() -> Q:
    """Notices of the topic `CLOCK`, as a condition of the database."""
    by_facts = [notice.name for notice in NOTICES.values() if not isinstance(notice.topic, Topic)]
    always = [notice.name for notice in NOTICES.values() if notice.topic == Topic.CLOCK]
    kinds = [kind.name for kind in DEADLINE_KINDS.values() if kind.rings]
    about = Q(facts__verb__in=ringing_verbs()) | Q(facts__kind__in=kinds)
    return Q(kind__in=always) | Q(kind__in=by_facts) & about


def comes_too_late() -> Q:
    """Notices that a limit has passed, as a condition of the database."""
    return Q(kind__in=[notice.name for notice in NOTICES.values() if notice.too_late])


@cache
def ended_by(verb: str, *, moves: bool) -> list[str]:
    """The kinds of notice of a matter that are over after this verb. `moves`: the matter moved on."""
    return [
        notice.name for notice in NOTICES.values()
        if (moves and notice.topic != Topic.NEWS if notice.ends_with is None else verb in notice.ends_with)
    ]  # fmt: skip
