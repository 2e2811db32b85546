"""The papers of a case for tests: issued by the real acts, their words to be compared whole with an expected file."""

from __future__ import annotations

import re
from pathlib import Path

from accountability.documents.content import Content
from accountability.documents.reading import may_read, papers_of
from accountability.models import Paper
from assessment.models import Case
from tests.assessment.docket import Docket

FOLDER = Path(__file__).parent / "papers"
NAME, PHONE = "王建国", "13871234567"
"""The customer of every complaint here, as the intake has them."""

PLANTED = f"客户{NAME}（{PHONE}）"
"""What somebody careless writes into every text that he is asked for."""

CODES = {r"AJ\d{4}-[0-9A-Z]{8}": "AJ编号", r"HD\d{4}-[0-9A-Z]{8}": "HD编号", r"TS\d{14}": "TS编号"}
"""Numbers of matters tell nothing and are never the same twice."""


def issued(case: Case, kind: str) -> list[Paper]:
    """The versions, the first one first; of circulars one after the other."""
    return list(Paper.objects.filter(matter=case.pk, kind=kind, issued_at__isnull=False).order_by("pk"))


def words(paper: Paper) -> str:
    """All that it says, a line a piece."""
    text = paper.text
    assert text is not None
    told = "\n".join(Content.from_text(text).as_lines())
    for code, name in CODES.items():
        told = re.sub(code, name, told)
    return told


def expected(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def readers(docket: Docket, paper: Paper, people: tuple[str, ...]) -> list[str]:
    """Who of these may read it; a list on a page and the paper's own address agree."""
    actors = {who: docket.actor(who) for who in people}
    found = [who for who, actor in actors.items() if may_read(paper, actor)]
    listed = [who for who, actor in actors.items() if paper in papers_of([paper.matter_id], actor, paper.kind)]
    assert found == listed
    return found
