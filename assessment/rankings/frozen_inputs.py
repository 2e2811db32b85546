"""The inputs of a ranking: frozen with it, recomputed from themselves, compared with the present record (R53)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from heapq import merge
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Value

from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import LedgerEntry, Unit
from accountability.organisation.succession import PASSED_ON
from assessment.figures.measures import RANKED_KINDS
from assessment.models import Ranking, RankingLine, RankingRound
from assessment.models.standings import Tally, group_of, standings_of
from assessment.rankings.counting import counted, tallied
from complaints.models import Complaint, Round

COLUMNS = ("ranking_id", "edition", "round_id", "unit_id", "resolved")

CHUNK = 10_000
"""Rows read at a time when a whole year is read."""


# Freezing


def freeze(ranking: Ranking) -> list[RankingLine]:
    """Freeze which rounds count now, and return the resulting lines, not yet saved.

    One INSERT … SELECT and two reads of what it wrote: the same number of statements for ten rounds and for half a
    million. The ranking's own row may come later in the transaction.
    """
    rounds = counted(ranking.year).order_by("pk").values_list(
        Value(ranking.pk), Value(ranking.edition), "pk", "unit_id", "is_resolved"
    )  # fmt: skip
    selected, values = rounds.query.sql_with_params()
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(RankingRound._meta.db_table)} ({names}) {selected}", values)
    ranking.inputs_digest, ranking.rounds = digest_of(ranking)
    lines = ranking.lines = lines_of(ranking, tally_of(ranking))
    ranking.__dict__.pop("standings", None)
    ranking.needs_decision = any(found.needs_decision for found in ranking.standings.values())
    return lines


def _inputs(ranking: Ranking) -> QuerySet[RankingRound]:
    return RankingRound.objects.filter(ranking_id=ranking.pk, edition=ranking.edition)


def digest_of(ranking: Ranking) -> tuple[str, int]:
    """The digest of the frozen inputs in the order of rounds, and how many there are. Read in chunks, never all at
    once.
    """
    digest, number = hashlib.sha256(), 0
    rows = _inputs(ranking).order_by("round_id").values_list("round_id", "unit_id", "resolved")
    for round_id, unit_id, resolved in rows.iterator(chunk_size=CHUNK):
        digest.update(b"%d:%d:%d\n" % (round_id, unit_id, resolved))
        number += 1
    return digest.hexdigest(), number


def tally_of(ranking: Ranking) -> dict[int, Tally]:
    """By unit (primary key), from the frozen inputs alone."""
    told = _inputs(ranking).order_by().values("unit_id").annotate(
        good=Count("pk", filter=Q(resolved=True)), number=Count("pk")
    )  # fmt: skip
    return {row["unit_id"]: (row["good"], row["number"]) for row in told}


def preview_of(year: int, *, is_split: bool) -> Ranking:
    """A year as recorded now, with its lines; nothing is frozen or saved."""
    ranking = Ranking(year=year, is_split=is_split)
    tallies = tallied(counted(year))
    ranking.lines = lines_of(ranking, tallies)
    ranking.rounds = sum(asked for _resolved, asked in tallies.values())
    ranking.needs_decision = any(found.needs_decision for found in ranking.standings.values())
    return ranking


def lines_of(ranking: Ranking, tallies: dict[int, Tally]) -> list[RankingLine]:
    """Every unit that can be ranked, with its tally and place, in the order of the lists."""
    units = list(Unit.objects.filter(Q(kind__in=RANKED_KINDS) | Q(pk__in=tallies)).order_by("code"))
    known = {unit.code: tallies[unit.pk] for unit in units if unit.pk in tallies}
    lists = standings_of(known, [(unit.code, unit.kind) for unit in units], is_split=ranking.is_split)
    places = {code: place for found in lists.values() for code, place in found.places.items()}
    lowest = {code for found in lists.values() for code in found.barred}
    lines = []
    for unit in units:
        resolved, asked = known.get(unit.code, (0, 0))
        group = group_of(unit.kind, is_split=ranking.is_split)
        lines.append(
            RankingLine(
                ranking=ranking, edition=ranking.edition, group=group.value, unit=unit, name=unit.name, kind=unit.kind,
                resolved=resolved, asked=asked, place=places.get(unit.code), is_lowest=unit.code in lowest,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.group, line.place is None, line.place or 0, line.unit.code))


# Recomputing it


@dataclass(frozen=True)
class Recomputed:
    """The result of computing a ranking from its inputs alone."""

    digest: str
    rounds: int
    lines: list[tuple[str, int, int, int | None, bool]]
    holds: bool


def recompute(ranking: Ranking) -> Recomputed:
    """Whether the frozen inputs match the ledger and give every number and place that is shown."""
    digest, rounds = digest_of(ranking)
    tallies, units = tally_of(ranking), [(line.unit.code, line.kind) for line in ranking.lines]
    known = {line.unit.code: tallies[line.unit_id] for line in ranking.lines if line.unit_id in tallies}
    lists = standings_of(known, units, is_split=ranking.is_split)
    places = {code: place for found in lists.values() for code, place in found.places.items()}
    lowest = {code for found in lists.values() for code in found.barred}
    anew = [
        (code, *known.get(code, (0, 0)), places.get(code), code in lowest)
        for code in (line.unit.code for line in ranking.lines)
    ]
    shown = [(line.unit.code, line.resolved, line.asked, line.place, line.is_lowest) for line in ranking.lines]
    entry = _frozen_by(ranking)
    told = {digest, ranking.inputs_digest, entry.facts.get("inputs", "") if entry else ""}
    holds = anew == shown and len(told) == 1 and rounds == ranking.rounds == sum(n for _good, n in tallies.values())
    return Recomputed(digest, rounds, anew, holds)


def _frozen_by(ranking: Ranking) -> LedgerEntry | None:
    """The entry of the act that made the present edition."""
    drafts = LedgerEntry.objects.filter(matter_id=ranking.pk, verb__in=("draft_ranking", "redraft_ranking"))
    return drafts.order_by("-seq").first()


# Comparing it with the present record

MARGIN = timedelta(minutes=1)
"""An act that arrived just before the freezing may have been written just after it."""

Counts = bool | None
"""Whether a round counted as resolved; None: it didn't count."""


@dataclass(frozen=True)
class Difference:
    """A round that counts differently now than when the inputs were frozen, and the entry that changed it, if there is
    one.
    """

    round: Round
    then: Counts
    now: Counts
    entry: LedgerEntry | None
    label: Any


def changed_rounds(ranking: Ranking) -> list[int]:
    """The rounds (primary keys, in order) that count differently now: dropped out, changed, or added.

    Both sides are read once, in the order of rounds, and merged: a round without an equal on the other side differs. A
    comparison by the database took minutes where this takes seconds.
    """
    then = _inputs(ranking).order_by("round_id").values_list("round_id", "unit_id", "resolved")
    now = counted(ranking.year).order_by("pk").values_list("pk", "unit_id", "is_resolved")
    both = merge(then.iterator(chunk_size=CHUNK), now.iterator(chunk_size=CHUNK))
    alone = (row[0] for row, twins in groupby(both) if sum(1 for _twin in twins) == 1)
    return list(dict.fromkeys(alone))


def differences(ranking: Ranking, keys: Collection[int]) -> list[Difference]:
    """These rounds, then and now, with what changed them; a constant number of queries."""
    rounds = Round.objects.filter(pk__in=keys).select_related("unit", "complaint__matter")
    several = list(rounds.order_by("pk"))
    then = dict(_inputs(ranking).filter(round_id__in=keys).values_list("round_id", "resolved"))
    now = dict(counted(ranking.year).filter(pk__in=keys).order_by().values_list("pk", "is_resolved"))
    told = _entries(ranking, several)
    kinds = {line.unit_id: line.kind for line in ranking.lines}
    found = []
    for each in several:
        moved = kinds.get(each.unit_id) != each.unit.kind
        entry = told.get((0, each.unit.code)) if moved else told.get((each.complaint_id, each.number))
        found.append(Difference(each, then.get(each.pk), now.get(each.pk), entry, _label(entry)))
    return found


def _label(entry: LedgerEntry | None) -> Any:
    """The verb as its button says it."""
    if entry is None:
        return ""
    kinds = (Complaint.matter_kind, Organisation.matter_kind)
    return next((VERBS[kind, entry.verb].label for kind in kinds if (kind, entry.verb) in VERBS), entry.verb)


def _entries(ranking: Ranking, rounds: list[Round]) -> dict[tuple[int, int | str], LedgerEntry]:
    """The latest entry since the freezing about each round, or about its unit's kind."""
    since = LedgerEntry.objects.filter(recorded_at__gte=ranking.frozen_at - MARGIN).select_related("actor__unit")
    found: dict[tuple[int, int | str], LedgerEntry] = {}
    for entry in since.filter(matter__in={each.complaint_id for each in rounds}).order_by("matter_id", "seq"):
        for part in _parts(entry):
            found[entry.matter_id, part] = entry
    units = {each.unit.code for each in rounds}
    for entry in since.filter(matter__kind=Organisation.matter_kind, verb="set_unit").order_by("seq"):
        if entry.facts.get("code") in units:
            found[0, entry.facts["code"]] = entry
    return found


WITHOUT_WEIGHT = ("propose_excuse", "reject_excuse", "set_aside_lead", "restore_lead", "chase", PASSED_ON)
"""Entries of a round that don't change its rate."""


def _parts(entry: LedgerEntry) -> set[int]:
    """The rounds an entry is about; an excuse of several names their limits (`handling#1`, `handling#1/2`)."""
    if entry.verb in WITHOUT_WEIGHT:
        return set()
    named = entry.facts.get("deadlines", [])
    limits = {str(name).partition("/")[0].partition("#") for name in named} if isinstance(named, list) else set()
    return {entry.part} | {int(part) for kind, _hash, part in limits if kind == "handling" and part.isdigit()}
