"""Talks to the company's sign-on service by OpenID Connect: where people are sent, and what it says of who comes back.

Only the issuer that the settings name is asked, at addresses on its own host or on one of `OIDC_HOSTS`, over TLS and
without following redirections. Nothing that it says is believed before signature, issuer, audience, time and nonce are
checked (docs/adr/0036-company-account.md).
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare

from accountability.notices.channels.http import call

ALGORITHMS = frozenset({
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
})  # fmt: skip
"""Signatures by a private key: a digest under a shared key, or none, could be made by others. A key of another kind
than its algorithm can't even be read.
"""

CONNECT, LONGEST = 2.0, 3.0
"""Seconds for the connection, and for the question after it."""

KEPT_FOR = 3600.0
"""Seconds for which addresses and keys of the provider are kept."""

KEYS_ANEW = 60.0
"""Seconds after which an unknown key is looked for again: who sends made-up ones causes no more questions than that."""

LEEWAY, FRESH = 60, 600
"""Seconds by which clocks may differ, and within which a token must have been made."""

LONGEST_TOKEN = 16384
SIGN_OUT = "http://schemas.openid.net/event/backchannel-logout"

_kept: dict[str, tuple[float, dict[str, Any]]] = {}


class NotTaken(Exception):
    """What was said isn't taken; `why` is a word for the access log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Unreachable(NotTaken):
    """The provider gave no answer that can be used."""


class Untrue(NotTaken):
    """This isn't the provider's word for this sign-in."""


def text(value: Any, longest: int) -> str:
    """The value of a claim where it is a text that somebody may have meant; empty where it is anything else."""
    return value if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() else ""


# Where the provider is


def _own(address: Any) -> str:
    """The address, where it is the provider's own. http is for development alone."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
    except ValueError:
        raise Unreachable("address") from None
    schemes = ("https",) if settings.PRODUCTION else ("https", "http")
    if parts.scheme not in schemes or parts.netloc not in (urlsplit(settings.OIDC_ISSUER).netloc, *settings.OIDC_HOSTS):
        raise Unreachable("address")
    return str(address)


def _ask(address: Any, form: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that the provider answers; a form is posted. A refused form (400) raises Untrue."""
    method, body = ("GET", None) if form is None else ("POST", urlencode(form).encode())
    sent = {"Accept": "application/json"} | (headers or {})
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        status, content = call(method, _own(address), body, sent, timeout=CONNECT, longest=LONGEST)
        if form is not None and status == 400:
            raise Untrue("code")
        found = json.loads(content) if status == 200 else None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise Unreachable(type(error).__name__) from error
    if not isinstance(found, dict):
        raise Unreachable(f"HTTP {status}")
    return found


def _once(name: str, fetch: Callable[[], dict[str, Any]], at_most: float = KEPT_FOR) -> dict[str, Any]:
    """What was fetched no longer ago than that; it is fetched anew otherwise."""
    at, found = _kept.get(name, (-math.inf, {}))
    if time.monotonic() - at > at_most:
        at, found = time.monotonic(), fetch()
        _kept[name] = at, found
    return found


def _metadata() -> dict[str, Any]:
    """The provider's description of itself, which must bear the very name that the settings give."""

    def fetch() -> dict[str, Any]:
        found = _ask(f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != settings.OIDC_ISSUER:
            raise Unreachable("issuer")
        return found

    return _once("metadata", fetch)


# A sign-in


def begin(redirect_uri: str) -> tuple[str, dict[str, str]]:
    """The address where the person signs in, and what the session must remember until they are back."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _n in range(3))
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": settings.OIDC_CLIENT_ID, "redirect_uri": redirect_uri,
        "scope": settings.OIDC_SCOPES, "state": state, "nonce": nonce, "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | ({"prompt": settings.OIDC_PROMPT} if settings.OIDC_PROMPT else {})  # fmt: skip
    place = _own(_metadata().get("authorization_endpoint"))
    pending = {"state": state, "nonce": nonce, "verifier": verifier, "redirect_uri": redirect_uri}
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}", pending


def finish(pending: dict[str, Any], said: dict[str, str], at: datetime) -> dict[str, Any]:
    """The claims of who signed in, from what the browser brought back. The code is worth nothing without what the
    session remembers, and the answer of another provider is none of ours (RFC 9207).
    """
    if not constant_time_compare(said.get("state", ""), pending["state"]):
        raise Untrue("state")
    issuer = said.get("iss")
    if issuer != settings.OIDC_ISSUER and (issuer or _metadata().get("authorization_response_iss_parameter_supported")):
        raise Untrue("issuer")
    if not said.get("code"):
        raise Untrue("cancelled")
    claims = signed(_exchange(pending, said["code"]), at)
    if not constant_time_compare(text(claims.get("nonce"), 200), pending["nonce"]):
        raise Untrue("nonce")
    return claims


def _exchange(pending: dict[str, Any], code: str) -> Any:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": pending["redirect_uri"],
        "code_verifier": pending["verifier"], "client_id": settings.OIDC_CLIENT_ID,
    }  # fmt: skip
    headers, secret = {}, settings.OIDC_CLIENT_SECRET
    ways = _metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if secret and "client_secret_basic" in ways:
        pair = f"{quote(settings.OIDC_CLIENT_ID, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    elif secret:
        form["client_secret"] = secret
    return _ask(_metadata().get("token_endpoint"), form, headers).get("id_token")


# Tokens


def signed(token: Any, at: datetime, *, kind: str = "jwt") -> dict[str, Any]:
    """The claims of a token that the provider signed for us and just now. `kind` is its type: a token for another
    purpose isn't taken.
    """
    import jwt

    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise Untrue("token")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS or str(header.get("typ", "jwt")).lower() != kind:
            raise Untrue("type")
        key = jwt.PyJWK(_key(header), algorithm=header["alg"])
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[header["alg"]], audience=settings.OIDC_CLIENT_ID, issuer=settings.OIDC_ISSUER,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"], "enforce_minimum_key_length": True,
                "verify_exp": False, "verify_iat": False, "verify_nbf": False,  # by our own clock, below
            },
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise Untrue(type(error).__name__) from error
    _demand_time(claims, at.timestamp())
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (others or "azp" in claims) and claims.get("azp") != settings.OIDC_CLIENT_ID:
        raise Untrue("audience")
    if not text(claims["sub"], 255):
        raise Untrue("subject")
    return claims


def _demand_time(claims: dict[str, Any], now: float) -> None:
    """Refuse a token that is over, not yet good, or wasn't made just now."""
    expires, made, begins = claims["exp"], claims["iat"], claims.get("nbf", 0)
    if not all(isinstance(value, int | float) for value in (expires, made, begins)):
        raise Untrue("time")
    # So written that what is no number is refused.
    if not (now < expires + LEEWAY and now - FRESH - LEEWAY < made <= now + LEEWAY and begins <= now + LEEWAY):
        raise Untrue("time")


def _key(header: dict[str, Any]) -> dict[str, Any]:
    """The provider's key by its name; where it isn't known the keys are asked for once more, since they change."""
    for at_most in (KEPT_FOR, KEYS_ANEW):
        keys = _once("keys", lambda: _ask(_metadata().get("jwks_uri")), at_most).get("keys")
        for key in keys if isinstance(keys, list) else ():
            if isinstance(key, dict) and _fits(key, header):
                return key
    raise Untrue("key")


def _fits(key: dict[str, Any], header: dict[str, Any]) -> bool:
    return (
        key.get("kid") == header.get("kid")
        and key.get("use", "sig") == "sig"
        and key.get("alg", header["alg"]) == header["alg"]
    )


def signed_out(token: Any, at: datetime) -> str:
    """The subject who signed out, by a token of the provider for this alone (OpenID Connect Back-Channel Logout)."""
    claims = signed(token, at, kind="logout+jwt")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(SIGN_OUT), dict) or "nonce" in claims:
        raise Untrue("event")
    return str(claims["sub"])
