"""Declares the kinds of limit: all facts about a kind in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from accountability.declarations.registry import Facts, Registry, Words


@dataclass(frozen=True)
class DeadlineKind:
    """A kind of limit. `rule` is the clause that it comes from; `words` is what the clause says or, if the notice
    leaves the number open, who sets the number.

    `binds`: the verbs that must be run in time; the person who has to run one of them next sees this limit first.
    `default`: the limit in the first table, empty if it is agreed in writing. `by_priority`: the same for each
    priority, stored in the table's `column`. `is_open`: the notice leaves the number open, so marketing may revise it.
    `on_unit_clock`: it runs on the unit's clock. `not_before`: it is never due before this other kind.
    `is_window`: a period in which something is possible; it can't be missed.
    `of_a_round`: each round has its own; of the others the matter has one.
    `ends_by_miss`: a miss already decides what happens next, so the duty need not be done any more.
    `moves_state`: a miss moves the matter's state. It can't be taken back, so the sweep waits longer with it.
    `left_open`: what the rule leaves open, as shown on the page of the rules.
    `rings`: the announcement on the responsible person's pages when it begins. Notices of such a limit are sent at
    night too.
    """

    name: str
    label: Words
    rule: str = ""
    words: Words = ""
    binds: tuple[str, ...] = ()
    default: str = ""
    by_priority: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    column: str = ""
    is_open: bool = False
    on_unit_clock: bool = False
    not_before: str = ""
    is_window: bool = False
    of_a_round: bool = False
    ends_by_miss: bool = False
    moves_state: bool = False
    rings: Words = ""
    left_open: Words = ""

    @property
    def unit(self) -> str:
        """The time unit of the default: `h`, `wd` or `d`."""
        return self.default.lstrip("0123456789")


UNITS = ("h", "wd", "d")

DEADLINE_KINDS: Registry[DeadlineKind] = Registry("kind of limit")


def limit_kinds() -> list[tuple[str, Words]]:
    """The choices for the kind of a limit."""
    return [(kind.name, kind.label) for kind in DEADLINE_KINDS.values()]


def kinds_by_priority() -> list[DeadlineKind]:
    """The kinds with a limit for each priority, in the order of the table's columns."""
    return sorted((kind for kind in DEADLINE_KINDS.values() if kind.column), key=lambda kind: kind.column)


def open_kinds() -> list[DeadlineKind]:
    """The kinds that marketing may revise, sorted by time unit (hours, working days, days) and rule."""
    found = [kind for kind in DEADLINE_KINDS.values() if kind.is_open]
    return sorted(found, key=lambda kind: (UNITS.index(kind.unit), int(kind.rule[1:])))


def deadline_label(name: str) -> Words:
    """The label of a kind of limit; the name itself if no app declares the kind any more."""
    return DEADLINE_KINDS[name].label if name in DEADLINE_KINDS else name


def ending_by_miss() -> list[str]:
    return [kind.name for kind in DEADLINE_KINDS.values() if kind.ends_by_miss]


def ringing_verbs() -> list[str]:
    """The verbs bound by a limit that can't wait until morning."""
    return [verb for kind in DEADLINE_KINDS.values() if kind.rings for verb in kind.binds]


def rings(facts: Facts) -> bool:
    """Whether a notice is about a limit that can't wait until morning, by the limit or the verb that it names."""
    kind = DEADLINE_KINDS.get(facts.get("kind", ""))
    return bool(kind and kind.rings) or facts.get("verb") in ringing_verbs()


def kind_that_binds(verb: str) -> str:
    """The kind of limit within which this verb must be run; empty if only the alarm for waiting too long applies."""
    return next((kind.name for kind in DEADLINE_KINDS.values() if verb in kind.binds), "")
