"""Binds rows that open something to what they are, by a keyed mark: one that was written or changed past the program
opens nothing. The keys are kept outside the database.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class Bound(models.Model):
    """A row that opens something to whoever has its secret. `BINDS` are the columns that say to whom it opens what;
    whoever writes one of them calls `bind`, and nobody binds a row that isn't genuine.
    """

    BINDS: ClassVar[tuple[str, ...]] = ()

    mark = models.CharField(max_length=64, default="", editable=False)

    class Meta:
        abstract = True

    def bind(self) -> None:
        self.mark = self._mark()

    @property
    def is_genuine(self) -> bool:
        """Whether the program wrote the row as it is."""
        return hmac.compare_digest(self.mark.encode(), self._mark().encode())

    def _mark(self) -> str:
        said = [self._meta.label_lower, *(_plain(getattr(self, name)) for name in self.BINDS)]
        body = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
        return hmac.digest(settings.LEDGER_KEY.encode(), b"bound\n" + body, "sha256").hex()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def session_salt(stored: str) -> str:
    """What Django's signature of a session's data is made with: the data of one session are good in no other. `stored`
    is what the table holds for its key.
    """
    return f"accountability.sessions:{stored}"
