"""The summary of what was played: counts, misses, the worst ping-pongs, and a digest of the whole ledger.

Everything is counted by the database or read in chunks, so that a log of any length needs the same memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from accountability.gate.fields import Person
from accountability.gate.verbs import VERBS
from accountability.models import Deadline, Employee, LedgerEntry, Matter
from accountability.seed.founding import FOUND
from complaints.fields.kinds import People
from complaints.models import Complaint

WORST = 10

CHUNK = 2000
"""Ledger entries in memory at a time."""

NOTED_PEOPLE = frozenset({"joint", "to", "leader"})
"""Facts in which actions and the chase ladder name people, besides the verbs' own fields."""

NOTED_MATTERS = frozenset({"repeat_of", "original"})
"""Facts in which actions name other complaints."""


@dataclass(frozen=True)
class Report:
    """`counts` by name; `missed` by kind, `missed_by_unit` by unit code and kind: missed limits that are neither void
    nor excused; `ping_pong` the complaints returned and dispatched most often; `ledger` the digest.
    """

    counts: dict[str, int]
    missed: dict[str, int]
    missed_by_unit: dict[str, dict[str, int]]
    ping_pong: list[dict[str, Any]]
    ledger: str

    def lines(self) -> Iterator[str]:
        """The report as text lines."""
        yield ", ".join(f"{count} {name}" for name, count in self.counts.items())
        yield f"missed: {_sums(self.missed)}"
        for unit, kinds in self.missed_by_unit.items():
            yield f"missed by {unit}: {sum(kinds.values())} ({_sums(kinds)})"
        for one in self.ping_pong:
            yield f"ping-pong {one['complaint']}: {one['returns']} returns, {one['rounds']} rounds"
        yield f"ledger digest: {self.ledger}"


def _sums(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kinds.items()) or "none"


def report_of(matters: Mapping[str, int | None], *, steps: int, refused: int) -> Report:
    """The report of the present database; `matters` has the file's names for its complaints."""
    registered = Complaint.objects.filter(registered_at__isnull=False)
    return Report(
        counts={
            "complaints": registered.count(),
            "rounds": registered.aggregate(sum=Sum("round_count"))["sum"] or 0,
            "steps": steps,
            "refused": refused,
        },
        missed=dict(_missed().values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind")),
        missed_by_unit=_by_unit(),
        ping_pong=list(_ping_pong(matters)),
        ledger=ledger_digest(),
    )


def _missed() -> QuerySet[Deadline]:
    return Deadline.objects.filter(missed_at__isnull=False, voided_at=None, excused_at=None)


def _by_unit() -> dict[str, dict[str, int]]:
    """The unit with the most misses first; "-" is for limits of no unit."""
    counted = _missed().values_list("unit__code", "kind").annotate(count=Count("pk")).order_by("-count", "kind")
    units: dict[str, dict[str, int]] = {}
    for code, kind, count in counted:
        units.setdefault(code or "-", {})[kind] = count
    return dict(sorted(units.items(), key=lambda unit: (-sum(unit[1].values()), unit[0])))


def _ping_pong(matters: Mapping[str, int | None]) -> Iterator[dict[str, Any]]:
    """The ten with the most accepted returns, then the most rounds; none without a return."""
    back_and_forth = Complaint.objects.filter(Q(out_of_scope_returns__gt=0) | Q(round_count__gt=1))
    worst = back_and_forth.order_by("-out_of_scope_returns", "-round_count", "matter_id")[:WORST]
    found = list(worst.values_list("matter_id", "out_of_scope_returns", "round_count"))
    wanted = {pk for pk, _returns, _rounds in found}
    names = {pk: name for name, pk in matters.items() if pk in wanted}
    for pk, returns, rounds in found:
        yield {"complaint": names.get(pk, ""), "returns": returns, "rounds": rounds}


# The digest


def ledger_digest() -> str:
    """One hash over what was done by the ledger: equal for two runs that did the same, whatever the keys. Who was there
    before is no part of it.

    The chain's HMACs and the sealed texts are left out. Primary keys are replaced by what they refer to: a matter by
    its position (in its number too), a person by their username, so that a skipped sequence value makes no difference.
    """
    digest = hashlib.sha256()
    for said in _entries():
        digest.update(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _entries() -> Iterator[list[Any]]:
    names = dict(Employee.objects.values_list("pk", "username"))
    places = {pk: place for place, pk in enumerate(Matter.objects.order_by("pk").values_list("pk", flat=True))}
    done = LedgerEntry.objects.exclude(verb=FOUND)
    entries = done.order_by("matter_id", "seq").select_related("matter").defer("hmac")
    for entry in entries.iterator(chunk_size=CHUNK):
        yield [
            places[entry.matter_id], entry.seq, names[entry.actor_id], entry.verb,
            entry.at.isoformat(), entry.recorded_at.isoformat(), entry.part,
            _facts(entry, names, places), entry.texts_id is not None, entry.key,
        ]  # fmt: skip


def _facts(entry: LedgerEntry, names: Mapping[int, str], places: Mapping[int, int]) -> dict[str, Any]:
    said = dict(entry.facts)
    for name in _people_in(entry.matter.kind, entry.verb) & said.keys():
        one_or_many = said[name]
        listed = isinstance(one_or_many, list)
        said[name] = [names.get(pk) for pk in one_or_many] if listed else names.get(one_or_many)
    for name in NOTED_MATTERS & said.keys():
        said[name] = places.get(said[name])
    if "number" in said:
        said["number"] = said["number"].replace(str(entry.matter)[2:], str(places[entry.matter_id]))
    return said


@cache
def _people_in(kind: str, verb: str) -> frozenset[str]:
    """The facts of the verb that name people by their keys."""
    known = VERBS.get((kind, verb))
    asked = [fact.name for fact in known.facts if isinstance(fact, (Person, People))] if known else []
    return frozenset([*asked, *NOTED_PEOPLE])
