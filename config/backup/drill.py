"""The drill: restores a backup into a throw-away database and proves counts, chains, files and silence."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError

from config.backup import silence
from config.backup.manifest import Manifest
from config.backup.restoring import is_of_this_release, proved, restore
from config.replay.database import throw_away_empty


@dataclass(frozen=True)
class Proof:
    """One line of the table: what was looked at, how much of it, and what was found."""

    what: str
    much: str
    found: str


def drill(backup: Path, identities: list[Any], *, at: datetime) -> Iterator[Proof]:
    """Yields each proof as it is there; raises CommandError at the first that fails. Nothing is left at the end."""
    begun = time.monotonic()
    whole = proved(backup, identities)
    yield Proof("backup", f"made {whole.made_at}", "whole: each byte as it was written")
    with silence.listening() as heard, throw_away_empty() as folder:
        restore(backup, identities, folder, at=at)
        yield Proof("counts", f"{sum(whole.tables.values())} rows in {len(whole.tables)} tables", "as saved")
        refuse_another_release(whole)
        before = silence.traces()
        held, start = chains_and_start()
        yield Proof("chains", held, "all hold")
        yield Proof("start", start, "")
        yield Proof("files", f"{whole.files['count']}, {whole.files['bytes']} bytes", "as saved")
        refuse_noise(heard, before, silence.traces())
        yield Proof(
            "silence", ", ".join(f"{value} {name}" for name, value in before.items()), "as before; nobody called"
        )
    yield Proof("took", f"{time.monotonic() - begun:.1f} s", "thrown away")


def chains_and_start() -> list[str]:
    """The two lines of `check_restored`; it fails where a chain is broken or a file missing."""
    said = io.StringIO()
    call_command("check_restored", stdout=said)
    return said.getvalue().splitlines()


def refuse_another_release(whole: Manifest) -> None:
    """Rows are read by the models of the release that wrote them."""
    if not is_of_this_release():
        wanted = ", ".join(f"{app} {name}" for app, name in whole.migrations.items())
        raise CommandError(f"the backup is of another release, whose last migrations are: {wanted}")


def refuse_noise(heard: list[str], before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = [f"{name}: {value} before, {after[name]} after" for name, value in before.items() if value != after[name]]
    if heard or changed:
        raise CommandError("\n".join(["the restored copy wasn't silent:", *heard, *changed]))
