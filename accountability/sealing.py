"""Sealing, finding and masking personal data; the keys stay outside the database.

Sealed bytes: one byte of key number (counted from the oldest key, the last of PERSONAL_DATA_KEYS, so that a new key put
in front leaves the others' numbers alone), 12 of nonce, then AES-256-GCM. The matter and the kind are authenticated
with them, so a row can't be moved to another complaint; with a file its token. Digests are keyed, or eleven digits
could be tried out in minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from base64 import b64decode, urlsafe_b64encode
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


@lru_cache
def _ciphers(keys: tuple[str, ...]) -> tuple[AESGCM, ...]:
    return tuple(AESGCM(hashlib.sha256(key.encode()).digest()) for key in keys)


def _associated(matter_id: int, kind: str) -> bytes:
    return f"{matter_id}:{kind}".encode()


def seal(texts: dict[str, str], *, matter_id: int, kind: str) -> bytes:
    """The texts of one act, sealed with the newest key (the first of PERSONAL_DATA_KEYS)."""
    return _seal(json.dumps(texts, ensure_ascii=False).encode(), _associated(matter_id, kind))


def unseal(sealed: bytes | memoryview | None, *, matter_id: int, kind: str) -> dict[str, str]:
    """The texts again; empty for an erased row. Raises cryptography's InvalidTag for a row that was tampered with."""
    if sealed is None:
        return {}
    texts: dict[str, str] = json.loads(_unseal(bytes(sealed), _associated(matter_id, kind)))
    return texts


def seal_bytes(plain: bytes, *, token: str, part: str) -> bytes:
    """A file's content or its name, sealed with the newest key and bound to the file's token and to which of the two
    it is.
    """
    return _seal(plain, f"{part}:{token}".encode())


def unseal_bytes(sealed: bytes | memoryview, *, token: str, part: str) -> bytes:
    """The bytes again. Raises cryptography's InvalidTag where they were tampered with or belong to another file."""
    return _unseal(bytes(sealed), f"{part}:{token}".encode())


def _seal(plain: bytes, associated: bytes) -> bytes:
    ciphers = _ciphers(tuple(settings.PERSONAL_DATA_KEYS))
    nonce = secrets.token_bytes(12)
    return bytes([len(ciphers) - 1]) + nonce + ciphers[0].encrypt(nonce, plain, associated)


def _unseal(sealed: bytes, associated: bytes) -> bytes:
    cipher = _ciphers(tuple(settings.PERSONAL_DATA_KEYS))[-1 - sealed[0]]
    return cipher.decrypt(sealed[1:13], sealed[13:], associated)


def veil(text: str, *, purpose: str) -> str:
    """The text as an address carries it: nobody reads it, and it is good for this purpose alone."""
    nonce = secrets.token_bytes(12)
    return urlsafe_b64encode(nonce + _veil().encrypt(nonce, text.encode(), purpose.encode())).decode().rstrip("=")


def unveil(token: str, *, purpose: str) -> str | None:
    """The text again; None for one that was tampered with, made up, or veiled for something else."""
    try:
        known = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return _veil().decrypt(known[:12], known[12:], purpose.encode()).decode()
    except (ValueError, InvalidTag):
        return None


def _veil() -> AESGCM:
    (cipher,) = _ciphers((f"veil:{settings.SECRET_KEY}",))
    return cipher


def digest(kind: str, value: str) -> str:
    """The blind index of a number or a name: found by the whole value only; empty for an empty value."""
    if not value:
        return ""
    key = settings.BLIND_INDEX_KEY.encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


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
