"""Writes limits in words, in the reader's language."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accountability.deadlines.limits import (
    DUTY_HOURS,
    Days,
    Fixed,
    Hours,
    Limit,
    Minutes,
    Workdays,
    parse_limit,
    show_hours,
    show_instant,
)

SIZES = (gettext_lazy("%d天"), gettext_lazy("%d小时"), gettext_lazy("%d分"), gettext_lazy("%d秒"))

STORED = re.compile(r"[1-9][0-9]{0,3}(m|h|d|wd)")


def time_words(text: str) -> str:
    """A stored limit in words; any other text unchanged."""
    return limit_words(parse_limit(text)) if STORED.fullmatch(text) else text


def limit_words(limit: Limit) -> str:
    """A limit as part of a sentence: `30分钟`, `36小时`, `5个工作日(截至24:00)`, `15个自然日`."""
    match limit:
        case Minutes(count=count, clock="duty", hours=hours) if hours != DUTY_HOURS:
            return _("%(count)d分钟（只计值守时间 %(hours)s）") % {"count": count, "hours": show_hours(hours)}
        case Minutes(count=count, clock="duty"):
            return _("%d分钟（只计值守时间）") % count
        case Minutes(count=count):
            return _("%d分钟") % count
        case Hours(count=count):
            return _("%d小时") % count
        case Workdays(count=count, day_ends_at=ends):
            return _workdays(count, ends)
        case Days(count=count):
            return _("%d个自然日（截至24:00，首日不计）") % count
        case Fixed(until=until):
            return _("书面约定至%s") % show_instant(until)
    return str(limit)


def _workdays(count: int, ends: str) -> str:
    words = ngettext(
        "%(count)d个工作日（截至%(ends)s，首日不计）", "%(count)d个工作日（截至%(ends)s，首日不计）", count
    )
    return words % {"count": count, "ends": ends}


def span_words(span: timedelta, language: str | None = None) -> str:
    """A span in its two largest units, `1天 3小时`, `12分 30秒`, without its sign; the rest is cut off. `language`: the
    active one, where it is known already.
    """
    seconds = int(abs(span.total_seconds()))
    sizes = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    first = next((place for place, count in enumerate(sizes) if count), 3)
    words = _sizes(language or get_language())
    told = zip(sizes[first : first + 2], words[first : first + 2], strict=True)
    return " ".join([word % count for count, word in told if count]) or words[3] % 0


@lru_cache(maxsize=8)
def _sizes(_language: str | None) -> tuple[str, ...]:
    """A list of 25 complaints asks for them 375 times."""
    return tuple(map(str, SIZES))
