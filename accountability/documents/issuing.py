"""Issues papers: within the act a paper's content is composed and sealed, and its digest is written to the ledger.

PDF and DOCX are made afterwards by a task, once, from the frozen content.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from itertools import chain, groupby

from accountability.db.sql import Later
from accountability.db.writing import insert
from accountability.documents.content import Content, digest_of
from accountability.documents.kinds import KINDS
from accountability.gate.act import Act, Order
from accountability.models import LedgerEntry, Paper, PaperFile, PersonalData


def issue(
    act: Act, kind: str, *, part: int = 0, number: str = "", entry: LedgerEntry | None = None, **facts: object
) -> None:
    """Issue this paper when the act is written. Issuing it again for the same part makes the next version.

    `entry` is the system's ledger entry if the system issues the paper during somebody else's act.
    """
    entry = entry or act.entry or (act.entries[-1] if act.entries else None)
    by = entry.actor if entry else act.batch.system
    act.papers.append(
        Order(kind, act.subject, act.at, part=part, number=number, act=act, by=by, entry=entry, facts=facts)
    )


def compose_all(acts: Iterable[Act]) -> None:
    """Compose and store the papers of these acts, one kind after another, and add their digests to the acts' entries.

    Runs after the acts' new rows are inserted and before their ledger entries are chained.
    """
    orders = sorted((order for act in acts for order in act.papers), key=lambda order: order.kind)
    issued = _issued(orders)
    by_kind = [KINDS[kind].compose(list(several)) for kind, several in groupby(orders, key=lambda order: order.kind)]
    _keep(orders, list(chain.from_iterable(by_kind)), _versions(issued()))


def _keep(orders: list[Order], contents: list[Content], versions: dict[tuple[str, int, int], int]) -> None:
    sealed, papers = [], []
    for order, content in zip(orders, contents, strict=True):
        assert order.act is not None
        matter, text = order.act.matter, content.as_text()
        digest = digest_of(text)
        row = PersonalData.of(matter, "paper", {"content": text})
        of_it = order.kind, matter.pk, order.part
        version = versions[of_it] = versions.get(of_it, 0) + 1
        sealed.append(row)
        order.paper = Paper(
            matter=matter, kind=order.kind, part=order.part, version=version, number=content.number,
            title=content.title, content=row, digest=digest, issued_at=order.at, token=secrets.token_urlsafe(24),
            issued_by=order.by,
        )  # fmt: skip
        papers.append(order.paper)
        if (entry := order.entry) is not None:
            entry.facts = entry.facts | {"papers": [*entry.facts.get("papers", []), digest]}
    insert(sealed)
    for paper in papers:
        paper.content_id = paper.content.pk
    insert(papers)
    insert([file for paper in papers if KINDS[paper.kind].is_eager for file in _files_of(paper)])


def _files_of(paper: Paper) -> list[PaperFile]:
    """The files that are requested together with the paper; a worker makes them after the act is written."""
    assert paper.issued_at is not None
    return [
        PaperFile(paper=paper, form=form, asked_at=paper.issued_at, asked_by_id=paper.issued_by_id)
        for form in KINDS[paper.kind].forms
    ]


def _issued(orders: list[Order]) -> Later[Paper]:
    """The papers of these kinds so far, read with what the composers look up. The matters are locked, so nobody else
    can add one.
    """
    acts = [order.act for order in orders if order.act]
    kinds = {order.kind for order in orders}
    return acts[0].batch.together.rows(Paper, matter_id={act.matter.pk for act in acts}, kind=kinds)


def _versions(issued: list[Paper]) -> dict[tuple[str, int, int], int]:
    """The latest version so far, by kind, matter and part."""
    found: dict[tuple[str, int, int], int] = {}
    for paper in issued:
        if not paper.is_draft:
            of_it = paper.kind, paper.matter_id, paper.part
            found[of_it] = max(paper.version, found.get(of_it, 0))
    return found
