"""The store of sessions: the cookie holds the key, the database only a digest of it.

A reader of the database or of a backup could otherwise put a key from there into a cookie and be that person,
second factor included. A key has 165 random bits, so that a plain digest is enough.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession

LENGTH = 40
"""Characters of a digest (160 bits): the width of Django's column."""


def digest(key: str | None) -> str:
    """What the tables hold instead of the key."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's store, with the digest in the place of the key. The program has no asynchronous views, so that only
    the methods of ordinary ones are used.
    """

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = db.SessionStore(digest(self.session_key))._get_session_from_db()  # type: ignore[attr-defined]
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(digest(key))


def is_alive(stored: str) -> bool:
    """Whether the session under this digest holds anything and has not expired."""
    return bool(db.SessionStore(stored).load())
