"""Reads the files of issued papers and of what people handed in, and compares their bytes with the digest that their
row keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidTag

from accountability.audit.verify_export import Finding
from accountability.models import Attachment, PaperFile
from accountability.security import file_store
from accountability.security.encryption import unseal_bytes

NO_FILE = (InvalidTag, ValueError, IsADirectoryError, NotADirectoryError)
"""What reading raises where the content was changed, or a row names something else than a file."""

AT_ONCE = 200
"""Rows in memory; of the files only one is."""


def bent_files() -> Iterator[Finding]:
    """A finding for each file that is gone, or isn't what was made or handed in. Two statements; another for each that
    is gone, since it may have been erased meanwhile. Drafts are nobody's evidence yet.
    """
    papers = PaperFile.objects.filter(made_at__isnull=False, paper__content__sealed__isnull=False)
    for row in papers.select_related("paper").order_by("pk").iterator(chunk_size=AT_ONCE):
        if kind := _bent(row, row.paper.token, row.sealed_as, papers):
            yield Finding(kind, row.paper.matter_id, note=f"accountability.paperfile {row.pk}")
    handed_in = Attachment.objects.exclude(claimed_at=None).filter(erased_at=None)
    for file in handed_in.order_by("pk").iterator(chunk_size=AT_ONCE):
        if kind := _bent(file, file.token, "content", handed_in):
            yield Finding(kind, file.matter_id or 0, note=f"accountability.attachment {file.pk}")


def _bent(row: Any, token: str, part: str, kept: Any) -> str:
    """What is wrong with the file of one row; empty if nothing is."""
    try:
        plain = unseal_bytes(file_store.get(str(row.place)), token=token, part=part)
    except FileNotFoundError:
        return "file_missing" if kept.filter(pk=row.pk).exists() else ""
    except NO_FILE:
        return "file_changed"
    return "" if hashlib.sha256(plain).hexdigest() == row.sha256 else "file_changed"
