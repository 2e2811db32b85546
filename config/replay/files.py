"""Files that a scenario only names: drafts without content, in the throw-away database and its throw-away folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from accountability.files.attachments import new_token
from accountability.models import Attachment, Employee
from accountability.security import file_store
from accountability.security.encryption import seal_bytes


def stand_in(names: Iterable[str], by: Employee, at: datetime, *, kind: str = "evidence") -> list[Attachment]:
    """A draft for each name, as if this person had handed it in; the missing content is not judged."""
    return [_draft(name, by, at, kind) for name in names]


def _draft(name: str, by: Employee, at: datetime, kind: str) -> Attachment:
    token = new_token()
    return Attachment.objects.create(
        kind=kind, token=token, uploaded_by=by, uploaded_at=at, media_type="text/plain", size=0,
        sha256=hashlib.sha256(b"").hexdigest(), sealed=seal_bytes(name.encode(), token=token, part="name"),
        place=file_store.put(seal_bytes(b"", token=token, part="content"), at=at),
    )  # fmt: skip
