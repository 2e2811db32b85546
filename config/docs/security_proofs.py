"""docs/security.md: the threat model, and for each item of three sheets (ASVS, compliance, lessons) what proves it.

The sheets are in docs/security/; which tests prove an item is read from the tests' marks without running anything. An
item without test and without words is left open, and the build says so.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from config.docs.marks import marks

SHEETS = ("asvs", "compliance", "lesson")
Proofs = dict[str, dict[str, list[str]]]
"""Number of the item → file → tests; a mark on a whole file has no test."""


@dataclass(frozen=True)
class Item:
    """One line of a sheet. `met` says how it is met, besides tests; `state` is the kind of answer."""

    number: str
    asks: str
    met: str
    state: str
    heading: str = ""


def security() -> str:
    """The text of the page."""
    proofs = marked_in_tests()
    parts = [
        "# Security\n\nWhat could happen and what stands against it; then three sheets, each item with the tests that"
        "\nbear its mark, or the setting or design that meets it, or why it doesn't concern us. The whole proof:"
        "\n`make test`, `make slow`, `make audit`.",
        (_folder() / "threats.md").read_text(encoding="utf-8").strip(),
        _asvs(proofs["asvs"]),
        _compliance(proofs["compliance"]),
        _lessons(proofs["lesson"]),
    ]
    return "\n\n".join(parts) + "\n"


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "security"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8"))


def by_number(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def asvs_items() -> list[Item]:
    """The 253 items of levels 1 and 2, in order."""
    sheet = _read("asvs")
    items = [Item(number, asks, met, "met") for number, (asks, met) in sheet["asked"].items()]
    items += [Item(number, "", each["why"], "beside") for each in sheet["beside"] for number in each["items"]]
    items += [Item(number, asks, met, "open") for number, (asks, met) in sheet["open"].items()]
    return sorted(items, key=lambda item: by_number(item.number))


def compliance_items() -> list[Item]:
    return [
        Item(number, asks, met, "met", heading) for number, (heading, asks, met) in _read("compliance")["items"].items()
    ]


def lesson_items() -> list[Item]:
    return [Item(number, what, "", "met", where) for number, (where, what) in _read("lessons")["items"].items()]


def unproved(items: list[Item], proofs: Proofs) -> list[str]:
    """Items that claim to be met and have neither a test nor words."""
    return [item.number for item in items if item.state == "met" and not item.met and item.number not in proofs]


def _asvs(proofs: Proofs) -> str:
    items = asvs_items()
    tested = sum(item.number in proofs for item in items)
    beside, left = (sum(item.state == state for item in items) for state in ("beside", "open"))
    by_words = sum(item.state == "met" and item.number not in proofs for item in items)
    lines = [
        "## OWASP ASVS 5.0, level 2",
        "",
        f"{len(items)} items of levels 1 and 2: {tested} with tests, {by_words} by a setting or by design, {beside}"
        f" that don't concern us, {left} not wholly met. The numbers are the standard's; the words are ours.",
        "",
        "| item | asks | met by | tests |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {item.number} | {item.asks or '—'} | {_met(item)} | {_tests(proofs.get(item.number))} |" for item in items
    ]
    return "\n".join(lines)


def _met(item: Item) -> str:
    prefix = {"beside": "not applicable: ", "open": "**not wholly**: ", "met": ""}[item.state]
    return prefix + item.met if item.met else "by the tests"


def _compliance(proofs: Proofs) -> str:
    items = compliance_items()
    tested = sum(item.number in proofs for item in items)
    lines = [
        "## 等保 level 3, PIPL and the ministry's orders",
        "",
        f"{len(items)} items, {tested} with tests. The headings are those of GB/T 22239-2019.",
        "",
        "| item | heading | asks | met by | tests |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {item.number} | {item.heading} | {item.asks} | {item.met} | {_tests(proofs.get(item.number))} |"
        for item in items
    ]
    return "\n".join(lines)


def _lessons(proofs: Proofs) -> str:
    lines = [
        "## Fifteen lessons",
        "",
        "How other systems were hurt, and the tests that would have caught it here.",
        "",
        "| lesson | where | what happened | tests |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {item.number} | {item.heading} | {item.asks} | {_tests(proofs.get(item.number))} |"
        for item in lesson_items()
    ]
    return "\n".join(lines)


MOST_NAMED = 6


def _tests(found: dict[str, list[str]] | None) -> str:
    """File and tests; many tests of one file are counted, not listed."""
    if not found:
        return "—"
    told = []
    for file, names in sorted(found.items()):
        each = list(dict.fromkeys(name for name in names if name))
        listed = ", ".join(f"`{name}`" for name in each) if len(each) <= MOST_NAMED else f"{len(each)} tests"
        told.append(f"`{file}`" + (f": {listed}" if listed else ""))
    return "; ".join(told)


def marked_in_tests() -> dict[str, Proofs]:
    """By sheet, the tests with the mark of each item."""
    found: dict[str, Proofs] = {sheet: defaultdict(dict) for sheet in SHEETS}
    for mark in marks():
        if mark.name in SHEETS:
            found[mark.name][mark.value].setdefault(mark.file, []).append(mark.test)
    return found
