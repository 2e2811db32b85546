"""Talks to the company's directory by LDAP: whether a password is somebody's there, and who is there at all.

Nothing is said before TLS with a certificate that the system, or `LDAP_CA`, trusts for this very host. What the library
would do otherwise, and why it doesn't here, is in docs/adr/0040-the-companys-directory.md.
"""

from __future__ import annotations

import math
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from accountability.signin import mapping
from accountability.signin.provider import NotTaken, Unreachable, Untrue

CONNECT, LONGEST, LONGEST_LIST = 2.0, 3.0, 60.0
"""Seconds for the connection, for all that is asked at a sign-in, and for the list of everybody."""

MOST_BYTES, MOST_BYTES_LISTED = 1_000_000, 200_000_000
"""Of answers, in these times."""

PAGE = 500
"""Entries that are asked for at once."""

LONGEST_PASSWORD = 256
"""Characters; a longer one is nobody's."""

STATE = ("userAccountControl", "accountExpires", "pwdAccountLockedTime", "nsAccountLock", "loginDisabled")
"""Where Active Directory, OpenLDAP's password policy, 389 Directory Server and eDirectory keep that an account is
closed. Locks that pass by themselves are the directory's own affair: it refuses the password then.
"""

AD_DISABLED = 0x2
AD_EPOCH = 11_644_473_600
"""Seconds from 1601, from which Active Directory counts tenths of a microsecond, to 1970."""

AD_NEVER = (0, 2**63 - 1)
LOCKED_FOR_GOOD = "000001010000Z"


@dataclass(frozen=True)
class Entry:
    """An entry of the directory. `subject` is what is never given to another."""

    dn: str
    subject: str
    claims: dict[str, Any]
    is_disabled: bool


@sensitive_variables("password", "typed")
def demand(username: str, password: str, at: datetime) -> Entry:
    """The one entry of this username, whose password it is. Raises Untrue with the reason, or Unreachable.

    Whatever the reason, a password is tried: another one, for a name that nobody bears, where this one mustn't be. So
    the time tells no more than the answer.
    """
    with _line(LONGEST, MOST_BYTES) as line:
        entry, why = _one(line, username, at)
        if entry is None or not 0 < len(password) <= LONGEST_PASSWORD:
            dn, typed = _nobody(), _nothing()
        else:
            dn, typed = entry.dn, password.encode(errors="surrogatepass")
        is_right = _binds(line, dn, typed)
    if entry is None or not is_right:
        raise Untrue(why or "password")
    return entry


def pretend(at: datetime) -> None:
    """Ask what is asked at a sign-in, of somebody who isn't there. Raises Unreachable."""
    with _line(LONGEST, MOST_BYTES) as line:
        _one(line, secrets.token_hex(8), at)
        _binds(line, _nobody(), _nothing())


def everybody(at: datetime) -> Iterator[Entry]:
    """Every entry that somebody could sign in by, whatever its state. Raises Unreachable where the list has no end or
    an entry isn't told in full: who is missing from it counts as gone.
    """
    with _line(LONGEST_LIST, MOST_BYTES_LISTED) as line:
        cookie: Any = None
        while True:
            rows, cookie = _page(line, _filter("*", escape=False), cookie)
            for row in rows:
                entry = _entry(row, at)
                if entry is None:
                    raise Unreachable("identity")
                yield entry
            if not cookie:
                return


# The line


class _Bounded(socket.socket):
    """A socket that gives up after a while and after so many bytes, however slowly and long somebody talks."""

    until: float
    left: int

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        remaining = self.until - time.monotonic()
        if remaining <= 0 or self.left <= 0:
            raise TimeoutError
        self.settimeout(remaining)
        data = super().recv(buflen, flags)
        self.left -= len(data)
        return data


class _Secured(_Bounded, ssl.SSLSocket):
    """The same over TLS."""


@cache
def _trust(file: str) -> ssl.SSLContext:
    """Python's own checks of certificate and host, by the authorities of the file, or of the system."""
    context = ssl.create_default_context(cafile=file or None)
    context.sslsocket_class = _Secured
    return context


@contextmanager
def _line(seconds: float, most: int) -> Iterator[Any]:
    """A connection of the service account. Whatever fails on it, nonsense that the library stumbles over too, is
    Unreachable.
    """
    import ldap3

    class Tls(ldap3.Tls):
        """Instead of the library's own comparison of names."""

        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
            context = _trust(settings.LDAP_CA)
            wrapped: Any = context.wrap_socket(connection.socket, server_hostname=connection.server.host)
            wrapped.until, wrapped.left = time.monotonic() + seconds, most
            connection.socket = wrapped

    place = urlsplit(settings.LDAP_URI)
    is_tls = place.scheme == "ldaps"
    try:
        server = ldap3.Server(
            place.hostname or "", place.port or (636 if is_tls else 389), use_ssl=is_tls, tls=Tls(),
            connect_timeout=CONNECT, get_info=ldap3.NONE, mode=ldap3.IP_SYSTEM_DEFAULT,
        )  # fmt: skip
        line = ldap3.Connection(
            server, user=settings.LDAP_BIND_DN, password=settings.LDAP_BIND_PASSWORD.encode(),
            authentication=ldap3.SIMPLE, read_only=True, auto_referrals=False, check_names=False,
            receive_timeout=math.ceil(LONGEST), auto_bind=ldap3.AUTO_BIND_NONE,
        )  # fmt: skip
        try:
            line.open(read_server_info=False)
            if not is_tls:
                line.socket = _Bounded(fileno=line.socket.detach())
                line.socket.until, line.socket.left = time.monotonic() + seconds, most
                line.start_tls(read_server_info=False)
            if not isinstance(line.socket, _Secured):
                raise Unreachable("TLS")
            if not line.bind(read_server_info=False):
                raise Unreachable("LDAP_BIND_DN")
            yield line
        finally:
            line.strategy.close()
            if line.socket is not None:
                line.socket.close()
    except NotTaken:
        raise
    except Exception as error:
        raise Unreachable(type(error).__name__) from error


@sensitive_variables("typed")
def _binds(line: Any, dn: str, typed: bytes) -> bool:
    """Whether this is the password of the entry. It goes as bytes: the library's own preparation of texts leaves
    nothing of some, and an empty password, like an empty name, is nobody's yet isn't refused (RFC 4513, 5.1.2).
    """
    if not dn or not typed:
        return False
    line.rebind(dn, typed, read_server_info=False)
    code = line.result["result"]
    if code in (51, 52, 80):  # busy, unavailable, other
        raise Unreachable(line.result["description"])
    return bool(code == 0)


def _nobody() -> str:
    return f"cn={secrets.token_hex(8)},{settings.LDAP_BASE}"


def _nothing() -> bytes:
    return secrets.token_hex(16).encode()


# Entries


def _filter(username: str, *, escape: bool = True) -> str:
    from ldap3.utils.conv import escape_filter_chars

    return settings.LDAP_FILTER.replace("{username}", escape_filter_chars(username) if escape else username)


def _asked() -> list[str]:
    return sorted({settings.LDAP_IDENTITY, *STATE, *mapping.claims()})


def _one(line: Any, username: str, at: datetime) -> tuple[Entry | None, str]:
    """The entry of this username that may sign in; None with the reason where there isn't exactly one."""
    import ldap3

    line.search(
        settings.LDAP_BASE, _filter(username), attributes=_asked(), size_limit=2, dereference_aliases=ldap3.DEREF_NEVER
    )
    rows, code = _rows(line), line.result["result"]
    if len(rows) > 1 or code == 4:  # more than the limit
        return None, "several"
    if code not in (0, 32):  # 32: no such place
        raise Unreachable(line.result["description"])
    if not rows:
        return None, "unknown_there"
    entry = _entry(rows[0], at)
    if entry is None:
        return None, "identity"
    return (None, "disabled") if entry.is_disabled else (entry, "")


def _page(line: Any, wanted: str, cookie: Any) -> tuple[list[dict[str, Any]], Any]:
    """Entries, and what the next page is asked by. A list that was cut off is no list."""
    import ldap3

    line.search(
        settings.LDAP_BASE, wanted, attributes=_asked(), dereference_aliases=ldap3.DEREF_NEVER,
        paged_size=PAGE, paged_criticality=True, paged_cookie=cookie,
    )  # fmt: skip
    if line.result["result"] != 0:
        raise Unreachable(line.result["description"])
    return _rows(line), line.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]


def _rows(line: Any) -> list[dict[str, Any]]:
    """What was found, without the references to other directories, which aren't followed."""
    return [row for row in line.response or () if row["type"] == "searchResEntry"]


def _entry(row: dict[str, Any], at: datetime) -> Entry | None:
    """None where the entry doesn't say who it is: by one value that is never given to another."""
    given = {name.lower(): values or [] for name, values in row["raw_attributes"].items()}
    identities = given.get(settings.LDAP_IDENTITY.lower(), [])
    if len(identities) != 1 or not 0 < len(identities[0]) <= 255:
        return None
    claims = {name: [_text(value) for value in given.get(name.lower(), [])] for name in mapping.claims()}
    told = {name: _text(values[0]) for name in STATE if (values := given.get(name.lower()))}
    return Entry(row["dn"], identities[0].hex(), claims, is_disabled(told, at))


def _text(value: bytes) -> str:
    return value.decode(errors="replace")


def is_disabled(told: dict[str, str], at: datetime) -> bool:
    """Whether the directory says that the account is closed, or over."""
    expires = _number(told, "accountExpires")
    return bool(
        _number(told, "userAccountControl") & AD_DISABLED
        or (expires not in AD_NEVER and expires / 10_000_000 - AD_EPOCH <= at.timestamp())
        or told.get("pwdAccountLockedTime") == LOCKED_FOR_GOOD
        or any(told.get(name, "").upper() == "TRUE" for name in ("nsAccountLock", "loginDisabled"))
    )


def _number(told: dict[str, str], name: str) -> int:
    try:
        return int(told.get(name, "0"))
    except ValueError:
        return 0
