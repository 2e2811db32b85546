"""Who may read a complaint's papers: only those who may see the round they concern.

An invited unit sees only its own line of a coordination on its page, and may read what is written to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accountability.models import Deadline, Paper
from accountability.permissions import Actor
from complaints.declarations.limits import Kind
from complaints.models import Coordination, Round


def of_rounds(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """Of papers whose part is a round's number: those whose round may be seen. One query."""
    seen = _seen(papers, actor)
    return {paper.pk for paper in papers if (paper.matter_id, paper.part) in seen}


def of_coordinations(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """Of papers whose part is a coordination: those whose round may be seen whole. One query."""
    rounds = Round.objects.visible_to(actor).filter(complaint_id__in={paper.matter_id for paper in papers})
    tables = Coordination.objects.filter(round__in=rounds).values_list("round__complaint_id", "pk")
    seen = set(tables)
    return {paper.pk for paper in papers if (paper.matter_id, paper.part) in seen}


def of_limits(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """Of papers whose part is a limit: those of visible rounds, and of tasks that the actor's unit owes.
    Two queries.
    """
    seen = _seen(papers, actor)
    limits = Deadline.objects.in_bulk({paper.part for paper in papers})
    return {
        paper.pk
        for paper in papers
        if (missed := limits.get(paper.part)) is not None
        and missed.matter_id == paper.matter_id
        and ((paper.matter_id, missed.part) in seen or _is_owed(missed, actor))
    }


def of_offices(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """What the centre writes to others: read by the offices, and by no unit. No query."""
    return {paper.pk for paper in papers} if actor.reads_every_complaint else set()


def _seen(papers: Iterable[Paper], actor: Actor) -> set[tuple[int, int]]:
    matters = {paper.matter_id for paper in papers}
    rounds = Round.objects.visible_to(actor).filter(complaint_id__in=matters)
    return set(rounds.values_list("complaint_id", "number"))


def _is_owed(missed: Deadline, actor: Actor) -> bool:
    return missed.kind == Kind.COOPERATION and missed.unit_id in actor.units
