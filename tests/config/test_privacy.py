"""What docs/privacy.md says of the program, held against it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accountability.models import LedgerEntry
from tests.factories import Play

ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = ("http://www.w3.org/",)
"""Names that look like addresses; nobody asks them for anything."""


@pytest.mark.compliance(30)
@pytest.mark.asvs("3.6.1")
def test_no_page_script_or_style_names_another_host() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "templates", "complaints/static"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.splitlines() if not name.endswith((".png", ".woff2"))]
    found = [
        f"{file.relative_to(ROOT)}: {address}"
        for file in files
        for address in re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z0-9.-]+[^\s\"')]*", file.read_text())
        if not address.startswith(NAMESPACES)
    ]
    assert (found, len(files) > 100) == ([], True)


@pytest.mark.compliance(30)
def test_the_browser_is_told_to_ask_nobody_else() -> None:
    """Were an address to slip in, it would not be followed."""
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    sources = {str(source) for each in policy.values() if isinstance(each, (list, tuple)) for source in each}
    assert [source for source in sources if "//" in source or "*" in source or "." in source] == []


@pytest.mark.compliance(21)
@pytest.mark.parametrize(
    ("verb", "by", "way"),
    [
        ("register", "kf.agent", {"channel": "call"}),
        ("forward", "yc.chen", {}),
        ("import_complaint", "kf.agent", {"source": "旧系统"}),
    ],
)
def test_the_record_says_by_whom_and_on_what_way_data_came(play: Play, verb: str, by: str, way: dict[str, str]) -> None:
    """The channel, or the system it came from; a forward is a way by itself, and its hand the employee's own."""
    complaint: Any = play(verb, by)
    entry = LedgerEntry.objects.get(matter=complaint.matter, seq=1)
    assert (entry.verb, entry.actor.username, entry.at, entry.facts | way) == (verb, by, play.now.at, entry.facts)


@pytest.mark.compliance(21, 22, 23)
def test_the_papers_are_there() -> None:
    """Record of processing, assessment, entrusted parties, requests, incident record, notice."""
    text = (ROOT / "docs" / "privacy.md").read_text()
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert [section.splitlines()[0] for section in sections] == [
        "1 Record of processing", "2 Assessment of impact (PIPL 55, 56)", "3 Parties entrusted (PIPL 21)",
        "4 Data requests (PIPL 44 to 47)", "5 Incident record", "6 Notice to the authority and to persons (PIPL 57)",
    ]  # fmt: skip
    asked = ("原因", "措施", "危害", "个人信息种类", "联系方式")
    assert [word for word in asked if word not in sections[5]] == []
