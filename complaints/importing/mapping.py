"""Which column is which field, and what the file's words mean. Given on the command line and saved by name."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from accountability.gate.fields import Choice, YesNo
from accountability.gate.verbs import Verb, find
from complaints.importing import dates
from complaints.importing.problems import BadFile, BadRow
from complaints.models import Complaint, ImportMapping

SEVERAL = "note"
"""The one field that may have several columns. It takes what has no field of its own, with the column's name."""

OF_DATES = ("date", "received", "closed_at")
BESIDE_FACTS = ("date", "time", "check_date")
NOT_FROM_COLUMNS = ("source",)

YES = frozenset(
    {"是", "已办结", "已关闭", "已解决", "已归档", "办结", "关闭", "归档"}
    | {"yes", "y", "true", "1", "closed", "solved", "resolved", "done", "archived"}
)
NO = frozenset({"否", "未办结", "处理中", "待处理", "在办", "no", "n", "false", "0", "open", "pending", "new"})
"""Words that need no `--value`."""


def the_verb() -> Verb:
    return find(Complaint, "import_complaint")


def fields() -> list[str]:
    """Every field that a column can be mapped to."""
    return [fact.name for fact in the_verb().facts if fact.name not in NOT_FROM_COLUMNS] + list(BESIDE_FACTS)


@dataclass
class Mapping:
    """A mapping as `ImportMapping` stores it."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    encoding: str = ""
    date_formats: list[str] = field(default_factory=list)

    @classmethod
    def saved(cls, name: str) -> Mapping:
        found = ImportMapping.objects.filter(name=name).first()
        if found is None:
            known = "、".join(ImportMapping.objects.order_by("name").values_list("name", flat=True)) or _("无")
            raise BadFile(_("没有名为“%(name)s”的对应关系（已存：%(known)s）。") % {"name": name, "known": known})
        return cls(found.columns, found.fixed, found.words, found.encoding, found.date_formats)

    @staticmethod
    def check_name(name: str) -> None:
        if not name or len(name) > 40 or "=" in name:
            raise BadFile(_("对应关系的名称应为 1 到 40 个字，且不含等号。"))

    def save(self, name: str) -> None:
        ImportMapping.objects.update_or_create(name=name, defaults=asdict(self))

    # From the command line

    def read_pairs(self, text: str) -> None:
        """`Ticket #=source_key,City=region`; a column with a comma in its name is put in quotation marks."""
        (pairs,) = csv.reader([text], skipinitialspace=True)
        for pair in pairs:
            column, sign, name = pair.rpartition("=")
            self._demand_field(name.strip(), pair if sign else "")
            self.columns.setdefault(name.strip(), []).append(column.strip())

    def set_fixed(self, pair: str) -> None:
        """`region=武汉`: the value for every row whose column is missing or empty."""
        name, sign, value = pair.partition("=")
        self._demand_field(name.strip(), pair if sign else "")
        self.fixed[name.strip()] = value.strip()

    def set_word(self, text: str) -> None:
        """`channel:Customer Care Call=call`: what a word of the file means."""
        name, sign, pair = text.partition(":")
        word, equals, value = pair.rpartition("=")
        self._demand_field(name.strip(), text if sign and equals else "")
        self.words.setdefault(name.strip(), {})[word.strip().lower()] = value.strip()

    @staticmethod
    def _demand_field(name: str, written: str) -> None:
        if not written:
            raise BadFile(_("应写成 列名=字段（--map）、字段=值（--set）或 FIELD:WORD=VALUE（--value）。"))
        if name not in fields():
            raise BadFile(
                _("没有字段“%(name)s”，可用的有：%(fields)s。") % {"name": name, "fields": "、".join(fields())}
            )

    def check(self, header: Sequence[str]) -> None:
        """Raises BadFile if the mapping is incomplete or doesn't fit the file."""
        for name, columns in self.columns.items():
            missing = [column for column in columns if column not in header]
            if missing:
                raise BadFile(
                    _("文件中没有列“%(column)s”，只有：%(header)s。")
                    % {"column": missing[0], "header": "、".join(header)}
                )
            if len(columns) > 1 and name != SEVERAL:
                raise BadFile(_("字段“%(name)s”只能对应一列。") % {"name": name})
        self._check_whole()

    def _check_whole(self) -> None:
        given = self.columns.keys() | self.fixed.keys()
        dated = len(given & {"date", "received"})
        needed = [fact.name for fact in self.verb_facts() if fact.required is True and fact.name != "received"]
        missing = [name for name in needed if name not in given]
        if "source_key" in self.fixed:
            raise BadFile(_("来源编号（source_key）须来自文件中的列。"))
        if missing or not dated:
            names = [*missing, *([] if dated else ["date"])]
            raise BadFile(
                _("还须对应字段：%(names)s（用 --map 指定列，或用 --set 指定同一个值）。") % {"names": "、".join(names)}
            )
        if dated > 1 or ("time" in given and "date" not in given):
            raise BadFile(_("受理时间由 received 一列给出，或由 date 与 time 两列给出，不能混用。"))
        wrong = [text for text in self.date_formats if not dates.is_format(text)]
        if wrong:
            raise BadFile(
                _("“%(text)s”不是日期格式，应为 ymd、dmy、mdy、ydm 或如 %%d-%%b-%%y 的写法。") % {"text": wrong[0]}
            )

    @staticmethod
    def verb_facts() -> list[Any]:
        return [fact for fact in the_verb().facts if fact.name not in NOT_FROM_COLUMNS]


class Reader:
    """Turns a row's cells into the fields of `import_complaint`. `readings` are those of the date columns, by field."""

    def __init__(self, mapping: Mapping, header: list[str], source: str, readings: dict[str, dates.Reading]) -> None:
        self.mapping, self.source, self.readings = mapping, source, readings
        self.places = {name: [header.index(each) for each in found] for name, found in mapping.columns.items()}
        self.header = header

    def cell(self, cells: list[Any], name: str) -> Any:
        place = self.places.get(name)
        value = cells[place[0]] if place else ""
        return self.mapping.fixed.get(name, "") if value == "" else value

    def facts(self, cells: list[Any]) -> dict[str, Any]:
        """Raises BadRow, with a message, if a date, a time or a word can't be read."""
        told: dict[str, Any] = {"source": self.source, "received": self._received(cells)}
        for fact in self.mapping.verb_facts():
            if fact.name not in told and fact.name != SEVERAL:
                told[fact.name] = self._plain(fact, self.cell(cells, fact.name))
        told["closed_at"] = self._instant("closed_at", self.cell(cells, "closed_at"))
        told[SEVERAL] = self._notes(cells)
        return {name: value for name, value in told.items() if value not in (None, "")}

    def _plain(self, fact: Any, cell: Any) -> Any:
        if fact.name in OF_DATES or cell == "":
            return None
        text = _written(cell)
        text = self.mapping.words.get(fact.name, {}).get(text.lower(), text)
        if isinstance(fact, YesNo):
            word = text.strip().lower()
            if word not in YES | NO:
                raise BadRow(
                    _("“%(label)s”中的“%(text)s”看不出是或否，请用 --value %(name)s:%(text)s=yes 或 =no 说明。")
                    % {"label": fact.label, "text": text[:40], "name": fact.name}
                )
            return word in YES
        if isinstance(fact, Choice):
            return _choice(fact, text)
        return text

    def _notes(self, cells: list[Any]) -> str:
        """The texts of the note columns, each after its column's name."""
        found = [(self.header[place], _written(cells[place])) for place in self.places.get(SEVERAL, ())]
        return "\n".join(f"{name}：{value}" for name, value in found if value) or self.mapping.fixed.get(SEVERAL, "")

    def _received(self, cells: list[Any]) -> datetime | None:
        if "received" in self.places or "received" in self.mapping.fixed:
            return self._instant("received", self.cell(cells, "received"))
        return self._instant("date", self.cell(cells, "date"), self.cell(cells, "time"))

    def _instant(self, name: str, cell: Any, clock: Any = "") -> datetime | None:
        if cell == "":
            return None
        if isinstance(cell, time):
            raise BadRow(_("“%(text)s”不是日期。") % {"text": cell})
        day, own = self._day(name, cell)
        if clock == "":
            clock = own
        if clock == "":
            return dates.instant(day)
        at = (clock, None) if isinstance(clock, time) else dates.read_time(_written(clock))
        return dates.instant(day.date() if isinstance(day, datetime) else day, at)

    def _day(self, name: str, cell: Any) -> tuple[date | datetime, str]:
        """The date, and the time after it."""
        if isinstance(cell, date):
            return cell, ""
        read = self.readings[name]
        day, own = read(cell), ""
        if day is None:
            text, own = dates.split(cell)
            day = read(text)
        if day is None:
            raise BadRow(_("“%(text)s”不是日期，或与所用的日期写法不符。") % {"text": cell[:40]})
        return day, own


def _written(cell: Any) -> str:
    return cell if isinstance(cell, str) else cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _choice(fact: Choice, text: str) -> str:
    """A choice by its code or its label."""
    by_word = {str(word).lower(): code for code, label in fact.choices for word in (code, label)}
    found = by_word.get(text.strip().lower())
    if found is None:
        raise BadRow(
            _("“%(label)s”中没有“%(text)s”这一项，可用 --value %(name)s:%(text)s=… 对应到：%(codes)s。")
            % {
                "label": fact.label, "text": text[:40], "name": fact.name,
                "codes": "、".join(code for code, _label in fact.choices),
            }
        )  # fmt: skip
    return found
