"""The office telephones of the people who work on one complaint, for one another."""

from __future__ import annotations

from accountability.models import Preferences
from complaints.dossier.dossier import Story
from complaints.models import State


def numbers_of(story: Story) -> dict[int, str]:
    """By the key of the person. Empty for who only reads, and once the complaint is archived."""
    complaint = story.complaint
    takes_part = complaint.side_of(story.actor) is not None or story.must_reply
    if complaint.state == State.ARCHIVED or not takes_part:
        return {}
    people = {complaint.agent_id, complaint.forwarded_by_id, complaint.matter.holder_id}
    for found in story.rounds:
        people |= found.people | {found.contact_id, found.head_id}
    return Preferences.office_numbers(people - {story.actor.pk})
