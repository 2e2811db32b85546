"""The keys of a backup: whoever makes it needs the public one alone, whoever restores it the private one.

Both are written as `age` writes them, so that its own program opens a backup too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyrage
from django.core.management.base import CommandError


def make(path: Path) -> str:
    """Write a new private key to `path`, readable by its owner alone, and return the public one."""
    identity = pyrage.x25519.Identity.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandError(f"{path} exists; nothing is overwritten") from error
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def recipients(written: list[str]) -> list[Any]:
    """The public keys that BACKUP_RECIPIENTS names."""
    given = [each.strip() for each in written if each.strip()]
    if not given:
        raise CommandError(
            "BACKUP_RECIPIENTS names no public key: `manage.py backup_key FILE` makes a pair, on the machine where "
            "backups are restored."
        )
    try:
        return [pyrage.x25519.Recipient.from_str(each) for each in given]
    except pyrage.RecipientError as error:
        raise CommandError(
            "BACKUP_RECIPIENTS holds something else than public keys (age1…, separated by commas)."
        ) from error


def identities(path: Path) -> list[Any]:
    """The private keys in the file, one a line; what begins with # is a comment."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise CommandError(f"the key {path} can't be read: {error.strerror}") from error
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise CommandError(f"{path} holds no private key (AGE-SECRET-KEY-1…)") from error
    if not found:
        raise CommandError(f"{path} holds no private key (AGE-SECRET-KEY-1…)")
    return found
