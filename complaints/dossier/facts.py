"""What a person reads before they act: the latest answer, what was said since, and what the customer added."""

from __future__ import annotations

from typing import Any

from accountability.gate.verbs import VERBS
from accountability.models import LedgerEntry
from complaints.dossier.dossier import OF_THE_INTAKE, RESULTS, Story
from complaints.dossier.round_card import Said, said_in
from complaints.dossier.timeline import told
from complaints.models import Complaint

ANSWER_IT = (*RESULTS, "submit_for_review", "propose_solution", "request_return")
"""Verbs by which a unit, or the centre itself, says what it found, did or proposes."""

OF_THE_WORK = ("", "review", "time", "material")
"""The groups of verbs whose words are about the work itself, not about the record, people or notes."""

SUPPLEMENT = "supplement"


def facts(story: Story) -> dict[str, Any]:
    """Above the form of every act, on the page of the complaint and on that of the act alone. No query."""
    return {"latest": latest(story), "supplements": supplements(story)}


def supplements(story: Story) -> list[Said]:
    """What the customer added, newest first, masked, with its files. No query."""
    return [said_in(story, entry) for entry in reversed(story.entries) if entry.verb == SUPPLEMENT]


def latest(story: Story) -> list[dict[str, Any]]:
    """The latest answer, and the latest words since then: newest first, as entries of a timeline with their files."""
    spoken = [entry for entry in story.entries if _speaks(entry)]
    answer = next((entry for entry in reversed(spoken) if entry.verb in ANSWER_IT), None)
    since = spoken[-1:] if spoken and spoken[-1] is not answer else []
    shown = [*since, *([answer] if answer else [])]
    return [told(story, entry) | {"files": story.files_of(entry)} for entry in shown]


def _speaks(entry: LedgerEntry) -> bool:
    verb = VERBS.get((Complaint.matter_kind, entry.verb))
    if verb is None or entry.texts_id is None or entry.verb in OF_THE_INTAKE:
        return False
    return verb.group in OF_THE_WORK
