"""Declares the kinds of notice and of alarm: all facts about a kind in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.declarations.registry import Facts, Registry, Words
from accountability.permissions import Actor, sees_alarms

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
    `always_sent`: it goes by e-mail and text message to every address of the recipient at once, whatever they chose and
    whether or not it was read on screen, since somebody else may be reading there.
    """

    name: str
    sentence: Sentence
    topic: Topic | Callable[[Facts], Topic] = Topic.NEWS
    tone: Tone = "info"
    leads_to: Callable[[Facts], str] = nowhere
    always_sent: bool = False

    def __post_init__(self) -> None:
        if self.tone != "info" and self.topic == Topic.NEWS:
            raise ValueError(f"the notice {self.name!r} is urgent and may not be among the news")


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
    """A kind of alarm. The people in `shown_to` see a `line` for each alarm, one `count` for all of them, or neither.

    `floods`: there may be very many, so they are counted separately. `lasts`: somebody must answer it; every other
    alarm is cleared when its matter moves on. `told_to_heads`: the head of its unit is notified. `of_the_record`: only
    those who oversee the record see it.
    """

    name: str
    sentence: Sentence
    leads_to: Callable[[Facts], str] = nowhere
    shown_to: Callable[[Actor], bool] = sees_alarms
    line: Callable[[Facts, str, Actor], Line] | None = None
    count: Count | None = None
    floods: bool = False
    lasts: bool = False
    told_to_heads: bool = False
    of_the_record: bool = False


NOTICES: Registry[Notice] = Registry("notice")
ALARMS: Registry[AlarmKind] = Registry("kind of alarm")
