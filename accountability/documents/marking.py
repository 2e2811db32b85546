"""What is laid across a paper when it is handed out: 草稿 over a draft, 已撤回 or 已撤销 over what no longer holds.

The words and the bytes as they were issued stay what they are. A mark is a text of one or two lines: the word across
every page, and since when and by what, which stands at the head of every page.
"""

from __future__ import annotations

from collections.abc import Sequence

from accountability.documents.kinds import KINDS
from accountability.models import Paper

DRAFT = "草稿"


def marks_of(papers: Sequence[Paper]) -> dict[int, str]:
    """By the key of the paper, of those that bear one now; a constant number of queries."""
    found = {paper.pk: DRAFT for paper in papers if paper.is_draft}
    for name in {paper.kind for paper in papers if not paper.is_draft} & KINDS.keys():
        told = KINDS[name].marks
        if told is not None:
            found |= told([paper for paper in papers if paper.kind == name and not paper.is_draft])
    return found


def mark_of(paper: Paper) -> str:
    """Empty where nothing lies across it."""
    return marks_of([paper]).get(paper.pk, "")


def parted(mark: str) -> tuple[str, str]:
    """The word across the page, and the line at its head."""
    word, _break, line = mark.partition("\n")
    return word, line


def since(mark: str) -> str:
    """What stands at the head of every page; empty for a mark of one line."""
    word, line = parted(mark)
    return f"{word}：{line}" if line else ""


def before_title(mark: str) -> str:
    """In front of the title, where a form has no page to lie across."""
    word, line = parted(mark)
    return f"{word}（{line}）　" if line else f"{word}　" if word else ""
