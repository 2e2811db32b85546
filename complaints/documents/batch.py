"""The 投诉处理通知单 of several complaints at once: find them, order their files, show the progress.

Each is judged separately. A complaint that the reader may not see gets the same answer as one that doesn't exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accountability.documents import keeping
from accountability.documents.kinds import KINDS
from accountability.documents.reading import papers_of
from accountability.models import AccessLog, Employee, Paper, PaperFile
from accountability.permissions import Actor
from complaints.documents import NOTICE
from complaints.lists.bulk import Selection


@dataclass
class File:
    """One form of a notice. `state` as on the page of the paper: none, waiting, failed, ready."""

    form: str
    label: Any
    state: str = "none"


@dataclass
class Notice:
    """The result for one number: the latest version for the newest round that the reader may read, or a refusal."""

    number: str
    paper: Paper | None = None
    files: list[File] = field(default_factory=list)
    refusal: str = ""


def notices_of(chosen: Selection, actor: Actor) -> list[Notice]:
    """In the order of the selection, those without a notice last. A constant number of queries."""
    found = _latest(papers_of([complaint.pk for complaint in chosen.complaints], actor, NOTICE))
    files = {(row.paper_id, row.form): row for row in PaperFile.objects.filter(paper__in=found.values())}
    told = [_notice(str(complaint.matter), found.get(complaint.pk), files) for complaint in chosen.complaints]
    missing = [Notice(number, refusal=_("没有这件投诉。")) for number in chosen.missing]
    return sorted([*told, *missing], key=lambda notice: bool(notice.refusal))


def _latest(papers: Iterable[Paper]) -> dict[int, Paper]:
    """The latest paper of each matter."""
    return {paper.matter_id: paper for paper in sorted(papers, key=lambda paper: (paper.part, paper.version))}


def _notice(number: str, paper: Paper | None, files: dict[tuple[int, str], PaperFile]) -> Notice:
    if paper is None:
        return Notice(number, refusal=_("没有您可以查看的通知单。"))
    return Notice(number, paper, [_file(form, files.get((paper.pk, form))) for form in KINDS[NOTICE].forms])


def _file(form: str, row: PaperFile | None) -> File:
    label = PaperFile.Form(form).label
    if row is None:
        return File(form, label)
    if row.made_at:
        return File(form, label, "ready")
    return File(form, label, "failed" if row.failures >= keeping.MOST_FAILURES else "waiting")


def order(notices: Iterable[Notice], *, by: Employee, at: datetime) -> None:
    """Order the missing files; those that had failed for good are tried again. The access log records who asked."""
    papers = [notice.paper for notice in notices if notice.paper is not None]
    wanted = [
        PaperFile(paper=paper, form=form, asked_at=at, asked_by=by) for paper in papers for form in KINDS[NOTICE].forms
    ]
    unmade = PaperFile.objects.filter(paper__in=papers, made_at=None, failures__gte=keeping.MOST_FAILURES)
    with transaction.atomic():
        PaperFile.objects.bulk_create(wanted, ignore_conflicts=True)
        unmade.update(failures=0, claimed_at=None)
        AccessLog.objects.bulk_create(
            AccessLog(at=at, actor=by, action="paper_file", result="ok", matter_id=paper.matter_id, detail=str(paper))
            for paper in papers
        )
        transaction.on_commit(keeping.wake)
