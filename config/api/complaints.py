"""A complaint as one reader may know it, as JSON: what its page and the lists show, from the same dossier and masks."""

from __future__ import annotations

from django.urls import reverse

from accountability.web.request import Request
from complaints.dossier.deadlines import binding
from complaints.dossier.dossier import Story, story_of
from complaints.dossier.facts import supplements
from complaints.dossier.round_card import Paper, Said, paper_of
from complaints.dossier.timeline import timeline
from complaints.lists.worklists import Line
from complaints.models import Complaint
from config.api.shapes import Json, choice, clock, deadline, entry, instant, person, unit

# One complaint


def body_of(request: Request, complaint: Complaint) -> Json:
    story = story_of(complaint, request.actor)
    customer = story.customer
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
        "deadlines": [deadline(each) for each in story.deadlines],
        "timeline": [entry(each, each["kind"]) for each in timeline(story)],
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
        "deadlines": [clock(each) for each in line.clocks],
        "url": reverse("api_complaint", args=[matter.number]),
    }
