#!/usr/bin/env python3
"""Verify the ledger without the system: this file, an export, the key, and nothing else.

    LEDGER_KEY=... python3 -I verify_export.py ledger.jsonl.gz [--key-file FILE] [--seals DIR]

Copy it anywhere; it needs Python 3.11 and its standard library. `manage.py verify_ledger` uses the same code on the
database. It prints a line for each finding and leaves with 1; with 0 where everything holds. Seals kept elsewhere than
with the export (`--seals`) are the stronger proof: the maker of the export could have left some out. Without any seal
it leaves with 1, since nothing says which matters there were.

What it proves: every entry up to the newest seal is what it was when it was sealed, nothing is missing or put between;
entries since then form unbroken chains. Each act names the newest seal of its time, so that no seal can be left out
while any act since then stands. It can't tell who held the key, nor what was cut off since the newest seal.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import hmac
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

FORMAT = "shouwen-ledger 2"

FIELDS = ("matter", "seq", "actor", "verb", "at", "recorded_at", "part", "facts", "texts", "key", "marks", "hmac")
"""A row of the ledger, here and in an export: references, instants (UTC, to the microsecond) and marks, no text."""

MATTER, SEQ, VERB, MARKS, HMAC = 0, 1, 3, 10, 11

Row = Sequence[Any]

MOST_TRIED = 300
"""So many misfits of one matter are tried in each other's places; with more, they are named and not sorted out."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong. `place` is the entry's place in its matter (0: the whole matter), the number of a seal,
    or the key of a row of the table that `note` names.
    """

    kind: str
    matter: int = 0
    place: int = 0
    verb: str = ""
    note: str = ""
    number: str = field(default="", compare=False)

    def __str__(self) -> str:
        thing, _underscore, _what = self.kind.partition("_")
        where = f"matter {self.number or self.matter}" if self.matter else thing if thing in ("seal", "row") else ""
        if self.place:
            where += f", entry {self.place}" if self.matter else f" {self.place}"
        verb, note = (f" ({text})" if text else "" for text in (self.verb, self.note))
        return f"{where}{verb}: {KINDS[self.kind]}{note}"


KINDS = {
    "changed": "was changed",
    "missing": "is missing",
    "inserted": "was put in, no chain leads to it",
    "moved": "stands in another place than it was written at",
    "foreign": "was written in another matter",
    "cut": "this one and what came after it was cut off",
    "head": "its length or head was rewritten",
    "gone": "is gone with its entries",
    "orphan": "has entries and is gone",
    "unsealed": "isn't the one that was sealed",
    "seal_changed": "was changed",
    "seal_missing": "is missing",
    "seal_other": "isn't the one that acts name",
    "seal_twice": "is there twice",
    "seal_unreadable": "can't be read",
    "row_changed": "was changed",
    "row_missing": "is missing",
    "row_inserted": "was put in among rows that were sealed",
    "row_unreadable": "can't be read",
    "unreadable": "can't be read",
    "unproved": "there is no seal: nobody can tell whether a matter, or the end of one, is missing",
    "more": "further matters don't hold",
    "short": "the file isn't whole",
}


# The chain


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode
"""One encoder for all: making one for every entry would take longer than the entry."""


def body(previous: str, row: Row) -> bytes:
    """What an entry's HMAC is over: its predecessor's HMAC and everything in its own row but the HMAC."""
    return _json([previous, *row[:HMAC]]).encode()


def entry_hmac(key: bytes, previous: str, row: Row) -> str:
    return hmac.digest(key, body(previous, row), "sha256").hex()


Pairs = list[tuple[int, str]]
"""What seals say of one matter: its length at that time, and the HMAC of the entry that was its last then."""

Gap = tuple[int, int, str]
"""A matter, a place where nothing stands, and the HMAC of what stood before it."""


def holds(key: bytes, rows: Sequence[Row], head: tuple[int, str] | None, pairs: Pairs) -> bool:
    """Whether nothing is wrong with one matter: `rows` are its entries by place, `head` what its own row says."""
    previous, place = "", 0
    for place, row in enumerate(rows, start=1):
        if row[SEQ] != place or entry_hmac(key, previous, row) != row[HMAC]:
            return False
        previous = row[HMAC]
    if head != (place, previous):
        return False
    return all(length <= place and (not length or rows[length - 1][HMAC] == sealed) for length, sealed in pairs)


class Diagnosis:
    """What is wrong with a matter that doesn't hold: goes through the places and looks for the entry that was written
    at each. Slow and thorough.
    """

    def __init__(
        self, key: bytes, matter: int, rows: Sequence[Row], head: tuple[int, str] | None, pairs: Pairs
    ) -> None:
        self.key, self.matter, self.rows, self.head = key, matter, list(rows), head
        self.sealed = dict(pairs)
        self.findings: list[Finding] = []
        self.gaps: list[Gap] = []
        self.strays: list[Row] = []
        self.used: set[int] = set()
        self.longest = max(self.sealed, default=0)
        if head is None:
            self._find("orphan" if rows else "gone", note=f"{self.longest} entries were sealed")
        elif not rows and self.longest:
            self._find("gone", note=f"{self.longest} entries were sealed")
        if rows or not self.findings:
            self._examine()

    def _find(self, kind: str, place: int = 0, row: Row | None = None, note: str = "") -> None:
        self.findings.append(Finding(kind, self.matter, place, str(row[VERB]) if row else "", note))

    def _examine(self) -> None:
        self.misfits = self._misfits()[:MOST_TRIED]
        self.by_seq: dict[int, list[int]] = {}
        for index, row in enumerate(self.rows):
            self.by_seq.setdefault(row[SEQ], []).append(index)
        written = max(self.longest, self.head[0] if self.head else 0)
        last = min(max(written, *self.by_seq, 0), len(self.rows) + self.longest + MOST_TRIED)
        before: list[str] = [""]
        for place in range(1, last + 1):
            before = self._place(place, before)
        for index in sorted(set(range(len(self.rows))) - self.used):
            self.strays.append(self.rows[index])
            self._find("inserted", self.rows[index][SEQ], self.rows[index])
        self._compare()
        self.findings = _in_runs(self.findings, last)

    def _misfits(self) -> list[int]:
        """Those that don't follow the entry before them: they may have been written elsewhere."""
        found, previous = [], ""
        for index, row in enumerate(self.rows):
            if row[SEQ] != index + 1 or not self._follows(index, row[SEQ], [previous]):
                found.append(index)
            previous = row[HMAC]
        return found

    def _follows(self, index: int, place: int, before: Iterable[str]) -> bool:
        """Whether this entry was written at this place of this matter, after one of these."""
        row = (self.matter, place, *self.rows[index][2:])
        return any(entry_hmac(self.key, previous, row) == row[HMAC] for previous in before)

    def _place(self, place: int, before: list[str]) -> list[str]:
        """Say what became of the entry written here, and what its HMAC may have been (nothing: nobody knows)."""
        own = [index for index in self.by_seq.get(place, []) if index not in self.used]
        for index in own + [index for index in self.misfits if index not in self.used]:
            if self._follows(index, place, before) or (not before and self._leads_on(index, place)):
                if self.rows[index][SEQ] != place:
                    self._find("moved", place, self.rows[index], f"now at {self.rows[index][SEQ]}")
                self.used.add(index)
                return [self.rows[index][HMAC]]
        sealed = [self.sealed[place]] if place in self.sealed else []
        staying = [index for index in own if not self._written_elsewhere(index, place)]
        if not staying and self.head and before == [self.head[1]] and place > self.longest:
            return before  # the chain ended here, whatever length was written beside its head
        if not staying:
            self.gaps += [(self.matter, place, previous) for previous in before]
            self._find("missing", place)
            return sealed
        # Either the row was changed and its HMAC left as it was, or the HMAC too: what leads on may be any of them.
        index = staying[0]
        row = self.rows[index]
        self.used.add(index)
        self.strays.append(row)
        self.gaps += [(self.matter, place, previous) for previous in before]
        self._find("changed", place, row)
        return [row[HMAC], *sealed, *(entry_hmac(self.key, previous, row) for previous in before)]

    def _leads_on(self, index: int, place: int) -> bool:
        """What came before it is lost, but it is what was sealed, or the next one follows it."""
        row = self.rows[index]
        if row[HMAC] in (self.sealed.get(place), self.head[1] if self.head and self.head[0] == place else None):
            return True
        return any(self._follows(after, place + 1, [row[HMAC]]) for after in self._near(index, place + 1))

    def _written_elsewhere(self, index: int, place: int) -> bool:
        """Whether the chain goes on behind it as behind an entry of another place."""
        for after in self._near(index, place + 1):
            for there in {self.rows[after][SEQ], *range(max(place - 8, 1), place + 10)} - {place + 1}:
                if self._follows(after, there, [self.rows[index][HMAC]]):
                    return True
        return any(sealed == self.rows[index][HMAC] for length, sealed in self.sealed.items() if length != place)

    def _near(self, index: int, place: int) -> list[int]:
        """Those that may come next: what stands there, and what fits nowhere."""
        return [other for other in {*self.by_seq.get(place, []), *self.misfits} if other != index]

    def _compare(self) -> None:
        """With the matter's own row, where nothing else is wrong, and with what was sealed."""
        if not self.findings and self.head != (len(self.rows), self.rows[-1][HMAC] if self.rows else ""):
            self._find("head")
        named = {finding.place for finding in self.findings}
        for length, sealed in sorted(self.sealed.items()):
            here = [self.rows[index] for index in self.by_seq.get(length, [])]
            if here and length not in named and all(row[HMAC] != sealed for row in here):
                self._find("unsealed", length, here[0])


def _in_runs(findings: list[Finding], last: int) -> list[Finding]:
    """What is missing up to the end was cut off; a run of the missing or moved is told once, by its first."""
    told: list[Finding] = []
    ends: list[int] = []
    for finding in findings:
        if told and finding.kind == told[-1].kind in ("missing", "moved") and finding.place == ends[-1] + 1:
            ends[-1] = finding.place
        else:
            told.append(finding)
            ends.append(finding.place)
    return [
        finding if end == finding.place and not (finding.kind == "missing" and end == last)
        else Finding(
            "cut" if finding.kind == "missing" and end == last else finding.kind, finding.matter, finding.place,
            finding.verb, f"to {end}" if end > finding.place else finding.note,
        )
        for finding, end in zip(told, ends, strict=True)
    ]  # fmt: skip


def brought_home(key: bytes, findings: list[Finding], gaps: Sequence[Gap], strays: Sequence[Row]) -> list[Finding]:
    """The same findings, where an entry that fits nowhere in its matter was written in another: it says in which."""
    known = {(row[MATTER], row[SEQ], row[VERB]): row for row in strays[:MOST_TRIED]}
    return [
        Finding("foreign", finding.matter, finding.place, finding.verb, f"entry {home[1]} of matter {home[0]}")
        if finding.kind in ("inserted", "changed")
        and (row := known.get((finding.matter, finding.place, finding.verb)))
        and (home := _home_of(key, row, gaps))
        else finding
        for finding in findings
    ]


def _home_of(key: bytes, row: Row, gaps: Sequence[Gap]) -> tuple[int, int] | None:
    for matter, place, previous in gaps[:MOST_TRIED]:
        if matter != row[MATTER] and entry_hmac(key, previous, (matter, place, *row[2:])) == row[HMAC]:
            return matter, place
    return None


# Seals


def seal_hmac(key: bytes, seal: dict[str, Any]) -> str:
    said = {name: value for name, value in seal.items() if name != "hmac"}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, b"seal\n" + text.encode(), "sha256").hex()


def read_seals(folder: Path, *, after: int = 0) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Names and contents of the files with higher numbers, in their order; None where one can't be read."""
    for path in sorted(folder.glob("seal-[0-9]*.json")):
        if number_of(path.name) <= after:
            continue
        try:
            seal = json.loads(path.read_text())
        except (OSError, ValueError):
            seal = None
        yield path.name, seal if isinstance(seal, dict) else None


NEWEST_SEAL = "accountability.seal"
"""Under this name the marks of each act tell the number and the brief form of the newest seal of its time."""


def brief(seal_hmac: str) -> str:
    """What stands of a seal in the marks of acts: 64 bits of a digest of its HMAC."""
    return hashlib.sha256(seal_hmac.encode()).hexdigest()[:16]


def number_of(name: str) -> int:
    return int("".join(sign for sign in name if sign in "0123456789") or 0)


class Seals:
    """The seals that hold, what they say of each matter, and what is wrong with the others."""

    def __init__(
        self, key: bytes, named: Iterable[tuple[str, dict[str, Any] | None]], since: int = 1,
        also: Callable[[dict[str, Any]], None] = lambda seal: None,
    ) -> None:  # fmt: skip
        """`since` leaves out earlier ones; `also` is called with each that holds."""
        self.findings: list[Finding] = []
        self.pairs: dict[int, Pairs] = {}
        self.count, self.last = 0, since - 1
        self._key, self._since, self._previous, self._also = key, since, "", also
        self._brief: dict[int, str] = {}
        self._named: set[tuple[str, str]] = set()
        self.read(named)

    def read(self, named: Iterable[tuple[str, dict[str, Any] | None]]) -> None:
        for name, seal in named:
            self._add(name, seal)

    def named_by(self, rows: Iterable[Row]) -> None:
        """Note which seals the acts of a matter that holds name."""
        for row in rows:
            self._named.update(row[MARKS].get(NEWEST_SEAL, {}).items())

    @property
    def last_named(self) -> int:
        """The highest number that an act names."""
        return max((int(number) for number, _brief in self._named), default=0)

    def unlike_named(self) -> Iterator[Finding]:
        """A finding for each seal that acts name and that isn't there, or is another one."""
        known = {finding.place for finding in self.findings}
        for number, name in sorted((int(number), name) for number, name in self._named):
            if number >= self._since and number not in known and self._brief.get(number) != name:
                yield Finding("seal_other" if number in self._brief else "seal_missing", place=number)

    def _add(self, name: str, seal: dict[str, Any] | None) -> None:
        number = number_of(name)
        if number < self._since:
            return
        if seal is None:
            self.findings.append(Finding("seal_unreadable", place=number))
        elif seal_hmac(self._key, seal) != seal.get("hmac") or seal["number"] != number:
            self.findings.append(Finding("seal_changed", place=number))
        elif number <= self.last:
            self.findings.append(Finding("seal_twice", place=number))
            return
        else:
            self._follow(number, seal["previous"])
            for matter, (length, head) in seal["matters"].items():
                self.pairs.setdefault(int(matter), []).append((length, head))
            self.count, self.last, self._previous = self.count + 1, number, seal["hmac"]
            self._brief[number] = brief(seal["hmac"])
            self._also(seal)
            return
        self.last, self._previous = max(self.last, number), ""

    def _follow(self, number: int, previous: str) -> None:
        self.findings += [Finding("seal_missing", place=lost) for lost in range(self.last + 1, number)]
        if self._previous and self.last == number - 1 and previous != self._previous:
            self.findings.append(Finding("seal_changed", place=number, note="it follows another one"))


# The whole of it


@dataclass
class Account:
    """What came of it."""

    findings: list[Finding]
    entries: int = 0
    matters: int = 0
    seals: int = 0

    def check_sealed(self) -> None:
        """Without any seal, and where no act names one, nobody can tell what there was."""
        if not self.seals and not any(finding.kind == "seal_missing" for finding in self.findings):
            self.findings.append(Finding("unproved"))

    def __str__(self) -> str:
        read = f"{self.entries} entries of {self.matters} matters, {self.seals} seals"
        return f"{read}: {len(self.findings)} findings"


Heads = dict[int, tuple[str, int, str]]
"""Number, length and head by matter, as the matters' own rows say."""

MOST_LOOKED_AT = 1000
"""Matters that are diagnosed one by one; where more don't hold (another key, say), the rest is counted."""


class Reading:
    """One pass over all entries, by matter and place, against their chains, the matters' heads and the seals."""

    def __init__(self, key: bytes, rows: Iterable[Row], heads: Heads, seals: Seals) -> None:
        self.key, self.rows, self.heads, self.seals = key, rows, heads, seals
        self.account = Account([])

    def suspects(self) -> Iterator[tuple[int, list[Row]]]:
        """The matters that don't hold, with their entries."""
        seen: set[int] = set()
        for matter, several in groupby(self.rows, key=itemgetter(MATTER)):
            together = list(several)
            self.account.entries += len(together)
            seen.add(matter)
            if holds(self.key, together, *self.said_of(matter)):
                self.seals.named_by(together)
            else:
                yield matter, together
        for matter in sorted((self.heads.keys() | self.seals.pairs.keys()) - seen):
            if not holds(self.key, [], *self.said_of(matter)):
                yield matter, []
        self.account.matters = len(self.heads)

    def said_of(self, matter: int) -> tuple[tuple[int, str] | None, Pairs]:
        """Length and head as its own row says (None: there is no such row), and what seals say."""
        known = self.heads.get(matter)
        return (known[1], known[2]) if known else None, self.seals.pairs.get(matter, [])

    def diagnose(self, matter: int, rows: Sequence[Row]) -> Diagnosis:
        return Diagnosis(self.key, matter, rows, *self.said_of(matter))

    def conclude(self, wrong: Sequence[Diagnosis], more: int) -> Account:
        self.account.seals = self.seals.count
        self.seals.findings += list(self.seals.unlike_named())
        self.account.findings += [*self.seals.findings, *told(self.key, wrong, self.heads)]
        if more:
            self.account.findings.append(Finding("more", note=str(more)))
        return self.account


def verify(key: bytes, rows: Iterable[Row], heads: Heads, seals: Seals) -> Account:
    """The whole of it, for an export."""
    reading, wrong, more = Reading(key, rows, heads, seals), [], 0  # type: tuple[Reading, list[Diagnosis], int]
    for matter, together in reading.suspects():
        if len(wrong) < MOST_LOOKED_AT:
            wrong.append(reading.diagnose(matter, together))
        else:
            more += 1
    return reading.conclude(wrong, more)


def told(key: bytes, wrong: Sequence[Diagnosis], heads: Heads) -> list[Finding]:
    """The findings of several matters, with the matters' numbers."""
    findings = [finding for diagnosis in wrong for finding in diagnosis.findings]
    gaps = [gap for diagnosis in wrong for gap in diagnosis.gaps]
    strays = [row for diagnosis in wrong for row in diagnosis.strays]
    return [_named(finding, heads) for finding in brought_home(key, findings, gaps, strays)]


def _named(finding: Finding, heads: Heads) -> Finding:
    number = heads.get(finding.matter, ("", 0, ""))[0]
    return replace(finding, number=number) if number else finding


# An export


def end_of(key: bytes, entries: int, heads: Heads) -> list[Any]:
    """What an export ends with: the number of its entries, and an HMAC over it and all its matters, so that none can be
    left out of the file.
    """
    said = json.dumps([entries, [[matter, *heads[matter]] for matter in sorted(heads)]], ensure_ascii=False)
    return [entries, hmac.digest(key, b"export\n" + said.encode(), "sha256").hex()]


class Export:
    """A file of `manage.py export_ledger`: a line for the format, each seal, each matter, each entry, and the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seals: list[tuple[str, dict[str, Any] | None]] = []
        self.heads: Heads = {}
        self.end: list[Any] = []
        self._lines = self._read()
        self._first: Row | None = None
        if next(self._lines, {}).get("format") != FORMAT:
            raise SystemExit(f"{path}: no export of the format “{FORMAT}”")
        for line in self._lines:
            if "entry" in line:
                self._first = line["entry"]
                break
            self._take(line)

    def _read(self) -> Iterator[dict[str, Any]]:
        with gzip.open(self.path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def _take(self, line: dict[str, Any]) -> None:
        if "seal" in line:
            self.seals.append((f"seal {line['seal'].get('number')}", line["seal"]))
        elif "matter" in line:
            matter, number, length, head = line["matter"]
            self.heads[matter] = (number or "", length, head)
        elif "end" in line:
            self.end = line["end"]

    def rows(self) -> Iterator[Row]:
        if self._first is not None:
            yield self._first
        for line in self._lines:
            if "entry" in line:
                yield line["entry"]
            else:
                self._take(line)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an export of the ledger with its key.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key-file", type=Path, help="a file that holds the key (else: LEDGER_KEY)")
    parser.add_argument("--seals", type=Path, help="a folder of seals kept elsewhere, instead of the export's own")
    given = parser.parse_args(arguments)
    key = given.key_file.read_text().strip() if given.key_file else os.environ.get("LEDGER_KEY", "")
    if not key:
        parser.error("no key: set LEDGER_KEY or give --key-file")
    export = Export(given.export)
    seals = Seals(key.encode(), read_seals(given.seals) if given.seals else export.seals)
    account = verify(key.encode(), export.rows(), export.heads, seals)
    account.check_sealed()
    if export.end != end_of(key.encode(), account.entries, export.heads):
        said = export.end[0] if export.end else "?"
        account.findings.append(Finding("short", note=f"{account.entries} of {said} entries in the file"))
    for finding in account.findings:
        print(finding)
    print(account)
    return 1 if account.findings else 0


if __name__ == "__main__":
    sys.exit(main())
