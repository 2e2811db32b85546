"""Numbers that tell nothing: not how many there are, nor which came after which (R40)."""

from __future__ import annotations

from accountability.security.encryption import digest

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # pragma: allowlist secret
"""Without the signs that are taken for one another."""

LENGTH = 8


def code_of(kind: str, pk: int | None) -> str:
    """Eight signs of a keyed digest: the same for the same thing, and without the key no way back or on."""
    value = int(digest(f"number:{kind}", str(pk)), 16)
    return "".join(ALPHABET[value >> 5 * place & 31] for place in range(LENGTH))
