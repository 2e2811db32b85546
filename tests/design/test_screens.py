"""The pictures of docs/screens.md: each is taken by `make screenshots`, is shown, and is small."""

from __future__ import annotations

import re

from django.conf import settings

from tests.screenshots.pictures import PICTURES

DOCS = settings.BASE_DIR / "docs"
MOST_BYTES = 1_500_000
"""All of them together: whoever clones the project carries them along."""


def test_each_picture_is_there_and_shown_once() -> None:
    taken = sorted(f"screens/{picture.name}.png" for picture in PICTURES)
    assert sorted(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.png")) == taken
    assert sorted(re.findall(r"\]\((screens/[^)]*)\)", (DOCS / "screens.md").read_text())) == taken


def test_the_readme_shows_one() -> None:
    assert re.findall(r"!\[[^]]*\]\(docs/(.*?)\)", (settings.BASE_DIR / "README.md").read_text()) == [
        "screens/complaint.png"
    ]


def test_together_they_are_small() -> None:
    assert sum(file.stat().st_size for file in DOCS.rglob("*.png")) < MOST_BYTES
