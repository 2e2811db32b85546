"""Decides who may read which paper, and finds the papers that pages link to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any

from django.utils.safestring import SafeString

from accountability.documents import html
from accountability.documents.content import Content
from accountability.documents.kinds import KINDS, by_rule
from accountability.documents.marking import marks_of
from accountability.gate.subjects import SUBJECTS
from accountability.models import Matter, Paper
from accountability.permissions import Actor


def may_read(paper: Paper, actor: Actor) -> bool:
    """Whether the person may read the paper: an issued one as its kind decides; a draft only its maker, as long as they
    may still draft it.
    """
    kind = KINDS.get(paper.kind)
    if kind is None:
        return False
    if not paper.is_draft:
        return kind.may_read(paper, actor)
    if paper.issued_by_id != actor.pk:
        return False
    subject = subject_of(paper.matter)
    return subject is not None and kind.may_draft(subject, actor)


def subject_of(matter: Matter) -> Any:
    """The subject of the matter, read again."""
    model: Any = SUBJECTS[matter.kind]
    return model.of_matters({matter.pk: matter}).get(matter.pk)


def papers_of(
    matter_ids: Iterable[int], actor: Actor, kind: str | Collection[str] | None = None, part: int | None = None
) -> list[Paper]:
    """The issued papers of these matters that the actor may read, newest first, with their current marks. It takes one
    query, and those of the kinds for all their papers.
    """
    found = Paper.objects.filter(matter__in=set(matter_ids), issued_at__isnull=False)
    if kind is not None:
        found = found.filter(kind__in=[kind] if isinstance(kind, str) else kind)
    if part is not None:
        found = found.filter(part=part)
    papers = list(found.select_related("matter", "issued_by").order_by("-issued_at", "-pk"))
    known = readable(papers, actor)
    return with_marks([paper for paper in papers if paper.pk in known])


def shown(paper: Paper, *, below: int = 1) -> SafeString | str:
    """The frozen words with the paper's mark, as a page shows them; empty once they are cleared."""
    text = paper.text
    return "" if text is None else html.fragment(Content.from_text(text), mark=paper.mark, below=below)


def with_marks(papers: list[Paper]) -> list[Paper]:
    """Set the current mark of each paper, and return the papers."""
    marks = marks_of(papers)
    for paper in papers:
        paper.mark = marks.get(paper.pk, "")
    return papers


def readable(papers: list[Paper], actor: Actor) -> set[int]:
    """The primary keys of those issued papers that the actor may read."""
    seen: set[int] = set()
    for those_of, several in by_rule(papers, attrgetter("readable")).items():
        one_by_one = (paper.pk for paper in several if KINDS[paper.kind].may_read(paper, actor))
        seen.update(those_of(several, actor) if those_of else one_by_one)
    return seen
