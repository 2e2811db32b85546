"""Which drawer a notice belongs to, and when people are left in peace. Pure but for the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.conf import settings

from accountability.deadlines import SHANGHAI
from accountability.models import Topic

OF_TOPIC = {
    Topic.CLOCK: ("no_contact", "told_denied"),
    Topic.WORK: (
        "to_do", "chased", "plan_chased", "coordinate", "convened", "to_confirm", "to_finish", "objected",
        "extension_asked", "extension_declined", "answer_sent_back", "material_asked", "material_given",
        "excuse_proposed", "owes_reply", "unreachable", "mass_confirmed",
        "sheet_received", "self_inspection", "fault_opened", "approval_asked", "panel_called", "panel_chased",
        "slip_chased",
        "case_assigned", "plan_opened", "plan_sent_back", "bulletin_drafted", "export_asked",
        "export_failed", "told_lapsed",
    ),
    Topic.LIMITS: (
        "warned", "missed", "overdue", "urged", "criticism_proposed", "criticised", "deemed", "found_violated",
    ),
    Topic.WAITING: (
        "waiting", "alarm", "calendar_missing", "channel_failed", "papers_failed", "exports_failed", "unmasking",
        "deemed_confirmed", "material_waits", "seal_late", "record_bent",
        "excuses_wait", "leads_wait", "mass_warned", "mass_level", "units_without_contact",
    ),
}  # fmt: skip
OF_KIND = {kind: topic for topic, kinds in OF_TOPIC.items() for kind in kinds}
"""A kind that isn't named tells of something and asks for nothing."""

WITHIN_THE_CLOCK = ("warned", "missed", "overdue")
"""What of a hand-over's limit can't wait for the morning: what comes a day later or was decided about it can."""


def topic_of(kind: str, facts: Mapping[str, Any]) -> Topic:
    """The topic of a notice; whatever belongs to the thirty minutes of a hand-over (R19) is the clock's."""
    if kind in WITHIN_THE_CLOCK and facts.get("kind") == "handoff":
        return Topic.CLOCK
    if kind == "to_do" and facts.get("verb") == "hand_off":
        return Topic.CLOCK
    return OF_KIND.get(kind, Topic.NEWS)


def is_quiet(at: datetime) -> bool:
    """Whether it is night where people work: from the first of `settings.QUIET_HOURS` until before the second."""
    begins, ends = (time.fromisoformat(hour) for hour in settings.QUIET_HOURS)
    now = at.astimezone(SHANGHAI).time()
    return begins <= now < ends if begins <= ends else now >= begins or now < ends
