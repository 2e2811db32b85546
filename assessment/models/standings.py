"""How units are ranked by their rates of resolution, in exact fractions, and which are barred by it (R53).

Pure: it uses only the numbers it is given. The contract's expectation, the preview, what is frozen and its
recomputation all use `standings_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from accountability.models import Unit

PLACES_BARRED = 3
FEWEST_RANKED = 4
"""With fewer units "the three lowest" makes no sense: people decide (S57)."""

Tally = tuple[int, int]
"""Resolved rounds, and all that count."""


class Group(StrEnum):
    """Who is ranked against whom: all in one list, or cities and departments separately."""

    ALL = "all"
    CITIES = "cities"
    OFFICES = "offices"


@dataclass(frozen=True)
class Standings:
    """One list, by unit code.

    `order` is best first, with units of equal rate together; `unranked` are those without a round that counts. `barred`
    are the three lowest and all tied with the third-lowest; `needs_decision` means that a tie crosses that place or too
    few are ranked.
    """

    rates: dict[str, Fraction]
    order: list[list[str]]
    unranked: list[str]
    barred: list[str]
    needs_decision: bool

    @property
    def places(self) -> dict[str, int]:
        """Competition ranking: tied units share a place, and the places after it are skipped accordingly."""
        found: dict[str, int] = {}
        for tied in self.order:
            found |= dict.fromkeys(tied, len(found) + 1)
        return found

    @property
    def has_too_few(self) -> bool:
        return len(self.rates) < FEWEST_RANKED

    @property
    def tied(self) -> list[str]:
        """The barred units that share the third-lowest rate, if they make more than three barred."""
        if len(self.barred) <= PLACES_BARRED:
            return []
        third_lowest = max(self.rates[code] for code in self.barred)
        return [code for code in self.barred if self.rates[code] == third_lowest]


def group_of(kind: str, *, is_split: bool) -> Group:
    if not is_split:
        return Group.ALL
    return Group.CITIES if kind == Unit.Kind.BRANCH else Group.OFFICES


def standings_of(
    tallies: Mapping[str, Tally], units: Iterable[tuple[str, str]], *, is_split: bool
) -> dict[Group, Standings]:
    """The lists, from the tallies by unit code and the units' codes and kinds."""
    members: dict[Group, list[str]] = {Group.CITIES: [], Group.OFFICES: []} if is_split else {Group.ALL: []}
    for code, kind in sorted(units):
        members[group_of(kind, is_split=is_split)].append(code)
    return {group: _one_list(codes, tallies) for group, codes in members.items()}


def _one_list(codes: list[str], tallies: Mapping[str, Tally]) -> Standings:
    rates = {code: Fraction(*tallies[code]) for code in codes if code in tallies}
    ranked = sorted(rates, key=lambda code: -rates[code])
    barred = _barred(ranked, rates)
    return Standings(
        rates=rates,
        order=[list(tied) for _rate, tied in groupby(ranked, key=rates.__getitem__)],
        unranked=[code for code in codes if code not in rates],
        barred=barred,
        needs_decision=len(ranked) < FEWEST_RANKED or len(barred) > PLACES_BARRED,
    )


def _barred(ranked: list[str], rates: dict[str, Fraction]) -> list[str]:
    if len(ranked) < FEWEST_RANKED:
        return []
    third_lowest = rates[ranked[-PLACES_BARRED]]
    return [code for code in ranked if rates[code] <= third_lowest]
