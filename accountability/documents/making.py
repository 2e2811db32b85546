"""Makes the bytes of a paper in one format. The libraries are imported when needed, which is only in the worker."""

from __future__ import annotations

from accountability.documents.content import Content
from accountability.documents.kinds import KINDS

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def make(content: Content, form: str, *, mark: str) -> bytes:
    """The paper as a file. `mark` is printed across it (`documents.marking`); empty for a paper as issued."""
    match form:
        case "html":
            from accountability.documents import html

            return html.whole(content, mark=mark).encode()
        case "pdf":
            from accountability.documents import pdf

            return pdf.render(content, mark=mark)
        case "docx":
            from accountability.documents import docx

            return docx.render(content, mark=mark)
        case "xlsx":
            from accountability.documents import xlsx

            own = KINDS[content.kind].workbook if content.kind in KINDS else None
            return (own or xlsx.render)(content, mark=mark)
    raise ValueError(f"no form {form!r}")
