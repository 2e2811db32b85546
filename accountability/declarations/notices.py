"""A kind of notice and a kind of alarm: everything that is said about it, once."""

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
"""Its `%(…)s` are filled from the facts, and with what `wording.Filling` makes of them; or a function says it."""


class Topic(models.TextChoices):
    """What people choose channels for: the many kinds of notice in five drawers."""

    CLOCK = "clock", _("30分钟交办")
    WORK = "work", _("轮到我办理")
    LIMITS = "limits", _("时限预警与超时")
    WAITING = "waiting", _("等待过久与系统预警")
    NEWS = "news", _("结果与其他")


def nowhere(facts: Facts) -> str:
    return ""


@dataclass(frozen=True)
class Notice:
    """A kind of notice. `leads_to` gives the page of one that is about no matter.

    News tell of something and ask for nothing: nothing urgent may be news, since they stay on the screen unless
    somebody chooses otherwise.
    """

    name: str
    sentence: Sentence
    topic: Topic | Callable[[Facts], Topic] = Topic.NEWS
    tone: Tone = "info"
    leads_to: Callable[[Facts], str] = nowhere

    def __post_init__(self) -> None:
        if self.tone != "info" and self.topic == Topic.NEWS:
            raise ValueError(f"the notice {self.name!r} is urgent and may not be among the news")


@dataclass(frozen=True)
class Line:
    """What every page shows of alarms: a sentence and a link, which is called `link`."""

    text: Words
    url: str
    link: Words
    tone: Tone = "danger"


@dataclass(frozen=True)
class Count:
    """One line for all open alarms of a kind, or of the kinds that share it; `place` is its order among the lines.

    `says` is given the number as a reader sees it, and the number itself for the plural.
    """

    says: Callable[[str, int], Words]
    page: str
    tone: Tone = "danger"
    place: int = 9


@dataclass(frozen=True)
class AlarmKind:
    """A kind of alarm. On the pages of those it is `shown_to` it has a `line` of its own, or one `count` for all, or
    nothing at all.

    `floods`: there may be so many that they are counted apart. `lasts`: somebody must answer it; every other alarm is
    over when its matter moves on. `told_to_heads`: the head of the unit that it names is told. `of_the_record`: only
    those who keep an eye on the record see it.
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
