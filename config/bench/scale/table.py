"""The bench's tables, as they are printed and as the document has them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator

from config.bench.scale.databases import ROOT
from config.bench.scale.measuring import Measured

BEGIN, END = "<!-- measured -->", "<!-- end -->"
REPORT = ROOT / "docs" / "scale.md"


def table(sizes: list[int], found: list[list[Measured]], peer: int = 0) -> Iterator[str]:
    """A row for each operation, of the largest size; `peer`: the peer's size, where it was measured."""
    small, large = found[0], found[-1]
    of_small = {_apart_from_number(one): one for one in small}
    growth = f"growth {sizes[0]:,} → {sizes[-1]:,}" if len(sizes) > 1 else f"at {sizes[0]:,}"
    heads = ["operation", "statements", "processor", "wall", growth, "memory"]
    if peer:
        heads += [f"peer ({peer:,}): statements", "processor", "wall"]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for one in large:
        before = of_small.get(_apart_from_number(one))
        grown = said(one.worth / before.worth) if before and before is not one and before.worth else "–"
        cells = [*_ratios(one), grown, f"{one.memory} MB" if one.memory else "–"]
        if peer:
            cells += _ratios(one.peer) if one.peer else ["–"] * 3
        yield f"| {one.name}{_failures(one)} | {' | '.join(cells)} |"


def _apart_from_number(one: Measured) -> str:
    """A sweep of 8,105 limits is compared with one of 8,113."""
    return one.name.partition(" (")[0]


def _ratios(one: Measured) -> list[str]:
    return [said(one.statements, 0), said(one.processor), said(one.wall)]


def _failures(one: Measured) -> str:
    told = [(one.failed, "failed"), (one.peer.failed if one.peer else 0, "of the peer failed")]
    return "".join(f" ({number} {what})" for number, what in told if number)


def verdict(found: Iterable[Measured], ours: int, peer: int) -> str:
    """In which of the rows that both have we are ahead, by processor."""
    both = [(one, one.peer) for one in found if one.peer]
    behind = [
        f"{mine.name} ({said(mine.worth / theirs.worth)} ×)" for mine, theirs in both if mine.worth >= theirs.worth
    ]
    told = f"Ours at {ours:,} is ahead of the peer at {peer:,} in {len(both) - len(behind)} of {len(both)} rows"
    return f"{told}; not in: {', '.join(behind)}." if behind else f"{told}."


def said(ratio: float, digits: int = 1) -> str:
    return f"{ratio:.{digits}f}" if ratio else "–"


def write(text: str) -> None:
    """Put the tables into the document, with the commit that was measured."""
    whole = REPORT.read_text()
    before, _mark, rest = whole.partition(BEGIN)
    git = shutil.which("git") or "/usr/bin/git"
    commit = subprocess.run([git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603
    REPORT.write_text(f"{before}{BEGIN}\nCommit {commit.stdout.strip()}.\n\n{text}\n{END}{rest.partition(END)[2]}")
