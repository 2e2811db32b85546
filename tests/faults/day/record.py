"""Compares the record of the day with the model, by plain SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.day.course import Course
from tests.faults.day.limits import Table
from tests.faults.day.model import Complaint, Row, unlike
from tests.faults.stage import at_one_instant, rows

STANDS = """SELECT m.number, c.state, coalesce(r.state, ''), e.username, u.code FROM complaints_complaint c
    JOIN accountability_matter m ON m.id = c.matter_id LEFT JOIN complaints_round r ON r.id = c.latest_round_id
    LEFT JOIN accountability_employee e ON e.id = m.holder_id LEFT JOIN accountability_unit u ON u.id = m.holder_unit_id
    WHERE c.registered_at >= %s AND m.number NOT LIKE 'F%%'"""

LIMITS = """SELECT m.number, d.kind, d.part, d.due_at, d.met_at, d.missed_at, d.voided_at FROM accountability_deadline d
    JOIN accountability_matter m ON m.id = d.matter_id JOIN complaints_complaint c ON c.matter_id = m.id
    WHERE c.registered_at >= %s AND m.number NOT LIKE 'F%%' AND d.is_latest AND NOT d.is_window"""

DONE = """SELECT m.number, l.verb, e.username FROM accountability_ledgerentry l
    JOIN accountability_matter m ON m.id = l.matter_id JOIN complaints_complaint c ON c.matter_id = m.id
    JOIN accountability_employee e ON e.id = l.actor_id
    WHERE c.registered_at >= %s AND m.number NOT LIKE 'F%%' AND e.username <> 'system' ORDER BY l.matter_id, l.seq"""


@dataclass
class Record:
    """What the database says of the complaints that were registered since the day began, by their numbers."""

    stands: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """State of the complaint and of its latest round, holder and the holder's unit."""
    limits: dict[str, dict[tuple[str, int], Row]] = field(default_factory=lambda: defaultdict(dict))
    done: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """Verbs and who ran them, in order."""

    @classmethod
    def read(cls, since: datetime) -> Record:
        return at_one_instant(lambda: cls._read(since))

    @classmethod
    def _read(cls, since: datetime) -> Record:
        record = cls({number: tuple(found) for number, *found in rows(STANDS, since)})
        for number, kind, part, *instants in rows(LIMITS, since):
            record.limits[number][kind, part] = Row(*instants)
        for number, verb, who in rows(DONE, since):
            record.done[number].append((verb, who))
        return record


def modelled(course: Course, table: Table, contacts: dict[str, str]) -> Complaint:
    complaint = Complaint(table)
    for act in course.acts():
        complaint.take(act, contacts)
    return complaint


def differences(
    record: Record, courses: Iterable[Course], table: Table, contacts: dict[str, str], asked: datetime
) -> list[str]:
    """Where the record and the model say something else, each difference by its complaint."""
    models = {course.number: modelled(course, table, contacts) for course in courses if course.number}
    found = [f"{number} was registered by nobody" for number in record.stands.keys() - models.keys()]
    for number, model in models.items():
        found += [f"{number}: {text}" for text in differing(model, record, number, asked)]
    return found


def differing(model: Complaint, record: Record, number: str, asked: datetime) -> Iterator[str]:
    stands = (model.state, model.round_state, model.holder, model.unit)
    if (told := record.stands.get(number)) != stands:
        yield f"{told} instead of {stands}"
    if (done := record.done[number]) != model.verbs:
        yield f"the record has {done} instead of {model.verbs}"
    limits = record.limits[number]
    if limits.keys() != model.clocks.keys():
        yield f"limits {sorted(limits)} instead of {sorted(model.clocks)}"
    for key in limits.keys() & model.clocks.keys():
        if text := unlike(model.clocks[key], limits[key], asked):
            yield f"{key[0]} of round {key[1]}: {text}"
