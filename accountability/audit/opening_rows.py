"""Finds rows that would open something to somebody and that the program didn't write as they are (`models.Bound`)."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.sessions.models import Session
from django.core import signing

from accountability.audit.verify_export import Finding
from accountability.models import ApiToken, Bound, CalendarFeed, session_salt

FORGED = "forged"
"""The kind of these findings."""

AT_ONCE = 2000
MODELS: tuple[type[Bound], ...] = (ApiToken, CalendarFeed)


def forged() -> Iterator[Finding]:
    """A finding for each; sessions are named by the beginning of what the table holds for their key."""
    for model in MODELS:
        for row in model._default_manager.order_by("pk").iterator(chunk_size=AT_ONCE):
            if not row.is_genuine:
                yield Finding(FORGED, note=f"{model._meta.label_lower} {row.pk}")
    for stored, data in Session.objects.order_by("pk").values_list("pk", "session_data").iterator(chunk_size=AT_ONCE):
        try:
            signing.loads(data, salt=session_salt(stored))
        except signing.BadSignature:
            yield Finding(FORGED, note=f"sessions.session {stored[:12]}")
