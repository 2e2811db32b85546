"""The table of people's parts in a case, with the round and limit of each and what they owe by it (R22, R50, R51)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accountability.db.following import follow
from accountability.db.sql import by_key
from accountability.models import Deadline
from assessment.cases.dossier import Dossier
from assessment.cases.papers import owing_in
from assessment.models import (
    BY_NOTICE,
    BY_REPORT,
    BY_TASK,
    HIDDEN_FROM_UNIT,
    LEAST_MONTHS,
    MOST_MONTHS,
    CaseState,
    Ground,
    Owed,
    Part,
    determined_in,
    payers,
)
from complaints.dossier.deadlines import label_of_name
from complaints.models import Round

NEVER = (CaseState.NEW, CaseState.DECLINED, CaseState.NO_VIOLATION, CaseState.ANNULLED)
"""States in which no penalty is owed, whatever people's parts."""


@dataclass
class By:
    """What a part is based on: a round, or something else as text, and the limit missed in it."""

    words: str
    round: str = ""
    limit: Any = ""
    deadline: Deadline | None = None


@dataclass
class PartLine:
    """One person on one ground; `owes` says what they owe, "" if nothing."""

    who: str
    unit: str
    ground: Any
    owes: str
    by: list[By] = field(default_factory=list)


@dataclass
class PartTable:
    lines: list[PartLine]
    is_determined: bool


def part_table(dossier: Dossier, at: datetime) -> PartTable | None:
    """As recorded now while nothing is decided, as stamped from the determination on. A constant number of queries.

    The unit concerned reads its own people and rounds, not who did what in another unit's task.
    """
    case = dossier.case
    hidden = not dossier.knows_all and case.state in HIDDEN_FROM_UNIT
    if hidden or case.state in NEVER or (case.state == CaseState.CLOSED and not case.violated):
        return None
    parts, owed = (case.parts, case.owed) if case.violated else determined_in(case, at)
    return PartTable([*_lines(dossier, parts, owed), *_anybody(dossier, parts, owed)], bool(case.violated))


def _lines(dossier: Dossier, parts: Sequence[Part], owed: Sequence[Owed]) -> Iterable[PartLine]:
    people = dossier.people_read({each["person"] for each in parts})
    rounds = {found.pk: found for found in dossier.rounds}
    rounds |= Round.objects.select_related("complaint__matter").in_bulk(_keys(parts, "round") - rounds.keys())
    deadlines = {mark.deadline_id: mark.deadline for mark in dossier.leads}
    deadlines |= by_key(Deadline, _keys(parts, "deadline") - deadlines.keys())
    follow((people.values(), ("unit",)), (deadlines.values(), ("unit",)))
    known = {complaint.pk for complaint in dossier.complaints}
    lines: dict[tuple[int, str], PartLine] = {}
    for each in parts:
        person, found = people[each["person"]], rounds.get(each["round"] or 0)
        own = dossier.case.unit_id in (person.unit_id, found.unit_id if found else None)
        if not (dossier.knows_all or own):
            continue
        key = (person.pk, each["ground"])
        unit = str(person.unit) if person.unit_id != dossier.case.unit_id else ""
        line = lines.setdefault(key, PartLine(str(person), unit, Ground(each["ground"]).label, _owes(key, owed)))
        line.by.append(_by(each, found, deadlines.get(each["deadline"] or 0), known))
    return lines.values()


def _keys(parts: Sequence[Part], name: str) -> set[Any]:
    return {each[name] for each in parts if each[name]}  # type: ignore[literal-required]


def _owes(key: tuple[int, str], owed: Sequence[Owed]) -> str:
    """The range that the notice sets (R50); where several shared one task or round, that one of them owes it."""
    of_ground = [each for each in owed if each["ground"] == key[1]]
    if any(each["person"] == key[0] for each in of_ground):
        return _range()
    if any(each["person"] is None and key[0] in payers(each) for each in of_ground):
        return _("其中一人：%(range)s") % {"range": _range()}
    return ""


def _range() -> str:
    return _("扣除%(least)s至%(most)s个月") % {"least": LEAST_MONTHS, "most": MOST_MONTHS}


def _by(each: Part, found: Round | None, deadline: Deadline | None, known: set[int]) -> By:
    words = {BY_NOTICE: _("通知自查时的单位负责人"), BY_REPORT: _("自查报告明确"), BY_TASK: _("配合任务")}
    told = found is not None and found.complaint_id in known
    return By(
        words.get(each["why"], ""), f"{found.complaint.matter}#{found.number}" if found is not None and told else "",
        label_of_name(deadline.name) if deadline else "", deadline,
    )  # fmt: skip


def _anybody(dossier: Dossier, parts: Sequence[Part], owed: Sequence[Owed]) -> Iterable[PartLine]:
    """The last rule: nobody has the part, so one person of the unit must be named, and their leader with them."""
    have = {(each["person"], each["ground"]) for each in parts}
    chosen = [
        each for each in owed if each["person"] is None and not any((pk, each["ground"]) in have for pk in payers(each))
    ]
    for line in owing_in(dossier.case, chosen, dossier.people_read):
        yield PartLine(line.who, "", line.labels[0], _range(), [By(_("没有可依据的轮次"))])
