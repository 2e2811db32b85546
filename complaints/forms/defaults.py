"""The initial values of a verb's form: the round, the own unit, what was asked for, the earlier record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_due, show_second
from accountability.gate.verbs import VERBS, Verb
from accountability.models import Employee, LedgerEntry
from accountability.web.verb_forms import VerbForm
from complaints.declarations.limits import ANSWERS_TO_OUTSIDE
from complaints.dossier.customer import customer_of, texts_of
from complaints.dossier.deadlines import nearest
from complaints.dossier.dossier import Story, reply_duty
from complaints.dossier.files import ANSWERS
from complaints.fields.kinds import tasks_in
from complaints.fields.unit_suggestion import suggest
from complaints.models import Complaint, Replier

REPLY = "您好！您反映的问题已处理完毕。处理结果："
"""The beginning of a reply, followed by the result. Not translated: the customer reads it."""


def initial_of(entry: Verb, story: Story) -> dict[str, Any]:
    """The initial values by field; empty if none are known."""
    known = KNOWN.get(entry.name)
    return known(story) if known else {}


def explain(form: VerbForm) -> None:
    """Explain in the form what one must know to fill it in: what `preface_of` says, and the present values of what is
    corrected.
    """
    complaint: Complaint = form.subject
    form.preface = preface_of(form.verb.name, complaint) or form.preface
    if form.verb.name == "reply":
        form.cites = "R34" if complaint.replier == Replier.FORWARDER else ""
    if form.verb.name == "correct":
        for name, now in _on_record(complaint).items():
            form.fields[name].help_text = _("现为“%(now)s”；不填则不变。") % {"now": now or "—"}


def preface_of(verb: str, complaint: Complaint) -> str:
    """The recorded instant of the call to confirm, who owes a reply and why, whose words a leader approves."""
    current = complaint.round
    if verb == "reply":
        who, why = reply_duty(complaint)
        return _("%(who)s：%(why)s") % {"who": who, "why": why}
    if verb == "approve_answer":
        return _("通过后，以下答复原文即刻送达客服中心，计入处理时限；您记为审核人。")
    if verb in ("confirm_told", "deny_told") and current is not None and current.told_at:
        told = {"at": show_second(current.told_at), "until": show_due(current.told_until or current.told_at)}
        return _("登记的电话交办时刻：%(at)s；须在 %(until)s 前确认或否认，逾期登记失效。") % told
    return ""


def _on_record(complaint: Complaint) -> dict[str, Any]:
    customer = customer_of(complaint)
    return {
        "customer": customer.masked_name,
        "phone": customer.masked_phone,
        "content": customer.masked_content,
        "wanted": customer.masked_wanted,
        "pre_handling": customer.masked_pre_handling,
        "category": complaint.category or "",
        "priority": complaint.get_priority_display(),
        "region": complaint.region,
        "tier": complaint.get_tier_display(),
    }


def _chase(story: Story) -> dict[str, Any]:
    latest = story.complaint.latest_round
    return {"round": latest.number} if latest is not None else {}


def _dispatch(story: Story) -> dict[str, Any]:
    """The unit that a returned round or the catalogue suggests."""
    complaint = story.complaint
    latest = complaint.latest_round
    if latest is not None and latest.suggested_unit:
        return {"unit": latest.suggested_unit.code}
    return {"unit": suggest(complaint.category, complaint.region).code}


def _extend(story: Story) -> dict[str, Any]:
    """What the unit asked for, so that it can be granted with one click."""
    current = story.complaint.round
    if current is None or not current.asks_for_time:
        return _chase(story)
    return {"round": current.number, "until": current.extension_until, "reason": _("同意首问责任部门的延期申请。")}


def _flags(story: Story) -> dict[str, Any]:
    """The present flags; those left unchanged stay."""
    return {"flags": story.complaint.flags}


def _other_answer(story: Story) -> dict[str, Any]:
    """The opposite of the record: only that can be a correction."""
    return {"satisfied": "false" if story.complaint.satisfied else "true"}


def _draft(story: Story) -> dict[str, Any]:
    """The answer last submitted to the leader in this round, if no answer has reached the centre since. Masked."""
    current = story.complaint.round
    said = story.entries_of(current.number) if current else {}
    drafts = said.get("submit_for_review", [])
    if not drafts or any(entry.seq > drafts[-1].seq for verb in ANSWERS for entry in said.get(verb, [])):
        return {}
    return dict(story.texts(drafts[-1]))


def shown_to_approve(verb: str, story: Story) -> tuple[tuple[Any, str], ...]:
    """Exactly what the handler submitted to the leader, by the labels of its form, with the names of its files."""
    if verb != "approve_answer":
        return ()
    drafts = [entry for entry in story.entries if entry.verb == "submit_for_review"]
    if not drafts:
        return ()
    texts, files = story.texts(drafts[-1]), story.files_of(drafts[-1])
    facts = VERBS[Complaint.matter_kind, "submit_for_review"].facts
    said = [(fact.label, texts[fact.name]) for fact in facts if fact.name in texts]
    return (*said, (_("附件"), _("、").join(one.name for one in files))) if files else tuple(said)


def _reply(story: Story) -> dict[str, Any]:
    """A draft to the customer from the result judged complete, with masked text only (R34, R35)."""
    return {"content": REPLY + story.result} if story.result else {}


def _own_unit(story: Story) -> dict[str, Any]:
    """The unit of the own part that is to be confirmed or finished."""
    mine = [part for part in story.complaint.parts if part.unit_id in story.actor.units]
    waiting = [part for part in mine if part.is_to_confirm or part.is_to_finish]
    first = next(iter(waiting or mine), None)
    return {"unit": first.unit.code} if first else {}


def _record(story: Story) -> dict[str, Any]:
    """The record that isn't concluded yet, to be written again. Its texts are masked."""
    parts = story.complaint.open_parts
    if not parts or parts[0].coordination.recorded_at is None:
        return {}
    written = texts_of(parts[0].coordination.record)
    tasks = tasks_in(written.get("tasks", ""))
    return {
        "tasks": [
            {"unit": part.unit.code, "task": story.customer.mask(tasks.get(part.unit.code, "")), "due": part.due_at}
            for part in parts
        ],
        "attendees": _attendees(story.complaint, parts[0].coordination.record_id),
        "third_parties": story.customer.mask(written.get("third_parties", "")),
    }


def _attendees(complaint: Complaint, record_id: int | None) -> list[str]:
    entry = LedgerEntry.objects.filter(matter_id=complaint.pk, verb="record_tasks", texts_id=record_id).first()
    present = entry.facts.get("attendees", ()) if entry else ()
    return list(Employee.objects.filter(pk__in=present).order_by("pk").values_list("username", flat=True))


def _own_note(story: Story) -> dict[str, Any]:
    """A note is the unit's own unless its writer shares it."""
    return {"shared": "false"}


def _present_day(story: Story) -> dict[str, Any]:
    day = story.complaint.call_back_on
    return {"day": day.isoformat()} if day else {}


def _standing_body(story: Story) -> dict[str, Any]:
    """The body that awaits an answer, the most pressing one first."""
    waiting = [limit for limit in nearest(story.deadlines, len(story.deadlines)) if limit.kind in ANSWERS_TO_OUTSIDE]
    return {"body": waiting[0].kind.removeprefix("answer_")} if waiting else {}


KNOWN: dict[str, Callable[[Story], dict[str, Any]]] = {
    "chase": _chase,
    "dispatch": _dispatch,
    "extend": _extend,
    "confirm_task": _own_unit,
    "finish_task": _own_unit,
    "record_tasks": _record,
    "set_flags": _flags,
    "correct_satisfaction": _other_answer,
    "answer": _draft,
    "submit_for_review": _draft,
    "reply": _reply,
    "add_note": _own_note,
    "answer_outside_case": _standing_body,
    "drop_outside_case": _standing_body,
    "move_call_back": _present_day,
}
"""The initial values by verb. A check at start refuses an unknown verb."""
