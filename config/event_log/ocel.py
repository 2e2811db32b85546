"""The log as OCEL 2.0 (JSON): complaints, their rounds, deadlines, the cases that followed, and the units."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from accountability.models import Deadline
from assessment.models import Case
from complaints.conformance.flow import STEPS
from complaints.models import Complaint, Round
from config.event_log.reading import CHUNK, Entry, Log, written

OBJECT_TYPES: dict[str, dict[str, str]] = {
    "complaint": {"channel": "string", "priority": "string", "state": "string", "ended_as": "string"},
    "round": {"number": "integer", "state": "string", "priority": "string", "ruling": "boolean"},
    "deadline": {"kind": "string", "limit": "string", "due": "time", "status": "string", "excused": "boolean"},
    "case": {"source": "string", "state": "string"},
    "unit": {"kind": "string"},
}

EVENT_ATTRIBUTES = {
    "resource": "string", "role": "string", "group": "string", "verb": "string", "recorded_at": "time",
    "round": "integer", "state_before": "string", "state_after": "string", "flow": "boolean", "follows": "boolean",
    "unit": "string", "method": "string", "kind": "string", "accepted": "boolean", "complete": "boolean",
    "satisfied": "boolean", "second": "boolean", "ruling": "boolean", "late": "boolean",
}  # fmt: skip

FOUNDED = datetime(1970, 1, 1, tzinfo=UTC)
"""Attributes of units are as they are now; OCEL asks since when."""

Relation = tuple[str, str]
"""The other object and the qualifier."""


def parts(log: Log) -> Iterator[str]:
    """The file, piece by piece."""
    types = [{"name": name, "attributes": _declared(of)} for name, of in OBJECT_TYPES.items()]
    events = [{"name": name, "attributes": _declared(EVENT_ATTRIBUTES)} for name in _activities(log)]
    yield f'{{"objectTypes":{_json(types)},\n"eventTypes":{_json(events)},\n"objects":[\n'
    yield from _listed(_objects(log))
    yield '],\n"events":[\n'
    yield from _listed(_events(log))
    yield "]}\n"


def _declared(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in attributes.items()]


def _activities(log: Log) -> list[str]:
    """Every name that an event of the log may have."""
    verbs = {*log.verbs(Complaint.matter_kind), *log.verbs(Case.matter_kind)}
    return sorted(verbs | {step.activity for step in STEPS if step.word in verbs})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _listed(things: Iterable[dict[str, Any]]) -> Iterator[str]:
    comma = ""
    for thing in things:
        yield f"{comma}{_json(thing)}\n"
        comma = ","


def _thing(kind: str, key: str, since: datetime, values: dict[str, Any], *relations: Relation) -> dict[str, Any]:
    """An object as the standard writes it. What isn't known is left out."""
    known = {name: value for name, value in values.items() if value not in (None, "")}
    return {
        "id": key, "type": kind,
        "attributes": [{"name": name, "value": _value(of), "time": written(since)} for name, of in known.items()],
        "relationships": _related(relations),
    }  # fmt: skip


def _related(relations: Iterable[Relation]) -> list[dict[str, str]]:
    return [{"objectId": other, "qualifier": qualifier} for other, qualifier in dict.fromkeys(relations) if other]


def _value(value: Any) -> Any:
    return written(value) if isinstance(value, datetime) else value


# Objects


def _objects(log: Log) -> Iterator[dict[str, Any]]:
    for code, kind in log.units.items():
        yield _thing("unit", _unit(code), FOUNDED, {"kind": kind})
    yield from _complaints(log)
    yield from _rounds(log)
    yield from _deadlines(log)
    yield from _cases(log)


def _unit(code: str | None) -> str:
    return f"unit:{code}" if code else ""


def _round(complaint: str, number: int) -> str:
    return f"{complaint}#{number}" if number else ""


def _complaints(log: Log) -> Iterator[dict[str, Any]]:
    columns = ("matter__number", "matter__opened_at", *OBJECT_TYPES["complaint"])
    rows = log.period.of(Complaint.objects.order_by("pk"), "matter__opened_at").values_list(*columns)
    for number, since, *values in rows.iterator(chunk_size=CHUNK):
        yield _thing("complaint", number, since, dict(zip(OBJECT_TYPES["complaint"], values, strict=True)))


def _rounds(log: Log) -> Iterator[dict[str, Any]]:
    found = log.period.of(Round.objects.order_by("pk"), "complaint__matter__opened_at")
    columns = ("complaint__matter__number", "delivered_at", "unit__code", "number", "state", "priority", "is_ruling")
    for complaint, since, unit, *values in found.values_list(*columns).iterator(chunk_size=CHUNK):
        known = dict(zip(OBJECT_TYPES["round"], values, strict=True))
        related = (complaint, "round of"), (_unit(unit), "at")
        yield _thing("round", _round(complaint, known["number"]), since, known, *related)


def _deadlines(log: Log) -> Iterator[dict[str, Any]]:
    of_these = Deadline.objects.filter(matter__kind__in=(Complaint.matter_kind, Case.matter_kind)).order_by("pk")
    found = log.period.of(of_these, "matter__opened_at").select_related("matter", "unit")
    for one in found.iterator(chunk_size=CHUNK):
        matter = str(one.matter)
        values = {"kind": one.kind, "limit": one.limit_text, "due": one.due_at, "status": str(one.status)}
        values |= {"excused": one.excused_at is not None}
        is_round = one.matter.kind == Complaint.matter_kind
        related = [(matter, "limit of"), (_round(matter, one.part) if is_round else "", "limit of the round")]
        related += [(_unit(one.unit.code if one.unit else ""), "owed by")]
        yield _thing("deadline", f"{matter} {one.name}", one.started_at, values, *related)


def _cases(log: Log) -> Iterator[dict[str, Any]]:
    """Each with the complaints that it is about, as far as the period has them."""
    found = log.period.of(Case.objects.order_by("pk"), "matter__opened_at").select_related("matter", "unit")
    for case in found.prefetch_related("complaint_links__complaint__matter").iterator(chunk_size=CHUNK):
        matters = [link.complaint.matter for link in case.complaint_links.all()]
        about = [(str(matter), "about") for matter in matters if log.period.has(matter.opened_at)]
        values = {"source": case.source, "state": case.state}
        related = (*about, (_unit(case.unit.code), "against"))
        yield _thing("case", str(case.matter), case.matter.opened_at, values, *related)


# Events


def _events(log: Log) -> Iterator[dict[str, Any]]:
    for events in log.traces():
        for entry, move in events:
            moved: dict[str, Any] = {"state_before": move.before.name, "state_after": move.after.name}
            moved |= {"flow": move.step is not None, "follows": move.follows}
            related = [(entry.name, "of"), (_round(entry.name, entry.part), "in")]
            yield _event(log, entry, move.activity, moved, related)
    for entry in log.entries(Case.matter_kind):
        yield _event(log, entry, entry.verb, {}, [(entry.name, "of")])


def _event(log: Log, entry: Entry, activity: str, moved: dict[str, Any], related: list[Relation]) -> dict[str, Any]:
    people, outcomes = log.people, entry.outcomes
    values = {
        "resource": people.pseudonym(entry.actor_id), "role": people.role(entry.actor_id, entry.at),
        "group": people.unit(entry.actor_id), "verb": entry.verb, "recorded_at": written(entry.recorded_at),
        "round": entry.part, **moved, **outcomes,
    }  # fmt: skip
    related = [*related, (_unit(people.unit(entry.actor_id)), "by")]
    if outcomes.get("unit") in log.units:
        related.append((_unit(str(outcomes["unit"])), "names"))
    if entry.verb == "miss":
        related.append((_missed(entry), "missed"))
    return {
        "id": f"{entry.name}/{entry.seq}", "type": activity, "time": written(entry.at),
        "attributes": [{"name": name, "value": value} for name, value in values.items() if value != ""],
        "relationships": _related(related),
    }  # fmt: skip


def _missed(entry: Entry) -> str:
    """The deadline that a miss is about, named as the deadline names itself."""
    told: dict[str, Any] = {"part": 0, "party": "", "cycle": 1} | entry.facts
    limit = Deadline(kind=told["kind"], part=told["part"], party=told["party"], cycle=told["cycle"])
    return f"{entry.name} {limit.name}"
