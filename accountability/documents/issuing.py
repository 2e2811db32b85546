"""Giving out a paper: in the act that issues it, its words are composed, sealed and their digest put into the ledger.

What it looks like as PDF and DOCX is made afterwards by a task, once, from the frozen words, and kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from accountability.db.sql import insert, rows
from accountability.documents.content import digest_of
from accountability.documents.kinds import KINDS
from accountability.gate.orders import Order
from accountability.models import LedgerEntry, Paper, PaperFile, PersonalData
from accountability.security.encryption import seal

if TYPE_CHECKING:
    from accountability.gate.act import Act


def issue(
    act: Act, kind: str, *, part: int = 0, number: str = "", entry: LedgerEntry | None = None, **facts: object
) -> None:
    """Have the act give out this paper when it is written. Issued anew for the same part it is the next version.

    `entry` is the system's own entry where the paper is the system's, not of whoever's act it happens in.
    """
    entry = entry or act.entry or (act.entries[-1] if act.entries else None)
    by = entry.actor if entry else act.batch.system
    act.papers.append(
        Order(kind, act.subject, act.at, part=part, number=number, act=act, by=by, entry=entry, facts=facts)
    )


def compose_all(acts: Iterable[Act]) -> None:
    """Compose and keep the papers of these acts, a kind at a time; their digests go into the acts' entries.

    Runs when the acts' new rows are inserted and before their ledger entries are chained.
    """
    orders = sorted((order for act in acts for order in act.papers), key=lambda order: order.kind)
    for name, several in groupby(orders, key=lambda order: order.kind):
        _keep(name, list(several))


def _keep(name: str, orders: list[Order]) -> None:
    contents = KINDS[name].compose(orders)
    sealed, papers = [], []
    versions = _versions(name, orders)
    for order, content in zip(orders, contents, strict=True):
        assert order.act is not None
        matter, text = order.act.matter, content.as_text()
        digest = digest_of(text)
        row = PersonalData(
            matter=matter, kind="paper", sealed=seal({"content": text}, matter_id=matter.pk, kind="paper")
        )
        version = versions[matter.pk, order.part] = versions.get((matter.pk, order.part), 0) + 1
        sealed.append(row)
        papers.append(
            Paper(
                matter=matter, kind=name, part=order.part, version=version, number=content.number, title=content.title,
                content=row, digest=digest, issued_at=order.at, token=secrets.token_urlsafe(24),
                issued_by=order.by,
            )
        )  # fmt: skip
        if (entry := order.entry) is not None:
            entry.facts = entry.facts | {"papers": [*entry.facts.get("papers", []), digest]}
    insert(sealed)
    for paper in papers:
        paper.content_id = paper.content.pk
    insert(papers)
    if KINDS[name].is_eager:
        insert([file for paper in papers for file in _files_of(paper)])


def _files_of(paper: Paper) -> list[PaperFile]:
    """Asked for with the paper; a worker makes them once the act is written."""
    assert paper.issued_at is not None
    return [
        PaperFile(paper=paper, form=form, asked_at=paper.issued_at, asked_by_id=paper.issued_by_id)
        for form in KINDS[paper.kind].forms
    ]


def _versions(name: str, orders: list[Order]) -> dict[tuple[int, int], int]:
    """How many versions there are so far, by matter and part; their matters are locked, so nobody else counts now."""
    matters = {order.act.matter.pk for order in orders if order.act}
    found: dict[tuple[int, int], int] = {}
    for paper in rows(Paper, matter_id=matters, kind={name}):
        if not paper.is_draft:
            found[paper.matter_id, paper.part] = max(paper.version, found.get((paper.matter_id, paper.part), 0))
    return found
