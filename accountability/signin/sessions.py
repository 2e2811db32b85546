"""How long a session lasts, whose it is, and what ends it besides time.

It ends when nobody has done anything for a while, and at the latest after some hours, both by the policy at the sign-in
and measured by the clock of Django's sessions, which end it. Requests that a page makes automatically keep no session
alive (`POLL`). A session also ends with the next request when the person is no longer active or has moved to another
unit, and everywhere at once when it is ended for them.

The cookie holds the session's key, the database only a digest of it. A reader of the database or of a backup could
otherwise put a key from there into a cookie and be that person, second factor included. A key has 165 random bits, so
that a plain digest is enough. The data are signed for this digest (`session_salt`): a writer of the database could
otherwise copy somebody's data into a session of their own. Data that aren't its own open nothing, and alarm.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.core import signing
from django.db.models.functions import Now
from django.http import HttpRequest

from accountability.audit import watch
from accountability.db import sql, writing
from accountability.models import Employee, OpenSession, SignInPolicy, session_salt
from accountability.models.serving import person_serving
from accountability.signin import tokens

POLL = "X-Poll"
"""The header of a request that a page makes automatically."""

UNTIL, IDLE, UNIT = "until", "idle", "unit"
ARRIVED: ContextVar[datetime | None] = ContextVar("ARRIVED", default=None)
"""When the request arrived that is being answered."""

VERIFIED = "verified"
"""The second factor was shown in this session."""

SPARING = 60
"""Seconds: the expiry is written only when it moves by more, so that not every request writes the session."""

LENGTH = 40
"""Characters of a digest (160 bits): the width of Django's column."""

REFERENCE = 12
"""Characters of a digest that an alarm names a session by."""


def digest(key: str | None) -> str:
    """What the tables hold instead of the key."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's store, with the digest in the place of the key. The program has no asynchronous views, so that only
    the methods of ordinary ones are used.
    """

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        """Every request asks this, so that the statement isn't built anew each time."""
        key = digest(self.session_key)
        found = sql.by_key(Session, [key]).get(key)
        if found is None or self.get_expiry_age(expiry=found.expire_date) < 0:
            self._session_key = None
            return None
        return found

    @property
    def key_salt(self) -> str:
        return session_salt(digest(self.session_key))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Nothing where the data weren't written for this session."""
        try:
            found: dict[str, Any] = signing.loads(str(session_data), salt=self.key_salt, serializer=self.serializer)
        except signing.BadSignature:
            if at := ARRIVED.get():
                watch.alarm_forged("session", digest(self.session_key)[:REFERENCE], at)
            return {}
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def save(self, must_create: bool = False) -> None:
        """Writing a session that exists is one statement, which needs no transaction of its own."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        if not writing.update(row, [Session._meta.get_field(name) for name in ("session_data", "expire_date")]):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(digest(key))


class PersonOfSession(ModelBackend):
    """Reads whose session it is, their unit, which the frame of each page names, and how they serve when the request
    arrived. Every request asks this too.
    """

    def get_user(self, user_id: int) -> Employee | None:
        at = ARRIVED.get()
        person = person_serving(user_id, at) if at else sql.by_key(Employee, [user_id]).get(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None


def begin(session: Any, person: Employee, policy: SignInPolicy) -> None:
    """Set the times at the sign-in; no policy lets a session last longer than the cookie."""
    session.set_expiry(min(timedelta(hours=policy.absolute_hours), timedelta(seconds=settings.SESSION_COOKIE_AGE)))
    session[UNTIL] = session.get_expiry_date().isoformat()
    session[IDLE], session[UNIT] = policy.idle_minutes * 60, person.unit_id
    renew(session, sparing=0)


def renew(session: Any, *, sparing: int = SPARING) -> None:
    """The person did something: the idle time starts again, up to the session's own end."""
    ends_in = session.get_expiry_age(expiry=datetime.fromisoformat(session[UNTIL]))
    wanted = min(session[IDLE], ends_in)
    if not sparing or wanted - session.get_expiry_age() > sparing:
        session.set_expiry(timedelta(seconds=wanted))


def left(session: Any) -> int:
    """Seconds until the session ends if nobody does anything."""
    return max(0, int(session.get_expiry_age()))


def warn(session: Any) -> int:
    """Seconds before the end at which a page warns."""
    return min(settings.SESSION_WARN_SECONDS, session[IDLE] // 2)


def is_over(request: HttpRequest) -> bool:
    """Whether the person has left, is disabled or has moved, or the session was begun by an older version of the
    program.
    """
    session = request.session
    if SESSION_KEY not in session:
        return False
    person: Any = request.user
    return not person.is_authenticated or UNTIL not in session or session.get(UNIT) != person.unit_id


def note(request: HttpRequest, person: Employee, at: datetime, address: str | None, *, only_one: bool) -> None:
    """Store that the session is open, from which address and device; with `only_one` the person's others end."""
    if only_one:
        _end_others(person.pk)
    device = request.headers.get("User-Agent", "")[:200]
    stored = digest(request.session.session_key)
    OpenSession.objects.create(digest=stored, employee=person, since=at, address=address, device=device)


def forget(request: HttpRequest) -> None:
    """Forget the session at the sign-out."""
    OpenSession.objects.filter(digest=digest(request.session.session_key)).delete()


def verify(request: HttpRequest) -> None:
    """The second factor was shown: the session may do more from now on, so it gets a new key."""
    before = request.session.session_key
    request.session[VERIFIED] = True
    request.session.cycle_key()
    renamed(request, before)


def renamed(request: HttpRequest, before: str | None) -> None:
    """Record the session's new key."""
    OpenSession.objects.filter(digest=digest(before)).update(digest=digest(request.session.session_key))


def open_of(employee_id: int) -> list[OpenSession]:
    """The person's open sessions, the newest first; expired ones are deleted."""
    known = list(OpenSession.objects.filter(employee_id=employee_id))
    stored = Session.objects.filter(pk__in=[one.digest for one in known], expire_date__gt=Now())
    alive = set(stored.values_list("pk", flat=True))
    OpenSession.objects.filter(pk__in=[one.pk for one in known if one.digest not in alive]).delete()
    return [one for one in known if one.digest in alive]


def forget_ended() -> None:
    """Delete sessions that are over, and what was stored about them."""
    SessionStore.clear_expired()
    OpenSession.objects.exclude(digest__in=Session.objects.values("session_key")).delete()


def is_this(request: HttpRequest, one: OpenSession) -> bool:
    """Whether the request came in this session."""
    return one.digest == digest(request.session.session_key)


def end_one(employee_id: int, pk: int) -> bool:
    """End one of the person's sessions; False where it isn't theirs or has ended."""
    found = OpenSession.objects.filter(employee_id=employee_id, pk=pk).first()
    if found is None:
        return False
    Session.objects.filter(pk=found.digest).delete()
    found.delete()
    return True


def end_all(employee_id: int, *, but: str | None = None) -> int:
    """End every session of the person, on every device, except the one with this key, and every token. Return how
    many.
    """
    return _end_others(employee_id, but=but) + tokens.end_all(employee_id)


def end_open(employee_id: int) -> int:
    """End every session of the person, and none of their tokens: they have signed out elsewhere. Return how many."""
    return _end_others(employee_id)


def _end_others(employee_id: int, *, but: str | None = None) -> int:
    known = OpenSession.objects.filter(employee_id=employee_id).exclude(digest=digest(but))
    Session.objects.filter(pk__in=list(known.values_list("digest", flat=True))).delete()
    return known.delete()[0]
