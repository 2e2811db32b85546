"""What the answers of the interface consist of, as JSON Schema. A test holds that each answer is as it is said here."""

from __future__ import annotations

from typing import Any

from config.api.problems import TITLES

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
TRUTH: Json = {"type": "boolean"}
INSTANT: Json = {"type": "string", "format": "date-time"}


def title(status: int) -> str:
    return str(TITLES[status])


def null_or(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def a(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def many(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def one(**members: Json) -> Json:
    """An object that has exactly these members."""
    return {
        "type": "object", "properties": members, "required": list(members), "additionalProperties": False,
    }  # fmt: skip


PEOPLE = ("dispatched_by", "contact", "reported_to", "handler", "leader", "acting_handler", "acting_leader", "head")
INSTANTS = (
    "delivered_at", "reported_at", "handed_off_at", "accepted_at", "return_requested_at", "answered_at", "ended_at",
)  # fmt: skip
SAID: Json = {"at": INSTANT, "by": TEXT}

SCHEMAS: dict[str, Json] = {
    "Problem": {
        "type": "object",
        "properties": {
            "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT,
            "errors": {"type": "object", "additionalProperties": TEXT}, "state": a("Named"),
        },
        "required": ["type", "title", "status"],
        "additionalProperties": False,
    },
    "Receipt": one(number=TEXT, verb=TEXT, at=INSTANT, round=null_or(WHOLE)),
    "Named": one(name=TEXT, label=TEXT),
    "State": one(name=TEXT, label=TEXT, of={"enum": ["complaint", "round"]}),
    "Person": one(username=TEXT, name=TEXT),
    "Unit": one(code=TEXT, name=TEXT),
    "Line": one(
        number=TEXT, state=a("State"), customer=one(name=TEXT, tier=TEXT), summary=TEXT, region=TEXT,
        category=null_or(TEXT), priority=null_or(TEXT), flags=null_or(many(TEXT)), holder=null_or(a("Person")),
        holder_unit=null_or(a("Unit")), awaits=null_or(TEXT), waiting_since=null_or(INSTANT),
        deadlines=many(one(
            name=TEXT, kind=TEXT, due_at=null_or(INSTANT), status=TEXT, is_suspended=TRUTH,
        )), url=TEXT,
    ),
    "Present": one(
        holder=null_or(a("Person")), unit=null_or(a("Unit")), awaits=TEXT, since=null_or(INSTANT),
        until=null_or(INSTANT),
    ),
    "Intake": one(
        registered_at=null_or(INSTANT), channel=TEXT, category=null_or(TEXT), priority=TEXT, flags=many(TEXT),
        forwarded_by=null_or(a("Person")), agent=null_or(a("Person")), coordinator=null_or(a("Unit")),
        pre_handling=TEXT, archived_at=null_or(INSTANT), out_of_scope_returns=null_or(WHOLE),
        second_dispatches=null_or(WHOLE),
    ),
    "Round": one(
        number=WHOLE, unit=a("Unit"), state=a("Named"), notice_number=TEXT, is_ruling=TRUTH, late_return=TRUTH,
        satisfied=null_or(TRUTH), **{name: null_or(a("Person")) for name in PEOPLE},
        **{name: null_or(INSTANT) for name in INSTANTS},
        **{"return": null_or(one(**SAID, reason=TEXT, guidance=TEXT))},
        ruling=null_or(one(**SAID, reason=TEXT, accepted=TRUTH)), solutions=many(one(**SAID, solution=TEXT)),
        answer=null_or(one(**SAID, result=TEXT, cause=TEXT, responsibility=TEXT, measures=TEXT)),
    ),
    "Deadline": one(
        name=TEXT, kind=TEXT, label=TEXT, round=null_or(WHOLE), unit=null_or(a("Unit")), person=null_or(a("Person")),
        limit=TEXT, started_at=INSTANT, due_at=null_or(INSTANT), status={"enum": ["open", "met", "missed", "void"]},
        met_at=null_or(INSTANT), missed_at=null_or(INSTANT), is_suspended=TRUTH, is_excused=TRUTH,
    ),
    "Entry": one(at=INSTANT, kind=TEXT, title=TEXT, by=TEXT, unit=null_or(a("Unit")), text=TEXT, is_late=TRUTH),
    "Field": one(name=TEXT, label=TEXT, help=TEXT, required=TRUTH, choices=many(a("Named"))),
    "Offer": one(
        name=TEXT, label=TEXT, rule=TEXT, is_awaited=TRUTH, needs_version=TRUTH, url=TEXT, fields=many(a("Field")),
    ),
    "Complaint": one(
        number=TEXT, state=a("State"), ended_as=null_or(a("Named")), present=null_or(a("Present")),
        customer=one(name=TEXT, phone=TEXT, tier=TEXT), region=TEXT, content=TEXT, wanted=TEXT,
        supplements=many(one(**SAID, content=TEXT)), intake=null_or(a("Intake")), result=TEXT,
        rounds=many(a("Round")), deadlines=many(a("Deadline")), timeline=many(a("Entry")), verbs=many(a("Offer")),
    ),
}  # fmt: skip
for _asked in ("Line", "Complaint"):
    # `fields` leaves members out.
    SCHEMAS[_asked] = {**SCHEMAS[_asked], "required": []}


def page_of(schema: Json) -> Json:
    return one(items=many(schema), next=null_or(TEXT), previous=null_or(TEXT))


BY_NAME: Json = {"type": "object", "additionalProperties": TEXT}
DAYS = many({"type": "string", "format": "date"})
WITH_CONTACTS = one(
    code=TEXT, name=TEXT, kind=TEXT, head=null_or(a("Person")), contacts=many(a("Person")), deputies=many(a("Person")),
)  # fmt: skip

SCHEMAS |= {
    "Complaints": page_of(a("Line")),
    "Units": page_of(WITH_CONTACTS),
    "People": page_of(one(username=TEXT, name=TEXT, unit=null_or(a("Unit")), leader=null_or(a("Person")))),
    "Categories": one(items=many(one(
        path=TEXT, label=TEXT, has_network_limits=TRUTH, leaves=many(one(path=TEXT, label=TEXT)),
    ))),
    "Limits": one(
        version=WHOLE, in_force_from=INSTANT, by_priority={"type": "object", "additionalProperties": BY_NAME},
        others=BY_NAME, handoff_clock=TEXT, unit_clocks=BY_NAME, day_ends_at=TEXT, returns_before_ruling=WHOLE,
        repeat_within_hours=WHOLE, allow_unsatisfied_archive=TRUTH,
    ),
    "Calendar": one(year=WHOLE, version=WHOLE, days_off=DAYS, days_worked=DAYS, names=BY_NAME),
}  # fmt: skip
