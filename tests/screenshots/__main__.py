"""The stage is set up before Django loads: a folder of its own, keys that are always the same, no outer database.

Nothing here is secret: the folder goes with the process.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

KEYS = ("SECRET_KEY", "PERSONAL_DATA_KEYS", "BLIND_INDEX_KEY", "LEDGER_KEY")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="shouwen-screenshots-") as folder:
        for name in ("DATABASE_URL", "CELERY_BROKER_URL", "STATIC_ROOT", "ATTACHMENTS_DIR", "DEBUG", "DEMO", *KEYS):
            os.environ.pop(name, None)
        same = {name: f"the same in every run: {name}" for name in KEYS}
        (Path(folder) / "keys.json").write_text(json.dumps(same))
        os.environ.update(VAR_DIR=folder, DEVELOPMENT="1", DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        from tests.screenshots.taking import take

        take(Path(folder), only=sys.argv[1:])


if __name__ == "__main__":
    main()
