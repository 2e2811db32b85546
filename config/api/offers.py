"""What a program's person may do to a matter now, with the fields and choices of each verb."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from accountability.gate import fields as facts
from accountability.gate.verbs import Verb, available
from accountability.permissions import Actor
from complaints.models import Complaint
from complaints.views.verb_groups import is_awaited
from config.api.kinds import Kind
from config.api.shapes import Json, choice


def offered(kind: Kind, subject: Any, actor: Actor) -> list[Verb]:
    """The awaited ones first, those that end something last, as on the page; of complaints also the registration of
    what was forwarded, which has a page of its own.
    """
    found = filter(kind.takes, available(subject, actor))
    return sorted(found, key=lambda entry: (not _is_awaited(entry, subject), entry.grave))


def _is_awaited(entry: Verb, subject: Any) -> bool:
    return is_awaited(entry, subject) if isinstance(subject, Complaint) else entry.name == subject.awaits


def offer(kind: Kind, entry: Verb, subject: Any) -> Json:
    return {
        "name": entry.name,
        "label": str(entry.label),
        "rule": entry.rule,
        "is_awaited": _is_awaited(entry, subject),
        "needs_version": entry.seen is not None,
        "url": reverse(f"api_{kind.name}_act", args=[subject.matter.number, entry.name]),
        "fields": [_field(fact, subject) for fact in entry.facts],
    }


def _field(fact: facts.Fact, subject: Any) -> Json:
    return {
        "name": fact.name,
        "label": str(fact.label),
        "help": str(fact.help),
        "required": fact.is_required(subject),
        "choices": [choice(name, label) for name, label in _choices(fact, subject)],
    }


def _choices(fact: facts.Fact, subject: Any) -> Iterable[tuple[str, Any]]:
    match fact:
        case facts.Choice():
            return fact.choices
        case facts.Offered():
            return fact.offers(subject)
    return ()
