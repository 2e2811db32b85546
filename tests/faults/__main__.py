"""`python -m tests.faults [--short] [--minutes N] [--seed N] [--write] [NAME…]`: PostgreSQL, Redis and the system are
started, broken, stopped.

The servers come first, because the settings name them when Django loads.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path

KEYS = ("SECRET_KEY", "PERSONAL_DATA_KEYS", "BLIND_INDEX_KEY", "LEDGER_KEY")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="every fault in its short form, as .ci/run does")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/faults.md")
    parser.add_argument("--minutes", type=int, default=30, help="how long mixed_day is in its long form")
    parser.add_argument("--seed", type=int, default=7, help="who does what on mixed_day")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these faults")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    # Nothing of it outlives a stop from outside.
    signal.signal(signal.SIGTERM, lambda *_why: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="shouwen-faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        from tests.faults.servers import PostgreSQL, Redis

        database, redis = PostgreSQL(folder), Redis(folder)
        try:
            load_django(folder, database.owner_url, redis.url)
            from tests.faults.running import run

            return run(folder, database, redis, given)
        finally:
            redis.kill()
            database.close()


def load_django(folder: Path, database: str, broker: str) -> None:
    """The same keys as the system's: this process makes sessions, complaints, and reads the chains."""
    own = folder / "own"
    own.mkdir()
    keys = {name: secrets.token_urlsafe(40) for name in KEYS}
    (own / "keys.json").write_text(json.dumps(keys))
    for name in (
        *KEYS,
        "DEBUG",
        "DEMO",
        "ALLOWED_HOSTS",
        "SMS_GATEWAY_URL",
        "STATIC_ROOT",
        "ATTACHMENTS_DIR",
        "SEALS_DIR",
    ):
        os.environ.pop(name, None)
    os.environ.update(
        VAR_DIR=str(own), DEVELOPMENT="1", DATABASE_URL=database, CELERY_BROKER_URL=broker,
        DJANGO_SETTINGS_MODULE="config.settings",
    )  # fmt: skip
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
