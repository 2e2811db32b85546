"""Fields that only complaints have: invited units, attendees, tasks of a written record; each with its control."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import read_instant, show_instant
from accountability.gate.fields import BLANK, BadFact, Fact, InRegion, Line, as_list, refuse_administrator
from accountability.gate.lookups import Lookups
from accountability.models import Employee, Unit
from complaints.fields.candidates import at_the_table, likely_to_mention, units_to_invite
from complaints.fields.widgets import PeopleInput, RegionSelect, TasksInput, UnitsInput
from complaints.models import Complaint

LONGEST_TASK = 1000


@dataclass(frozen=True)
class Task:
    """One line of the written record: which unit does what by when."""

    unit: Unit
    task: str
    due: datetime


def _a_unit(code: Any, lookups: Lookups) -> Unit:
    unit = code if isinstance(code, Unit) else lookups.unit(str(code).strip())
    if unit is None:
        raise BadFact(_("没有单位“%(code)s”。") % {"code": code})
    return unit


@dataclass(frozen=True, kw_only=True)
class Another(Fact):
    """Another registered complaint, by its number. Only for verbs of people who read every complaint."""

    def clean(self, raw: Any, lookups: Lookups) -> Complaint:
        if isinstance(raw, Complaint):
            return raw
        number = str(raw).strip().upper()
        found = Complaint.objects.filter(matter__number=number).exclude(registered_at=None)
        complaint = found.select_related("matter").first()
        if complaint is None:
            raise BadFact(_("没有编号为“%(number)s”的已登记投诉。") % {"number": number})
        return complaint

    def record(self, value: Complaint) -> int:
        return value.pk


@dataclass(frozen=True, kw_only=True)
class Recording(Line):
    """The address of a call's recording, on a host that the operator named: whoever reads it follows it as a link."""

    max_length: int = 500

    def clean(self, raw: Any, lookups: Lookups) -> str:
        value = super().clean(raw, lookups)
        if value and not is_recording(value):
            raise BadFact(_("不是录音系统的地址。"))
        return value


def is_recording(address: str) -> bool:
    """Whether it may be followed. What was recorded before a host was given up isn't a link any more."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    named = f"{parts.hostname}:{port}" if port else parts.hostname
    is_plain = not (parts.username or parts.password) and not re.search(r"[\s\\]", address)
    return parts.scheme == "https" and named in settings.RECORDING_HOSTS and is_plain


@dataclass(frozen=True, kw_only=True)
class Place(InRegion):
    """A region, chosen from the list wherever a complaint's place is asked for."""

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return RegionSelect()


@dataclass(frozen=True, kw_only=True)
class Units(Fact):
    """At least one unit, each once."""

    def clean(self, raw: Any, lookups: Lookups) -> list[Unit]:
        return list({unit.pk: unit for unit in (_a_unit(code, lookups) for code in as_list(raw))}.values())

    def record(self, value: list[Unit]) -> list[str]:
        return [unit.code for unit in value]

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return UnitsInput(partial(units_to_invite, subject, actor))


@dataclass(frozen=True, kw_only=True)
class People(Fact):
    """Employees by username, each once."""

    even_gone: bool = False
    """Whether a leaver may be named, as in `Person`."""

    def clean(self, raw: Any, lookups: Lookups) -> list[Employee]:
        return [self._person(username, lookups) for username in dict.fromkeys(as_list(raw))]

    def _person(self, username: Any, lookups: Lookups) -> Employee:
        person = username if isinstance(username, Employee) else lookups.employee(str(username))
        if person is None or not (person.is_active or self.even_gone):
            raise BadFact(_("没有在职员工“%(name)s”。") % {"name": username})
        if not self.even_gone:
            refuse_administrator(person, lookups)
        return person

    def record(self, value: list[Employee]) -> list[int]:
        return [person.pk for person in value]

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return PeopleInput(partial(at_the_table, subject, actor))


@dataclass(frozen=True, kw_only=True)
class Mentioned(People):
    """People who are told of a note. The action checks that they may read it."""

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return PeopleInput(partial(likely_to_mention, subject, actor))


@dataclass(frozen=True, kw_only=True)
class Complaints(Fact):
    """Complaints by number; one that stands there twice is refused, since the list may have been meant to have another.
    Only for verbs of people who read every complaint.
    """

    most: int = 200

    def clean(self, raw: Any, lookups: Lookups) -> list[Complaint]:
        numbers = [str(number).strip().upper() for number in as_list(raw)]
        if twice := [number for number, times in Counter(numbers).items() if times > 1]:
            raise BadFact(_("每件只能填写一次：%(numbers)s。") % {"numbers": "、".join(twice[:5])})
        if len(numbers) > self.most:
            raise BadFact(_("一次最多 %(most)s 件，现有 %(now)s 件。") % {"most": self.most, "now": len(numbers)})
        rows = Complaint.objects.filter(matter__number__in=numbers).select_related("matter")
        found = {str(complaint.matter): complaint for complaint in rows}
        missing = [number for number in numbers if number not in found]
        if missing:
            raise BadFact(_("没有这些投诉：%(numbers)s。") % {"numbers": "、".join(missing[:5])})
        return [found[number] for number in numbers]

    def record(self, value: list[Complaint]) -> list[int]:
        return [complaint.pk for complaint in value]

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})


@dataclass(frozen=True, kw_only=True)
class Tasks(Fact):
    """The written record: `[{unit, task, due}]`, or lines of unit | task | due. Free text, so sealed; a line a unit."""

    is_text: bool = True

    def clean(self, raw: Any, lookups: Lookups) -> list[Task]:
        rows = [self._row(line) for line in raw.splitlines() if line.strip()] if isinstance(raw, str) else raw
        if not isinstance(rows, list):
            raise BadFact(_("请按每行一项填写任务。"))
        return [self._task(row, lookups) for row in rows]

    @staticmethod
    def _row(line: str) -> dict[str, str]:
        cells = [cell.strip() for cell in line.replace("\uff5c", "|").split("|")]
        if len(cells) != 3:
            raise BadFact(_("“%(line)s”应写成：单位代码 | 任务 | 完成期限。") % {"line": line})
        return dict(zip(("unit", "task", "due"), cells, strict=True))

    def _task(self, row: Any, lookups: Lookups) -> Task:
        if not isinstance(row, dict) or set(row) != {"unit", "task", "due"}:
            raise BadFact(_("每项任务应有单位、任务和期限。"))
        unit = _a_unit(row["unit"], lookups)
        return Task(unit, self._words(unit, row["task"]), self._instant(unit, row["due"]))

    @staticmethod
    def _words(unit: Unit, raw: Any) -> str:
        """The task on one line, without the separator `|`, so that each unit is shown exactly its own line."""
        words = " ".join(raw.split()).replace("|", "\uff5c").replace("\x00", "") if isinstance(raw, str) else ""
        if not words:
            raise BadFact(_("请填写%(unit)s的任务。") % {"unit": unit})
        if len(words) > LONGEST_TASK:
            raise BadFact(
                _("%(unit)s的任务最多 %(most)s 个字，现有 %(now)s 个。")
                % {"unit": unit, "most": LONGEST_TASK, "now": len(words)}
            )
        return words

    @staticmethod
    def _instant(unit: Unit, raw: Any) -> datetime:
        if isinstance(raw, datetime) and raw.tzinfo:
            return raw
        if raw in BLANK:
            raise BadFact(_("请填写%(unit)s的完成期限。") % {"unit": unit})
        try:
            return read_instant(str(raw))
        except ValueError:
            raise BadFact(_("“%(due)s”不是时间，应如 2026-11-24 15:00。") % {"due": raw}) from None

    def text(self, value: list[Task]) -> str:
        return "\n".join(f"{task.unit.code} | {task.task} | {show_instant(task.due)}" for task in value)

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return TasksInput([part.unit for part in subject.open_parts])


def tasks_in(text: str, codes: Iterable[str] | None = None) -> dict[str, str]:
    """The tasks of a sealed record by unit code; with `codes`, those of these units only."""
    cells = (line.split(" | ") for line in text.splitlines())
    found = {row[0]: row[1] for row in cells if len(row) == 3}
    return found if codes is None else {code: task for code, task in found.items() if code in set(codes)}
