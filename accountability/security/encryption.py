"""Sealing and finding personal data; the keys stay outside the database. (Masking is `masking`.)

Sealed bytes: 0xFF, four bytes that tell which key (of its digest, so that keys may come and go in any order), 12 of
nonce, then AES-256-GCM. Rows of the first version begin with the key's place instead, counted from the oldest key; both
are read, and `manage.py rotate_keys` writes the old ones anew. The matter and the kind are authenticated with them, so
a row can't be moved to another complaint; with a file its token. Digests are keyed, or eleven digits could be tried out
in minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from base64 import b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accountability.security.masking import plain_digits

_NAMED = 0xFF
"""First byte of what names its key by digest; a place among the keys is never that far."""


@dataclass(frozen=True)
class _Key:
    name: bytes
    cipher: AESGCM


@lru_cache
def _keys(secrets_of_them: tuple[str, ...]) -> tuple[_Key, ...]:
    digests = [hashlib.sha256(key.encode()).digest() for key in secrets_of_them]
    return tuple(_Key(hashlib.sha256(b"name:" + each).digest()[:4], AESGCM(each)) for each in digests)


def _present() -> tuple[_Key, ...]:
    return _keys(tuple(settings.PERSONAL_DATA_KEYS))


def bound_to_matter(matter_id: int, kind: str) -> bytes:
    """What the texts of one act are authenticated with."""
    return f"{matter_id}:{kind}".encode()


def bound_to_file(token: str, part: str) -> bytes:
    """The same of a file's content or name."""
    return f"{part}:{token}".encode()


def seal(texts: dict[str, str], *, matter_id: int, kind: str) -> bytes:
    """The texts of one act, sealed with the newest key (the first of PERSONAL_DATA_KEYS)."""
    return _seal(json.dumps(texts, ensure_ascii=False).encode(), bound_to_matter(matter_id, kind))


def unseal(sealed: bytes | memoryview | None, *, matter_id: int, kind: str) -> dict[str, str]:
    """The texts again; empty for an erased row. Raises cryptography's InvalidTag for a row that was tampered with."""
    if sealed is None:
        return {}
    texts: dict[str, str] = json.loads(_unseal(bytes(sealed), bound_to_matter(matter_id, kind)))
    return texts


def seal_bytes(plain: bytes, *, token: str, part: str) -> bytes:
    """A file's content or its name, sealed with the newest key and bound to the file's token and to which of the two
    it is.
    """
    return _seal(plain, bound_to_file(token, part))


def unseal_bytes(sealed: bytes | memoryview, *, token: str, part: str) -> bytes:
    """The bytes again. Raises cryptography's InvalidTag where they were tampered with or belong to another file."""
    return _unseal(bytes(sealed), bound_to_file(token, part))


def _seal(plain: bytes, bound: bytes) -> bytes:
    newest, nonce = _present()[0], secrets.token_bytes(12)
    return bytes([_NAMED]) + newest.name + nonce + newest.cipher.encrypt(nonce, plain, bound)


def _unseal(sealed: bytes, bound: bytes) -> bytes:
    return _opened(sealed, bound)[1]


def _opened(sealed: bytes, bound: bytes) -> tuple[int, bytes]:
    """The place of the key that opens it, and what is in it."""
    keys, named = _present(), sealed[:1] == bytes([_NAMED])
    body = sealed[5:] if named else sealed[1:]
    places = [place for place, key in enumerate(keys) if not named or key.name == sealed[1:5]]
    if not named:  # the one it names, unless an older one was taken out since
        places.sort(key=lambda place: place != len(keys) - 1 - sealed[0])
    for place in places:
        with suppress(InvalidTag):
            return place, keys[place].cipher.decrypt(body[:12], body[12:], bound)
    raise InvalidTag


def key_of(sealed: bytes | memoryview, bound: bytes) -> int:
    """The place among PERSONAL_DATA_KEYS of the key that opens it. Raises InvalidTag where none does."""
    return _opened(bytes(sealed), bound)[0]


def sealed_anew(sealed: bytes | memoryview, bound: bytes) -> bytes | None:
    """The same under the newest key; None where it is so already. Raises InvalidTag where no key opens it."""
    known = bytes(sealed)
    place, plain = _opened(known, bound)
    return None if place == 0 and known[0] == _NAMED else _seal(plain, bound)


def veil(text: str, *, purpose: str) -> str:
    """The text as an address carries it: nobody reads it, and it is good for this purpose alone."""
    nonce = secrets.token_bytes(12)
    return urlsafe_b64encode(nonce + _veils()[0].encrypt(nonce, text.encode(), purpose.encode())).decode().rstrip("=")


def unveil(token: str, *, purpose: str) -> str | None:
    """The text again; None for one that was tampered with, made up, or veiled for something else."""
    try:
        known = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    for cipher in _veils():
        with suppress(ValueError, InvalidTag):
            return cipher.decrypt(known[:12], known[12:], purpose.encode()).decode()
    return None


def _veils() -> list[AESGCM]:
    """Of the present SECRET_KEY and those before it."""
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [key.cipher for key in _keys(tuple(f"veil:{each}" for each in known))]


def digest(kind: str, value: str) -> str:
    """The blind index of a number or a name: found by the whole value only; empty for an empty value."""
    return _digest(settings.BLIND_INDEX_KEY, kind, value)


def digests(kind: str, value: str) -> tuple[str, ...]:
    """Those to look for: while the key is being changed, also the one under the key before (`rotate_keys`)."""
    known = dict.fromkeys((settings.BLIND_INDEX_KEY, settings.BLIND_INDEX_KEY_OLD or settings.BLIND_INDEX_KEY))
    return tuple(_digest(key, kind, value) for key in known)


def _digest(key: str, kind: str, value: str) -> str:
    if not value:
        return ""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def normal_phone(value: str) -> str:
    """A number as it is compared: digits only, full-width ones too, without the country's 86."""
    digits = re.sub(r"[^0-9]", "", plain_digits(value))
    return re.sub(r"^(?:00)?86(?=[0-9]{11}$)", "", digits)
