"""Nobody dates anything: an instant is when the request arrived, and what counts earlier bears both (compliance 28)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accountability.gate import sweeper
from accountability.gate.verbs import VERBS
from accountability.models import AccessLog, LedgerEntry
from complaints.models import Complaint
from tests.factories import Play
from tests.looking import deadline

pytestmark = [pytest.mark.compliance(28), pytest.mark.asvs("16.2.2")]

EARLIER = "2026-01-02 03:04:05+08:00"
NAMES = (
    "at", "recorded_at", "opened_at", "registered_at", "created_at", "history_date", "request_at", "now", "when",
    "received_at", "waiting_since", "started_at",
)  # fmt: skip


def test_what_a_form_says_of_time_moves_nothing(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("registered")
    arrived = play.now.forward(minutes=7)
    client = client_for("kf.agent")
    said = dict.fromkeys((*NAMES, *(f"{name}_0" for name in NAMES)), EARLIER)
    response = client.post(
        f"/complaints/{complaint.matter}/dispatch/", {"unit": "WH", "reason": "归属该市。", **said},
        headers={"Date": "Fri, 02 Jan 2026 03:04:05 GMT", "If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"},
    )  # fmt: skip
    entry = LedgerEntry.objects.get(matter_id=complaint.pk, verb="dispatch")
    history = Complaint.history.filter(matter_id=complaint.pk).latest("history_id")
    assert response.status_code in (200, 302)
    assert (entry.at, entry.recorded_at, history.history_date) == (arrived, arrived, arrived)
    client.post(f"/complaints/{complaint.matter}/reveal/", said)
    assert set(AccessLog.objects.values_list("at", flat=True)) == {arrived}


def test_no_verb_takes_the_instant_that_it_counts_at() -> None:
    """Facts that are instants say until when or since when; none is the act's own."""
    taken = {fact.name for entry in VERBS.values() for fact in entry.facts}
    assert taken & {"at", "recorded_at", "history_date", "now"} == set()


def test_what_is_noticed_late_bears_both_instants(play: Play) -> None:
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    sweeper.sweep(due + timedelta(hours=1))
    entry = LedgerEntry.objects.get(matter_id=complaint.pk, verb="miss")
    assert (entry.at, entry.recorded_at) == (due, due + timedelta(hours=1))
    assert entry.at.utcoffset() == timedelta()
