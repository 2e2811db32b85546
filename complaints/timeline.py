"""The ledger as a reader meets it: who did what and when, the texts masked, the system's misses among them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability import facts
from accountability.models import Deadline, LedgerEntry
from accountability.templatetags.shouwen import instant
from accountability.verbs import VERBS, Verb
from complaints.models import Complaint
from complaints.story import OF_THE_INTAKE, Story

LOOKS: dict[str, tuple[str, str]] = {
    "forward": ("right", "info"),
    "register": ("phone", "info"),
    "dispatch": ("unit", "brand"),
    "hand_off": ("person", "brand"),
    "report_to_leader": ("up", "warn"),
    "name_handler": ("person", "brand"),
    "request_return": ("back", "back"),
    "rule_on_return": ("back", "back"),
    "escalate": ("up", "danger"),
    "chase": ("bell", "warn"),
    "answer": ("square", "ok"),
    "judge_complete": ("check", "ok"),
    "reply": ("chat", "ok"),
    "record_satisfaction": ("star", "ok"),
    "archive_unsatisfied": ("square-full", "warn"),
}
"""Icon and tone by verb; any other is a dot in the brand's tone."""

FOUND_OUT: dict[str, Any] = {
    "second": gettext_lazy("客户不满意，二次派单"),
    "ruling": gettext_lazy("裁定派发，本轮不能再退回"),
    "late": gettext_lazy("已超过退回时限，由客服中心主管裁定"),
}
"""What the action noted about itself, told where it is true."""


def verb_of(entry: LedgerEntry) -> Verb | None:
    """The verb an entry speaks of: a complaint's, or one of the organisation that reached into it."""
    return VERBS.get((Complaint.matter_kind, entry.verb)) or VERBS.get(("organisation", entry.verb))


def timeline(story: Story) -> list[dict[str, Any]]:
    """Newest first by the instant each counts for: a miss stands where it fell due, whenever it was noticed."""
    told = [_miss(entry) if entry.verb == "miss" else _act(story, entry) for entry in story.entries]
    in_order = sorted(zip(story.entries, told, strict=True), key=lambda pair: (pair[0].at, pair[0].seq), reverse=True)
    return [shown for _entry, shown in in_order]


def _miss(entry: LedgerEntry) -> dict[str, Any]:
    kind = Deadline.Kind(entry.facts["kind"]).label
    return {
        "at": entry.at, "title": _("%(kind)s超时") % {"kind": kind}, "actor": _("系统"), "unit": None,
        "icon": "clock-late", "tone": "danger", "late": True,
        "text": _("到期 %(due)s，系统于 %(noticed)s 发现") % {
            "due": instant(entry.at), "noticed": instant(entry.recorded_at),
        },
    }  # fmt: skip


def _act(story: Story, entry: LedgerEntry) -> dict[str, Any]:
    verb = verb_of(entry)
    icon, tone = LOOKS.get(entry.verb, ("dot", "brand"))
    return {
        "at": entry.at, "title": verb.label if verb else entry.verb, "actor": entry.actor.name or entry.actor.username,
        "unit": entry.actor.unit, "icon": icon, "tone": tone, "late": False,
        "text": "\n".join(_lines(story, entry, verb)),
    }  # fmt: skip


def _lines(story: Story, entry: LedgerEntry, verb: Verb | None) -> list[str]:
    if verb is None or (entry.verb in OF_THE_INTAKE and not story.knows_intake):
        return []
    in_card = entry.texts_id is not None and entry.texts_id == story.complaint.intake_id
    texts = {} if in_card else story.texts(entry)
    lines = [_line(fact.label, _said(fact, entry, texts, story)) for fact in verb.facts if _given(fact, entry, texts)]
    joint = story.people.get(entry.facts.get("joint"))
    if joint:
        lines.append(_line(_("分管领导（同为首问责任人）"), joint))
    return lines + [str(words) for name, words in FOUND_OUT.items() if entry.facts.get(name)]


def _line(label: Any, value: str) -> str:
    return _("%(label)s：%(value)s") % {"label": label, "value": value}


def _given(fact: facts.Fact, entry: LedgerEntry, texts: dict[str, str]) -> bool:
    return fact.name in texts if fact.is_text else entry.facts.get(fact.name) not in facts.BLANK


def _said(fact: facts.Fact, entry: LedgerEntry, texts: dict[str, str], story: Story) -> str:
    """A fact in the reader's words: labels for choices, names for references."""
    if fact.is_text:
        return texts[fact.name]
    value = entry.facts[fact.name]
    match fact:
        case facts.Choices():
            return _("、").join(str(dict(fact.choices).get(item, item)) for item in value)
        case facts.Choice():
            return str(dict(fact.choices).get(value, value))
        case facts.YesNo():
            return str(fact.yes if value else fact.no)
        case facts.Person():
            return story.people.get(value, str(value))
        case facts.InUnit():
            return story.units.get(value, value)
        case facts.Instant():
            return instant(datetime.fromisoformat(value))
    return str(value)
