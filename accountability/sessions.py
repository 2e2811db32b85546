"""How long a session lasts: it ends when nobody has done anything for a while, and in any case after half a day.

Counted by the clock of Django's sessions, which is what ends them. What a page asks for by itself is no doing of
anybody and keeps no session alive (`POLL`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

POLL = "X-Poll"
"""The header of a request that a page makes by itself."""

UNTIL = "until"
SPARING = 60
"""Seconds that must be gained, so that not every request writes the session."""


def begin(session: Any) -> None:
    """At the sign-in."""
    session.set_expiry(timedelta(seconds=settings.SESSION_COOKIE_AGE))
    session[UNTIL] = session.get_expiry_date().isoformat()
    renew(session, sparing=0)


def renew(session: Any, *, sparing: int = SPARING) -> None:
    """Somebody did something: the idle time begins anew, up to the session's own end."""
    if UNTIL not in session:
        return begin(session)
    ends_in = session.get_expiry_age(expiry=datetime.fromisoformat(session[UNTIL]))
    wanted = min(settings.SESSION_IDLE_SECONDS, ends_in)
    if not sparing or wanted - session.get_expiry_age() > sparing:
        session.set_expiry(timedelta(seconds=wanted))
    return None


def left(session: Any) -> int:
    """Seconds until it ends if nobody does anything."""
    return max(0, int(session.get_expiry_age()))
