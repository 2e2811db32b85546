"""Sealing, finding and masking personal data; the keys stay outside the database.

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
import unicodedata
from base64 import b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_GAP = "[ \t\u00a0\u2000-\u200d\u202f\u3000\ufeff\\-\u2010-\u2015\u2212\uff0d]{0,2}"
"""What people put between the digits of a number: spaces and dashes of any width. Bounded, like every repetition here,
so that the time a text takes grows with its length alone.
"""

_ANY_GAP = r"[^\w\n]{0,3}"
"""Between the digits of a number that is known: whatever is neither letter nor digit."""

_NAME_GAP = r"[^\w\n,，、。；;:：!！?？（）()“”\"']{0,3}"
"""Between the characters of a name that is known: spaces, dots and dashes, but nothing that ends a phrase."""

MOBILE = re.compile(
    rf"(?<![0-9])(?!1[3-9]{_GAP}(?:19|20)[0-9]{{2}}-[0-9]{{1,2}}-)"  # a day and another date after it
    rf"((?:(?:00)?86{_GAP})?)(1{_GAP}[3-9]{_GAP}[0-9])(?:{_GAP}[0-9]){{4}}((?:{_GAP}[0-9]){{4}})(?![0-9])"
)
DOTTED = re.compile(r"(?<![0-9.])(1[3-9][0-9])\.[0-9]{4}\.([0-9]{4})(?![0-9.])")
_LOCAL = rf"((?:[0-9]{_GAP}){{3,4}})((?:[0-9]{_GAP}){{3}}[0-9])(?![0-9])"
LANDLINE = re.compile(rf"(?<![0-9])((?:[(（]0[0-9]{{2,3}}[)）]|0[0-9]{{2,3}}){_GAP}){_LOCAL}")
ABROAD = re.compile(rf"((?<![0-9])(?:00|\+)86{_GAP}[(（]?0?[1-9][0-9]{{1,2}}[)）]?{_GAP}){_LOCAL}")
SPACED = re.compile(r"(?<![0-9])((?<![0-9] )0 [0-9] [0-9])(?: [0-9]){4,5}((?: [0-9]){4})(?! ?[0-9])")
IDENTITY = re.compile(
    r"(?<![0-9])([1-9][0-9]{5})([0-9]{8})([0-9]{3}[0-9XxＸｘ])(?![0-9XxＸｘ])"
    rf"|(?<![0-9])([1-9][0-9]{{5}}){_GAP}((?:18|19|20)[0-9]{{2}}{_GAP}[01][0-9]{_GAP}[0-3][0-9]){_GAP}"
    rf"([0-9]{{3}}{_GAP}[0-9XxＸｘ])(?![0-9XxＸｘ])"
)
SHORTEST_SPACED = 7
"""A known number of fewer digits is looked for as it is only: "1 2 3" may be anything."""


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
    digits = re.sub(r"[^0-9]", "", _plain_digits(value))
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
    """Free text with mobile, landline and identity numbers masked, however their digits are written and grouped."""
    value = _plain_digits(value)
    if not _HAS_NUMBER.search(value):
        return value
    value = IDENTITY.sub(lambda m: f"{m[1] or m[4]}********{_bare(m[3] or m[6])}", value)
    value = MOBILE.sub(lambda m: f"{m[1]}{_bare(m[2])}****{_bare(m[3])}", value)
    value = DOTTED.sub(r"\1****\2", value)
    for pattern in (ABROAD, LANDLINE, SPACED):
        value = pattern.sub(lambda m: f"{m[1]}****{_bare(m[m.re.groups])}", value)
    return value


_HAS_NUMBER = re.compile(r"[0-9](?:[^0-9\n]{0,3}[0-9]){6}")
"""Most texts have none: one look then is enough."""


def mask_customer(value: str, *, name: str, phone: str) -> str:
    """The same, and this customer's own number and name, however they are spaced, grouped or wide."""
    value = mask_text(value)  # first, since it writes every digit as the customer's own number is kept
    for known, masked in ((phone, mask_phone(phone)), (name, mask_name(name))):
        if len(known) > 1:
            for pattern in _known(known):
                value = _replaced(pattern, masked, value)
    return value


@lru_cache(maxsize=256)
def _known(value: str) -> tuple[re.Pattern[str], ...]:
    """What a name or number may look like in a text; of a landline also without its area code."""
    bare = _bare(_folded(value))
    if not bare.isdigit():
        signs = re.sub(r"[\W_]", "", bare)
        if len(signs) < 2:
            return (re.compile(re.escape(_folded(value))),)
        return (re.compile(_NAME_GAP.join(signs), re.IGNORECASE if len(signs) >= 4 else re.NOFLAG),)
    if len(bare) < SHORTEST_SPACED:
        return (re.compile(re.escape(bare)),)
    found = [re.compile(_ANY_GAP.join(bare))]
    if area := re.match(r"0(?:10|2[0-9]|[3-9][0-9]{2})(?=[0-9]{7,8}$)", bare):
        found.append(re.compile(rf"(?<![0-9*]){_GAP.join(bare[area.end() :])}(?![0-9])"))
    return tuple(found)


def _replaced(pattern: re.Pattern[str], masked: str, value: str) -> str:
    """Looked for in plain letters, replaced in the text as it was written: folding keeps every place."""
    pieces, end = [], 0
    for found in pattern.finditer(_folded(value)):
        pieces += [value[end : found.start()], masked]
        end = found.end()
    return "".join([*pieces, value[end:]])


def _folded(value: str) -> str:
    """Each character by the plain one that it is a wide or another form of."""
    if unicodedata.is_normalized("NFKC", value):
        return value
    plain = (unicodedata.normalize("NFKC", sign) for sign in value)
    return "".join(other if len(other) == 1 else sign for sign, other in zip(value, plain, strict=True))


def _plain_digits(value: str) -> str:
    """Full-width digits, and any other script's, as 0 to 9."""
    return value if value.isascii() else _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), value)


_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def _bare(value: str) -> str:
    """Without what only keeps its signs apart."""
    return _APART.sub("", value)


_APART = re.compile(_GAP.replace("{0,2}", "+"))
