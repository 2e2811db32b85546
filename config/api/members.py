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

# Cases, penalties, rankings, figures, the ledger

DAY: Json = {"type": "string", "format": "date"}
PERSON, UNIT, NAMED, AT = null_or(a("Person")), null_or(a("Unit")), null_or(a("Named")), null_or(INSTANT)
HELD: Json = {
    "complaint": TEXT, "number": WHOLE, "state": a("Named"), "contact": PERSON, "handler": PERSON, "leader": PERSON,
    "delivered_at": AT, "handed_off_at": AT, "answered_at": AT,
}  # fmt: skip
OF_PENALTY: Json = {
    "person": a("Person"), "grounds": many(a("Named")), "months": WHOLE, "reason": TEXT, "recorded_by": PERSON,
    "recorded_at": INSTANT, "executed_on": null_or(DAY), "voucher": TEXT, "slip_by": PERSON, "slip_at": AT,
    "annulled_at": AT, "refunded_on": null_or(DAY), "refund_voucher": TEXT, "refund_by": PERSON, "refund_at": AT,
}  # fmt: skip
OF_RANKING: Json = {
    "number": TEXT, "year": WHOLE, "state": a("Named"), "document_number": TEXT, "decided_at": AT, "url": TEXT,
}  # fmt: skip
COUNTS: Json = {"type": "object", "additionalProperties": WHOLE}
SHARE: Json = {"type": "number", "minimum": 0, "maximum": 1}
DAYS_OF_PERIOD = one(**{"from": DAY, "to": DAY})

SCHEMAS |= {
    "Clock": one(name=TEXT, kind=TEXT, due_at=AT, status=TEXT, is_suspended=TRUTH),
    "CaseLine": one(
        number=TEXT, unit=a("Unit"), state=NAMED, source=NAMED, holder=PERSON, holder_unit=UNIT, duty=TEXT,
        deadline=null_or(a("Clock")), url=TEXT,
    ),
    "Report": one(
        conclusion=a("Named"), facts=TEXT, statement=TEXT, persons=many(a("Person")),
        files=many(one(name=TEXT, size=WHOLE, sha256=TEXT)), filed_by=a("Person"), filed_at=INSTANT,
        signer=a("Person"), signed_at=AT, is_late=TRUTH,
    ),
    "Panel": one(
        due_at=INSTANT, appointed_by=PERSON, appointed_at=AT, seats=many(one(
            member=a("Person"), unit=UNIT, opinion=NAMED, grounds=TEXT, given_at=AT, replaced_at=AT,
            replaced_because=TEXT,
        )), conclusion=NAMED, reasons=TEXT, recorded_by=PERSON, recorded_at=AT,
    ),
    "Circular": one(
        number=null_or(TEXT), title=TEXT, signed_at=AT, withdrawn_at=AT, is_withdrawal=TRUTH, text=TEXT, remarks=TEXT,
        drafted_by=PERSON, drafted_at=AT, signer=PERSON, returned_by=PERSON, returned_at=AT,
    ),
    "Parts": one(is_determined=TRUTH, lines=many(one(
        who=TEXT, unit=TEXT, ground=TEXT, owes=TEXT,
        by=many(one(words=TEXT, round=TEXT, limit=TEXT, due_at=AT, met_at=AT)),
    ))),
    "Case": one(
        number=TEXT, reads_as={"enum": ["whole", "unit", "centre", "asked"]}, unit=a("Unit"), is_fault=TRUTH,
        state=NAMED, source=NAMED, present=null_or(one(
            holder=PERSON, unit=UNIT, awaits=null_or(TEXT), duty=TEXT, since=AT, until=AT,
        )), steps=many(a("Named")), opened=null_or(one(at=INSTANT, by=a("Person"))), officer=PERSON, annulled_at=AT,
        closed_at=AT, charge=null_or(one(notified_at=AT, notice_number=TEXT, round=null_or(TEXT), to_check=TEXT)),
        description=TEXT, sheet=null_or(one(
            number=TEXT, title=TEXT, issued_by=a("Person"), issued_at=INSTANT, person=PERSON, description=TEXT,
            evidence=TEXT,
        )), complaints=many(one(
            number=TEXT, category=null_or(TEXT), content=TEXT, customer=null_or(one(name=TEXT, phone=TEXT)),
        )), rounds=many(one(**HELD, unit=a("Unit"), ended_at=AT)),
        leads=many(one(complaint=null_or(TEXT), name=TEXT, label=TEXT, due_at=AT, met_at=AT)),
        report=null_or(a("Report")), opinion=null_or(one(by=PERSON, at=AT, text=TEXT)), finding=null_or(one(
            found={"enum": ["violated", "not_violated"]}, at=AT, by=PERSON, reasons=TEXT,
        )), panel=null_or(a("Panel")), seat=null_or(one(opinion=NAMED, grounds=TEXT, given_at=AT)),
        alleged=many(TEXT), judged=many(one(**HELD, deadlines=many(a("Clock")))), penalties=many(one(**OF_PENALTY)),
        owing=many(one(who=TEXT, person=PERSON, grounds=many(a("Named")))), parts=null_or(a("Parts")),
        circulars=many(a("Circular")), approval=null_or(one(
            verb=a("Named"), by=PERSON, at=AT, approver=PERSON, reason=TEXT,
        )), plans=many(one(number=TEXT, state=a("Named"), owner=a("Person"), due=INSTANT)),
        papers=many(one(kind=a("Named"), number=TEXT, title=TEXT, issued_at=AT, mark=TEXT)),
        deadlines=many(a("Deadline")), timeline=many(a("Entry")), verbs=many(a("Offer")),
    ),
    "Penalty": one(case=null_or(TEXT), unit=UNIT, **OF_PENALTY),
    "RankingLine": one(**OF_RANKING),
    "Ranking": one(
        **OF_RANKING, is_split=TRUTH, edition=WHOLE, frozen_at=INSTANT, rounds=WHOLE, inputs_digest=TEXT,
        needs_decision=TRUTH, present=null_or(a("Present")), lists=many(one(
            caption=TEXT, note=TEXT, unranked=many(TEXT), rows=many(one(
                place=WHOLE, unit=a("Unit"), resolved=WHOLE, asked=WHOLE, rate=SHARE, is_barred=TRUTH,
                is_decided=TRUTH, place_before=null_or(WHOLE),
            )),
        )), drafted_by=a("Person"), decided_by=PERSON, reason=TEXT, withdrawn_by=PERSON, withdrawn_at=AT,
        withdrawal=TEXT, papers=many(one(number=TEXT, title=TEXT, issued_at=AT, mark=TEXT)),
        others=many(one(number=TEXT, state=a("Named"))), verbs=many(a("Offer")),
    ),
    "FiguresRow": one(**{"from": DAY, "to": DAY}, key=TEXT, label=TEXT, counts=COUNTS, before=COUNTS, shares={
        "type": "object", "additionalProperties": null_or(SHARE),
    }),
    "Figures": one(
        table=TEXT, title=TEXT, period=DAYS_OF_PERIOD, compared_with=null_or(DAYS_OF_PERIOD),
        measures=many(one(name=TEXT, label=TEXT, among=null_or(TEXT))), rows=many(a("FiguresRow")),
        total=null_or(a("FiguresRow")), hours=null_or(many(many(WHOLE))),
    ),
    "LedgerEntry": one(
        id=WHOLE, matter=TEXT, kind=TEXT, seq=WHOLE, verb=a("Named"), by=a("Person"), at=INSTANT, recorded_at=INSTANT,
        round=null_or(WHOLE), facts={"type": "object"}, hmac=TEXT,
    ),
}  # fmt: skip

CHOSEN = ("Line", "Complaint", "CaseLine", "Case", "Penalty", "RankingLine", "Ranking", "Figures", "LedgerEntry")
"""What `fields` leaves members out of."""
for _asked in CHOSEN:
    SCHEMAS[_asked] = {**SCHEMAS[_asked], "required": []}

SCHEMAS |= {
    "Cases": page_of(a("CaseLine")), "Penalties": page_of(a("Penalty")), "Rankings": page_of(a("RankingLine")),
    "Ledger": page_of(a("LedgerEntry")),
}  # fmt: skip
