"""A database made by the migrations, once in a run of the tests: programs of their own are started on copies of it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def migrate(address: str) -> None:
    """In a process of its own: the tests' own knows no migration."""
    environment = {**os.environ, "DEVELOPMENT": "1", "DATABASE_URL": address}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)


class Migrated:
    """`migrated.lay_out(folder)`; the folder of the first copy belongs to all processes of the run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._lock, self._database = folder / "lock", folder / "db.sqlite3"

    def lay_out(self, folder: Path) -> Path:
        """Returns the copy: the file where a program with this VAR_DIR looks for its database."""
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._database.exists():
                made = self._database.with_suffix(".new")
                migrate(f"sqlite:///{made}")
                made.rename(self._database)
        return Path(shutil.copy(self._database, folder / "db.sqlite3"))
