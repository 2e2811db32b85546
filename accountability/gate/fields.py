"""Defines the fields of verbs once, for the page's form, scenario files and the ledger.

`clean(raw, lookups)` converts what a form or a scenario gives, or raises `BadFact` with the message for the field.
`record(value)` is what the ledger stores: references, never personal text. The value of a field with `is_text` goes to
the erasable row instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.day_names import read_names
from accountability.deadlines.limits import FIRST_DAY, read_hours, read_instant, show_hours
from accountability.gate.lookups import Lookups
from accountability.models import Category, Employee, Unit
from accountability.security import telephone
from accountability.security.masking import mask_text, plain_digits

LONGEST = 1000
"""The largest limit in any time unit; a larger number is a typing error."""

BLANK: tuple[Any, ...] = (None, "", [], {})


class BadFact(Exception):
    """A value that isn't accepted; `str()` gives the message for the user."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One field. `required` may depend on the subject (a forwarded complaint already has its customer)."""

    name: str
    label: Any = ""
    required: bool | Callable[[Any], bool] = True
    help: Any = ""
    is_text: bool = False
    is_file: ClassVar[bool] = False

    def is_required(self, subject: Any) -> bool:
        return self.required(subject) if callable(self.required) else self.required

    def clean(self, raw: Any, lookups: Lookups) -> Any:
        return raw

    def record(self, value: Any) -> Any:
        return value

    def control(self, subject: Any, actor: Any) -> Any:
        """The widget, if this kind of fact has its own; None: the form chooses one."""
        return None

    def text(self, value: Any) -> str:
        """The value as stored in the sealed row; only used if `is_text`."""
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Text(Fact):
    """Free text. It may contain personal data, so it is sealed. Text of invisible characters only counts as empty."""

    is_text: bool = True
    max_length: int = 4000
    rows: int = 3

    def clean(self, raw: Any, lookups: Lookups) -> str:
        if not isinstance(raw, str):
            raise BadFact(_("请填写文字。"))
        value = raw.replace("\r\n", "\n").replace("\x00", "").strip()
        if not seen_of(value):
            return ""
        if len(value) > self.max_length:
            raise BadFact(_("最多 %(most)s 个字，现有 %(now)s 个。") % {"most": self.max_length, "now": len(value)})
        return value


@dataclass(frozen=True, kw_only=True)
class Line(Text):
    """A short text on one line."""

    max_length: int = 100
    rows: int = 1


@dataclass(frozen=True, kw_only=True)
class Lines(Text):
    """Several short texts, one per line, at least one."""

    rows: int = 4

    def clean(self, raw: Any, lookups: Lookups) -> str:
        given = raw if isinstance(raw, (list, tuple)) else [raw]
        texts = [super(Lines, self).clean(each, lookups) for each in given]
        lines = [" ".join(line.split()) for text in texts for line in text.split("\n")]
        return super().clean("\n".join(line for line in lines if line), lookups)


@dataclass(frozen=True, kw_only=True)
class Code(Line):
    """A typed text that tables and ledger keep readable for good, such as the code of a unit or person.

    It must match the pattern and must not look like somebody's number. Every other typed text is sealed: a check at
    start refuses a verb that would let one into the ledger.
    """

    is_text: bool = False
    pattern: str
    personal_number: ClassVar[Any] = _("不能填写电话、证件或银行卡号码。")
    """What is said of one that reads like somebody's number."""

    def clean(self, raw: Any, lookups: Lookups) -> str:
        value = super().clean(raw, lookups)
        if not re.fullmatch(self.pattern, value):
            raise BadFact(_("“%(value)s”含有不能使用的字符。") % {"value": value})
        if mask_text(value) != plain_digits(value):
            raise BadFact(self.personal_number)
        return value


@dataclass(frozen=True, kw_only=True)
class Reference(Code):
    """The number of a letter, of a voucher or of another system's ticket. It has a digit, so no name passes as one. One
    that reads like somebody's number can be written with slashes: who has a letter with such a number isn't stuck.
    """

    pattern: str = r"[\w ./#:()（）\[\]〔〕【】\u2010-\u2015-]+"
    max_length: int = 40
    personal_number: ClassVar[Any] = _("像电话、证件或银行卡号码，不能这样填写。如确是编号，请用“/”把数字隔开。")

    def clean(self, raw: Any, lookups: Lookups) -> str:
        value = super().clean(raw.replace("／", "/") if isinstance(raw, str) else raw, lookups)
        if not re.search(r"\d", value):
            raise BadFact(_("应填写编号，编号中应有数字。"))
        return value


@dataclass(frozen=True, kw_only=True)
class Phone(Line):
    """A customer's phone number; only its digits are kept. One that somebody types on a page (`telephone.OnPage`) must
    be one at which a customer can be called, unless it was recorded elsewhere (`as_recorded`). A number that comes in
    otherwise, from a scenario or a file, is taken as it was recorded: nobody is there to put it right.
    """

    as_recorded: bool = False

    def clean(self, raw: Any, lookups: Lookups) -> str:
        typed = super().clean(raw, lookups)
        try:
            if self.as_recorded:
                return telephone.as_recorded(typed)
            return telephone.checked(typed) if isinstance(raw, telephone.OnPage) else telephone.taken(typed)
        except telephone.NoNumber as wrong:
            raise BadFact(str(wrong)) from None


@dataclass(frozen=True, kw_only=True)
class Choice(Fact):
    choices: tuple[tuple[str, Any], ...]

    def clean(self, raw: Any, lookups: Lookups) -> str:
        if not isinstance(raw, str) or raw not in dict(self.choices):
            raise BadFact(_("请从列出的选项中选择。"))
        return str(raw)


@dataclass(frozen=True, kw_only=True)
class Choices(Choice):
    """Any number of the choices, or none."""

    required: bool | Callable[[Any], bool] = False

    def clean(self, raw: Any, lookups: Lookups) -> list[str]:  # type: ignore[override]
        return list(dict.fromkeys(super(Choices, self).clean(item, lookups) for item in as_list(raw)))


@dataclass(frozen=True, kw_only=True)
class Offered(Fact):
    """Some of what the subject offers, by name, at least one. The action looks them up and checks them.

    `offers(subject)` gives names and labels for the page; `label_of(name)` is the label shown in the record.
    """

    offers: Callable[[Any], Iterable[tuple[str, Any]]]
    label_of: Callable[[str], Any] = str

    def clean(self, raw: Any, lookups: Lookups) -> list[str]:
        return list(dict.fromkeys(str(name) for name in as_list(raw)))


@dataclass(frozen=True, kw_only=True)
class YesNo(Fact):
    yes: Any = _("是")
    no: Any = _("否")

    def clean(self, raw: Any, lookups: Lookups) -> bool:
        if isinstance(raw, bool) or raw in ("true", "false"):
            return raw in (True, "true")
        raise BadFact(_("请选择是或否。"))


def refuse_administrator(employee: Employee, lookups: Lookups) -> None:
    """Raise BadFact if the person is an administrator, now or from a later day on: they do no complaint work."""
    if employee.pk in lookups.administrator_ids:
        raise BadFact(_("系统、安全和审计管理员不办理业务。"))


@dataclass(frozen=True, kw_only=True)
class Person(Fact):
    """An employee, by user name. `among` gives the people whom the page offers; the action checks who is allowed."""

    among: Callable[[Any, Any], Iterable[Employee]] | None = None
    even_gone: bool = False
    """Whether a former employee may be named, because people stay responsible after they have left."""
    administers_too: bool = False
    """Whether an administrator may be named. They do no complaint work, but stay responsible for earlier work."""

    def clean(self, raw: Any, lookups: Lookups) -> Employee:
        employee = raw if isinstance(raw, Employee) else lookups.employee(str(raw))
        if employee is None or not (employee.is_active or self.even_gone):
            raise BadFact(_("没有这名在职员工。"))
        if not (self.administers_too or self.even_gone):
            refuse_administrator(employee, lookups)
        return employee

    def record(self, value: Employee) -> int:
        return value.pk


@dataclass(frozen=True, kw_only=True)
class InUnit(Fact):
    """A unit, by code."""

    def clean(self, raw: Any, lookups: Lookups) -> Unit:
        unit = raw if isinstance(raw, Unit) else lookups.unit(str(raw))
        if unit is None:
            raise BadFact(_("没有这个单位。"))
        return unit

    def record(self, value: Unit) -> str:
        return value.code


@dataclass(frozen=True, kw_only=True)
class InCategory(Fact):
    """A head, or `head/leaf`, of the catalogue (R8)."""

    def clean(self, raw: Any, lookups: Lookups) -> Category:
        category = raw if isinstance(raw, Category) else lookups.category(str(raw))
        if category is None:
            raise BadFact(_("类别目录中没有这一项。"))
        return category

    def record(self, value: Category) -> str:
        return value.path


@dataclass(frozen=True, kw_only=True)
class InRegion(Fact):
    """A place on the list of regions, as it is spelled there.

    Everybody who reads the complaint sees it, and the ledger and the figures keep it unmasked for good. A place typed
    freely could therefore carry somebody's name and number past the seals.
    """

    def clean(self, raw: Any, lookups: Lookups) -> str:
        region = lookups.region(raw) if isinstance(raw, str) else None
        if region is None:
            raise BadFact(_("地区列表中没有这个地市，请从列表中选择；确需增加的，由市场部登记。"))
        return region


@dataclass(frozen=True, kw_only=True)
class Day(Fact):
    """A day within bounds. Browsers submit the year 0026 when someone types `26`, and there is no day after `date.max`
    to compute with.
    """

    earliest: date = FIRST_DAY
    latest: date = date.max

    def clean(self, raw: Any, lookups: Lookups) -> date:
        day = a_day(raw)
        if day < self.earliest:
            raise BadFact(_("日期不能早于%(limit_value)s。") % {"limit_value": self.earliest})
        if day > self.latest:
            raise BadFact(_("日期不能晚于%(limit_value)s。") % {"limit_value": self.latest})
        return day

    def record(self, value: date) -> str:
        return value.isoformat()


@dataclass(frozen=True, kw_only=True)
class Days(Fact):
    """Several dates, as a list or as text, one per line."""

    def clean(self, raw: Any, lookups: Lookups) -> list[date]:
        return sorted({a_day(item) for item in as_list(raw)})

    def record(self, value: list[date]) -> list[str]:
        return [day.isoformat() for day in value]


@dataclass(frozen=True, kw_only=True)
class DayNames(Fact):
    """Names of days, one span a line, `2027-02-05–2027-02-11 春节`, or a mapping of dates to names."""

    def clean(self, raw: Any, lookups: Lookups) -> dict[date, str]:
        written = "\n".join(f"{day} {name}" for day, name in raw.items()) if isinstance(raw, dict) else str(raw)
        try:
            return read_names(written)
        except ValueError as error:
            raise BadFact(_("“%(line)s”应如“2027-02-05–2027-02-11 春节”。") % {"line": error}) from None

    def record(self, value: dict[date, str]) -> dict[str, str]:
        return {day.isoformat(): name for day, name in value.items()}


@dataclass(frozen=True, kw_only=True)
class Instant(Fact):
    def clean(self, raw: Any, lookups: Lookups) -> datetime:
        if isinstance(raw, datetime) and raw.tzinfo:
            return raw
        try:
            return read_instant(str(raw))
        except ValueError:
            raise BadFact(_("时间格式应为 2026-11-24 15:00。")) from None

    def record(self, value: datetime) -> str:
        return value.isoformat()


@dataclass(frozen=True, kw_only=True)
class Whole(Fact):
    """A whole number within bounds. 1.5, "two" and full-width digits are refused, never rounded or converted."""

    least: int = 0
    most: int = 10**6

    def clean(self, raw: Any, lookups: Lookups) -> int:
        text = str(raw).strip() if isinstance(raw, (int, str)) and not isinstance(raw, bool) else ""
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not self.least <= int(text) <= self.most:
            raise BadFact(_("请填写 %(least)s 到 %(most)s 的整数。") % {"least": self.least, "most": self.most})
        return int(text)


_TIME_UNITS = {
    "h": _("“%(text)s”不是时限，应如 36小时。"),
    "wd": _("“%(text)s”不是时限，应如 3个工作日。"),
    "d": _("“%(text)s”不是时限，应如 15个自然日。"),
}
"""The time units of a limit (hours, working days, calendar days), with the error message for anything else."""


_UNITS_IN_WORDS = {
    "小时": "h", "个小时": "h", "hour": "h", "hours": "h",
    "工作日": "wd", "个工作日": "wd", "working day": "wd", "working days": "wd",
    "自然日": "d", "个自然日": "d", "天": "d", "day": "d", "days": "d",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OneLimit(Fact):
    """`24小时`, `3个工作日`, `15个自然日`: a whole number of this limit's time unit, stored as `24h`, `3wd`, `15d`."""

    unit: str

    def clean(self, raw: Any, lookups: Lookups) -> str:
        return _limit_in(raw, (self.unit,), _TIME_UNITS[self.unit])


def _limit_in(raw: Any, units: tuple[str, ...], sentence: Any) -> str:
    """Check the text of a limit, in words (`3个工作日`, `3 working days`) or as it is stored (`3wd`). Raises BadFact,
    so that a typing error is never taken for another limit.
    """
    text = str(raw).strip()
    written = re.fullmatch(r"([1-9][0-9]{0,3})(?:(h|wd|d)|\s*(\D+?))", text)
    unit = (written[2] or _UNITS_IN_WORDS.get(written[3].lower())) if written else None
    if written is None or unit not in units or int(written[1]) > LONGEST:
        raise BadFact(sentence % {"text": text[:40]})
    return f"{written[1]}{unit}"


@dataclass(frozen=True, kw_only=True)
class DutySpans(Fact):
    """Hours of a day, `08:30-12:00 14:00-17:30`; full-width colons and any dash or comma are accepted."""

    def clean(self, raw: Any, lookups: Lookups) -> str:
        parts = re.split(r"[\s,\uff0c\u3001]+", str(raw).strip().replace("\uff1a", ":"))
        spans = [re.sub(r"[-~\u2013\u2014\uff0d\uff5e\u81f3]+", "-", part) for part in parts]
        try:
            return show_hours(read_hours(" ".join(spans)))
        except ValueError:
            raise BadFact(_("应如 08:30-12:00 14:00-17:30：至多三段，先后相接，不重叠。")) from None


@dataclass(frozen=True, kw_only=True)
class LimitsByPriority(Fact):
    """`{P1: 8h, P3: 12h}`: hours, or also working days if `workdays` is set. A missing priority keeps its value."""

    workdays: bool = False
    priorities: tuple[str, ...] = ("P1", "P2", "P3")

    def clean(self, raw: Any, lookups: Lookups) -> dict[str, str]:
        if not isinstance(raw, dict):
            raise BadFact(_("请按优先级填写时限。"))
        return {self._priority(key): self._limit(value) for key, value in raw.items() if value not in BLANK}

    def _priority(self, key: Any) -> str:
        if key not in self.priorities:
            raise BadFact(_("没有优先级 %(key)s。") % {"key": str(key)[:40]})
        return str(key)

    def _limit(self, text: Any) -> str:
        if self.workdays:
            return _limit_in(text, ("h", "wd"), _("“%(text)s”不是时限，应如 36小时 或 1个工作日。"))
        return _limit_in(text, ("h",), _TIME_UNITS["h"])


def as_list(raw: Any) -> list[Any]:
    """A list unchanged; a text split at commas, spaces and line breaks; an empty list for nothing. What has parts of
    its own is no name, number or day.
    """
    if raw in BLANK:
        return []
    if isinstance(raw, str):
        return [part for part in re.split(r"[\s,\uFF0C\u3001]+", raw) if part]
    if isinstance(raw, (list, tuple)) and not any(isinstance(item, (dict, list, tuple)) for item in raw):
        return list(raw)
    raise BadFact(_("请填写列表。"))


_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode categories without a visible sign. Private-use characters are kept, because rare names need them."""
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Invisible characters whose Unicode category is that of a letter or symbol."""


def seen_of(text: str) -> str:
    """The visible characters of the text, without spaces. A reason of zero-width spaces counts as empty."""
    unseen = (each in _BLANK_LETTERS or unicodedata.category(each) in _UNSEEN for each in text)
    return "".join(each for each, is_unseen in zip(text, unseen, strict=True) if not is_unseen)


def a_day(raw: Any) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise BadFact(_("“%(raw)s”不是日期，应如 2027-01-01。") % {"raw": raw}) from None


def clean_all(
    facts: tuple[Fact, ...], raw: dict[str, Any], subject: Any, lookups: Lookups, *, demanded: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Clean all given facts. Returns the values, and the messages for those that aren't accepted, both by name.

    A blank optional fact is left out, unless the caller demands it (`demanded`). Raises TypeError for a field that the
    verb doesn't have, because that is a mistake in the calling code, not of the user.
    """
    unknown = set(raw) - {fact.name for fact in facts}
    if unknown:
        raise TypeError(f"unknown field: {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for fact in facts:
        given = raw.get(fact.name)
        try:
            value = None if given in BLANK else fact.clean(given, lookups)
        except BadFact as bad:
            errors[fact.name] = str(bad)
            continue
        if value in BLANK and (fact.is_required(subject) or fact.name in demanded):
            errors[fact.name] = str(_("此项必填。"))
        elif value not in BLANK:
            values[fact.name] = value
    return values, errors
