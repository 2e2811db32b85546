"""Compares every row that decides about people with the ledger: it must be what the last act on it left (ADR 0026).

Rows and ledger are read together, matter by matter, so that memory grows with neither, nor does the number of
statements. Rows that acts of several matters may leave (of the organisation, and of leads) are few: their newest marks
are kept in memory, and compared at the end. The sealed texts prove themselves when they are opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from accountability.audit import verification
from accountability.audit.history_rows import unlike_history
from accountability.audit.kept_files import bent_files
from accountability.audit.opening_rows import forged
from accountability.audit.sealed_tables import CHUNK, UNREADABLE
from accountability.audit.seals import ledger_key
from accountability.audit.verify_export import KINDS, MOST_LOOKED_AT, Account, Finding
from accountability.declarations.proofs import PROVED, Proof
from accountability.gate.act import lock
from accountability.gate.changes import GONE, WHOLE, differing, mark, marked_columns, whole_mark
from accountability.models import Matter, PersonalData
from accountability.models.matters import blind_index

KINDS |= {
    "left_changed": "a row isn't what this act left",
    "left_missing": "a row that this act left is missing",
    "left_nowhere": "no act left this row",
    "left_astray": "a row says that it is another matter's",
    "text_changed": "a sealed text can't be opened, or isn't found by what it says",
    "text_missing": "the text of this act is missing",
    "file_changed": "the file isn't what was made or handed in",
    "file_missing": "the file is missing",
    "kept_changed": "a row isn't what its history says",
    "kept_missing": "a row is missing, and its history doesn't say that it was deleted",
    "kept_nowhere": "a row has no history",
    "forged": "a row opens something that the program didn't let it open",
}
"""What only the database shows, and no export."""

Key = tuple[str, str]
"""A row, as the ledger names it: the label of its model, and its primary key."""

Line = tuple[int, Key, Any]
"""One thing read about a matter: its primary key, what it is, and its content."""

ENTRY, TEXT = "", "accountability.personaldata"


@dataclass(frozen=True)
class Left:
    """What an act left of a row: the mark, and where the ledger says so. `also`: the marks of other matters' acts at
    that instant.
    """

    mark: str
    matter: int
    seq: int
    verb: str
    at: str = ""
    also: tuple[str, ...] = ()


def later(known: Left | None, one: Left) -> Left:
    """What the later act left. Within a matter that is `one`; acts of several matters at one instant have no order."""
    if known is None or one.at > known.at:
        return one
    if one.at < known.at:
        return known
    return replace(one, also=known.also if one.matter == known.matter else (*known.also, known.mark))


@cache
def _model(label: str) -> type[models.Model]:
    return apps.get_model(label)


def whole(at: datetime, *, folder: Path | None = None, since: int = 1) -> Account:
    """Verify the record, and compare all rows, and the bytes of papers and evidence, with it."""
    account = verification.verify(at, folder=folder, since=since)
    account.findings += [*reconcile(), *_numbered(list(bent_files())), *forged(), *unlike_history()]
    return account


def reconcile() -> list[Finding]:
    """Compare all rows with the ledger. People may work meanwhile: what differs is compared again under the lock of its
    matter; rows of several matters are compared a second time.
    """
    loose: dict[Key, Left] = {}
    suspects = [matter for matter, found in _by_matter(None, loose) if found]
    findings: list[Finding] = []
    for matter in suspects[:MOST_LOOKED_AT]:
        with transaction.atomic():
            lock([matter])
            findings += [finding for _matter, found in _by_matter([matter], {}) for finding in found]
    if len(suspects) > MOST_LOOKED_AT:
        findings.append(Finding("more", note=str(len(suspects) - MOST_LOOKED_AT)))
    if several := set(_loose(loose)):
        again: dict[Key, Left] = {}
        for _matter, _found in _by_matter(None, again):
            pass
        findings += sorted(several.intersection(_loose(again)))
    return _numbered(findings)


def _numbered(findings: list[Finding]) -> list[Finding]:
    """With the numbers of their matters."""
    numbers = dict(Matter.objects.filter(pk__in={finding.matter for finding in findings}).values_list("pk", "number"))
    return [replace(finding, number=numbers.get(finding.matter) or "") for finding in findings]


# Reading


def _by_matter(matters: Collection[int] | None, loose: dict[Key, Left]) -> Iterator[tuple[int, list[Finding]]]:
    """Each matter with what is wrong with its rows. What acts left of rows of several matters goes into `loose`."""
    streams = [_entries(matters), _texts(matters)]
    streams += [_rows(proof, matters) for proof in PROVED.values() if proof.path is not None]
    for matter, lines in groupby(merge(*streams, key=itemgetter(0)), key=itemgetter(0)):
        yield matter, list(_compared(matter, lines, loose))


def _entries(matters: Collection[int] | None) -> Iterator[Line]:
    several: list[int | None] = [None] if matters is None else list(matters)
    for matter in several:
        for row in verification.entries(matter):
            yield row[0], (ENTRY, ""), row


def _rows(proof: Proof, matters: Collection[int] | None) -> Iterator[Line]:
    """The rows of one model by matter, each with the beginning of its present mark and its values; with None where it
    can't be read.
    """
    model = _model(proof.name)
    query = model._base_manager.filter(proof.made)
    if matters is not None:
        query = query.filter(**{f"{proof.path}__in": matters})
    path = proof.path or "pk"
    for matter, pk, values in _readable(query.order_by(path, "pk"), path, marked_columns(model)):
        present = None if values is None else (whole_mark(ledger_key(), model, pk, values), values)
        yield matter, (proof.name, str(pk)), present


def _texts(matters: Collection[int] | None) -> Iterator[Line]:
    """The sealed texts by matter, each with whether it can be opened and is found by what it says."""
    query = PersonalData.objects.all() if matters is None else PersonalData.objects.filter(matter_id__in=matters)
    columns = [field.attname for field in PersonalData._meta.concrete_fields]
    for matter, pk, values in _readable(query.order_by("matter_id", "pk"), "matter_id", columns):
        yield matter, (TEXT, str(pk)), values is not None and _opens(PersonalData(*values))


def _opens(row: PersonalData) -> bool:
    if row.sealed is None:
        return row.erased_at is not None
    try:
        known = blind_index(row.opened)
    except (InvalidTag, *UNREADABLE):
        return False
    # While the key of the digests is being changed, they may be by either.
    return bool(settings.BLIND_INDEX_KEY_OLD) or all(getattr(row, name) == value for name, value in known.items())


def _readable(query: models.QuerySet[Any], path: str, columns: Any) -> Iterator[tuple[int, Any, Any]]:
    """Matter, primary key and columns of each row; None instead of the columns where the row can't be read."""
    read = 0
    try:
        for matter, pk, *values in query.values_list(path, "pk", *columns).iterator(chunk_size=CHUNK):
            read += 1
            yield matter, pk, values
    except UNREADABLE:
        for place, (matter, pk) in enumerate(query.values_list(path, "pk").iterator(chunk_size=CHUNK)):
            if place >= read:
                alone: Any = None
                with suppress(*UNREADABLE):
                    alone = query.model._base_manager.filter(pk=pk).values_list(*columns).first()
                yield matter, pk, alone


# Comparing


def _compared(matter: int, lines: Iterator[Line], loose: dict[Key, Left]) -> Iterator[Finding]:
    """What is wrong with the rows of one matter."""
    left: dict[Key, Left] = {}
    told: dict[str, Left] = {}
    rows: dict[Key, Any] = {}
    for _matter, key, content in lines:
        if key[0] != ENTRY:
            rows[key] = content
            continue
        _m, seq, _actor, verb, _at, recorded_at, _part, _facts, texts, _key, marks, _hmac = content
        if texts is not None:
            told[str(texts)] = Left("", matter, seq, str(verb))
        for label, marked in (marks if isinstance(marks, dict) else {}).items():
            for pk, said in marked.items() if label in PROVED and isinstance(marked, dict) else ():
                one = Left(str(said), matter, seq, str(verb), str(recorded_at))
                if PROVED[label].path is not None:
                    left[label, pk] = one
                else:
                    loose[label, pk] = later(loose.get((label, pk)), one)
    opened = {key[1]: rows.pop(key) for key in [key for key in rows if key[0] == TEXT]}
    for pk, opens in opened.items():
        if not opens:
            yield _finding("text_changed", told.get(pk) or Left("", matter, 0, ""), (TEXT, pk))
    for pk in told.keys() - opened.keys():
        yield _finding("text_missing", told[pk], (TEXT, pk))
    yield from _differences(matter, rows, left)


def _loose(left: dict[Key, Left]) -> Iterator[Finding]:
    """What is wrong with the rows that acts of several matters leave."""
    for proof in PROVED.values():
        if proof.path is None:
            rows = {key: present for _pk, key, present in _rows(proof, None)}
            mine = {key: last for key, last in left.items() if key[0] == proof.name}
            if proof.seeded is not None:
                seeded = _model(proof.name)._base_manager.filter(proof.seeded).values_list("pk", flat=True)
                for key in {(proof.name, str(pk)) for pk in seeded} - mine.keys():
                    del rows[key]
            yield from _differences(0, rows, mine)
            yield from _closed(proof, mine)


def _closed(proof: Proof, left: dict[Key, Left]) -> Iterator[Finding]:
    """Rows whose sealed part no key opens, or that can't be read."""
    model = _model(proof.name)
    columns = [field.attname for field in model._meta.concrete_fields]
    query = model._base_manager.filter(proof.made).order_by("pk")
    for _pk, pk, values in _readable(query, "pk", columns) if proof.opens else ():
        try:
            opens = values is not None and getattr(model(*values), proof.opens) is not None
        except (InvalidTag, *UNREADABLE):
            opens = False
        if not opens:
            key = (proof.name, str(pk))
            yield _finding("text_changed", left.get(key) or Left("", 0, 0, ""), key)


def _differences(matter: int, rows: dict[Key, Any], left: dict[Key, Left]) -> Iterator[Finding]:
    for key, present in sorted(rows.items()):
        last = left.get(key)
        if last is None or last.mark == GONE:
            yield _finding("left_nowhere", last or Left("", matter, 0, ""), key)
        elif present is None or present[0] not in [said[:WHOLE] for said in (last.mark, *last.also)]:
            yield _finding("left_changed", last, key, ", ".join(_changed(key, present, last)))
        if present is not None and _strays(matter, key, present):
            yield _finding("left_astray", last or Left("", matter, 0, ""), key, PROVED[key[0]].repeats)
    for key in sorted(left.keys() - rows.keys()):
        if left[key].mark != GONE:
            yield _finding("left_missing", left[key], key)


def _strays(matter: int, key: Key, present: Any) -> bool:
    """Whether a row says that it belongs to another matter than the one it is found by. Its mark holds all the same
    where an act wrote it so.
    """
    column = PROVED[key[0]].repeats
    return bool(column) and present[1][marked_columns(_model(key[0])).index(column)] != matter


def _changed(key: Key, present: Any, last: Left) -> list[str]:
    """The columns in which the row isn't what was left, as far as it can be read."""
    if present is None:
        return []
    model = _model(key[0])
    return differing(model, mark(ledger_key(), model, key[1], present[1]), last.mark)


def _finding(kind: str, last: Left, key: Key, names: str = "") -> Finding:
    """`last` is where the ledger spoke of the row last; the note names the row, and the columns that differ."""
    return Finding(kind, last.matter, last.seq, last.verb, " ".join(key) + (f": {names}" if names else ""))
