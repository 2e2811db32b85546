"""The bytes of a paper in one of its forms. What it takes is loaded when it is needed, which is in the worker alone."""

from __future__ import annotations

from accountability.documents.content import Content
from accountability.documents.kinds import KINDS

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def make(content: Content, form: str, *, is_draft: bool) -> bytes:
    match form:
        case "html":
            from accountability.documents import html

            return html.whole(content, is_draft=is_draft).encode()
        case "pdf":
            from accountability.documents import pdf

            return pdf.render(content, is_draft=is_draft)
        case "docx":
            from accountability.documents import docx

            return docx.render(content, is_draft=is_draft)
        case "xlsx":
            from accountability.documents import xlsx

            own = KINDS[content.kind].workbook if content.kind in KINDS else None
            return (own or xlsx.render)(content, is_draft=is_draft)
    raise ValueError(f"no form {form!r}")
