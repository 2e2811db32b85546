"""Sealing, finding and masking personal data; the keys stay outside the database.

Sealed bytes: one byte of key number (counted from the oldest key, the last of PERSONAL_DATA_KEYS, so that a new key put
in front leaves the others' numbers alone), 12 of nonce, then AES-256-GCM. The matter and the kind are authenticated
with them, so a row can't be moved to another complaint. Digests are keyed, or eleven digits could be tried out in
minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_HALF_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
"""Full-width digits, as Chinese keyboards write them."""

MOBILE = re.compile(r"(?<![0-9])((?:(?:00)?86[ -]?)?1[3-9][0-9])[ -]?([0-9]{4})[ -]?([0-9]{4})(?![0-9])")
LANDLINE = re.compile(r"(?<![0-9])(0[0-9]{2,3}-?)([0-9]{3,4})([0-9]{4})(?![0-9])")
IDENTITY = re.compile(r"(?<![0-9])([1-9][0-9]{5})([0-9]{8})([0-9]{3}[0-9Xx])(?![0-9Xx])")


@lru_cache
def _ciphers(keys: tuple[str, ...]) -> tuple[AESGCM, ...]:
    return tuple(AESGCM(hashlib.sha256(key.encode()).digest()) for key in keys)


def _associated(matter_id: int, kind: str) -> bytes:
    return f"{matter_id}:{kind}".encode()


def seal(texts: dict[str, str], *, matter_id: int, kind: str) -> bytes:
    """The texts of one act, sealed with the newest key (the first of PERSONAL_DATA_KEYS)."""
    ciphers = _ciphers(tuple(settings.PERSONAL_DATA_KEYS))
    nonce = secrets.token_bytes(12)
    plain = json.dumps(texts, ensure_ascii=False).encode()
    return bytes([len(ciphers) - 1]) + nonce + ciphers[0].encrypt(nonce, plain, _associated(matter_id, kind))


def unseal(sealed: bytes | memoryview | None, *, matter_id: int, kind: str) -> dict[str, str]:
    """The texts again; empty for an erased row. Raises cryptography's InvalidTag for a row that was tampered with."""
    if sealed is None:
        return {}
    sealed = bytes(sealed)
    cipher = _ciphers(tuple(settings.PERSONAL_DATA_KEYS))[-1 - sealed[0]]
    texts: dict[str, str] = json.loads(cipher.decrypt(sealed[1:13], sealed[13:], _associated(matter_id, kind)))
    return texts


def digest(kind: str, value: str) -> str:
    """The blind index of a number or a name: found by the whole value only; empty for an empty value."""
    if not value:
        return ""
    key = settings.BLIND_INDEX_KEY.encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def normal_phone(value: str) -> str:
    """A number as it is compared: digits only, full-width ones too, without the country's 86."""
    digits = re.sub(r"[^0-9]", "", value.translate(_HALF_WIDTH))
    return re.sub(r"^(?:00)?86(?=[0-9]{11}$)", "", digits)


def mask_phone(value: str) -> str:
    """138****1234; a short number keeps its last two digits."""
    if len(value) < 8:
        return "*" * max(len(value) - 2, 0) + value[-2:]
    return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"


def mask_name(value: str) -> str:
    """张**: the first character stays."""
    return value[:1] + "*" * max(len(value) - 1, 0)


def mask_text(value: str) -> str:
    """Free text with mobile, landline and identity numbers masked, however their digits are written."""
    value = IDENTITY.sub(r"\1********\3", value.translate(_HALF_WIDTH))
    value = MOBILE.sub(r"\1****\3", value)
    return LANDLINE.sub(r"\1****\3", value)
