"""Finds the mark that is printed across a paper: 草稿 on a draft, 已撤回 or 已撤销 on a paper that is no longer valid.

The content and the file as issued don't change. A mark is a text of one or two lines: the word printed across every
page and, for the head of every page, since when and by which act it applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from accountability.documents.kinds import by_rule
from accountability.models import Paper

DRAFT = "草稿"


def marks_of(papers: Sequence[Paper]) -> dict[int, str]:
    """The current marks of those papers that have one, by primary key."""
    found = {paper.pk: DRAFT for paper in papers if paper.is_draft}
    issued = (paper for paper in papers if not paper.is_draft)
    for told, several in by_rule(issued, attrgetter("marks")).items():
        found |= told(several) if told else {}
    return found


def mark_of(paper: Paper) -> str:
    """The paper's current mark; empty if it has none."""
    return marks_of([paper]).get(paper.pk, "")


def parted(mark: str) -> tuple[str, str]:
    """Split a mark into the word across the page and the line for its head."""
    word, _break, line = mark.partition("\n")
    return word, line


def since(mark: str) -> str:
    """The text at the head of every page; empty for a mark of one line."""
    word, line = parted(mark)
    return f"{word}：{line}" if line else ""


def before_title(mark: str) -> str:
    """The mark as text before the title, for formats without pages."""
    word, line = parted(mark)
    return f"{word}（{line}）　" if line else f"{word}　" if word else ""
