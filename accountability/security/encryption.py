"""Encrypts ("seals") personal data and finds it by keyed digests; the keys are kept outside the database.

Sealed bytes are: 0xFF, four bytes of the key's digest (so that keys can be added and removed in any order), a nonce of
12 bytes, then AES-256-GCM. Texts are packed first where that makes them shorter: they begin with 0xFE. Rows of
the first version begin instead with the key's position, counted from the oldest key; all are read, and `manage.py
rotate_keys` rewrites the old ones. The matter, the kind and the row's own key (for a
file: its token) are authenticated too, so that texts can't be moved to another complaint, nor swapped within one.
Digests are keyed, because all eleven-digit numbers could be tried out in minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import zlib
from base64 import b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accountability.security.masking import plain_digits

_NAMED, _PACKED = 0xFF, 0xFE
"""First byte of sealed bytes that name their key by digest, plain or packed. No position of a key is as high."""

_TWO_BYTES = "gb18030"
"""It writes a Chinese character in two bytes, UTF-8 in three, and has all characters too. Texts are packed in it."""

_PACKING = Path(__file__).with_name("packing.txt").read_bytes().decode().encode(_TWO_BYTES)
"""What packing knows beforehand: the notice of each round (投诉处理通知单), empty, since most papers are one, and after
it, nearer and so cheaper to refer to, the names of an act's texts and words that most of them have. It must never
change: what was packed with it opens with it alone. New words take a new first byte.
"""

_MARKED = b"packed:%x:" % zlib.crc32(_PACKING)
"""Stands before the associated data of what is packed, so that the first byte can't be changed, and that nothing opens
with other words than those it was packed with.
"""


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


def bound_to_row(matter_id: int, kind: str, row: int) -> bytes:
    """The associated data that the texts of one act are authenticated with; `row` is the key of their own row."""
    return f"{matter_id}:{kind}:{row}".encode()


def bound_to_file(token: str, part: str) -> bytes:
    """The associated data of a file's content or name."""
    return f"{part}:{token}".encode()


def seal(texts: dict[str, str], *, matter_id: int, kind: str, row: int) -> bytes:
    """Seal the texts of one act with the newest key (the first of PERSONAL_DATA_KEYS)."""
    plain = json.dumps(texts, ensure_ascii=False).encode()
    return _seal(plain, bound_to_row(matter_id, kind, row), packs=True)


def unseal(sealed: bytes | memoryview | None, *, matter_id: int, kind: str, row: int) -> dict[str, str]:
    """Decrypt the texts; empty for an erased row. Raises cryptography's InvalidTag if the row was tampered with."""
    if sealed is None:
        return {}
    texts: dict[str, str] = json.loads(_unseal(bytes(sealed), bound_to_row(matter_id, kind, row)))
    return texts


def seal_bytes(plain: bytes, *, token: str, part: str) -> bytes:
    """Seal a file's content or name with the newest key, bound to the file's token and to `part` (content or name)."""
    return _seal(plain, bound_to_file(token, part))


def unseal_bytes(sealed: bytes | memoryview, *, token: str, part: str) -> bytes:
    """Decrypt the bytes. Raises cryptography's InvalidTag if they were tampered with or belong to another file."""
    return _unseal(bytes(sealed), bound_to_file(token, part))


SHORTEST = 1 + 12 + 16
"""Bytes: the mark of the key, the nonce and the tag. What is cut shorter was tampered with."""


def _seal(plain: bytes, bound: bytes, *, packs: bool = False) -> bytes:
    newest, nonce = _present()[0], secrets.token_bytes(12)
    if packs and len(packed := _pack(plain)) < len(plain):
        first, sealed = _PACKED, newest.cipher.encrypt(nonce, packed, _MARKED + bound)
    else:
        first, sealed = _NAMED, newest.cipher.encrypt(nonce, plain, bound)
    return bytes([first]) + newest.name + nonce + sealed


_BARE = -zlib.MAX_WBITS
"""Without the ten bytes of zlib's own head and sums, since the tag proves what was packed and with which words."""

_PACKER = zlib.compressobj(wbits=_BARE, memLevel=6, zdict=_PACKING)
"""Each text is packed by a copy of it: reading the words beforehand takes longer than packing a short text."""


def _pack(plain: bytes) -> bytes:
    packing = _PACKER.copy()
    return packing.compress(plain.decode().encode(_TWO_BYTES)) + packing.flush()


def _unpack(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj(_BARE, zdict=_PACKING)
    return (unpacking.decompress(packed) + unpacking.flush()).decode(_TWO_BYTES).encode()


def _unseal(sealed: bytes, bound: bytes) -> bytes:
    return _opened(sealed, bound)[1]


def _opened(sealed: bytes, bound: bytes) -> tuple[int, bytes]:
    """The position of the key that decrypts it, and the plain bytes."""
    if len(sealed) < SHORTEST:
        raise InvalidTag
    keys, named, packed = _present(), sealed[0] in (_NAMED, _PACKED), sealed[0] == _PACKED
    body = sealed[5:] if named else sealed[1:]
    places = [place for place, key in enumerate(keys) if not named or key.name == sealed[1:5]]
    if not named:  # first try the key at the position it names; an older key may have been removed since
        places.sort(key=lambda place: place != len(keys) - 1 - sealed[0])
    for place in places:
        with suppress(InvalidTag):
            plain = keys[place].cipher.decrypt(body[:12], body[12:], _MARKED + bound if packed else bound)
            return place, _unpack(plain) if packed else plain
    raise InvalidTag


def key_of(sealed: bytes | memoryview, bound: bytes) -> int:
    """The position in PERSONAL_DATA_KEYS of the key that decrypts it. Raises InvalidTag if none does."""
    return _opened(bytes(sealed), bound)[0]


def sealed_anew(sealed: bytes | memoryview, bound: bytes) -> bytes | None:
    """The bytes sealed again with the newest key; None if they already are. Raises InvalidTag if no key decrypts it."""
    known = bytes(sealed)
    place, plain = _opened(known, bound)
    is_new = place == 0 and known[0] in (_NAMED, _PACKED)
    return None if is_new else _seal(plain, bound, packs=known[0] == _PACKED)


def veil(text: str, *, purpose: str) -> str:
    """Encrypt a text for use in a URL. The token is unreadable and valid for this purpose only."""
    nonce = secrets.token_bytes(12)
    return urlsafe_b64encode(nonce + _veils()[0].encrypt(nonce, text.encode(), purpose.encode())).decode().rstrip("=")


def unveil(token: str, *, purpose: str) -> str | None:
    """Decrypt what `veil` made; None if the token was tampered with, invented, or made for another purpose."""
    try:
        known = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    for cipher in _veils():
        with suppress(ValueError, InvalidTag):
            return cipher.decrypt(known[:12], known[12:], purpose.encode()).decode()
    return None


def _veils() -> list[AESGCM]:
    """Ciphers for the current SECRET_KEY and its fallbacks."""
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [key.cipher for key in _keys(tuple(f"veil:{each}" for each in known))]


def digest(kind: str, value: str) -> str:
    """The blind index of a number or a name: it matches the whole value only. Empty for an empty value."""
    return _digest(settings.BLIND_INDEX_KEY, kind, value)


def digests(kind: str, value: str) -> tuple[str, ...]:
    """The digests to search for. While the key is being changed (`rotate_keys`), also the digest with the old key."""
    known = dict.fromkeys((settings.BLIND_INDEX_KEY, settings.BLIND_INDEX_KEY_OLD or settings.BLIND_INDEX_KEY))
    return tuple(_digest(key, kind, value) for key in known)


def _digest(key: str, kind: str, value: str) -> str:
    if not value:
        return ""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def normal_phone(value: str) -> str:
    """A phone number in the form used for comparing: digits only (full-width converted), without the prefix 86."""
    digits = re.sub(r"[^0-9]", "", plain_digits(value))
    return re.sub(r"^(?:00)?86(?=[0-9]{11}$)", "", digits)
