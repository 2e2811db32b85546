"""Which browser the tests drive: Debian's Chromium, or the one that CHROMIUM names (.ci/chromium installs it)."""

from __future__ import annotations

import os
from pathlib import Path

PLACES = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")


def chromium() -> str:
    """The browser that Playwright would download is not used."""
    found = [place for place in PLACES if Path(place).exists()]
    return os.environ.get("CHROMIUM") or (found or PLACES)[0]
