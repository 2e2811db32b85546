"""Random-looking numbers: they reveal neither how many there are nor their order (R40)."""

from __future__ import annotations

from accountability.security.encryption import digest

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # pragma: allowlist secret
"""Without characters that are easily confused."""

LENGTH = 8


def code_of(kind: str, pk: int | None) -> str:
    """Eight characters of a keyed digest: the same for the same thing, and without the key nobody can derive the thing
    or the next number.
    """
    value = int(digest(f"number:{kind}", str(pk)), 16)
    return "".join(ALPHABET[value >> 5 * place & 31] for place in range(LENGTH))
