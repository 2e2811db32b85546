"""The table of faults: asked, today's figure, goal, held or fell. docs/faults.md keeps the latest figures of each."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.servers import ROOT
from tests.faults.world import Outcome

PAGE = ROOT / "docs" / "faults.md"
HEAD = "| fault | asked | figure | goal | | form, day |\n|---|---|---|---|---|---|\n"
ROW = re.compile(r"^\| `([a-z_]+)` \|.*$", re.MULTILINE)


def verdict(outcome: Outcome) -> str:
    if outcome.held:
        return "held" + "".join(f"; slow here: {text}" for text in outcome.slow)
    return "fell: " + "; ".join(outcome.wrong + outcome.slow)


def line(outcome: Outcome) -> str:
    return f"{outcome.asked} | {outcome.figure} | {outcome.goal} | {verdict(outcome)}"


def text(found: dict[str, Outcome]) -> str:
    return "\n".join(["asked | today's figure | goal | held/fell", *map(line, found.values())])


def write(found: dict[str, Outcome], *, short: bool, page: Path = PAGE) -> None:
    """Put these figures into the page. Those of other faults stay, and long ones where the short form holds."""
    before, rows = page.read_text().split(HEAD)[0], {m[1]: m[0] for m in ROW.finditer(page.read_text())}
    form = f"{'short' if short else 'long'}, {datetime.now(UTC):%Y-%m-%d}, load {os.getloadavg()[0]:.0f}"
    for name, outcome in found.items():
        if short and outcome.held and " | long, " in rows.get(name, ""):
            continue
        rows[name] = f"| `{name}` | {outcome.asked} | {outcome.figure} | {outcome.goal} | {verdict(outcome)} | {form} |"
    before = re.sub(
        r"(?m)^Machine: .*$",
        f"Machine: {machine()}. The load is that at the end: above 2, others worked there too.",
        before,
    )
    page.write_text(before + HEAD + "\n".join(rows.values()) + "\n")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = platform.release().split("-")[0]
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Linux {kernel}, PostgreSQL with fsync"
