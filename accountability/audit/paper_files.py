"""Reads the files of issued papers and compares their bytes with the digest that their row keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag

from accountability.audit.verify_export import Finding
from accountability.models import PaperFile
from accountability.security import file_store
from accountability.security.encryption import unseal_bytes

NO_FILE = (InvalidTag, ValueError, IsADirectoryError, NotADirectoryError)
"""What reading raises where the content was changed, or a row names something else than a file."""

AT_ONCE = 200
"""Rows in memory; of the files only one is."""


def bent_files() -> Iterator[Finding]:
    """A finding for each file that is gone, or isn't what was made. One statement; another for what is gone, since it
    may have been erased meanwhile.
    """
    kept = PaperFile.objects.filter(made_at__isnull=False, paper__content__sealed__isnull=False)
    for row in kept.select_related("paper").order_by("pk").iterator(chunk_size=AT_ONCE):
        try:
            plain = unseal_bytes(file_store.get(str(row.place)), token=row.paper.token, part=row.sealed_as)
            kind = "" if hashlib.sha256(plain).hexdigest() == row.sha256 else "file_changed"
        except FileNotFoundError:
            kind = "file_missing" if kept.filter(pk=row.pk).exists() else ""
        except NO_FILE:
            kind = "file_changed"
        if kind:
            yield Finding(kind, row.paper.matter_id, note=f"accountability.paperfile {row.pk}")
