"""Expectations: each kind of entry with its fields, and how a found value is written in a file's own words.

A kind is one `@entry` function that finds the thing, and a table of its fields; a new kind needs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum

from accountability.deadlines.limits import read_instant, show_instant
from accountability.declarations.limits import DEADLINE_KINDS
from accountability.models import Deadline, Unit, actor_for
from assessment.cases.leads import leads_against
from assessment.models import Case
from assessment.models.standings import Standings
from assessment.rankings.counting import ranking_of
from complaints.models import Complaint, Round
from config.replay.problems import BadScenario, demand, demand_keys
from config.replay.stage import Cast


class Moment(NamedTuple):
    """The instant of the question, and the file's names."""

    at: datetime
    cast: Cast
    matters: Mapping[str, int | None]

    def name_of(self, matter_id: int | None) -> str | None:
        return next((name for name, pk in self.matters.items() if pk == matter_id), None) if matter_id else None

    def sees(self, rows: QuerySet[Any], expected: Mapping[str, Any]) -> dict[str, bool]:
        """Which of the given people may see the row."""
        return {username: self._sees(rows, username) for username in expected}

    def _sees(self, rows: Any, username: str) -> bool:
        actor = actor_for(self.cast.person(username).pk, self.at)
        return actor is not None and rows.visible_to(actor).exists()


# Fields


class Field(NamedTuple):
    """`found(thing, moment, expected)` gives the actual value; `read(raw, cast)` parses the expected one."""

    found: Callable[[Any, Moment, Any], Any]
    read: Callable[[Any, Cast], Any] = lambda raw, cast: raw


def plain(found: Callable[[Any], Any]) -> Field:
    return Field(lambda thing, moment, expected: found(thing))


def instant(found: Callable[[Any], datetime | None]) -> Field:
    return Field(lambda thing, moment, expected: found(thing), lambda raw, cast: raw and read_instant(raw))


def person(found: Callable[[Any], Any]) -> Field:
    """A person, by username; null for none."""
    return Field(
        lambda thing, moment, expected: getattr(found(thing), "username", None),
        lambda raw, cast: raw and cast.person(raw).username,
    )


def unit(found: Callable[[Any], Any]) -> Field:
    return Field(
        lambda thing, moment, expected: getattr(found(thing), "code", None),
        lambda raw, cast: raw and cast.unit(raw).code,
    )


def collection(found: Callable[[Any], Any]) -> Field:
    """A collection, compared in any order."""
    return Field(lambda thing, moment, expected: set(found(thing)), lambda raw, cast: set(_listed(raw)))


def _listed(raw: Any) -> list[Any]:
    demand(isinstance(raw, list), f"a list is expected, not {raw!r}")
    return list(raw)


def visibility(rows: Callable[[Any], QuerySet[Any]]) -> Field:
    return Field(lambda thing, moment, expected: moment.sees(rows(thing), expected), _read_visibility)


def _read_visibility(raw: Any, cast: Cast) -> dict[str, bool]:
    demand(isinstance(raw, dict), "visible_to names people")
    for username, sees in raw.items():
        cast.person(username)
        demand(isinstance(sees, bool), f"visible_to: {username} must be true or false")
    return dict(raw)


# Entries


class Entry(NamedTuple):
    """A kind of expectation: how the thing is found (None: there is none), its fields, and the keys that name it."""

    find: Callable[[dict[str, Any], Moment], Any]
    fields: Mapping[str, Field]
    names: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


ENTRIES: dict[str, Entry] = {}


def entry(kind: str, fields: Mapping[str, Field], names: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> Any:
    """Register the decorated function as the one that finds the subject of entries of this kind."""

    def register(find: Callable[[dict[str, Any], Moment], Any]) -> Any:
        ENTRIES[kind] = Entry(find, fields, names, optional)
        return find

    return register


@dataclass(eq=False)
class Expectation:
    """One parsed entry: its subject, its instant (None: the last step's), and the expected values."""

    label: str
    kind: Entry
    about: dict[str, Any]
    at: datetime | None
    expected: dict[str, Any]

    @classmethod
    def of(cls, raw: Any, number: int, cast: Cast) -> Expectation:
        """Raises BadScenario, naming the entry by its number, for an unknown kind, field or person."""
        try:
            return cls._read(raw, cast)
        except (BadScenario, ValueError, TypeError) as bad:
            raise BadScenario(f"expect {number}: {bad}") from bad

    @classmethod
    def _read(cls, raw: Any, cast: Cast) -> Expectation:
        demand(isinstance(raw, dict), f"not a mapping: {raw!r}")
        word = next((key for key in raw if key in ENTRIES), None)
        if word is None:
            raise BadScenario(f"unknown entry {', '.join(map(str, raw))}")
        kind = ENTRIES[word]
        demand_keys(raw, word, (word, *kind.names), (*kind.optional, "at", *kind.fields))
        at = read_instant(raw["at"]) if "at" in raw else None
        keys = (word, *kind.names, *kind.optional)
        about = {key: raw[key] for key in keys if key in raw}
        expected = {
            key: field.read(raw[key], cast) for key, field in kind.fields.items() if key in raw and key not in about
        }
        label = " ".join(str(value) if key == "of" else f"{key} {value}" for key, value in about.items())
        return cls(label, kind, about, at, expected)

    def failures(self, moment: Moment) -> list[str]:
        """A sentence for each field that isn't as expected."""
        where = f"{self.label} at {show_instant(moment.at)}"
        thing = self.kind.find(self.about, moment)
        if thing is None:
            return [f"{where}: expected to be there, found none"]
        found = {key: self.kind.fields[key].found(thing, moment, value) for key, value in self.expected.items()}
        return [
            f"{where}: {key} expected {show(value)}, found {show(found[key])}"
            for key, value in self.expected.items()
            if found[key] != value
        ]


def show(value: Any) -> str:
    """A value as a file writes it."""
    if isinstance(value, datetime):
        return show_instant(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(each)}" for key, each in value.items()) + "}"
    if isinstance(value, set):
        return show(sorted(value))
    if isinstance(value, tuple):
        return show(list(value))
    if isinstance(value, list):
        return "[" + ", ".join(show(each) for each in value) + "]"
    return str(value)


# Complaints and rounds


def _holder_unit(complaint: Complaint) -> Unit | None:
    """The unit that must act; null where no unit does."""
    return complaint.matter.holder_unit if complaint.matter.holder_id else None


@entry("complaint", {
    "state": plain(lambda c: c.state),
    "unit": unit(_holder_unit),
    "holder": person(lambda c: c.matter.holder),
    "priority": plain(lambda c: c.priority),
    "flags": collection(lambda c: c.flags),
    "rounds": plain(lambda c: c.round_count),
    "out_of_scope_returns": plain(lambda c: c.out_of_scope_returns),
    "second_dispatches": plain(lambda c: c.second_dispatches),
    "replier": plain(lambda c: c.replier),
    "coordinator": Field(lambda c, moment, expected: c.coordinator and c.coordinator.kind),
    "repeat_of": Field(lambda c, moment, expected: moment.name_of(c.repeat_of_id)),
    "resolved": plain(lambda c: c.resolved),
    "archived_unsatisfied": plain(lambda c: c.archived_unsatisfied),
    "visible_to": visibility(lambda c: Complaint.objects.filter(pk=c.pk)),
})  # fmt: skip
def complaint(about: dict[str, Any], moment: Moment) -> Complaint | None:
    joined = Complaint.objects.select_related("matter__holder", "matter__holder_unit", "coordinator")
    return joined.filter(pk=moment.matters.get(about["complaint"])).first()


@entry("round", {
    "state": plain(lambda r: r.state),
    "unit": unit(lambda r: r.unit),
    "first_person": person(lambda r: r.handler),
    "joint_person": person(lambda r: r.leader),
    "late_return": plain(lambda r: r.late_return),
    "has_notice_number": plain(lambda r: bool(r.notice_number)),
    "visible_to": visibility(lambda r: Round.objects.filter(pk=r.pk)),
})  # fmt: skip
def round_(about: dict[str, Any], moment: Moment) -> Round | None:
    name, number = _round_named(about["round"])
    joined = Round.objects.select_related("unit", "handler", "leader")
    return joined.filter(complaint_id=moment.matters.get(name), number=number).first()


def _round_named(text: Any) -> tuple[str, int]:
    name, _hash, number = str(text).rpartition("#")
    demand(name and number.isdigit(), f"a round is written C1#1, not {text!r}")
    return name, int(number)


# Cases


def _penalties(case: Case) -> set[tuple[Any, ...]]:
    return {_penalty(row.person.username, row.grounds, row.months) for row in case.penalty_rows}


def _penalty(person: str, grounds: list[str], months: Any) -> tuple[Any, ...]:
    return person, tuple(sorted(grounds)), months


def _read_penalties(raw: Any, cast: Cast) -> set[tuple[Any, ...]]:
    rows = [demand_keys(row, "penalty", ("person", "grounds", "months")) for row in _listed(raw)]
    return {_penalty(cast.person(row["person"]).username, _listed(row["grounds"]), row["months"]) for row in rows}


@entry("case", {
    "state": plain(lambda c: c.state),
    "circulars": plain(lambda c: len(c.circular_rows)),
    "penalties": Field(lambda c, moment, expected: _penalties(c), _read_penalties),
    "late_files": plain(lambda c: sum(report.late for report in c.report_rows)),
    "visible_to": visibility(lambda c: Case.objects.filter(pk=c.pk)),
})  # fmt: skip
def case(about: dict[str, Any], moment: Moment) -> Case | None:
    return Case.objects.filter(pk=moment.matters.get(about["case"])).first()


# Deadlines and sums


@entry("deadline", {
    "due": instant(lambda d: d.due_at),
    "status": plain(lambda d: d.status),
    "met_at": instant(lambda d: d.met_at),
    "missed_since": instant(lambda d: d.missed_at),
}, names=("of",), optional=("unit",))  # fmt: skip
def deadline(about: dict[str, Any], moment: Moment) -> Deadline | None:
    kind = about["deadline"]
    demand(kind in DEADLINE_KINDS, f"unknown deadline {kind!r}")
    name, part = _round_named(about["of"]) if DEADLINE_KINDS[kind].of_a_round else (about["of"], 0)
    party = about.get("unit", "")
    which = {"matter_id": moment.matters.get(name) or 0, "kind": kind, "part": part, "party": party}
    return Deadline.objects.binding().filter(**which).first()


def _sum(field: str) -> Field:
    return plain(lambda complaints: complaints.aggregate(sum=Sum(field))["sum"] or 0)


@entry("totals", {
    "complaints": plain(lambda complaints: complaints.count()),
    "rounds": _sum("round_count"),
    "out_of_scope_returns": _sum("out_of_scope_returns"),
    "second_dispatches": _sum("second_dispatches"),
    "archived": plain(lambda complaints: complaints.filter(archived_at__isnull=False).count()),
    "handoff_missed": plain(
        lambda complaints: Deadline.objects.filter(kind="handoff", missed_at__isnull=False, voided_at=None).count()
    ),
})  # fmt: skip
def totals(about: dict[str, Any], moment: Moment) -> Any:
    demand(about["totals"] is True, "totals is written totals: true")
    return Complaint.objects.counted().filter(registered_at__isnull=False)


@entry("leads", {"count": plain(lambda leads: leads.count())})
def leads(about: dict[str, Any], moment: Moment) -> QuerySet[Deadline]:
    return leads_against(moment.cast.unit(about["leads"]))


# The ranking


def _read_rates(raw: Any, cast: Cast) -> dict[str, Fraction]:
    demand(isinstance(raw, dict), "rates name units")
    return {cast.unit(code).code: Fraction(str(rate)) for code, rate in raw.items()}


def _read_order(raw: Any, cast: Cast) -> list[set[str]]:
    """Best first; a tie is a list of its own, or a unit alone."""
    tied = [each if isinstance(each, list) else [each] for each in _listed(raw)]
    return [{cast.unit(code).code for code in codes} for codes in tied]


@entry("ranking", {
    "rates": Field(lambda ranking, moment, expected: {code: ranking.rates.get(code) for code in expected}, _read_rates),
    "order": Field(lambda ranking, moment, expected: [set(tie) for tie in ranking.order], _read_order),
    "unranked": collection(lambda ranking: ranking.unranked),
    "barred": collection(lambda ranking: ranking.barred),
    "needs_decision": plain(lambda ranking: ranking.needs_decision),
})  # fmt: skip
def ranking(about: dict[str, Any], moment: Moment) -> Standings:
    demand(str(about["ranking"]).isdigit(), f"a ranking is of a year, not {about['ranking']!r}")
    return ranking_of(int(about["ranking"]))
