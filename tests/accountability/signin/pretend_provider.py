"""A sign-on service of the tests' own on this machine: it answers as OpenID Connect says, or as somebody would
who means harm. Nobody types a password there; a test says who signed in.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "shouwen", "ein-geheimnis: mit/zeichen"
SIGN_OUT = "http://schemas.openid.net/event/backchannel-logout"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    del name
    return ec.generate_private_key(ec.SECP256R1())


def public(kid: str, key: Any, **more: Any) -> dict[str, Any]:
    """The key as the provider shows it."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return dict(kind.to_jwk(key.public_key(), as_dict=True)) | {"kid": kid, "use": "sig"} | more


@dataclass
class Provider:
    """`says` is what the description says besides; `answers` an answer of its own for a path: (status, body);
    `make` another token than the true one.
    """

    now: Callable[[], float]
    issuer: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public("one", rsa_key("one"))])
    says: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    make: Callable[[dict[str, Any]], Any] | None = None
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    silent: Event | None = None

    def claims(self, **more: Any) -> dict[str, Any]:
        """Of a token made now; None takes a claim away."""
        at = int(self.now())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "iat": at, "exp": at + 300}
        return {name: value for name, value in (usual | more).items() if value is not None}

    def sign(self, claims: dict[str, Any], key: Any = None, alg: str = "RS256", **header: Any) -> str:
        return jwt.encode(claims, key or rsa_key("one"), algorithm=alg, headers={"kid": "one"} | header)

    def sign_out(self, typ: str = "logout+jwt", **more: Any) -> str:
        told = {"events": {SIGN_OUT: {}}, "jti": secrets.token_hex(8)} | more
        return self.sign(self.claims(**told), typ=typ)

    def back(self, place: str, **claims: Any) -> str:
        """Somebody whom these claims describe has signed in at this address: where their browser is sent."""
        asked, code = dict(parse_qsl(urlsplit(place).query)), secrets.token_urlsafe(8)
        self.codes[code] = asked, claims
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        } | self.says  # fmt: skip

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """A code is good once, for who asked, with the verifier."""
        asked, claims = self.codes.pop(form.get("code", ""), ({}, {}))
        pair = b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = (
            pair == "shouwen:ein-geheimnis%3A%20mit%2Fzeichen"
            and form.get("redirect_uri") == asked.get("redirect_uri")
            and urlsafe_b64encode(digest).rstrip(b"=").decode() == asked.get("code_challenge")
        )
        if not fits:
            return 400, {"error": "invalid_grant"}
        told = self.claims(**({"nonce": asked["nonce"]} | claims))
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": (self.make or self.sign)(told)}

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, self.describe()
        if path == "/keys":
            return 200, {"keys": self.keys}
        self.forms.append(form)
        return self.exchange(form, authorization) if path == "/token" else (404, {})


@contextmanager
def running_provider(now: Callable[[], float]) -> Iterator[Provider]:
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.respond({})

        def do_POST(self) -> None:
            self.respond(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def respond(self, form: dict[str, str]) -> None:
            if provider.silent is not None:
                provider.silent.wait(10)
                return
            status, body = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        if provider.silent is not None:
            provider.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()
