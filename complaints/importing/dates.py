"""Dates in imported files. The order of the numbers is declared or follows from the whole column, never guessed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.limits import SHANGHAI
from complaints.importing.problems import BadRow

ORDERS = ("ymd", "dmy", "mdy", "ydm")
YEAR_FIRST, YEAR_LAST, SHORT_YEAR = "2015-04-22", "22-04-2015", "22-04-15"
"""The ways of writing three numbers, each with its own possible orders."""

_NUMBERS = re.compile(r"(\d{1,4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,4})", re.ASCII)
_CHINESE = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})[-/. ]*([A-Za-z]{3,9})[-/., ]*(\d{4}|\d\d)", re.ASCII)
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})[-/. ]*(\d{1,2})[-/., ]+(\d{4}|\d\d)", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(
    r"(?P<half>上午|下午)?\s?(?P<hour>\d{1,2})[:：](?P<minute>\d\d)(?:[:：](?P<second>\d\d)(?:\.\d+)?)?"
    r"\s?(?P<english>[AaPp]\.?[Mm]\.?)?\s?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_TIME_AFTER = re.compile(rf"(?P<date>.*?\d\s?[日号]?)(?:T|\s+|(?<=[日号]))(?P<time>{_TIME.pattern})", re.ASCII)


# One date


def shape_of(text: str) -> str:
    """How three numbers are written; empty for a notation that isn't ambiguous."""
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return ""
    if len(found[1]) == 4:
        return YEAR_FIRST
    return YEAR_LAST if len(found[3]) == 4 else SHORT_YEAR


def readings(text: str) -> dict[str, date]:
    """Every date that three numbers can mean, by order."""
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return {}
    allowed = {YEAR_FIRST: ("ymd", "ydm"), YEAR_LAST: ("dmy", "mdy"), SHORT_YEAR: ORDERS}[shape_of(text)]
    read = {order: _date(**dict(zip(order, found.groups(), strict=True))) for order in allowed}
    return {order: day for order, day in read.items() if day is not None}


def certain(text: str) -> date | None:
    """The date of an unambiguous notation."""
    for pattern in (_CHINESE, _COMPACT):
        if found := pattern.fullmatch(text):
            return _date(y=found[1], m=found[2], d=found[3])
    if found := _DAY_MONTH.fullmatch(text):
        return _date(y=found[3], m=_month(found[2]), d=found[1])
    if found := _MONTH_DAY.fullmatch(text):
        return _date(y=found[3], m=_month(found[1]), d=found[2])
    return None


def _month(name: str) -> str:
    short = name[:3].lower()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else "0"


def _date(*, y: str, m: str, d: str) -> date | None:
    """A two-digit year is 1969 to 2068, as in POSIX."""
    year = int(y)
    if len(y) not in (2, 4):
        return None
    if len(y) == 2:
        year += 2000 if year < 69 else 1900
    try:
        return date(year, int(m), int(d))
    except ValueError:
        return None


def read_time(text: str) -> tuple[time, timezone | None]:
    """The time of day, and its zone if it has one. Raises BadRow."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise BadRow(_("“%(text)s”不是时间，应如 15:53 或 3:53:50 PM。") % {"text": text[:40]})
    hour, half = int(found["hour"]), (found["english"] or "").lower()[:1]
    if half or found["half"]:
        if not 0 <= hour <= 12:
            raise BadRow(_("“%(text)s”不是时间，应如 15:53 或 3:53:50 PM。") % {"text": text[:40]})
        hour = hour % 12 + (12 if half == "p" or found["half"] == "下午" else 0)
    try:
        return time(hour, int(found["minute"]), int(found["second"] or 0)), _zone(found["zone"])
    except ValueError:
        raise BadRow(_("“%(text)s”不是时间，应如 15:53 或 3:53:50 PM。") % {"text": text[:40]}) from None


def _zone(text: str | None) -> timezone | None:
    if not text or text == "Z":
        return UTC if text else None
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def split(text: str) -> tuple[str, str]:
    """Split a date from the time after it."""
    found = _TIME_AFTER.fullmatch(text)
    return (found["date"].strip(), found["time"]) if found else (text, "")


# A column


Reading = Callable[[str], date | datetime | None]


def declared(formats: Sequence[str]) -> Reading:
    """A reader that tries the formats in their order: ymd, dmy, mdy, ydm, or a strptime format."""

    def read(text: str) -> date | datetime | None:
        for wanted in formats:
            day = readings(text).get(wanted) if wanted in ORDERS else _by_format(text, wanted)
            if day is not None:
                return day
        return certain(text) if set(formats) <= set(ORDERS) else None

    return read


def _by_format(text: str, wanted: str) -> date | datetime | None:
    try:
        found = datetime.strptime(text, wanted)  # noqa: DTZ007  the caller sets the zone, Shanghai
    except ValueError:
        return None
    return found if any(mark in wanted for mark in ("%H", "%I", "%X", "%c", "%T", "%R")) else found.date()


def is_format(text: str) -> bool:
    """Whether the text is a valid format: an order, or a format with day, month and year."""
    return text in ORDERS or all(re.search(part, text) for part in ("%[dejx]", "%[mbBjx]", "%[yYx]"))


class DateColumn:
    """What a column's dates can mean, over all rows. It keeps counts only, so that memory use is constant."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.by_shape: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, cell: Any) -> None:
        text, _time = split(cell) if isinstance(cell, str) else ("", "")
        found = readings(text)
        if found:
            counts = self.by_shape[shape_of(text)]
            counts.update(found.keys())
            counts["read"] += 1
            counts["differ"] += len(set(found.values())) > 1

    @property
    def order(self) -> str | None:
        """The only possible order of the column; None if it must be declared."""
        if not self.by_shape:
            return ORDERS[0]  # no ambiguous date
        if len(self.by_shape) > 1:
            return None
        ((shape, counts),) = self.by_shape.items()
        fitting = [order for order in ORDERS if counts[order] == counts["read"]]
        if shape == YEAR_FIRST and "ymd" in fitting:
            return "ymd"
        return fitting[0] if fitting and (len(fitting) == 1 or not counts["differ"]) else None

    @property
    def doubt(self) -> str:
        """Why the order must be declared, with counts."""
        ask = _("列“%(name)s”的日期写法有歧义，不作猜测，请用 --date-format 声明（如 --date-format dmy）。")
        lines = [ask % {"name": self.name}]
        for shape, counts in self.by_shape.items():
            able = "、".join(f"{order} {counts[order]}" for order in ORDERS if counts[order])
            said = _("形如 %(shape)s 的 %(count)s 行：可读出 %(able)s；其中 %(differ)s 行因写法而异。")
            lines.append(said % {"shape": shape, "count": counts["read"], "able": able, "differ": counts["differ"]})
        if len(self.by_shape) > 1:
            lines.append(_("同一列中混有不同写法；如另有写法可靠的日期列，请改用该列，并把本列对应为 check_date。"))
        lines.append(_("可声明：ymd 年月日、dmy 日月年、mdy 月日年、ydm 年日月，或如 %%d-%%b-%%y 的格式。") % {})
        return "\n".join(lines)


class Comparison:
    """A second date column compared with the first: how often it agrees, and in which order."""

    def __init__(self) -> None:
        self.agree: Counter[str] = Counter()
        self.contradict = self.unread = 0

    def add(self, cell: Any, day: date) -> None:
        if cell == "":
            return
        text = split(cell)[0] if isinstance(cell, str) else ""
        found = readings(text)
        sure = certain(text) if isinstance(cell, str) else (cell.date() if isinstance(cell, datetime) else cell)
        agreeing = next((order for order in _usual(text) if found.get(order) == day), None)
        if sure == day or agreeing:
            self.agree[agreeing or "="] += 1
        elif found or sure:
            self.contradict += 1
        else:
            self.unread += 1

    @property
    def is_clean(self) -> bool:
        return not self.contradict and not self.unread and len(self.agree) <= 1


def _usual(text: str) -> tuple[str, ...]:
    """The orders, the most usual reading of this notation first."""
    return ("ymd", "ydm") if shape_of(text) == YEAR_FIRST else ("dmy", "mdy", "ymd", "ydm")


def instant(day: date | datetime, clock: tuple[time, timezone | None] = (time(), None)) -> datetime:
    """The instant in Shanghai's time, unless the file names another zone."""
    if isinstance(day, datetime):
        return day if day.tzinfo else day.replace(tzinfo=SHANGHAI)
    at, zone = clock
    return datetime.combine(day, at, zone or SHANGHAI)
