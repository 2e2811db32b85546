"""The keys in a customer's text message: the link to say whether they are satisfied, and the code of the status page.

Both are made from the primary key with SECRET_KEY and stored nowhere, so nobody who reads the database can use one. A
link is long, since it alone opens a page; a code is short, since somebody types it, and is only asked for together with
the complaint's number, a few times an hour (`config/limits.py`).
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b32encode, urlsafe_b64encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from complaints.models import Complaint, CustomerMessage

LINK_BYTES, CODE_BYTES = 16, 5
"""128 bits nobody guesses; 40 bits are enough for what may be tried ten times an hour."""
_LINK = re.compile(r"([1-9][0-9]{0,17})-([A-Za-z0-9_-]{22})", re.ASCII)
MISREAD = str.maketrans("018", "OIB")
"""What is typed in place of a letter: the code's alphabet has no 0, 1, 8 or 9."""


def _mac(kind: str, pk: int, complaint: Complaint, key: str) -> bytes:
    """Bound to the customer's number: if that is corrected or erased, what was sent to the former one opens nothing."""
    number = complaint.intake.phone_digest if complaint.intake else ""
    return salted_hmac(f"shouwen.customer.{kind}", f"{pk}:{number}", secret=key, algorithm="sha256").digest()


def _keys() -> tuple[str, ...]:
    """The key of new links first; messages sent before a change of the key stay usable while it is a fallback."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def link_of(message: CustomerMessage) -> str:
    """The last part of the address in the message."""
    return f"{message.pk}-{_signature(message, settings.SECRET_KEY)}"


def _signature(message: CustomerMessage, key: str) -> str:
    mac = _mac("link", message.pk, message.complaint, key)
    return urlsafe_b64encode(mac[:LINK_BYTES]).decode().rstrip("=")


def named_in(link: str) -> int | None:
    """The primary key of the message that a link names, genuine or not; None if it looks like none."""
    parts = _LINK.fullmatch(link)
    return int(parts[1]) if parts else None


def is_link_of(message: CustomerMessage, link: str) -> bool:
    signed = link.partition("-")[2]
    known = [constant_time_compare(signed, _signature(message, key)) for key in _keys()]
    return any(known)


def code_of(complaint: Complaint) -> str:
    """Eight letters and digits in two groups, as they stand in the message."""
    code = _code(complaint, settings.SECRET_KEY)
    return f"{code[:4]}-{code[4:]}"


def _code(complaint: Complaint, key: str) -> str:
    return b32encode(_mac("code", complaint.pk, complaint, key)[:CODE_BYTES]).decode()


MOST_TYPED, MOST_MEANT = 200, 40
"""Characters of a number or a code that are looked at, and of what was meant."""


def plain(typed: str) -> str:
    """What was meant by a number or a code that somebody typed: letters and digits, whatever is between them. Guesses
    are counted by it, so no other spelling is another number.
    """
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed[:MOST_TYPED]).upper())[:MOST_MEANT]


def is_code_of(complaint: Complaint, typed: str) -> bool:
    """Whether it is the code, in capitals or not, with or without separators."""
    meant = plain(typed).translate(MISREAD)
    known = [constant_time_compare(meant, _code(complaint, key)) for key in _keys()]
    return any(known)
