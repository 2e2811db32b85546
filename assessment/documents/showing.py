"""A circular on a page, with the content of its paper: frozen once signed, before that as it would be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils.safestring import SafeString

from accountability.documents import html
from accountability.documents.content import Content
from accountability.documents.marking import DRAFT, marks_of
from accountability.models import Paper
from assessment.documents import circular as paper_of_circular
from assessment.models import Case, Circular

DROPPED = "已作废"
"""The mark across a draft that won't be signed any more."""


def shown(
    case: Case, circulars: Iterable[Circular], at: datetime, *, below: int = 1,
    change: Callable[[str], str] | None = None,
) -> dict[int, SafeString]:  # fmt: skip
    """By the circular's key, with the mark across it; without those whose text was cleared. `change` rewrites every
    text; `below` is the number of heading levels above. A constant number of queries.
    """
    return {
        pk: html.fragment(content.changed(change) if change else content, mark=mark, below=below)
        for pk, (content, mark) in _contents(case, circulars, at).items()
    }


def told(case: Case, circulars: Iterable[Circular], at: datetime) -> dict[int, str]:
    """By the circular's key, the words of the same papers, line by line, for who reads them without a page."""
    return {pk: "\n".join(content.as_lines()) for pk, (content, _mark) in _contents(case, circulars, at).items()}


def _contents(case: Case, circulars: Iterable[Circular], at: datetime) -> dict[int, tuple[Content, str]]:
    several = list(circulars)
    contents = _frozen(case, [each for each in several if each.signed_at])
    return contents | _as_they_stand(case, [each for each in several if not each.signed_at], at)


def _frozen(case: Case, circulars: Sequence[Circular]) -> dict[int, tuple[Content, str]]:
    if not circulars:
        return {}
    parts = [each.pk for each in circulars]
    issued = Paper.objects.filter(matter=case.pk, kind="circular", part__in=parts, issued_at__isnull=False)
    papers = list(issued.select_related("content").order_by("version"))
    marks = marks_of(papers)
    texts = ((paper, paper.text) for paper in papers)
    return {paper.part: (Content.from_text(text), marks.get(paper.pk, "")) for paper, text in texts if text is not None}


def _as_they_stand(case: Case, drafts: Sequence[Circular], at: datetime) -> dict[int, tuple[Content, str]]:
    contents = paper_of_circular.preview(case, drafts, at)
    return {
        draft.pk: (content, DRAFT if draft.is_draft else DROPPED)
        for draft, content in zip(drafts, contents, strict=True)
    }  # fmt: skip
