"""What bodies outside handed over of a complaint: under which numbers, answered by when. For the offices only: a unit
reads the channel and the limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from accountability.documents.reading import papers_of
from accountability.models import Deadline, Paper
from complaints.declarations.limits import ANSWERS_TO_OUTSIDE
from complaints.documents import OUTSIDE_ANSWER
from complaints.dossier.dossier import Story
from complaints.models import OutsideCase


@dataclass
class Handed:
    """One case with its limit and, once it was answered, the letter."""

    case: OutsideCase
    deadline: Deadline
    letter: Paper | None


def handed_over(story: Story) -> list[Handed]:
    """The cases, newest first. A complaint that has none, as nearly all have, costs no statement."""
    limits = {found.pk: found for found in story.deadlines if found.kind in ANSWERS_TO_OUTSIDE}
    if not limits or not story.knows_all:
        return []
    cases = list(OutsideCase.objects.filter(complaint=story.complaint.pk).order_by("-pk"))
    is_answered = any(case.answered_at for case in cases)
    papers = papers_of([story.complaint.pk], story.actor, OUTSIDE_ANSWER) if is_answered else []
    letters = {paper.part: paper for paper in papers}
    return [Handed(case, limits[case.deadline_id], letters.get(case.pk)) for case in cases]
