"""The office telephones of the people who work on one complaint, for one another."""

from __future__ import annotations

from complaints.dossier.dossier import Story


def numbers_of(story: Story) -> dict[int, str]:
    """By the key of the person; empty for who doesn't work on it."""
    known = story.offices() if story.offices is not None else ()
    return {one.pk: number for one in known if (number := one.office_number)}
