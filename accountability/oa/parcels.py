"""What is handed over of a paper: what it is and for whom, and its files as they were issued."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from accountability.deadlines.limits import SHANGHAI
from accountability.documents import keeping
from accountability.documents.content import Content
from accountability.documents.kinds import KINDS
from accountability.documents.making import MEDIA_TYPES
from accountability.documents.marking import mark_of
from accountability.models import PaperFile, PaperHandover


class Needless(Exception):
    """It isn't to be handed over any more; the text is a word that says why."""


class Bent(Exception):
    """A file isn't what was made."""


@dataclass(frozen=True)
class File:
    name: str
    kind: str
    sha256: str
    content: bytes

    @property
    def said(self) -> dict[str, Any]:
        return {"name": self.name, "type": self.kind, "sha256": self.sha256, "size": len(self.content)}


@dataclass(frozen=True)
class Parcel:
    """`said` goes with the files; the key is the paper's id, the same on every try."""

    key: str
    said: dict[str, Any]
    files: tuple[File, ...]


def packed(handover: PaperHandover) -> Parcel | None:
    """The parcel; None while a file isn't made yet. Raises Needless for what was withdrawn or erased meanwhile."""
    paper, text = handover.paper, handover.paper.text
    if text is None:
        raise Needless("erased")
    if mark_of(paper):
        raise Needless("withdrawn")
    forms = KINDS[paper.kind].forms
    made = {row.form: row for row in paper.files.filter(mark="", form__in=forms, made_at__isnull=False)}
    if len(made) < len(forms):
        return None
    content = Content.from_text(text)
    said = {
        "id": handover.key, "kind": paper.kind, "kind_label": str(KINDS[paper.kind].label), "number": paper.number,
        "title": paper.title, "version": paper.version, "issued_at": paper.dated.astimezone(SHANGHAI).isoformat(),
        "digest": paper.digest, "to": list(content.to), "copies": list(content.copies), "signed": content.signed,
        "url": f"{settings.SITE_URL.rstrip('/')}{reverse('paper', args=[paper.token])}" if settings.SITE_URL else "",
    }  # fmt: skip
    return Parcel(handover.key, said, tuple(_file(made[form]) for form in forms))


def _file(row: PaperFile) -> File:
    content = keeping.bytes_of(row)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise Bent
    return File(f"paper.{row.form}", MEDIA_TYPES[row.form], row.sha256, content)
