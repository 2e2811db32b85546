"""The embedded default under load: worker and beat as threads, three people writing, papers being made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrated import Migrated

BASE_DIR = Path(__file__).parents[2]
START = "import django; django.setup(); from tests.config.load import main; main()"
MESSAGES = {"celery": 7_000, "notices": 7_000, "papers": 6_000}
"""By queue: the file broker that stood here before never lived through two thousand."""


def start(folder: Path, *said: str) -> subprocess.Popen[str]:
    environ = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    environ |= {
        "VAR_DIR": str(folder),
        "DEVELOPMENT": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOCK_TIMEOUT": "20",
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen(
        [sys.executable, "-c", START, *said], cwd=BASE_DIR, env=environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def said_last(process: subprocess.Popen[str]) -> list[str]:
    """The words of its last line, once it has ended well."""
    printed, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, printed
    assert "Traceback" not in printed, printed
    return (printed.splitlines() or [""])[-1].split()


@pytest.mark.slow
def test_twenty_thousand_messages_under_load_without_a_death(migrated: Migrated, tmp_path: Path) -> None:
    migrated.lay_out(tmp_path)
    over = tmp_path / "over"
    said_last(start(tmp_path, "prepare"))

    behind = [start(tmp_path, "background", queue, str(count)) for queue, count in MESSAGES.items()]
    writing = [start(tmp_path, "write", str(over)) for _person in range(3)]

    come = [said_last(process) for process in behind]
    over.touch()
    assert [(ended, failed) for ended, _came, failed in come] == [("None", "0")] * len(MESSAGES)
    assert sum(int(came) for _ended, came, _failed in come) >= 20_000
    assert min(int(said_last(process)[0]) for process in writing) > 0
