"""The kind of paper that a bulletin is, and the phrases that marketing may edit in it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.documents.kinds import Kind, matters_seen, register
from accountability.documents.phrases import declare
from assessment.bulletins import paper, workbook
from assessment.documents.marking import of_bulletins
from assessment.models import Bulletin


def register_bulletin() -> None:
    declare(*paper.PHRASES)
    register(
        Kind(
            "bulletin", _("定期通报"), paper.compose, paper.may_read, drafted_from=matters_seen(Bulletin),
            may_draft=paper.may_draft, parts=paper.parts, forms=("pdf", "docx", "xlsx"), readable=paper.readable,
            workbook=workbook.workbook_of, marks=of_bulletins, goes_out=True,
        )
    )  # fmt: skip
