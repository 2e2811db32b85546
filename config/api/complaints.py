"""A complaint as one reader may know it, as JSON: what its page and the lists show, from the same dossier and masks."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accountability.gate import fields as facts
from accountability.gate.verbs import Verb, available
from accountability.models import Deadline, Employee, Unit
from accountability.permissions import Actor
from accountability.web.request import Request
from complaints.dossier.deadlines import binding
from complaints.dossier.dossier import Story, story_of
from complaints.dossier.facts import supplements
from complaints.dossier.round_card import Paper, Said, paper_of
from complaints.dossier.timeline import timeline
from complaints.lists.worklists import Line
from complaints.models import Complaint
from complaints.views.verb_groups import is_awaited
from config.api.kinds import COMPLAINTS

Json = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def person(known: Employee | None) -> Json | None:
    return {"username": known.username, "name": str(known)} if known else None


def unit(known: Unit | None) -> Json | None:
    return {"code": known.code, "name": str(known)} if known else None


def choice(name: str, label: Any) -> Json:
    return {"name": str(name), "label": str(label)}


# One complaint


@dataclass(frozen=True)
class Read:
    """A complaint as this reader read it: its ETag, and the head of the record that it was made of."""

    body: Json
    tag: str
    head: str


def version_of(request: Request, number: str) -> Read:
    return read(request, COMPLAINTS.find(request, number))


def read(request: Request, complaint: Complaint) -> Read:
    """The tag is of what this reader is told, in their language, and of what they would put their name to by the verbs
    that are offered to them (`Verb.seen`): it says nothing of what they may not know.
    """
    story = story_of(complaint, request.actor)
    body = body_of(story)
    shown = [complaint.shown_for(entry.name) for entry in _offered(complaint, story.actor) if entry.seen]
    said = json.dumps([request.actor.pk, body, shown], sort_keys=True, ensure_ascii=False).encode()
    tag = hmac.new(settings.SECRET_KEY.encode(), b"api tag:" + said, hashlib.sha256).hexdigest()[:32]
    return Read(body, f'"{tag}"', complaint.matter.ledger_head)


def body_of(story: Story) -> Json:
    complaint, customer = story.complaint, story.customer
    return {
        "number": str(complaint.matter.number),
        "state": _state(story),
        "ended_as": choice(complaint.ended_as, complaint.get_ended_as_display()) if complaint.ended_as else None,
        "present": _present(story),
        "customer": {"name": customer.masked_name, "phone": customer.masked_phone, "tier": complaint.tier},
        "region": complaint.region,
        "content": customer.masked_content,
        "wanted": customer.masked_wanted,
        "supplements": [_said(each, "content") for each in supplements(story)],
        "intake": _intake(story) if story.knows_intake else None,
        "result": story.result,
        "rounds": [_round(paper_of(story, found)) for found in story.rounds],
        "deadlines": [_deadline(each) for each in story.deadlines],
        "timeline": [_told(entry) for entry in timeline(story)],
        "verbs": [_offer(entry, complaint) for entry in _offered(complaint, story.actor)],
    }


def _state(story: Story) -> Json:
    """As the badge of its page: of a complaint that is with a unit the state of the round, for who may know it."""
    running = story.round
    if running is not None and not running.is_over:
        return choice(running.state, story.complaint.describe_state()) | {"of": "round"}
    return choice(story.complaint.state, story.complaint.get_state_display()) | {"of": "complaint"}


def _present(story: Story) -> Json | None:
    """Who must act now, what and until when; None where this reader may not know, or nobody must."""
    complaint, matter = story.complaint, story.complaint.matter
    if not story.knows_present or not complaint.awaits:
        return None
    limit = binding(story.deadlines, complaint.awaits)
    return {
        "holder": person(matter.holder),
        "unit": unit(matter.holder_unit),
        "awaits": complaint.awaits,
        "since": instant(matter.waiting_since),
        "until": instant(limit.due_at if limit else matter.alarm_at),
    }


def _intake(story: Story) -> Json:
    complaint = story.complaint
    counted = ("out_of_scope_returns", "second_dispatches")
    return {
        "registered_at": instant(complaint.registered_at),
        "channel": complaint.channel,
        "category": complaint.category.path if complaint.category else None,
        "priority": complaint.priority,
        "flags": [name for name, _label in story.flags],
        "forwarded_by": person(complaint.forwarded_by),
        "agent": person(complaint.agent),
        "coordinator": unit(complaint.coordinator),
        "pre_handling": story.customer.masked_pre_handling,
        "archived_at": instant(complaint.archived_at),
        **{name: getattr(complaint, name) if story.knows_all else None for name in counted},
    }


def _round(paper: Paper) -> Json:
    found = paper.round
    people = ("contact", "reported_to", "handler", "leader", "acting_handler", "acting_leader", "head")
    instants = (
        "delivered_at", "reported_at", "handed_off_at", "accepted_at", "return_requested_at", "answered_at", "ended_at",
    )  # fmt: skip
    return {
        "number": found.number,
        "unit": unit(found.unit),
        "state": choice(found.state, found.get_state_display()),
        "notice_number": found.notice_number,
        "is_ruling": found.is_ruling,
        "late_return": found.late_return,
        "satisfied": found.satisfied,
        "dispatched_by": person(found.dispatched_by),
        **{name: person(getattr(found, name)) for name in people},
        **{name: instant(getattr(found, name)) for name in instants},
        "return": _said(paper.returning, "reason", "guidance") if paper.returning else None,
        "ruling": _ruling(paper.ruling) if paper.ruling else None,
        "solutions": [_said(each, "solution") for each in paper.solutions],
        "answer": _said(paper.answer, "result", "cause", "responsibility", "measures") if paper.answer else None,
    }


def _ruling(said: Said) -> Json:
    return _said(said, "reason") | {"accepted": bool(said.facts.get("accepted"))}


def _said(said: Said, *names: str) -> Json:
    return {"at": instant(said.at), "by": str(said.by or "")} | {name: said.texts.get(name, "") for name in names}


def _deadline(found: Deadline) -> Json:
    return {
        "name": found.name,
        "kind": found.kind,
        "label": str(found.get_kind_display()),
        "round": found.part or None,
        "unit": unit(found.unit),
        "person": person(found.person),
        "limit": found.limit_text,
        "started_at": instant(found.started_at),
        "due_at": instant(found.due_at),
        "status": str(found.status),
        "met_at": instant(found.met_at),
        "missed_at": instant(found.missed_at),
        "is_suspended": found.suspended_at is not None,
        "is_excused": found.excused_at is not None,
    }


def _told(entry: Json) -> Json:
    return {
        "at": instant(entry["at"]),
        "kind": entry["kind"],
        "title": str(entry["title"]),
        "by": str(entry["actor"] or ""),
        "unit": unit(entry["unit"]),
        "text": str(entry["text"]),
        "is_late": bool(entry["late"]),
    }


# What may be done


def _offered(complaint: Complaint, actor: Actor) -> list[Verb]:
    """The awaited ones first, those that end something last, as on the page; and the registration of what was
    forwarded, which has a page of its own.
    """
    found = filter(COMPLAINTS.takes, available(complaint, actor))
    return sorted(found, key=lambda entry: (not is_awaited(entry, complaint), entry.grave))


def _offer(entry: Verb, complaint: Complaint) -> Json:
    return {
        "name": entry.name,
        "label": str(entry.label),
        "rule": entry.rule,
        "is_awaited": is_awaited(entry, complaint),
        "needs_version": entry.seen is not None,
        "url": reverse("api_complaint_act", args=[complaint.matter.number, entry.name]),
        "fields": [_field(fact, complaint) for fact in entry.facts],
    }


def _field(fact: facts.Fact, complaint: Complaint) -> Json:
    return {
        "name": fact.name,
        "label": str(fact.label),
        "help": str(fact.help),
        "required": fact.is_required(complaint),
        "choices": [choice(name, label) for name, label in _choices(fact, complaint)],
    }


def _choices(fact: facts.Fact, complaint: Complaint) -> Iterable[tuple[str, Any]]:
    match fact:
        case facts.Choice():
            return fact.choices
        case facts.Offered():
            return fact.offers(complaint)
    return ()


# A line of the list


def line_body(line: Line) -> Json:
    """As the line of a list: what its reader may not know is null."""
    complaint, matter = line.complaint, line.complaint.matter
    of, state, label = line.state
    knows_urgency = line.knows_intake and complaint.category_id is not None
    return {
        "number": str(matter.number),
        "state": choice(state, label) | {"of": of},
        "customer": {"name": line.customer.masked_name, "tier": complaint.tier},
        "summary": line.words,
        "region": complaint.region,
        "category": line.category or None,
        "priority": complaint.priority if knows_urgency else None,
        "flags": complaint.flags if line.knows_intake else None,
        "holder": person(matter.holder) if line.knows_present and matter.awaits else None,
        "holder_unit": unit(matter.holder_unit) if line.knows_present and matter.awaits else None,
        "awaits": (matter.awaits or None) if line.knows_present else None,
        "waiting_since": instant(matter.waiting_since) if line.knows_present else None,
        "deadlines": [_clock(each) for each in line.clocks],
        "url": reverse("api_complaint", args=[matter.number]),
    }


def _clock(found: Deadline) -> Json:
    return {
        "name": found.name, "kind": found.kind, "due_at": instant(found.due_at), "status": str(found.status),
        "is_suspended": found.suspended_at is not None,
    }  # fmt: skip
