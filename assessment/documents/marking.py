"""The mark across papers that are no longer valid: withdrawn circulars, and all papers of an annulled case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from accountability.deadlines.limits import day_of
from accountability.documents.content import chinese_date
from accountability.models import Paper
from assessment.models import Bulletin, Case, CaseState, Circular, Ranking

WITHDRAWN, ANNULLED = "已撤回", "已撤销"


def of_cases(papers: Sequence[Paper]) -> dict[int, str]:
    """Two queries. A circular that withdraws another stays valid, whatever became of the case."""
    matters = {paper.matter_id for paper in papers}
    annulled = dict(Case.objects.filter(pk__in=matters, state=CaseState.ANNULLED).values_list("pk", "annulled_at"))
    withdrawals = list(Circular.objects.issued().filter(case__in=matters, withdraws__isnull=False).order_by("pk"))
    marks = ((paper.pk, _mark(paper, annulled, withdrawals)) for paper in papers)
    return {pk: mark for pk, mark in marks if mark}


def _mark(paper: Paper, annulled: dict[int, datetime | None], withdrawals: Iterable[Circular]) -> str:
    own = [withdrawal for withdrawal in withdrawals if withdrawal.case_id == paper.matter_id]
    if paper.kind == "circular":
        if any(withdrawal.pk == paper.part for withdrawal in own):
            return ""
        by = next((withdrawal for withdrawal in own if withdrawal.withdraws_id == paper.part), None)
        if by is not None:
            return withdrawn_by(by)
    if paper.matter_id not in annulled:
        return ""
    numbers = "、".join(str(withdrawal.number) for withdrawal in own)
    return annulled_mark(annulled[paper.matter_id], numbers)


def withdrawn_by(withdrawal: Circular) -> str:
    """The mark across a circular, naming the one that withdraws it."""
    return f"{WITHDRAWN}\n{_on(withdrawal.signed_at)}由{withdrawal.number}撤回"


def annulled_mark(at: datetime | None, numbers: str = "") -> str:
    """`numbers` are those of the circulars that withdrew the case's own."""
    return f"{ANNULLED}\n{_on(at)}撤销违反认定" + (f"，通报由{numbers}撤回" if numbers else "")


def _on(at: datetime | None) -> str:
    return chinese_date(day_of(at)) if at else ""


def of_bulletins(papers: Sequence[Paper]) -> dict[int, str]:
    found = Bulletin.objects.filter(pk__in=[paper.matter_id for paper in papers], withdrawn_at__isnull=False)
    return _withdrawn(papers, dict(found.values_list("pk", "withdrawn_at")))


def of_rankings(papers: Sequence[Paper]) -> dict[int, str]:
    """The letter without a part withdraws the other and stays valid."""
    found = Ranking.objects.filter(pk__in=[paper.matter_id for paper in papers], withdrawn_at__isnull=False)
    return _withdrawn([paper for paper in papers if paper.part], dict(found.values_list("pk", "withdrawn_at")))


def _withdrawn(papers: Iterable[Paper], gone: dict[int, datetime | None]) -> dict[int, str]:
    return {
        paper.pk: f"{WITHDRAWN}\n{_on(gone[paper.matter_id])}撤回" for paper in papers if paper.matter_id in gone
    }  # fmt: skip
